package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) orderCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "order", Short: "Look at single orders and decide about them"}
	cmd.AddCommand(p.orderShowCommand(), p.orderReimportCommand(), p.orderReleaseCommand())
	return cmd
}

func (p process) orderReleaseCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "release <shop> <order id>",
		Short: "Let an order go on that its risk holds",
		Long: `Let an order go on that is held for its risk (risk.hold): a worker confirms its
quotation and carries it through its workflow, whatever the shop says of its risk
from now on. Confirming the quotation in Odoo does the same.

The order id is the shop's own, such as 5001 in .../orders/5001.`,
		Example: `  odoogate order release fi 5001 --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				return d.releaseOrder(ctx, p.out, args[0], args[1])
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func (d *desk) releaseOrder(ctx context.Context, out io.Writer, shop, order string) error {
	ref := commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: order}
	rec, known, err := d.journal.Get(ctx, ref)
	switch {
	case err != nil:
		return err
	case !known:
		return fmt.Errorf("%s is not known: nothing about it came in yet; see that %s is the shop's id of the order and not its number", ref, order)
	case rec.Reason != string(commerce.Held):
		return fmt.Errorf("%s is not held: %s", ref, standsAs(rec))
	}
	if err := d.operator.Did(ctx, shop, tasks.Change{What: "order release", On: "order/" + order}); err != nil {
		return err
	}
	if err := d.journal.Release(ctx, ref); err != nil {
		return err
	}
	if _, err := d.queue.Ask(ctx, tasks.LaneOperator, ref, "release", uuid.NewString()); err != nil {
		return fmt.Errorf("%s is released, and no run of it could be asked for; release it again: %w", ref, err)
	}
	return sayReleased(out, rec)
}

func sayReleased(w io.Writer, rec tasks.Record) error {
	_, err := fmt.Fprintf(w, "%s is released. The next worker that is free confirms %s in Odoo and carries it through its workflow;\n"+
		"the log says how that ends (event finished, topic release).\n", rec.Ref, rec.OdooName)
	return err
}

// standsAs says how a record ended last, without anybody's data.
func standsAs(rec tasks.Record) string {
	text := string(rec.Outcome)
	if text == "" {
		text = "not looked at yet"
	}
	if rec.Reason != "" {
		text += " (" + rec.Reason + ")"
	}
	if rec.OdooName != "" {
		text += ", " + rec.OdooName + " in Odoo"
	}
	if rec.Outcome == tasks.Parked && rec.Remedy != "" {
		text += "; " + rec.Remedy
	}
	return text
}
