package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) eventsShowCommand() *cobra.Command {
	var opt deskOptions
	var body bool
	cmd := &cobra.Command{
		Use:   "show <shop> <event>",
		Short: "Tell the life of one event",
		Long: `Tell the life of one event: when it was received, what each run of it did, how it
ended, and what to do if a person must act. The event is named as odoogate events ls
does, or by the id of its task in the queue's monitor.

--body prints what was received instead, byte for byte. It holds people's data.`,
		Example: `  odoogate events show fi mfrggzdfmztwq2lk --config /etc/odoogate/odoogate.yml
  odoogate events show fi mfrggzdfmztwq2lk --body | jq .total_price
  odoogate events show fi fi/orders/create/order/5001/b54557e4 --json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				e, known, err := d.journal.Event(ctx, args[0], args[1])
				switch {
				case err != nil:
					return err
				case !known:
					return fmt.Errorf("%s has no event %q: none came, it waits for its first worker, or it is older than journal.keep (%s); odoogate events ls %s lists them",
						args[0], args[1], d.cfg.Journal.Keep, args[0])
				case body:
					return p.writeBody(ctx, d, args[0], e)
				case opt.json:
					return p.writeJSON(e.View())
				}
				return writeEvent(p.out, args[0], e)
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().BoolVar(&body, "body", false, "print what was received")
	cmd.MarkFlagsMutuallyExclusive("json", "body")
	return cmd
}

func (p process) writeBody(ctx context.Context, d *desk, shop string, e tasks.Entry) error {
	raw, err := d.bodies(ctx, shop, e.ID)
	switch {
	case errors.Is(err, tasks.ErrNoBody) && e.Size == 0:
		return fmt.Errorf("event %s came without a body", e.ID)
	case errors.Is(err, tasks.ErrNoBody):
		return fmt.Errorf("event %s: %w: it was erased, or journal.bodies was off", e.ID, err)
	case err != nil:
		return err
	}
	_, err = p.out.Write(raw)
	return err
}

func writeEvent(out io.Writer, shop string, e tasks.Entry) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s: %s\n", e.ID, shop, stateOf(e.State, e.Reason))
	from := "delivery " + e.Event
	if e.Nonce != "" {
		from = "asked for"
	}
	if e.Request != "" {
		from += ", request " + e.Request
	}
	fmt.Fprintf(&b, "  %s of %s, %s\n", e.Topic, e.Ref, from)
	if e.Aggregate != e.Ref {
		fmt.Fprintf(&b, "  worked on under %s\n", e.Aggregate)
	}
	if e.Number != "" {
		fmt.Fprintf(&b, "  order %s in the shop\n", e.Number)
	}
	fmt.Fprintf(&b, "  %s, %s, %s received\n\n", commerce.Count(e.Runs, "run"), commerce.Count(e.Repeats, "repeat"), commerce.Count(e.Size, "byte"))
	rows := [][]string{}
	for i, step := range e.Steps {
		at := step.At.UTC().Format("2006-01-02 15:04:05.000")
		switch {
		case step.What == "…":
			at = ""
		case i > 0:
			at = offset(step.At.Sub(e.Received))
		}
		rows = append(rows, []string{"  " + at, step.What, step.Why})
	}
	if err := columns(&b, rows); err != nil {
		return err
	}
	if e.By != "" {
		fmt.Fprintf(&b, "\n%s\n", map[tasks.Outcome]string{
			tasks.Coalesced:  "The run of event " + e.By + " does its work: it was at the same record.",
			tasks.Superseded: "It needs nobody any more: event " + e.By + " of the same record came after it.",
		}[e.State])
	}
	if e.Again != "" {
		fmt.Fprintf(&b, "\nAn operator had its record run again: event %s.\n", e.Again)
	}
	if e.Closed != "" {
		fmt.Fprintf(&b, "\nClosed for good by %s\n", e.Closed)
	}
	if e.Detail != "" {
		fmt.Fprintf(&b, "\n%s\n", e.Detail)
	}
	if e.Remedy != "" {
		fmt.Fprintf(&b, "→ %s\n", broken(e.Remedy, 2))
	}
	_, err := io.WriteString(out, b.String())
	return err
}
