package tasks

import (
	"context"
	"fmt"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// others looks for orders of the time in Odoo that the shop did not list. Each is
// asked for by itself, as far as that goes: the shop may have placed it in another
// time than Odoo dates it.
func (w *proving) others(ctx context.Context) error {
	asked := 0
	for one, err := range w.Books.Dated(ctx, w.Shop.Config, w.proof.From, w.proof.Until, w.seen.has) {
		switch {
		case err != nil:
			return err
		case one.State == "cancel":
			continue
		case one.Ref.IsZero():
			w.only(one, "we did not make it: if a person copied an order, change the source document of "+one.Name+", or cancel it in Odoo")
			continue
		case asked == proveSingly:
			w.only(one, "the shop did not list it: odoogate order show tells whether it has it")
			continue
		}
		asked++
		o, err := readOne(ctx, w.Shop.Orders.Order, one.Ref.ID)
		switch {
		case commerce.ReasonOf(err) == commerce.NotFound:
			w.only(one, w.gone(one))
		case err != nil:
			return err
		case !o.CreatedAt.Before(w.proof.From) && o.CreatedAt.Before(w.proof.Until):
			if err := w.compare(ctx, []*commerce.Order{o}); err != nil { // the shop's lists may be behind
				return err
			}
		}
	}
	return nil
}

// gone says what to do about an order that the shop no longer has, or does not show.
func (w *proving) gone(one erp.Dated) string {
	return fmt.Sprintf("the shop has no such order: if it was deleted there, cancel %s in Odoo; if it is older than 60 days, see that the app may read all orders (odoogate check)", one.Name)
}

// only counts an order that only Odoo has.
func (w *proving) only(one erp.Dated, next string) {
	zero := commerce.Money{Currency: one.Total.Currency}
	w.proof.Orders.OnlyOdoo++
	w.proof.count("not in the shop", one.Total.Currency, erp.Figures{Total: zero, Tax: zero},
		erp.Figures{There: true, Total: one.Total, Tax: one.Tax})
	id := one.Ref.ID
	w.keep(OrderApart{ID: id, Number: one.Reference, Odoo: one.Name, Differences: []erp.Difference{
		{What: "order", Shop: "none", Odoo: one.Total.String() + " of " + one.Origin, Next: next, Repair: erp.ByPerson}}})
}
