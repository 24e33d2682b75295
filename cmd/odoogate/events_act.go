package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// actOptions are the flags of commands that do something to events.
type actOptions struct {
	deskOptions
	filter eventsFilter
	cause  string
	yes    bool
}

func (o *actOptions) flags(cmd *cobra.Command) {
	o.flagsWithin(cmd, 10*time.Minute)
	o.filter.flags(cmd)
	cmd.Flags().StringVar(&o.cause, "cause", "", "only those of this cause, as odoogate failures names it")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do it; without it several events are only listed")
}

// selection is what the arguments and flags mean; several says that it may be more
// than one event.
func (p process) selection(opt actOptions, args []string) (s tasks.Selection, several bool, err error) {
	s.Cause = opt.cause
	if s.Events, err = p.readIDs(args[1:]); err != nil {
		return s, false, err
	}
	if s.Query, err = opt.filter.query(args[0], time.Now()); err != nil {
		return s, false, err
	}
	chosen := s.String() != ""
	switch {
	case len(s.Events) > 0 && (len(s.Query.States) > 0 || s.Query.Reason != "" || s.Cause != "" || opt.filter.order+opt.filter.record+opt.filter.from+opt.filter.to != ""):
		return s, false, errors.New("events are named, or chosen by flags such as --state; not both")
	case !chosen:
		return s, false, errors.New("name events, or choose them with --state, --reason, --cause, --order, --record, --from, --to")
	case len(s.Events) == 0 && len(s.Query.States) == 0:
		s.Query.States = []tasks.Outcome{tasks.Parked, tasks.Failed}
	}
	return s, len(s.Events) != 1, nil
}

// acting is one command that does something to events.
type acting struct {
	would, did string // "would run again", "will run again"
	survey     func(context.Context, tasks.Selection) (tasks.Acted, error)
	act        func(context.Context, tasks.Selection, func(tasks.Acted)) (tasks.Acted, error)
}

// onEvents does it to a selection; to several only with --yes.
func (p process) onEvents(ctx context.Context, opt actOptions, args []string, how func(*desk) acting) error {
	s, several, err := p.selection(opt, args)
	none := errors.Is(err, errNoneCame)
	if err != nil && !none {
		return err
	}
	return p.atDesk(ctx, opt.deskOptions, args[0], func(ctx context.Context, d *desk) error {
		a := how(d)
		if none {
			return p.writeActed(opt, args[0], a, tasks.Acted{DryRun: !opt.yes, Examples: []tasks.EventView{}})
		}
		did, err := a.survey(ctx, s)
		if err != nil {
			return err
		}
		dry := several && !opt.yes
		if !dry && did.Events > 0 {
			bar, all := p.watched(), did.Events
			did, err = a.act(ctx, s, func(sofar tasks.Acted) {
				bar.show(float64(sofar.Events)/float64(all), fmt.Sprintf("%d of %s", sofar.Events, commerce.Count(all, "event")))
			})
			bar.end()
			if err != nil {
				return fmt.Errorf("after %s: %w", commerce.Count(did.Events, "event"), err)
			}
		}
		if !several && did.Events == 0 {
			return errors.New(did.Because[0])
		}
		did.DryRun = dry
		return p.writeActed(opt, args[0], a, did)
	})
}

