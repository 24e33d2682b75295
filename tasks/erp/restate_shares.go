package erp

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

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
		case commerce.LineShipping, commerce.LineFee, commerce.LineDuty:
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
