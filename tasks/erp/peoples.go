package erp

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// peoples is a line that people changed in Odoo and the shop did not, by its title; ""
// for none. Where they changed only its text, that stays. Cents and rows that rounding
// moves are nobody's change.
func (s settings) peoples(shop, o *commerce.Order, want []line, h *standing, d *difference, last Applied) string {
	if last.Lines == "" || last.Begun || last.Forced || o.Cancelled() {
		return ""
	}
	byXID := map[string]line{}
	for _, l := range h.Lines {
		byXID[l.XID] = l.line
	}
	unchanged := shop.Unchanged(last.Lines)
	for at, l := range shop.Lines {
		if !unchanged[at] || !booked(l) || refundedOf(shop, l.ID) {
			continue
		}
		mine, theirs := rowsOf(o, at, want), rowsOf(o, at, h.plain())
		if !mine.Quantity.Equal(theirs.Quantity) || !s.sameAmount(mine, theirs) {
			return cleanLine(l.Title, shortText)
		}
		d.differ = slices.DeleteFunc(d.differ, func(l line) bool {
			was, ok := byXID[l.XID]
			was.Name = l.Name
			return ok && standsFor(o, at, l.XID) && s.equalLine(l, was)
		})
	}
	return ""
}

// refundedOf reports whether a refund is about a line: what stands in Odoo for it then
// depends on more than the line.
func refundedOf(o *commerce.Order, line string) bool {
	return slices.ContainsFunc(o.Refunds, func(r commerce.Refund) bool {
		return slices.ContainsFunc(r.Lines, func(l commerce.RefundLine) bool { return l.LineID == line }) ||
			slices.ContainsFunc(r.Shipping, func(l commerce.RefundShipping) bool { return l.LineID == line })
	})
}

// plain are the order's lines without what became of them.
func (h *standing) plain() []line {
	all := make([]line, len(h.Lines))
	for i, l := range h.Lines {
		all[i] = l.line
	}
	return all
}

// rowsOf is the rows of a line of the shop in one: their quantity, at what they come to.
func rowsOf(o *commerce.Order, at int, all []line) (sum line) {
	amount := decimal.Zero
	for _, l := range all {
		if standsFor(o, at, l.XID) && !l.Quantity.IsZero() {
			sum.Quantity, amount, sum.Taxes = sum.Quantity.Add(l.Quantity), amount.Add(l.exact()), l.Taxes
		}
	}
	if !sum.Quantity.IsZero() {
		sum.Price = amount.DivRound(sum.Quantity, 8)
	}
	return sum
}
