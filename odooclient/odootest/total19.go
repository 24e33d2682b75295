package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// row19 is what one tax comes to on a whole order of 19. base is what it gives
// to its group of taxes: the bases of the lines where it is the group's first.
type row19 struct {
	tax       *taxDef
	reverse   bool
	shares    []led
	base, sum decimal.Decimal
}

// led is a share and whether it is the first of its group on its line.
type led struct {
	share
	first bool
}

// summed19 is what lines come to in 19.
type summed19 struct {
	untaxed, tax decimal.Decimal
	rows         []row19
}

// sum19 sums lines up as 19 does. Each tax is rounded once; the untaxed sum is
// what the taxes leave of the rounded total, unless a tax that is not in the
// price is among them.
func sum19(lines []taxed, unit decimal.Decimal) summed19 {
	var out summed19
	var base, taxes decimal.Decimal
	excluded := false
	for _, l := range lines {
		base, excluded = base.Add(l.base), excluded || l.excluded
		for n, s := range l.shares {
			r := out.row(s)
			r.shares = append(r.shares, led{s, leads(l.shares[:n], s)})
			taxes = taxes.Add(s.amount)
		}
	}
	for i := range out.rows {
		out.rows[i].round(unit)
		out.tax = out.tax.Add(out.rows[i].sum)
	}
	if out.untaxed = roundTo(base, unit); !excluded {
		out.untaxed = roundTo(base.Add(taxes), unit).Sub(out.tax)
	}
	return out
}

// leads says whether no share before is of the same group of taxes.
func leads(before []share, s share) bool {
	return !slices.ContainsFunc(before, func(b share) bool { return b.tax.totals == s.tax.totals })
}

// row finds or makes the row of a share.
func (o *summed19) row(s share) *row19 {
	for i := range o.rows {
		if r := &o.rows[i]; r.tax.id == s.tax.id && r.reverse == s.reverse {
			return r
		}
	}
	o.rows = append(o.rows, row19{tax: s.tax, reverse: s.reverse})
	return &o.rows[len(o.rows)-1]
}

// round fixes the row's tax and base. The base of a tax in the price is what the
// tax leaves of the rounded whole; what the lines' own rounding lost is spread
// over them.
func (r *row19) round(unit decimal.Decimal) {
	var base, tax, rounded decimal.Decimal
	bases, weights := make([]decimal.Decimal, len(r.shares)), make([]decimal.Decimal, len(r.shares))
	for i, s := range r.shares {
		base, tax = base.Add(s.base), tax.Add(s.amount)
		bases[i], weights[i] = roundTo(s.base, unit), s.base.Abs()
		rounded = rounded.Add(bases[i])
	}
	r.sum = roundTo(tax, unit)
	whole := roundTo(base, unit)
	if r.tax.included && !r.tax.reversed() {
		whole = roundTo(base.Add(tax), unit).Sub(r.sum)
	}
	spread(bases, weights, whole.Sub(rounded), unit)
	for i, s := range r.shares {
		if s.first {
			r.base = r.base.Add(bases[i])
		}
	}
}

// spread adds an amount to others, unit by unit, the heaviest first and each as
// much as its weight says.
func spread(amounts, weights []decimal.Decimal, amount, unit decimal.Decimal) {
	if amount.IsZero() {
		return
	}
	order, sum := make([]int, len(weights)), decimal.Zero
	for i, w := range weights {
		order[i], sum = i, sum.Add(w)
	}
	slices.SortStableFunc(order, func(a, b int) int { return weights[b].Cmp(weights[a]) })
	if amount.IsNegative() {
		unit = unit.Neg()
	}
	units := amount.DivRound(unit, 0)
	left := units
	for _, i := range order {
		part := one.DivRound(decimal.NewFromInt(int64(len(order))), divDigits)
		if !sum.IsZero() {
			part = weights[i].DivRound(sum, divDigits)
		}
		n := decimal.Min(part.Mul(units).RoundBank(0), left)
		left = left.Sub(n)
		amounts[i] = amounts[i].Add(n.Mul(unit))
	}
	for _, i := range order {
		if !left.IsPositive() {
			return
		}
		left = left.Sub(one)
		amounts[i] = amounts[i].Add(unit)
	}
}
