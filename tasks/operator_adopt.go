package tasks

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Adopting is what becomes of one order that somebody else made in Odoo.
type Adopting struct {
	Order   string          `json:"order"`
	Number  string          `json:"number,omitempty"`
	Odoo    string          `json:"odoo,omitempty"`
	Shop    *commerce.Money `json:"shop_total,omitempty"`
	InOdoo  *commerce.Money `json:"odoo_total,omitempty"`
	Outcome string          `json:"outcome"` // adopts, adopted, refused
	Why     string          `json:"why,omitempty"`
}

// Adoptions are what becomes of several.
type Adoptions struct {
	DryRun bool       `json:"dry_run"`
	Orders []Adopting `json:"orders"`
}

// Adopt says that orders which somebody else made in Odoo are the shop's: those that
// agree. It writes nothing to Odoo, and without earnest nothing at all. The error is
// one of looking.
func (o *Operator) Adopt(ctx context.Context, shop string, ids []string, earnest bool) (Adoptions, error) {
	did := Adoptions{DryRun: !earnest, Orders: []Adopting{}}
	if _, err := o.withOrders(shop); err != nil {
		return did, err
	}
	for _, id := range ids {
		a, err := o.adopt(ctx, shop, id, earnest)
		if err != nil {
			return did, err
		}
		did.Orders = append(did.Orders, a)
	}
	return did, nil
}

func (o *Operator) adopt(ctx context.Context, id, order string, earnest bool) (Adopting, error) {
	shop, a := o.shops[id], Adopting{Order: order, Outcome: "refused"}
	ref := commerce.Ref{Shop: id, Kind: commerce.KindOrder, ID: order}
	read, err := shop.Orders.Order(ctx, order)
	if commerce.ReasonOf(err) == commerce.NotFound {
		a.Why = "the shop has no order with this id"
		return a, nil
	}
	if err != nil {
		return a, err
	}
	a.Number, a.Shop = read.Number, &read.Total
	story, err := o.odoo.Story(ctx, shop.Config, ref, read.Number)
	if err != nil {
		return a, err
	}
	if there := story.Other; there != nil {
		a.Odoo, a.InOdoo = there.Name, &there.Total
	}
	if a.Why = unadoptable(read, story); a.Why != "" {
		return a, nil
	}
	if a.Outcome = "adopts"; !earnest {
		return a, nil
	}
	a.Outcome = "adopted"
	if err := o.Did(ctx, id, Change{What: "adopt", On: "order/" + order}); err != nil {
		return a, err
	}
	if err := o.journal.Adopt(ctx, ref, Adoption{OdooID: story.Other.ID, OdooName: story.Other.Name, Digest: read.Digest()}); err != nil {
		return a, err
	}
	_, err = o.queue.Ask(ctx, LaneOperator, ref, "adopt", uuid.NewString())
	return a, err
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
