package erp

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// noteRows gives the parts of a credit rows of which Odoo makes the refund's amounts,
// each with the order line that it takes off from.
func (w *wanting) noteRows(items []item, takes []take) ([]noteRow, totals, error) {
	o := *w.order
	o.Total, o.TotalTax, o.Taxes = commerce.Money{Currency: o.Currency}, commerce.Money{Currency: o.Currency}, nil
	o.Lines = nil
	for _, it := range items {
		o.Lines = append(o.Lines, it.Line)
	}
	total, tax := lineSums(&o)
	o.Total.Amount, o.TotalTax.Amount = total, tax
	part := *w
	part.order = &o
	want, err := part.amounts(items)
	if err != nil {
		return nil, want, err
	}
	found, rounding, err := part.solve(items, want)
	if err != nil {
		return nil, want, err
	}
	var rows []noteRow
	for i, it := range items {
		for _, r := range found.Lines[i].Rows {
			n := noteRow{Product: it.ID, Name: it.Text, row: row{r.Quantity, r.Price, r.Discount}, Taxes: taxIDs(r)}
			n.Line = takes[i].link(r.Quantity)
			rows = append(rows, n)
		}
	}
	for _, r := range extra(found) {
		rows = append(rows, noteRow{Product: rounding.ID, Name: roundingText, row: row{r.Quantity, r.Price, r.Discount}, Taxes: taxIDs(r)})
	}
	return rows, want, nil
}

// link is the order line that a row of so much takes off from.
func (t take) link(n decimal.Decimal) int64 {
	at := slices.IndexFunc(t.From, func(b *billed) bool { return b.Over.Sign() == n.Sign() && b.Over.Abs().GreaterThanOrEqual(n.Abs()) })
	if at < 0 {
		at = slices.IndexFunc(t.From, func(b *billed) bool { return b.Over.Sign() == n.Sign() })
	}
	at = max(at, 0)
	t.From[at].take(n)
	return t.From[at].ID
}

// settleQuantities are rows without a price: where a line of the shop stands on
// several rows, and on rows for rounding, they make the invoiced quantities those of
// the order.
func (w *writer) settleQuantities(takes []take, roundings []*billed) []noteRow {
	var rows []noteRow
	free := func(b *billed, n decimal.Decimal) {
		if !n.IsZero() {
			rows = append(rows, noteRow{Product: b.Product, Name: b.Name, row: row{Quantity: n}, Line: b.ID})
			b.take(n)
		}
	}
	for _, b := range roundings {
		free(b, b.Over)
	}
	for _, t := range takes {
		for _, low := range t.From {
			if low.Over.Sign() != -t.Quantity.Sign() {
				continue
			}
			for _, high := range t.From {
				if high.Over.Sign() == t.Quantity.Sign() && !low.Over.IsZero() {
					n := high.Over
					if n.Abs().GreaterThan(low.Over.Abs()) {
						n = low.Over.Neg()
					}
					free(high, n)
					free(low, n.Neg())
				}
			}
		}
	}
	return rows
}

// remainder is the credit note for what the order has less of than its invoices and
// no refund tells: it was taken out of the order, or the order was cancelled. Its
// rows are those of the order; those for rounding have no price, unless they are all
// that is left: an invoice that comes after carries their cents, and a credit note for
// them alone may come to less than nothing, which Odoo does not post. Nor does it post
// such an invoice: where only rows for rounding would be on it and there is too much
// invoiced, they are on the credit note. Of a cancelled order nothing is invoiced any
// more: what a refund gave that was beyond its goods is taken off its credit note.
func (w *writer) remainder(p *papers, lines []*billed) (n creditNote, ok bool) {
	posted := 0
	for _, v := range p.Invoices {
		if v.State == "posted" {
			posted++
		}
	}
	less := keep(lines, func(b *billed) bool { return b.Cut.IsPositive() || b.Cut.Mul(b.Price).IsPositive() })
	more := keep(lines, func(b *billed) bool { return !b.Cut.IsZero() && !slices.Contains(less, b) })
	roundings := w.roundings(lines)
	if (p.State == "cancel" || len(w.roundings(more)) == len(more)) && w.uninvoiced(p).IsNegative() {
		less, more = slices.Concat(less, more), nil
	}
	n = creditNote{XID: settledXID(w.order.Ref, posted), Why: "correction", At: w.order.UpdatedAt, Last: len(more) == 0} // else all are compared once the rest is invoiced
	alone := n.Last && len(w.roundings(less)) == len(less)
	for _, b := range less {
		r := noteRow{Product: b.Product, Name: b.Name, row: row{b.Cut, b.Price, b.Discount}, Taxes: b.Taxes, Line: b.ID}
		if !alone && slices.Contains(roundings, b) {
			r.row, r.Taxes = row{Quantity: b.Cut}, nil
		}
		n.Rows = append(n.Rows, r)
	}
	return n, len(n.Rows) > 0
}

// uninvoiced is how much the order comes to beyond its invoices, credit notes taken
// off; negative: that is to be credited.
func (w *writer) uninvoiced(p *papers) decimal.Decimal {
	left := w.plan.Want.Total
	for _, v := range p.Invoices {
		left = left.Sub(v.signed(v.Total))
	}
	return left
}
