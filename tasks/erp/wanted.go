package erp

import (
	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// line is an order line as it must stand in Odoo.
type line struct {
	XID     string      `json:"xid"`
	SKU     string      `json:"-"`             // of Product
	Found   string      `json:"-"`             // how Product was found
	Notice  string      `json:"-"`             // that a person may want to look at
	New     *newProduct `json:"new,omitempty"` // to be made; Product is 0 until then
	Product int64       `json:"product"`
	Name    string      `json:"name"`
	row
	Taxes    []int64 `json:"taxes"` // sorted; empty: none
	Sequence int     `json:"sequence"`
	Delivery bool    `json:"delivery,omitempty"`
	Back     bool    `json:"back,omitempty"` // for what is given back
	Form     string  `json:"form"`
}

// fixed is how much of each of an order's rows has left, by its external id: a row
// cannot have less of it.
type fixed map[string]decimal.Decimal

// wanted is every line that the order must have in Odoo, and what these come to:
// its items, in rows of which Odoo makes the shop's amounts. Its error lists all
// that is missing at once.
func (s settings) wanted(o *commerce.Order, products shelf, left fixed) ([]line, totals, error) {
	w := wanting{settings: s, order: o, products: products, left: left}
	var g *gap
	if o.Currency == "" {
		return nil, said(o), &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: o.Ref, Detail: "the order names no currency",
			Remedy: "look at the order in the shop; enter it in Odoo by hand"}
	}
	if w.grid, g = s.gridOf(o.Currency); g != nil {
		return nil, said(o), missing(o.Ref, *g)
	}
	items, err := w.items()
	switch {
	case err != nil || len(items) == 0 && o.Cancelled():
		return nil, said(o), err
	case len(items) > 0:
		return w.represent(items)
	}
	want, err := w.amounts(nil) // money without lines contradicts itself
	return nil, want, err
}
