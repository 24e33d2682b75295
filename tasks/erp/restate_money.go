package erp

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// The texts of lines for what is given back.
const (
	notReturned = "Refunded, not returned"
	givenBack   = "Refund"
	keptBack    = "Kept of a refund"
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
		w.giveBack(c, commerce.Line{ID: c.ID + "_s" + s.LineID, Code: string(commerce.LineShipping), Title: givenBack + ": " + row.Title}, at, row)
	}
}

func (w *restating) shippingLine(s commerce.RefundShipping) int {
	return slices.IndexFunc(w.Lines, func(l commerce.Line) bool { return l.ID == s.LineID && l.Kind == commerce.LineShipping })
}

// amountOf credits what a refund gave beyond its goods and shipping, or takes off
// what was kept of these. A refund without money, and one whose money and lines come
// apart, gives and keeps nothing.
func (w *restating) amountOf(c *credit) {
	money := c.Amount.Amount.Add(c.Pending.Amount)
	beyond := money.Sub(w.worth(c))
	if !c.Apart && !money.IsZero() {
		w.giveBeyond(c, beyond)
	}
}

// ends sees that an order comes to nothing at least: of the last refund of one for
// which more was given than it is worth, so much was given before.
func (w *restating) ends() {
	total, _ := lineSums(w.Order)
	if last := len(w.Credits) - 1; total.IsNegative() && last >= 0 {
		w.giveBeyond(&w.Credits[last], total)
	}
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
	parts := w.taxed(c.ID, beyond.Abs())
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

// worth is what the goods and the shipping of a refund come to, tax included.
func (w *restating) worth(c *credit) decimal.Decimal {
	sum := decimal.Zero
	add := func(amount, tax commerce.Money) {
		sum = sum.Add(amount.Amount)
		if !w.PricesIncludeTax {
			sum = sum.Add(tax.Amount)
		}
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

// taxed divides an amount that holds its tax over the kinds of taxes that the order
// has, each by its share of the order, as the settings say; else it has no tax. What is
// in Odoo keeps its shares: edits after it change those of the order.
func (w *restating) taxed(refund string, amount decimal.Decimal) []commerce.Line {
	plain := []commerce.Line{{Total: commerce.Money{Amount: amount, Currency: w.Currency}}}
	if w.settings.Books.Refunds.AmountTax == "none" {
		return plain
	}
	kinds := w.checkout()
	if len(kinds) == 0 {
		return plain
	}
	weights := make([]decimal.Decimal, len(kinds))
	for i, k := range kinds {
		weights[i] = k.Total.Amount
	}
	if booked := w.shares(refund, kinds); booked != nil {
		weights = booked
	}
	digits := commerce.Digits(w.Currency)
	for i, part := range spread(amount, weights, digits) {
		kinds[i].Total.Amount = part
		kinds[i] = w.netOf(kinds[i], digits)
	}
	return slices.DeleteFunc(kinds, func(k commerce.Line) bool { return k.Total.IsZero() })
}

// shares are the parts of a refund's amount that stand in Odoo, by kinds of taxes; nil
// for one that does not stand there yet.
func (w *restating) shares(refund string, kinds []commerce.Line) []decimal.Decimal {
	if w.there == nil {
		return nil
	}
	work, sum := wanting{settings: w.settings, order: w.shop}, decimal.Zero
	all := make([]decimal.Decimal, len(kinds))
	prefix := module + w.Ref.Shop + "_back_" + part(refund+"_amount")
	for i, k := range kinds {
		k.Kind = commerce.LineProduct
		levies := work.levied(k)
		for _, l := range w.there.Lines {
			if strings.HasPrefix(l.XID, prefix) && slices.Equal(l.Taxes, idsOf(levies)) {
				all[i] = all[i].Add(grossOf(l, levies).Abs())
			}
		}
		sum = sum.Add(all[i])
	}
	if sum.IsZero() {
		return nil
	}
	return all
}

func idsOf(levies []levied) []int64 {
	ids := []int64{}
	for _, l := range levies {
		ids = append(ids, l.Odoo.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// grossOf is what a row comes to with the taxes that are not in its price.
func grossOf(l held, levies []levied) decimal.Decimal {
	rates := decimal.NewFromInt(100)
	for _, t := range levies {
		if !t.Odoo.included() {
			rates = rates.Add(t.Rate)
		}
	}
	return l.exact().Mul(rates).Shift(-2)
}

// checkout is a line for each kind of taxes that the order has: these, and what the
// lines that have them cost before anything was given back.
func (w *restating) checkout() []commerce.Line {
	was := map[string]decimal.Decimal{} // of what was given back, by the line's id
	for _, r := range w.refunds {
		for _, l := range r.Lines {
			was[l.LineID] = was[l.LineID].Add(l.Amount.Amount)
		}
		for _, s := range r.Shipping {
			was["s"+s.LineID] = was["s"+s.LineID].Add(s.Amount.Amount)
		}
	}
	var kinds []commerce.Line
	for _, l := range w.shop.Lines {
		id := l.ID
		switch l.Kind {
		case commerce.LineGiftCard:
			continue
		case commerce.LineShipping:
			id = "s" + id
		}
		at := slices.IndexFunc(kinds, func(k commerce.Line) bool { return sameTaxes(k.Taxes, l.Taxes) })
		if at < 0 {
			kinds, at = append(kinds, commerce.Line{Taxes: slices.Clone(l.Taxes), Total: commerce.Money{Currency: w.Currency}}), len(kinds)
		}
		kinds[at].Total.Amount = kinds[at].Total.Amount.Add(l.Total.Amount).Add(was[id])
	}
	return slices.DeleteFunc(kinds, func(k commerce.Line) bool { return !k.Total.Amount.IsPositive() })
}

// netOf gives a line whose total holds its taxes the amounts of these.
func (w *restating) netOf(l commerce.Line, digits int32) commerce.Line {
	rates := decimal.NewFromInt(100)
	for _, t := range l.Taxes {
		rates = rates.Add(t.Rate)
	}
	gross := l.Total.Amount
	for i := range l.Taxes {
		l.Taxes[i].Amount.Amount = gross.Mul(l.Taxes[i].Rate).DivRound(rates, digits)
		if !w.PricesIncludeTax {
			l.Total.Amount = l.Total.Amount.Sub(l.Taxes[i].Amount.Amount)
		}
	}
	return l
}

func sameTaxes(a, b []commerce.Tax) bool {
	return slices.EqualFunc(a, b, func(x, y commerce.Tax) bool { return wordsOf(x) == wordsOf(y) })
}

// taxesOf divides a line's refunded tax over the line's taxes, by their rates.
func (w *restating) taxesOf(l commerce.Line, tax decimal.Decimal) []commerce.Tax {
	all := slices.Clone(l.Taxes)
	weights := make([]decimal.Decimal, len(all))
	sum := decimal.Zero
	for i, t := range all {
		weights[i] = t.Rate
		sum = sum.Add(t.Rate)
	}
	if !sum.IsPositive() {
		return all
	}
	for i, part := range spread(tax, weights, commerce.Digits(w.Currency)) {
		all[i].Amount = commerce.Money{Amount: part, Currency: w.Currency}
	}
	return all
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
