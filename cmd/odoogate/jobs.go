package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) jobsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "jobs",
		Short: "See and steer what the workers do without being told by a shop",
		Long: `See and steer what the workers do for each shop without being told by it.
Jobs: ` + strings.Join(tasks.JobNames(), ", ") + `. Whether and how often they run stands under jobs in the
configuration.`,
	}
	cmd.AddCommand(p.jobsListCommand(), p.jobsRunCommand(), p.jobsPauseCommand(), p.jobsResumeCommand())
	return cmd
}

func (p process) jobsListCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "ls [shop]",
		Short: "List the jobs: which run, how the last run went, and when the next is due",
		Example: `  odoogate jobs ls --config /etc/odoogate/odoogate.yml
  odoogate jobs ls fi --json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			shop := strings.Join(args, "")
			return p.atDesk(cmd.Context(), opt, shop, func(ctx context.Context, d *desk) error {
				return p.listJobs(ctx, d, shop, opt.json)
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().BoolVar(&opt.json, "json", false, "print it as JSON")
	return cmd
}

func (p process) listJobs(ctx context.Context, d *desk, shop string, asJSON bool) error {
	list := []tasks.JobState{}
	for _, s := range d.cfg.Shops {
		if shop != "" && s.ID != shop {
			continue
		}
		states, err := d.jobs.List(ctx, s)
		if err != nil {
			return err
		}
		list = append(list, states...)
	}
	if asJSON {
		return p.writeJSON(list)
	}
	rows := [][]string{{"SHOP", "JOB", "STATE", "EVERY", "BEGUN", "TOOK", "OUTCOME", "SAID", "NEXT"}}
	for _, s := range list {
		state, ran := s.State, "–"
		if s.State == "paused" {
			state += " by " + s.By
		}
		if s.Ended.After(s.Begun) {
			ran = took(s.Ended.Sub(s.Begun))
		}
		rows = append(rows, []string{s.Shop, s.Job, state, s.Every.String(), second(s.Begun), ran, dash(s.Outcome), dash(s.Said), second(s.Next)})
	}
	return columns(p.out, rows)
}

// second is a time of today, to the second, or its day too.
func second(t time.Time) string {
	switch {
	case t.IsZero():
		return "–"
	case time.Since(t).Abs() < 12*time.Hour:
		return t.UTC().Format("15:04:05")
	}
	return t.UTC().Format("2006-01-02 15:04:05")
}

// jobOfShop is a command about one job of one shop.
func (p process) jobOfShop(cmd *cobra.Command, work func(ctx context.Context, d *desk, shop config.Shop, s tasks.JobState) error) *cobra.Command {
	opt := &deskOptions{}
	cmd.Args = cobra.ExactArgs(2)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.atDesk(cmd.Context(), *opt, args[0], func(ctx context.Context, d *desk) error {
			shop := d.cfg.Shops[slices.IndexFunc(d.cfg.Shops, func(s config.Shop) bool { return s.ID == args[0] })]
			s, ok, err := d.jobs.Get(ctx, shop, args[1])
			if err != nil {
				return err
			}
			if !ok {
				return fmt.Errorf("there is no job %q; there are %s", args[1], strings.Join(tasks.JobNames(), ", "))
			}
			return work(ctx, d, shop, s)
		})
	}
	opt.flags(cmd)
	return cmd
}

func (p process) jobsRunCommand() *cobra.Command {
	var wait bool
	cmd := p.jobOfShop(&cobra.Command{
		Use:   "run <shop> <job>",
		Short: "Run a job now",
		Long: `Run a job now, in whichever worker takes it first. One that runs already runs once
