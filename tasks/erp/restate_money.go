package erp

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// The texts of lines for what is given back.
const (
	notReturned = "Refunded, not returned"
	givenBack   = "Refund"
	keptBack    = "Kept of a refund"
	calledOff   = "Cancelled"
)

// amountLine is the Code of lines for amounts; those that are a part of another line
// have the kind of that line.
const amountLine = "amount"

// goodsOf credits the goods of a refund. What the buyer keeps stays on its line, and
// is taken off on a line of its own: Odoo refuses to lower a line below what it
// delivered of it.
func (w *restating) goodsOf(c *credit, n int) {
	for i, l := range c.Lines {
		at := slices.IndexFunc(w.Lines, func(of commerce.Line) bool { return of.ID == l.LineID && of.Kind != commerce.LineShipping })
		if at < 0 || !l.Quantity.IsPositive() {
			continue
		}
		row := w.Lines[at]
		row.Discounts = nil
		row.Quantity, row.Total, row.Taxes = l.Quantity, l.Amount, w.taxesOf(w.Lines[at], l.Tax.Amount)
		row = priced1(row)
		kept := w.kept[n][i]
		rest := row
		if kept.IsPositive() {
			rest.Taxes = slices.Clone(row.Taxes)
			shrink(&rest, l.Quantity.Sub(kept))
			keeps := less(row, rest)
			w.Lines[at] = more(w.Lines[at], keeps)
			w.giveBack(c, commerce.Line{ID: c.ID + "_" + l.LineID, Code: string(row.Kind), SKU: row.SKU, Title: notReturned + ": " + row.Title}, at, keeps)
		}
		if rest.Quantity.IsPositive() {
			c.Rows = append(c.Rows, creditRow{at, at, rest})
		}
	}
}

// shippingOf credits the shipping of a refund: the line of the shipping stays what
// it was at checkout.
func (w *restating) shippingOf(c *credit) {
	for _, s := range c.Shipping {
		at := w.shippingLine(s)
		if at < 0 || s.Amount.IsZero() {
			continue
		}
		row := w.Lines[at]
		row.Discounts = nil
		row.Quantity, row.Total, row.Taxes = decimal.NewFromInt(1), s.Amount, w.taxesOf(w.Lines[at], s.Tax.Amount)
		row = priced1(row)
		whole := more(w.Lines[at], row)
		whole.Quantity = decimal.NewFromInt(1)
		whole.UnitPrice.Amount = listed(whole)
		w.Lines[at] = whole
		w.giveBack(c, commerce.Line{ID: c.ID + "_s" + s.LineID, Code: string(row.Kind), Title: givenBack + ": " + row.Title}, at, row)
	}
}

func (w *restating) shippingLine(s commerce.RefundShipping) int {
	return slices.IndexFunc(w.Lines, func(l commerce.Line) bool {
		return l.ID == s.LineID && (l.Kind == commerce.LineShipping || l.Kind == commerce.LineFee || l.Kind == commerce.LineDuty)
	})
}

// amountOf credits what a refund gave beyond its goods and shipping, or takes off
// what was kept of these. A refund without money, and one whose money and lines come
// apart, gives and keeps nothing.
func (w *restating) amountOf(c *credit) {
	money := c.Amount.Amount.Add(c.Pending.Amount)
	beyond := money.Sub(w.worth(c))
	if c.Apart || money.IsZero() {
		return
	}
	for _, part := range c.Beyond {
		beyond = beyond.Sub(w.giveOn(c, part, "_line"))
		w.gave(part)
	}
	w.giveBeyond(c, beyond)
}

// onTop is the part of a tax that the order's prices do not hold.
func (w *restating) onTop(tax commerce.Money) decimal.Decimal {
	if w.PricesIncludeTax {
		return decimal.Zero
	}
	return tax.Amount
}

// giveOn credits what a refund gives for a line beyond its goods, or takes it off
// (negative), with the line's taxes. It returns how much that is, tax included. word
// tells it from what else the refund has for the line.
func (w *restating) giveOn(c *credit, part commerce.RefundBeyond, word string) decimal.Decimal {
	at := slices.IndexFunc(w.Lines, func(l commerce.Line) bool { return l.ID == part.LineID && l.Kind != commerce.LineShipping })
	if at < 0 || part.Amount.IsZero() {
		return decimal.Zero
	}
	title, one := givenBack, decimal.NewFromInt(1)
	if part.Amount.Amount.IsNegative() {
		title, one = keptBack, one.Neg()
	}
	row := commerce.Line{Quantity: decimal.NewFromInt(1), Total: commerce.Money{Amount: part.Amount.Amount.Abs(), Currency: w.Currency},
		Taxes: w.taxesOf(w.Lines[at], part.Tax.Amount.Mul(one))}
	w.giveBackTimes(c, commerce.Line{ID: c.ID + word + part.LineID, Code: amountLine, Title: title + ": " + w.Lines[at].Title}, -1, priced1(row), one)
	gross := w.grossOf(part)
	w.given.Amount = w.given.Amount.Add(gross)
	return gross
}

