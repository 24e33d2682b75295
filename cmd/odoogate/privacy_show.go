package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) privacyShowCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "show <shop> <request>",
		Short: "Say what is held about whom a request is about, and what became of it",
		Long: `Say what odoogate holds about whom a request is about, now: what its journal says of
their orders and their account, with their names in Odoo, and which queued tasks and events hold a body of theirs.
It says too what it does not hold. The report is printed and goes nowhere else.`,
		Example: `  odoogate privacy show fi 9999 --config /etc/odoogate/odoogate.yml
  odoogate privacy show fi customers/redact/191167 --json`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				rep, err := d.operator.Request(ctx, args[0], args[1])
				switch {
				case err != nil:
					return err
				case opt.json:
					return p.writeJSON(rep)
				}
				return writeRequest(p.out, rep)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func writeRequest(out io.Writer, rep tasks.Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %s: %s\n", rep.Name, rep.Shop, rep.Topic)
	fmt.Fprintf(&b, "  received %s, due %s, %s\n", moment(rep.Received), moment(rep.Deadline), stateText(rep.Request))
	if rep.Customer != "" {
		fmt.Fprintf(&b, "  customer %s in the shop, orders %s\n", rep.Customer, dash(strings.Join(rep.Orders, ", ")))
	}
	if !rep.Done.IsZero() {
		fmt.Fprintf(&b, "  done %s\n", moment(rep.Done))
	}
	if rep.Wish != commerce.WishShow {
		fmt.Fprintf(&b, "  removed: %s, texts of %s, %s, %s\n", commerce.Count(rep.Removed.Tasks, "task"), commerce.Count(rep.Removed.Records, "record"),
			commerce.Count(rep.Removed.Bodies, "body"), commerce.Count(rep.Removed.Seen, "mark"))
	}
	if rep.Wish != commerce.WishClose {
		if err := writeHeld(&b, rep); err != nil {
			return err
		}
	}
	fmt.Fprintln(&b)
	for _, line := range rep.Says {
		fmt.Fprintf(&b, "%s\n", broken(line, 0))
	}
	if rep.Remedy != "" && rep.State != tasks.RequestDone { // else it is said above
		fmt.Fprintf(&b, "→ %s\n", broken(rep.Remedy, 2))
	}
	_, err := io.WriteString(out, b.String())
	return err
}

// writeHeld lists what is held here.
func writeHeld(b *strings.Builder, rep tasks.Report) error {
	var rows [][]string
	orders, account := 0, ""
	for _, o := range rep.InJournal {
		if o.Customer == "" {
			orders++
		} else {
			account = ", and the customer's account"
		}
		rows = append(rows, []string{"  " + cmp.Or(o.Order, "account "+o.Customer), string(o.Outcome), moment(o.At), dash(o.OdooName) + " in Odoo", strings.ReplaceAll(o.Detail, "\n", "; ")})
	}
	fmt.Fprintf(b, "\nIn the journal: %s%s\n", commerce.Count(orders, "order"), account)
	if err := columns(b, rows); err != nil {
		return err
	}
	fmt.Fprintf(b, "\nIn the queue, with a body: %s\n", commerce.Count(len(rep.InQueue), "task"))
	rows = nil
	for _, t := range rep.InQueue {
		rows = append(rows, []string{"  " + t.Ref.String(), t.Topic, t.State, "received " + moment(t.Received), commerce.Count(t.Bytes, "byte")})
	}
	if err := columns(b, rows); err != nil {
		return err
	}
	fmt.Fprintf(b, "\nIn the journal, with a body: %s\n", commerce.Count(len(rep.InEvents), "event"))
	rows = nil
	for _, e := range rep.InEvents {
		rows = append(rows, []string{"  " + e.Ref.String(), e.Topic, e.State, "received " + moment(e.Received), commerce.Count(e.Bytes, "byte")})
	}
	return columns(b, rows)
}
