package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) traceCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "trace <event>",
		Short: "Tell the way of one event from its delivery to Odoo, and what comes next",
		Long: `Tell the way of one event, of whatever shop, from its delivery to Odoo: when it was
received and where it was accepted, what each run of it did, what followed it, what
came of it in Odoo, and what comes next.

The event is named as odoogate events ls does, by the id of its task in the queue's
monitor, or by the number of an order, whose last event is meant then. The shop's id of
the delivery (X-Shopify-Webhook-Id) and that of the request (X-Request-Id, as a proxy's
log has it) are looked for among all events, which takes longer.`,
		Example: `  odoogate trace mfrggzdfmztwq2lk --config /etc/odoogate/odoogate.yml
  odoogate trace '#1001'
  odoogate trace b54557e4-bdd9-4b37-8a5f-bf7d70bcd043
  odoogate trace fi/orders/create/order/5001/b54557e4 --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, "", func(ctx context.Context, d *desk) error {
				t, err := d.operator.Trace(ctx, args[0])
				switch {
				case err != nil:
					return err
				case opt.json:
					return p.writeJSON(t)
				}
				return writeTrace(p.out, t)
			})
		},
	}
	opt.flagsWithin(cmd, time.Minute)
	return cmd
}

func writeTrace(out io.Writer, t *tasks.Trace) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s: %s\n\n", t.Event.ID, t.Shop, stateOf(t.Event.State, t.Event.Reason))
	var rows [][]string
	for i, m := range t.Timeline {
		at := offset(m.At.Sub(t.Event.Received))
		switch {
		case i == 0:
			at = m.At.UTC().Format("2006-01-02 15:04:05.000")
		case m.At.IsZero():
			at = ""
		}
		says := m.Says
		if m.Event != "" {
			says = "event " + m.Event + ": " + says
		}
		rows = append(rows, []string{"  " + at, m.What, says})
	}
	if err := columns(&b, rows); err != nil {
		return err
	}
	if t.Event.Detail != "" {
		fmt.Fprintf(&b, "\n%s\n", t.Event.Detail)
	}
	if r := t.Record; r != nil {
		fmt.Fprintf(&b, "\n%s as its last run left it: %s at %s", r.Record, stateOf(r.Outcome, r.Reason), moment(r.At))
		if r.Total != "" {
			fmt.Fprintf(&b, ", %s", r.Total)
		}
		fmt.Fprintf(&b, ", %s to Odoo\n", commerce.Count(r.Writes, "write"))
	}
	if len(t.Others) > 0 {
		b.WriteString("Other events of it:\n")
		rows = nil
		for _, e := range t.Others {
			rows = append(rows, []string{"  " + e.Received.UTC().Format("2006-01-02 15:04:05"), e.ID, e.Topic, stateOf(e.State, e.Reason)})
		}
		if err := columns(&b, rows); err != nil {
			return err
		}
	}
	if t.OdooAway != "" {
		fmt.Fprintf(&b, "\nOdoo could not tell: %s\n", t.OdooAway)
	}
	if len(t.Odoo) > 0 {
		b.WriteString("\nIn Odoo\n")
		rows = nil
		for _, d := range t.Odoo {
			rows = append(rows, []string{"  " + d.Kind, d.Name, d.State})
		}
		if err := columns(&b, rows); err != nil {
			return err
		}
	}
	fmt.Fprintf(&b, "\nNext: %s\n", broken(t.Next, 6))
	for _, c := range t.Commands {
		fmt.Fprintf(&b, "  → %s\n", c)
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// stateOf is how something ended, with its reason.
func stateOf(state tasks.Outcome, reason string) string {
	if reason == "" {
		return string(state)
	}
	return string(state) + " (" + reason + ")"
}

// offset is when something was, as seen from the event's coming: another event may have
// been before it.
func offset(d time.Duration) string {
	if d < 0 {
		return commerce.Span(d)
	}
	return "+" + commerce.Span(d)
}
