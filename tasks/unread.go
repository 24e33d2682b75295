package tasks

import (
	"context"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Why nothing is done about an order that was deleted in its shop.
const (
	neverBooked    = "deleted in the shop, and not in Odoo"
	cancelledThere = "deleted in the shop, and cancelled in Odoo"
)

// unread is what comes of an order that could not be read. Where the shop does not know
// it and Odoo holds it, a person decides. Where Odoo does not, nothing is to be done if
// the shop said that it is deleted; else the shop may only not show it to us.
func (w *Worker) unread(held *lease, shop *handlers.Shop, e commerce.Event, rec Record, err error) (Verdict, error) {
	if commerce.ReasonOf(err) != commerce.NotFound {
		return Verdict{}, err
	}
	var story erp.Story
	if away := w.atOdoo(held, func(ctx context.Context) (err error) {
		story, err = w.books.Story(ctx, shop.Config, e.Aggregate, "")
		return err
	}); away != nil {
		return Verdict{}, away
	}
	there, stands := rec.OdooName, "and Odoo holds it as "
	switch {
	case story.Order != nil && story.Order.State == "cancel" && e.Gone:
		return Verdict{Outcome: Skipped, Reason: cancelledThere}, nil
	case story.Order != nil:
		there = story.Order.Name
	case rec.OdooID != 0:
	case !e.Gone:
		return Verdict{}, err
	case story.Foreign == "":
		return Verdict{Outcome: Skipped, Reason: neverBooked}, nil
	default:
		there, stands = story.Foreign, "and Odoo has its number on an order that we did not make, "
	}
	detail, remedy := "the order was deleted in the shop, "+stands+there, "cancel "+there+" in Odoo by hand, with a credit note where it is invoiced, or leave it as it is; then discard this"
	if !e.Gone {
		detail, remedy = "the shop has no such order, "+stands+there, "if it was deleted there, "+remedy+"; if it was not, see that we may read it: odoogate check"
	}
	return Verdict{}, &commerce.Error{Op: "import", Reason: commerce.NotFound, Ref: e.Aggregate, Detail: detail, Remedy: remedy}
}
