package erp

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// priced are the lines of a bundle that have none of the parts' goods: its own
// and those of bundles inside of it.
func (b *bundle) priced(o *commerce.Order) []commerce.Line {
	lines := []commerce.Line{o.Lines[b.parent]}
	for _, i := range b.inner {
		lines = append(lines, o.Lines[i])
	}
	return lines
}

// whole is the bundle as one line with the price of all its lines.
func whole(o *commerce.Order, b *bundle) commerce.Line {
	lines := b.priced(o)
	for _, i := range b.parts {
		lines = append(lines, o.Lines[i])
	}
	l := o.Lines[b.parent]
	l.Total, l.Discounts, l.Taxes = commerce.Money{Currency: o.Currency}, nil, nil
	var list decimal.Decimal
	for _, m := range lines {
		list = list.Add(listed(m))
		l = charged(l, m)
		l.NeedsShipping = l.NeedsShipping || m.NeedsShipping
	}
	l.UnitPrice = commerce.Money{Amount: list.DivRound(l.Quantity, 8), Currency: o.Currency}
	return l
}

// listed is what a line costs before its discounts.
func listed(l commerce.Line) decimal.Decimal {
	sum := l.Total.Amount
	for _, d := range l.Discounts {
		sum = sum.Add(d.Amount.Amount)
	}
	return sum
}

// charged adds another line's total, discounts and taxes to a line.
func charged(l, more commerce.Line) commerce.Line {
	l.Total.Amount = l.Total.Amount.Add(more.Total.Amount)
	l.Discounts, l.Taxes = slices.Clone(l.Discounts), slices.Clone(l.Taxes)
	for _, d := range more.Discounts {
		if at := slices.IndexFunc(l.Discounts, func(x commerce.Discount) bool { return x.Title == d.Title }); at >= 0 {
			l.Discounts[at].Amount.Amount = l.Discounts[at].Amount.Amount.Add(d.Amount.Amount)
			continue
		}
		l.Discounts = append(l.Discounts, d)
	}
	for _, t := range more.Taxes {
		at := slices.IndexFunc(l.Taxes, func(x commerce.Tax) bool { return x.Title == t.Title && x.Rate.Equal(t.Rate) })
		if at >= 0 {
			l.Taxes[at].Amount.Amount = l.Taxes[at].Amount.Amount.Add(t.Amount.Amount)
			continue
		}
		l.Taxes = append(l.Taxes, t)
	}
	return l
}

// free is a part whose price stands on its bundle: nothing but the goods.
func free(l commerce.Line) commerce.Line {
	l.UnitPrice.Amount, l.Total.Amount, l.Discounts = decimal.Zero, decimal.Zero, nil
	l.Taxes = slices.Clone(l.Taxes)
	for i := range l.Taxes {
		l.Taxes[i].Amount.Amount = decimal.Zero
	}
	return l
}

// exploded are a bundle's parts, each with its share of what the bundle itself
// costs: by the parts' list prices, where they have any, else by their quantities.
func exploded(o *commerce.Order, b *bundle) []commerce.Line {
	parts := make([]commerce.Line, len(b.parts))
	byPrice, byCount := make([]decimal.Decimal, len(b.parts)), make([]decimal.Decimal, len(b.parts))
	var sum decimal.Decimal
	for i, at := range b.parts {
		parts[i] = o.Lines[at]
		byCount[i] = parts[i].Quantity
		byPrice[i] = decimal.Max(decimal.Zero, parts[i].UnitPrice.Amount.Mul(parts[i].Quantity))
		sum = sum.Add(byPrice[i])
	}
	weights := byPrice
	if sum.IsZero() {
		weights = byCount
	}
	for _, own := range b.priced(o) {
		if own.Total.IsZero() && len(own.Discounts) == 0 && len(own.Taxes) == 0 {
			continue
		}
		for i, share := range shares(own, weights, commerce.Digits(o.Currency)) {
			parts[i] = charged(parts[i], share)
			parts[i].UnitPrice.Amount = listed(parts[i]).DivRound(parts[i].Quantity, 8)
		}
	}
	return parts
}

// shares divides a line's total, discounts and taxes, each to the last cent.
func shares(l commerce.Line, weights []decimal.Decimal, digits int32) []commerce.Line {
	out := make([]commerce.Line, len(weights))
	for i, part := range spread(l.Total.Amount, weights, digits) {
		out[i].Total = commerce.Money{Amount: part, Currency: l.Total.Currency}
	}
	for _, d := range l.Discounts {
		for i, part := range spread(d.Amount.Amount, weights, digits) {
			d.Amount.Amount = part
			out[i].Discounts = append(out[i].Discounts, d)
		}
	}
	for _, t := range l.Taxes {
		for i, part := range spread(t.Amount.Amount, weights, digits) {
			t.Amount.Amount = part
			out[i].Taxes = append(out[i].Taxes, t)
		}
	}
	return out
}

// spread divides a sum by weights, of which one at least is positive, and leaves
// nothing over: every part is rounded down and what is left goes, a smallest
// amount each, to those that lost most by it.
func spread(sum decimal.Decimal, weights []decimal.Decimal, digits int32) []decimal.Decimal {
	if sum.IsNegative() {
		parts := spread(sum.Neg(), weights, digits)
		for i := range parts {
			parts[i] = parts[i].Neg()
		}
		return parts
	}
	all := decimal.Sum(decimal.Zero, weights...)
	parts, lost := make([]decimal.Decimal, len(weights)), make([]decimal.Decimal, len(weights))
	order, left := make([]int, len(weights)), sum
	for i, w := range weights {
		exact := sum.Mul(w).DivRound(all, 16)
		parts[i] = exact.RoundFloor(digits)
		lost[i], order[i], left = exact.Sub(parts[i]), i, left.Sub(parts[i])
	}
	slices.SortStableFunc(order, func(a, b int) int { return lost[b].Cmp(lost[a]) })
	for n := 0; left.IsPositive(); n++ {
		one := decimal.Min(left, decimal.New(1, -digits))
		i := order[n%len(order)]
		parts[i], left = parts[i].Add(one), left.Sub(one)
	}
	return parts
}
