package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) eventsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "events",
		Short: "See what came in and what became of it, and decide about it",
		Long: `See what came in and what became of it: the journal that the workers keep of every
event. What waits in the queue for its first worker is not in it yet. Finished
events are kept for journal.keep (30 days); those that need a person until they are
finished.`,
	}
	cmd.AddCommand(p.eventsListCommand(), p.eventsShowCommand(), p.eventsRetryCommand(), p.eventsRunCommand(), p.eventsDiscardCommand())
	return cmd
}

// eventsFilter is what an operator asks for, as it was written.
type eventsFilter struct {
	states        []string
	reason        string
	order, record string
	from, to      string
	limit         int
	oldest        bool
}

func (p process) eventsListCommand() *cobra.Command {
	var opt deskOptions
	var f eventsFilter
	cmd := &cobra.Command{
		Use:   "ls <shop>",
		Short: "List events, those that changed last first",
		Long: `List events, those that changed last first; those of one order or record in the order
in which they came. States: ` + strings.Join(stateNames(), ", ") + `.`,
		Example: `  odoogate events ls fi --config /etc/odoogate/odoogate.yml
  odoogate events ls fi --state parked,failed
  odoogate events ls fi --order '#1001'
  odoogate events ls fi --record refund/9001 --json
  odoogate events ls fi --from 2h --to 30m --limit 500`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			q, err := f.query(args[0], time.Now())
			if err != nil {
				return err
			}
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				return p.listEvents(ctx, d, opt, q, f.limit)
			})
		},
	}
	opt.flags(cmd)
	f.flags(cmd)
	cmd.Flags().IntVar(&f.limit, "limit", 50, "how many at most; 0: all")
	cmd.Flags().BoolVar(&f.oldest, "oldest", false, "the other way round")
	return cmd
}

// flags are what chooses events; see query.
func (f *eventsFilter) flags(cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.states, "state", nil, "only those in these states")
	cmd.Flags().StringVar(&f.reason, "reason", "", "only those with this reason, such as missing")
	cmd.Flags().StringVar(&f.order, "order", "", "only those of the order with this number")
	cmd.Flags().StringVar(&f.record, "record", "", "only those of this record, such as order/5001")
	cmd.Flags().StringVar(&f.from, "from", "", "only those that changed at this time or later: a date, a time, or how long ago (2h)")
	cmd.Flags().StringVar(&f.to, "to", "", "only those that changed at this time or before")
	cmd.MarkFlagsMutuallyExclusive("order", "record")
}

func stateNames() []string {
	var names []string
	for _, s := range tasks.States() {
		names = append(names, string(s))
	}
	return names
}

func (f eventsFilter) query(shop string, now time.Time) (tasks.Query, error) {
	q := tasks.Query{Shop: shop, Reason: f.reason, Number: f.order, Oldest: f.oldest}
	for _, s := range f.states {
		if !slices.Contains(tasks.States(), tasks.Outcome(s)) {
			return q, fmt.Errorf("--state %q is unknown; want some of %s, with commas", s, strings.Join(stateNames(), ", "))
		}
		if !slices.Contains(q.States, tasks.Outcome(s)) {
			q.States = append(q.States, tasks.Outcome(s))
		}
	}
	if f.record != "" {
		var err error
		if q.Ref, err = commerce.ParseRef(shop + "/" + f.record); err != nil {
			return q, fmt.Errorf("--record %q is no record; write its kind and the shop's id of it, such as order/5001", f.record)
		}
	}
	for flag, to := range map[string]*time.Time{"from": &q.From, "to": &q.To} {
		text := map[string]string{"from": f.from, "to": f.to}[flag]
		at, err := parseMoment(text, now)
		if err != nil {
			return q, fmt.Errorf("--%s %w", flag, err)
		}
		*to = at
	}
	return q, nil
}

// parseMoment reads a time that a person wrote; "" is none. Without an offset it is UTC.
func parseMoment(text string, now time.Time) (time.Time, error) {
	return parseMomentIn(text, now, time.UTC)
}

// parseMomentIn is parseMoment where a time without an offset is of a zone.
func parseMomentIn(text string, now time.Time, zone *time.Location) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if ago, err := time.ParseDuration(text); err == nil {
		return now.Add(-ago), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is no time; write 2026-11-25, 2026-11-25T14:30 (UTC), 2026-11-25T14:30:00+02:00, or how long ago, such as 2h", text)
}

func (p process) listEvents(ctx context.Context, d *desk, opt deskOptions, q tasks.Query, limit int) error {
	list := []tasks.EventView{}
	more := false
	for e, err := range d.journal.Events(ctx, q) {
		if err != nil {
			return err
		}
		if more = limit > 0 && len(list) == limit; more {
			break
		}
		list = append(list, e.View())
	}
	if opt.json {
		return p.writeJSON(map[string]any{"events": list})
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.out, "no such events; what waits for its first worker is in the queue")
		return err
	}
	rows := [][]string{{"EVENT", "STATE", "REASON", "TOPIC", "RECORD", "ORDER", "RECEIVED", "TOOK", "RUNS"}}
	for _, e := range list {
		rows = append(rows, []string{e.ID, string(e.State), dash(e.Reason), e.Topic, e.Record, dash(e.Number), e.Received.Format("2006-01-02 15:04:05"),
			commerce.Span(e.At.Sub(e.Received)), strconv.Itoa(e.Runs)})
	}
	if err := columns(p.out, rows); err != nil || !more {
		return err
	}
	_, err := fmt.Fprintf(p.out, "There are more than %d: see --limit, --state, --from and --to.\n", limit)
	return err
}
