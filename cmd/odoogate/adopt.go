package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/tasks"
)

func (p process) adoptCommand() *cobra.Command {
	var opt deskOptions
	var yes bool
	cmd := &cobra.Command{
		Use:   "adopt <shop> <order>...",
		Short: "Say that orders which somebody else made in Odoo are the shop's; a dry run without --yes",
		Long: `Say that orders which somebody else made in Odoo are the shop's: people, an import, or
another connector. Such an order has the shop's order number as its customer reference and
parks the shop's one as "already there". It must agree in currency, total and tax.

Nothing is written to Odoo. From then on the order counts as booked, and whoever made it
carries it on: its deliveries, invoices and payments stay with people. When the shop
changes it, it is parked, for a second line or invoice could not be told from the first.

An order is the shop's own id, such as 5001 in .../orders/5001. Several may stand in a
file (@ids.txt) or on the standard input (-).`,
		Example: `  odoogate adopt fi 5001 5002 --config /etc/odoogate/odoogate.yml
  odoogate adopt fi 5001 5002 --yes`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			orders, err := p.readIDs(args[1:])
			if err != nil && !errors.Is(err, errNoneCame) {
				return err
			}
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				return p.adopt(ctx, d.operator, opt, args[0], orders, yes)
			})
		},
	}
	opt.flagsWithin(cmd, time.Minute)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "adopt those that agree")
	return cmd
}

func (p process) adopt(ctx context.Context, op *tasks.Operator, opt deskOptions, shop string, orders []string, yes bool) error {
	did, err := op.Adopt(ctx, shop, orders, yes)
	if err != nil {
		return err
	}
	refused := 0
	for _, a := range did.Orders {
		if a.Outcome == "refused" {
			refused++
		}
	}
	if err := p.writeAdoptions(opt, did); err != nil || refused == 0 {
		return err
	}
	return fmt.Errorf("%d of %d cannot be adopted as they are", refused, len(did.Orders))
}

func (p process) writeAdoptions(opt deskOptions, did tasks.Adoptions) error {
	if opt.json {
		return p.writeJSON(did)
	}
	rows := [][]string{{"ORDER", "NUMBER", "IN ODOO", "SHOP TOTAL", "ODOO TOTAL", "OUTCOME", "WHY"}}
	for _, a := range did.Orders {
		shop, odoo := "–", "–"
		if a.Shop != nil {
			shop = a.Shop.String()
		}
		if a.InOdoo != nil {
			odoo = a.InOdoo.String()
		}
		rows = append(rows, []string{a.Order, dash(a.Number), dash(a.Odoo), shop, odoo, a.Outcome, dash(a.Why)})
	}
	adopts := slices.ContainsFunc(did.Orders, func(a tasks.Adopting) bool { return a.Outcome == "adopts" })
	if err := columns(p.out, rows); err != nil || !adopts {
		return err
	}
	_, err := fmt.Fprintln(p.out, "\nNothing is adopted yet: the same with --yes does it.")
	return err
}