more after it, never twice at the same time. --wait waits for the end, for --timeout.`,
		Example: `  odoogate jobs run fi sweep --config /etc/odoogate/odoogate.yml
  odoogate jobs run fi sweep --wait --timeout 10m`,
	}, func(ctx context.Context, d *desk, shop config.Shop, s tasks.JobState) error {
		switch s.State {
		case "paused":
			return fmt.Errorf("%s of %s is paused by %s; let it run with: odoogate jobs resume %s %s", s.Job, s.Shop, s.By, s.Shop, s.Job)
		case "off":
			return fmt.Errorf("%s of %s is off; set jobs.%s.enabled to true", s.Job, s.Shop, s.Job)
		case "shop paused":
			return fmt.Errorf("%s is paused; let it go on with: odoogate shop resume %s", s.Shop, s.Shop)
		}
		if err := d.jobs.Run(ctx, s.Shop, s.Job); err != nil {
			return err
		}
		if wait {
			return p.awaitJob(ctx, d, shop, s)
		}
		said := "runs within a second"
		if s.State == "running" {
			said = "runs already, and once more after that"
		}
		_, err := fmt.Fprintf(p.out, "%s of %s %s; odoogate jobs ls %s shows how it goes\n", s.Job, s.Shop, said, s.Shop)
		return err
	})
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until it has run")
	return cmd
}

// awaitJob waits for the run that was asked for when the job was as before.
func (p process) awaitJob(ctx context.Context, d *desk, shop config.Shop, before tasks.JobState) error {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for last := ""; ; {
		s, _, err := d.jobs.Get(ctx, shop, before.Job)
		if err != nil {
			return err
		}
		if begun := s.Begun.After(before.Begun); begun && s.State != "running" && s.State != "due" {
			if s.Outcome != "ok" {
				return fmt.Errorf("%s of %s %s: %s", s.Job, s.Shop, s.Outcome, s.Said)
			}
			_, err := fmt.Fprintf(p.out, "%s of %s: %s (%s)\n", s.Job, s.Shop, s.Said, took(s.Ended.Sub(s.Begun)))
			return err
		}
		if s.State == "running" && s.Said != "" && s.Said != last {
			last = s.Said
			if _, err := fmt.Fprintln(p.err, s.Said); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s of %s has not ended; it goes on, see odoogate jobs ls %s, or give a longer --timeout; does a worker run?", s.Job, s.Shop, s.Shop)
		case <-tick.C:
		}
	}
}

func (p process) jobsPauseCommand() *cobra.Command {
	by := p.user()
	cmd := p.jobOfShop(&cobra.Command{
		Use:   "pause <shop> <job>",
		Short: "Keep a job from beginning",
		Long: `Keep a job from beginning, until it is resumed. A run that has begun is finished. What
it would have found waits: nothing is lost.`,
		Example: `  odoogate jobs pause fi sweep --config /etc/odoogate/odoogate.yml`,
	}, func(ctx context.Context, d *desk, _ config.Shop, s tasks.JobState) error {
		if err := d.jobs.Pause(ctx, s.Shop, s.Job, by); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s of %s is paused. Go on with: odoogate jobs resume %s %s\n", s.Job, s.Shop, s.Shop, s.Job)
		return err
	})
	cmd.Flags().StringVar(&by, "by", by, "who wants it, for people who wonder")
	return cmd
}

// user is who types, as the system has it.
func (p process) user() string {
	for _, name := range []string{"SUDO_USER=", "USER=", "LOGNAME="} {
		for _, v := range p.environ {
			if who, ok := strings.CutPrefix(v, name); ok && who != "" {
				return who
			}
		}
	}
	return "somebody"
}

func (p process) jobsResumeCommand() *cobra.Command {
	return p.jobOfShop(&cobra.Command{
		Use:     "resume <shop> <job>",
		Short:   "Let a paused job run again",
		Example: `  odoogate jobs resume fi sweep --config /etc/odoogate/odoogate.yml`,
	}, func(ctx context.Context, d *desk, _ config.Shop, s tasks.JobState) error {
		if s.Paused.IsZero() {
			return fmt.Errorf("%s of %s is not paused", s.Job, s.Shop)
		}
		if err := d.jobs.Resume(ctx, s.Shop, s.Job); err != nil {
			return err
		}
		_, err := fmt.Fprintf(p.out, "%s of %s goes on; it was paused since %s by %s\n", s.Job, s.Shop, moment(s.Paused), s.By)
		return err
	})
}
