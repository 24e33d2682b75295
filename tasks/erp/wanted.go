package erp

import (
	"fmt"
	"slices"

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
	Form     string  `json:"form"`
}

// wanted is every line that the order must have in Odoo: its items, each in a form
// that Odoo makes the shop's amounts of. Its error lists all that is missing at once.
func (s settings) wanted(o *commerce.Order, products shelf) ([]line, error) {
	w := wanting{settings: s, order: o, products: products}
	var g *gap
	if w.grid, g = s.gridOf(o.Currency); g != nil {
		return nil, missing(o.Ref, *g)
	}
	items, err := w.items()
	if err != nil {
		return nil, err
	}
	var lines []line
	for _, it := range items {
		rows, err := w.represent(it)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			r.Sequence, r.SKU, r.Found, r.Notice, r.New = 10+len(lines), it.SKU, it.Found, it.Notice, it.New
			lines = append(lines, r)
		}
	}
	return lines, nil
}

// represent gives the rows for one item.
func (w *wanting) represent(it item) ([]line, error) {
	l := it.Line
	taxes, total, list := w.inOdoosMode(it)
	rows, form := w.grid.represent(l.Quantity, list, len(l.Discounts) > 0, total)
	if rows == nil {
		return nil, &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: w.order.Ref,
			Detail: fmt.Sprintf("with %d decimals in prices and %d in discounts Odoo cannot express %s × %q for %s %s",
				w.grid.Price, w.grid.Discount, l.Quantity, l.Title, total, w.order.Currency),
			Remedy: "raise the decimal accuracy of product prices in Odoo"}
	}
	lines := make([]line, len(rows))
	for n, r := range rows {
		lines[n] = line{XID: lineXID(w.order, it.Index, n), Product: it.ID, Name: it.Text, row: r, Taxes: taxes,
			Delivery: l.Kind == commerce.LineShipping && w.Names.LineDelivery != "", Form: form}
	}
	return lines, nil
}

// inOdoosMode brings the item's total and list price into the mode of Odoo's
// taxes: with the tax where theirs are included, without it where not.
func (w *wanting) inOdoosMode(it item) (ids []int64, total, list decimal.Decimal) {
	total, list = it.Line.Total.Amount, it.Line.UnitPrice.Amount
	ids = []int64{}
	var less, more decimal.Decimal // rates that the list price must lose or gain
	for _, t := range it.Taxes {
		if !slices.Contains(ids, t.Odoo.ID) {
			ids = append(ids, t.Odoo.ID)
		}
		switch included := w.order.PricesIncludeTax; {
		case included && !t.Odoo.Included:
			total, less = total.Sub(t.Amount.Amount), less.Add(t.Rate)
		case !included && t.Odoo.Included:
			total, more = total.Add(t.Amount.Amount), more.Add(t.Rate)
		}
	}
	slices.Sort(ids)
	list = list.Mul(hundred.Add(more)).DivRound(hundred.Add(less), 8)
	return ids, w.grid.round(total), list
}
