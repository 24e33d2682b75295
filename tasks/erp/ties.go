package erp

import (
	"cmp"
	"context"
	"fmt"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// The kinds of records that ties lead to.
const (
	TieProduct  = "product"  // a product variant, by the shop's variant id or SKU
	TieCustomer = "customer" // a contact, by the shop's customer id
)

// Tie is a record of a shop that a person said is one that Odoo had before.
type Tie struct {
	Kind string
	ID   string // in the shop
}

func (t Tie) String() string { return t.Kind + "/" + t.ID }

// Ties are asked for the ids in Odoo of records of a shop; what is not tied is not in
// the answer.
type Ties interface {
	Ties(ctx context.Context, shop string, of []Tie) (map[Tie]int64, error)
}

// tiesOf reads what the records of an order are tied to.
func (b *Books) tiesOf(ctx context.Context, o *commerce.Order) (map[Tie]int64, error) {
	if b.ties == nil {
		return nil, nil
	}
	var of []Tie
	add := func(kind, id string) {
		if id != "" {
			of = append(of, Tie{kind, id})
		}
	}
	add(TieCustomer, o.Customer.ID)
	for _, l := range o.Lines {
		add(TieProduct, l.VariantID)
		add(TieProduct, l.SKU)
	}
	if len(of) == 0 {
		return nil, nil
	}
	ties, err := b.ties.Ties(ctx, o.Ref.Shop, of)
	if err != nil {
		return nil, &commerce.Error{Op: "erp.ties", Reason: commerce.Unavailable, Ref: o.Ref, Err: err}
	}
	return ties, nil
}

// tied looks for the product that a line is tied to; ok is false where it is not.
func (s settings) tied(l commerce.Line) (of search, ok bool) {
	id := cmp.Or(s.Ties[Tie{TieProduct, l.VariantID}], s.Ties[Tie{TieProduct, l.SKU}])
	if id == 0 {
		return of, false
	}
	return search{ways: []way{{ask: ask{byID, itoa(id)}, How: "bound to product " + itoa(id)}}, lack: gap{
		detail: fmt.Sprintf("a line is bound to product %d by odoogate bind, and Odoo has no such product any more", id),
		remedy: fmt.Sprintf("bind it to another, or unbind it: odoogate bind %s --help", s.Shop)}}, true
}

// untied is about a buyer whose contact is gone.
func (s settings) untied(partner int64) *gap {
	return &gap{detail: fmt.Sprintf("the buyer is bound to contact %d by odoogate bind, and Odoo shows no such contact to company %s", partner, s.Company.Name),
		remedy: fmt.Sprintf("unarchive it, or bind the customer to another: odoogate bind %s --help", s.Shop)}
}