// giveBeyond credits an amount, or takes it off (negative).
func (w *restating) giveBeyond(c *credit, beyond decimal.Decimal) {
	if beyond.IsZero() {
		return
	}
	w.given.Amount = w.given.Amount.Add(beyond)
	title, one := givenBack, decimal.NewFromInt(1)
	if beyond.IsNegative() {
		title, one = keptBack, one.Neg()
	}
	parts := w.divided(c, beyond)
	for i, part := range parts {
		id := c.ID + "_amount"
		if n := i + w.amounts[c.ID]; n > 0 {
			id += strconv.Itoa(n)
		}
		part.Quantity = decimal.NewFromInt(1)
		w.giveBackTimes(c, commerce.Line{ID: id, Code: amountLine, Title: title}, -1, priced1(part), one)
	}
	w.amounts[c.ID] += len(parts)
}

// divided divides an amount that is given beyond goods and shipping by its taxes. One
// that takes back all that was given so takes back the very parts: cents of tax that
// each of them was rounded by would be left.
func (w *restating) divided(c *credit, beyond decimal.Decimal) []commerce.Line {
	one := decimal.NewFromInt(int64(beyond.Sign()))
	parts, given := w.taxed(c.ID, beyond.Abs()), decimal.Zero
	for _, p := range w.parts {
		given = given.Add(p.Total.Amount)
		for _, t := range p.Taxes {
			given = given.Add(w.onTop(t.Amount))
		}
	}
	if same := signedAll(w.parts, one.Neg()); given.Equal(beyond.Neg()) && !slices.ContainsFunc(same, func(p commerce.Line) bool { return p.Total.Amount.IsNegative() }) {
		parts = same
	}
	for _, p := range signedAll(parts, one) {
		at := slices.IndexFunc(w.parts, func(of commerce.Line) bool { return sameTaxes(of.Taxes, p.Taxes) })
		if at < 0 {
			w.parts = append(w.parts, p)
			continue
		}
		w.parts[at] = more(w.parts[at], p)
	}
	return slices.DeleteFunc(parts, func(p commerce.Line) bool { return p.Total.IsZero() })
}

func signedAll(parts []commerce.Line, times decimal.Decimal) (all []commerce.Line) {
	for _, p := range parts {
		all = append(all, signed(commerce.Line{}, p, times))
	}
	return all
}

// worth is what the goods and the shipping of a refund come to, tax included.
func (w *restating) worth(c *credit) decimal.Decimal {
	sum := decimal.Zero
	add := func(amount, tax commerce.Money) {
		sum = sum.Add(amount.Amount).Add(w.onTop(tax))
	}
	for _, l := range c.Lines {
		add(l.Amount, l.Tax)
	}
	for _, s := range c.Shipping {
		if w.shippingLine(s) >= 0 {
			add(s.Amount, s.Tax)
		}
	}
	return sum
}

// giveBack takes an amount off on a line of its own, and credits it.
func (w *restating) giveBack(c *credit, as commerce.Line, of int, row commerce.Line) {
	w.giveBackTimes(c, as, of, row, decimal.NewFromInt(1))
}

// giveBackTimes does so once, or takes back (-1).
func (w *restating) giveBackTimes(c *credit, as commerce.Line, of int, row commerce.Line, times decimal.Decimal) {
	as.Kind, as.NeedsShipping = commerce.LineRefund, false
	c.Rows = append(c.Rows, creditRow{len(w.Lines), of, signed(as, row, times)})
	w.Lines = append(w.Lines, signed(as, row, times.Neg()))
}

// signed is a line with the quantity and amounts of another, times 1 or -1.
func signed(as, row commerce.Line, times decimal.Decimal) commerce.Line {
	as.Quantity, as.UnitPrice = row.Quantity.Mul(times), row.UnitPrice
	as.Total = commerce.Money{Amount: row.Total.Amount.Mul(times), Currency: row.Total.Currency}
	as.Taxes = slices.Clone(row.Taxes)
	for i := range as.Taxes {
		as.Taxes[i].Amount.Amount = as.Taxes[i].Amount.Amount.Mul(times)
	}
	return as
}

// more is a line with the quantity and the amounts of a part added, less without.
func more(l, part commerce.Line) commerce.Line { return added(l, part, decimal.NewFromInt(1)) }
func less(l, part commerce.Line) commerce.Line { return added(l, part, decimal.NewFromInt(-1)) }

func added(l, part commerce.Line, times decimal.Decimal) commerce.Line {
	l.Quantity = l.Quantity.Add(part.Quantity.Mul(times))
	l.Total.Amount = l.Total.Amount.Add(part.Total.Amount.Mul(times))
	l.Total.Currency = cmp.Or(l.Total.Currency, part.Total.Currency)
	l.Taxes = slices.Clone(l.Taxes)
	for i := range min(len(l.Taxes), len(part.Taxes)) {
		l.Taxes[i].Amount.Amount = l.Taxes[i].Amount.Amount.Add(part.Taxes[i].Amount.Amount.Mul(times))
		l.Taxes[i].Amount.Currency = cmp.Or(l.Taxes[i].Amount.Currency, part.Taxes[i].Amount.Currency)
	}
	return l
}

// priced1 gives a line the unit price that its total says.
func priced1(l commerce.Line) commerce.Line {
	l.UnitPrice = commerce.Money{Amount: l.Total.Amount.DivRound(l.Quantity, 8), Currency: l.Total.Currency}
	return l
}
