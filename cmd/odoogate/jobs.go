package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
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
	return cmd
}

func (p process) listJobs(ctx context.Context, d *desk, shop string, asJSON bool) error {
	list, err := d.operator.Jobs(ctx, shop)
	if err != nil {
		return err
	}
	if asJSON {
		return p.writeJSON(map[string]any{"jobs": list})
	}
	rows := [][]string{{"SHOP", "JOB", "STATE", "EVERY", "BEGUN", "TOOK", "OUTCOME", "SAID", "NEXT"}}
	for _, s := range list {
		state, ran := s.State, "–"
		if s.State == "paused" {
			state += " by " + s.By
		}
		if s.Ended.After(s.Begun) {
			ran = commerce.Span(s.Ended.Sub(s.Begun))
		}
		rows = append(rows, []string{s.Shop, s.Job, state, commerce.Span(s.Every), second(s.Begun), ran, dash(s.Outcome), dash(s.Said), second(s.Next)})
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

// jobOfShop is a command about one job of one shop. work does it and says what it did;
// to programs it is told how the job is after that.
func (p process) jobOfShop(cmd *cobra.Command, work func(ctx context.Context, op *tasks.Operator, shop, job string) (did string, err error)) *cobra.Command {
	opt := &deskOptions{}
	cmd.Args = cobra.ExactArgs(2)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return p.atDesk(cmd.Context(), *opt, args[0], func(ctx context.Context, d *desk) error {
			did, err := work(ctx, d.operator, args[0], args[1])
			if err != nil {
				return err
			}
			state, err := d.operator.Job(ctx, args[0], args[1])
			if err != nil {
				return err
			}
			return p.tell(*opt, state, "%s\n", did)
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
	}, func(ctx context.Context, op *tasks.Operator, shop, job string) (string, error) {
		s, err := op.RunJob(ctx, shop, job)
		if err != nil {
			return "", err
		}
		if wait {
			return p.awaitJob(ctx, op, s)
		}
		said := "runs within a second"
		if s.State == "running" {
			said = "runs already, and once more after that"
		}
		return fmt.Sprintf("%s of %s %s; odoogate jobs ls %s shows how it goes", s.Job, s.Shop, said, s.Shop), nil
	})
	cmd.Flags().BoolVar(&wait, "wait", false, "wait until it has run")
	return cmd
}

// awaitJob waits for the run that was asked for when the job was as before, and says how
// it went.
func (p process) awaitJob(ctx context.Context, op *tasks.Operator, before tasks.JobState) (string, error) {
	late := fmt.Errorf("%s of %s has not ended; it goes on, see odoogate jobs ls %s, or give a longer --timeout; does a worker run?", before.Job, before.Shop, before.Shop)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for last := ""; ; {
		s, err := op.Job(ctx, before.Shop, before.Job)
		switch {
		case ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded): // a call that the deadline ended
			return "", late
		case err != nil:
			return "", err
		}
		if begun := s.Begun.After(before.Begun); begun && s.State != "running" && s.State != "due" {
			if s.Outcome != "ok" {
				return "", fmt.Errorf("%s of %s %s: %s", s.Job, s.Shop, s.Outcome, s.Said)
			}
			return fmt.Sprintf("%s of %s: %s (%s)", s.Job, s.Shop, s.Said, commerce.Span(s.Ended.Sub(s.Begun))), nil
		}
		if s.State == "running" && s.Said != "" && s.Said != last {
			last = s.Said
			if _, err := fmt.Fprintln(p.err, s.Said); err != nil {
				return "", err
			}
		}
		select {
		case <-ctx.Done():
			return "", late
		case <-tick.C:
		}
	}
}

func (p process) jobsPauseCommand() *cobra.Command {
	return p.jobOfShop(&cobra.Command{
		Use:   "pause <shop> <job>",
		Short: "Keep a job from beginning",
		Long: `Keep a job from beginning, until it is resumed. A run that has begun is finished. What
it would have found waits: nothing is lost.`,
		Example: `  odoogate jobs pause fi sweep --config /etc/odoogate/odoogate.yml`,
	}, func(ctx context.Context, op *tasks.Operator, shop, job string) (string, error) {
		if err := op.PauseJob(ctx, shop, job); err != nil {
			return "", err
		}
		return fmt.Sprintf("%s of %s is paused. Go on with: odoogate jobs resume %s %s", job, shop, shop, job), nil
	})
}

func (p process) jobsResumeCommand() *cobra.Command {
	return p.jobOfShop(&cobra.Command{
		Use:     "resume <shop> <job>",
		Short:   "Let a paused job run again",
		Example: `  odoogate jobs resume fi sweep --config /etc/odoogate/odoogate.yml`,
	}, func(ctx context.Context, op *tasks.Operator, shop, job string) (string, error) {
		s, err := op.ResumeJob(ctx, shop, job)
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("%s of %s goes on; it was paused since %s by %s", job, shop, moment(s.Paused), s.By), nil
	})
}