func (p process) writeActed(opt actOptions, shop string, a acting, did tasks.Acted) error {
	if opt.json {
		return p.writeJSON(did)
	}
	var b strings.Builder
	says := a.did
	if did.DryRun {
		says = a.would
	}
	fmt.Fprintf(&b, "%s of %s %s\n", commerce.Count(did.Events, "event"), shop, says)
	if did.Run != "" {
		fmt.Fprintf(&b, "  as event %s, which the next worker that is free takes: odoogate trace %s\n", did.Run, did.Run)
	}
	if did.DryRun && did.Events > 0 {
		rows := [][]string{}
		for _, e := range did.Examples {
			rows = append(rows, []string{"  " + e.ID, string(e.State), dash(e.Reason), e.Topic, e.Aggregate, dash(e.Number), e.At.Format("2006-01-02 15:04:05")})
		}
		if err := columns(&b, rows); err != nil {
			return err
		}
		if did.Events > len(did.Examples) {
			fmt.Fprintf(&b, "  … and %d more\n", did.Events-len(did.Examples))
		}
		fmt.Fprintln(&b, "This is a dry run: do it with --yes.")
	}
	if did.LeftOut > 0 {
		fmt.Fprintf(&b, "%s left out:\n", commerce.Count(did.LeftOut, "event"))
		for _, why := range did.Because {
			fmt.Fprintf(&b, "  %s\n", broken(why, 4))
		}
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

func (p process) eventsRetryCommand() *cobra.Command {
	var opt actOptions
	cmd := &cobra.Command{
		Use:   "retry <shop> [event…|@file|-]",
		Short: "Have workers look at events again; several only with --yes",
		Long: `Have workers look again at what events are about, whatever became of them. Each run
reads the shop and is an event of its own, never taken for a repeat. Several events
of one order make one run. One that is parked ends as superseded by its run.

Name events, with blanks or commas, in a file (@ids.txt) or on standard input (-);
or choose them with flags, of those that are parked or failed unless --state says
otherwise. Requests about people's data are left out: see odoogate privacy run.`,
		Example: `  odoogate events retry fi mfrggzdfmztwq2lk --config /etc/odoogate/odoogate.yml
  odoogate events retry fi --state parked,failed
  odoogate events retry fi --cause missing/sku --yes
  odoogate events retry fi --state skipped --reason observed --from 2026-11-01 --yes
  odoogate events ls fi --state failed --json | jq -r '.events[].event' | odoogate events retry fi - --yes`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.onEvents(cmd.Context(), opt, args, func(d *desk) acting {
				return acting{"would run again", "will run again", d.operator.SurveyRetry, d.operator.Retry}
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func (p process) eventsDiscardCommand() *cobra.Command {
	var opt actOptions
	var why string
	cmd := &cobra.Command{
		Use:   "discard <shop> [event…|@file|-] --why <words>",
		Short: "Close events for good that need a person; several only with --yes",
		Long: `Close events for good that are parked or failed: they become discarded, and so does
what their record waits for. An order that is discarded is not parked any more and
does not run again by itself, whatever it waited for; its next event is looked at
like any other. Nothing is written to the shop or to Odoo.

Events are named or chosen as with odoogate events retry.`,
		Example: `  odoogate events discard fi mfrggzdfmztwq2lk --why "entered in Odoo by hand" --config /etc/odoogate/odoogate.yml
  odoogate events discard fi --cause diverged/k3qdab --why "people's changes stay"
  odoogate events discard fi @ids.txt --why "test orders" --yes`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.onEvents(cmd.Context(), opt, args, func(d *desk) acting {
				return acting{"would be discarded", "discarded", d.operator.SurveyDiscard, func(ctx context.Context, s tasks.Selection, told func(tasks.Acted)) (tasks.Acted, error) {
					return d.operator.Discard(ctx, s, why, told)
				}}
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().StringVar(&why, "why", "", "what people read who wonder; nobody's personal data")
	if err := cmd.MarkFlagRequired("why"); err != nil {
		panic(err) // only an unknown flag is refused
	}
	return cmd
}

func (p process) eventsRunCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "run <shop> <event>",
		Short: "Have a worker look at one event now, and wait for how that ends",
		Long: `Have a worker look again at what one event is about, as odoogate events retry does,
and wait for how that ends. A record that a worker is at already is waited for, and
looked at after it.

Status 0: the run ended as done, skipped or stale.`,
		Example: `  odoogate events run fi mfrggzdfmztwq2lk --config /etc/odoogate/odoogate.yml
  odoogate events run fi mfrggzdfmztwq2lk --timeout 5m --json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				return p.runEvent(ctx, d, opt, args[0], args[1])
			})
		},
	}
	opt.flagsWithin(cmd, time.Minute)
	return cmd
}

func (p process) runEvent(ctx context.Context, d *desk, opt deskOptions, shop, id string) error {
	e, runErr := d.operator.Run(ctx, shop, id, nil)
	ran, err := tasks.RanAs(e, runErr)
	switch {
	case err != nil:
		return err
	case opt.json:
		err = p.writeJSON(ran)
	case ran.Through:
		err = writeEvent(p.out, shop, e)
	}
	if err = errors.Join(runErr, err); err == nil && (e.State == tasks.Parked || e.State == tasks.Failed) {
		err = fmt.Errorf("event %s ended as %s", e.ID, e.State)
	}
	return err
}
