package erp

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// totals are what the booking comes to: the shop's own sums less what was given
// beyond goods and shipping, which some shops take off themselves. A cancelled order
// of which something left comes to what its lines do.
func (w *restating) totals() {
	lines, tax := lineSums(w.shop)
	own, ownTax := lineSums(w.Order)
	if w.shop.Cancelled() {
		w.Total.Amount, w.TotalTax.Amount, w.Taxes = own, ownTax, nil
		return
	}
	if w.shop.GivenInTotal || nearer(w.Total.Amount, lines, own) {
		w.Total.Amount = w.Total.Amount.Add(own.Sub(lines))
	}
	if w.shop.GivenInTotal || nearer(w.TotalTax.Amount, tax, ownTax) {
		w.TotalTax.Amount = w.TotalTax.Amount.Add(ownTax.Sub(tax))
		w.kinds()
	}
}

// cents is how much more an order comes to than its lines, which the shop rounded one
// by one; of a shop that may take off what was given nobody knows.
func (w *restating) cents() decimal.Decimal {
	lines, _ := lineSums(w.shop)
	few := decimal.New(int64(len(w.shop.Lines)+1), -commerce.Digits(w.Currency))
	if more := w.shop.Total.Amount.Sub(lines); w.shop.GivenInTotal && more.Abs().LessThanOrEqual(few) {
		return more
	}
	return decimal.Zero
}

// kinds takes what was given off the sums of each kind of tax.
func (w *restating) kinds() {
	for _, l := range w.Lines {
		if l.Kind != commerce.LineRefund || l.Code != amountLine {
			continue
		}
		for _, t := range l.Taxes {
			if at := slices.IndexFunc(w.Taxes, func(of commerce.Tax) bool { return wordsOf(of) == wordsOf(t) }); at >= 0 {
				w.Taxes[at].Amount.Amount = w.Taxes[at].Amount.Amount.Add(t.Amount.Amount)
			}
		}
	}
}

// lineSums are the total and the tax that an order's lines come to.
func lineSums(o *commerce.Order) (total, tax decimal.Decimal) {
	for _, l := range o.Lines {
		total = total.Add(l.Total.Amount)
		for _, t := range l.Taxes {
			tax = tax.Add(t.Amount.Amount)
		}
	}
	if !o.PricesIncludeTax {
		total = total.Add(tax)
	}
	return total, tax
}

// nearer reports whether x is as near to a as to b, or nearer.
func nearer(x, a, b decimal.Decimal) bool {
	return x.Sub(a).Abs().LessThanOrEqual(x.Sub(b).Abs())
}
