package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
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

An order is the shop's own id, such as 5001 in .../orders/5001.`,
		Example: `  odoogate adopt fi 5001 5002 --config /etc/odoogate/odoogate.yml
  odoogate adopt fi 5001 5002 --yes`,
		Args: cobra.MinimumNArgs(2),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			d, err := p.openDesk(opt, args[0])
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.close()) }()
			return p.adopt(cmd.Context(), d, opt, args[1:], yes)
		},
	}
	opt.flags(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "adopt those that agree")
	cmd.Flags().BoolVar(&opt.json, "json", false, "print it as JSON")
	return cmd
}

// adoption is what becomes of one order.
type adoption struct {
	Order   string          `json:"order"`
	Number  string          `json:"number,omitempty"`
	Odoo    string          `json:"odoo,omitempty"`
	Shop    *commerce.Money `json:"shop_total,omitempty"`
	InOdoo  *commerce.Money `json:"odoo_total,omitempty"`
	Outcome string          `json:"outcome"` // adopts, adopted, refused
	Why     string          `json:"why,omitempty"`
}

func (p process) adopt(ctx context.Context, d *orderDesk, opt deskOptions, orders []string, yes bool) error {
	list, refused := []adoption{}, 0
	for _, id := range orders {
		a, err := d.adopt(ctx, id, yes)
		if err != nil {
			return err
		}
		if a.Outcome == "refused" {
			refused++
		}
		list = append(list, a)
	}
	if err := p.writeAdoptions(opt, list); err != nil || refused == 0 {
		return err
	}
	return fmt.Errorf("%d of %d cannot be adopted as they are", refused, len(list))
}

func (p process) writeAdoptions(opt deskOptions, list []adoption) error {
	if opt.json {
		return p.writeJSON(list)
	}
	rows := [][]string{{"ORDER", "NUMBER", "IN ODOO", "SHOP TOTAL", "ODOO TOTAL", "OUTCOME", "WHY"}}
	for _, a := range list {
		shop, odoo := "–", "–"
		if a.Shop != nil {
			shop = a.Shop.String()
		}
		if a.InOdoo != nil {
			odoo = a.InOdoo.String()
		}
		rows = append(rows, []string{a.Order, dash(a.Number), dash(a.Odoo), shop, odoo, a.Outcome, dash(a.Why)})
	}
	adopts := slices.ContainsFunc(list, func(a adoption) bool { return a.Outcome == "adopts" })
	if err := columns(p.out, rows); err != nil || !adopts {
		return err
	}
	_, err := fmt.Fprintln(p.out, "\nNothing is adopted yet: the same with --yes does it.")
	return err
}

// adopt looks at one order from both sides and, in earnest, adopts it. The error is
// one of looking.
func (d *orderDesk) adopt(ctx context.Context, id string, earnest bool) (adoption, error) {
	l := d.near(ctx, id)
	a := adoption{Order: id, Outcome: "refused"}
	if commerce.ReasonOf(l.shopErr) == commerce.NotFound {
		a.Why = "the shop has no order with this id"
		return a, nil
	}
	if err := errors.Join(l.shopErr, l.journalErr); err != nil {
		return a, err
	}
	a.Number, a.Shop = l.order.Number, &l.order.Total
	err := d.ask(ctx, func(ctx context.Context) (err error) {
		l.story, err = d.books.Story(ctx, d.shop.Config, l.ref, l.order.Number)
		return err
	})
	if err != nil {
		return a, err
	}
	if there := l.story.Other; there != nil {
		a.Odoo, a.InOdoo = there.Name, &there.Total
	}
	if a.Why = unadoptable(l.order, l.story); a.Why != "" {
		return a, nil
	}
	if a.Outcome = "adopts"; !earnest {
		return a, nil
	}
	a.Outcome = "adopted"
	return a, d.ask(ctx, func(ctx context.Context) error {
		there := l.story.Other
		if err := d.operator.Did(ctx, d.shop.ID, tasks.Change{What: "adopt", On: "order/" + l.ref.ID}); err != nil {
			return err
		}
		if err := d.journal.Adopt(ctx, l.ref, tasks.Adoption{OdooID: there.ID, OdooName: there.Name, Digest: l.order.Digest()}); err != nil {
			return err
		}
		_, err := d.queue.Ask(ctx, tasks.LaneOperator, l.ref, "adopt", uuid.NewString())
		return err
	})
}

// unadoptable says why an order cannot be adopted; "": it can.
func unadoptable(o *commerce.Order, s erp.Story) string {
	there := s.Other
	switch {
	case s.Order != nil:
		return s.Order.Name + " is it already, made by us"
	case there == nil:
		return "Odoo has no order with the customer reference " + o.Number
	case o.Cancelled() != (there.State == "cancel"):
		return "one side is cancelled, and the other is not"
	case there.Total.Currency != o.Currency:
		return fmt.Sprintf("%s is in %s, the shop's in %s", there.Name, there.Total.Currency, o.Currency)
	case !there.Total.Amount.Equal(o.Total.Amount):
		return "the totals differ: make them equal in Odoo first"
	case !there.Tax.Amount.Equal(o.TotalTax.Amount):
		return fmt.Sprintf("the taxes differ (%s in the shop, %s in Odoo): make them equal in Odoo first", o.TotalTax, there.Tax)
	}
	return ""
}
