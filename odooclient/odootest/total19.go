package odootest

import "github.com/shopspring/decimal"

// row19 is what one tax comes to on a whole order of 19.
type row19 struct {
	tax       *taxDef
	reverse   bool
	first     bool // it is the first tax of its group on a line, and gives the group its base
	base, sum decimal.Decimal
}

// summed19 is what lines come to in 19.
type summed19 struct {
	untaxed, tax decimal.Decimal
	rows         []row19
}

// sum19 sums lines up as 19 does. Each tax is rounded once; the untaxed sum is
// what the taxes leave of the rounded total, unless a tax that is not in the
// price is among them. The base of a tax follows its own kind.
func sum19(lines []taxed, unit decimal.Decimal) summed19 {
	var out summed19
	var base, taxes decimal.Decimal
	excluded := false
	for _, l := range lines {
		base, excluded = base.Add(l.base), excluded || l.excluded
		for n, s := range l.shares {
			r := out.row(s)
			r.base, r.sum = r.base.Add(s.base), r.sum.Add(s.amount)
			r.first = r.first || leads(l.shares[:n], s)
			taxes = taxes.Add(s.amount)
		}
	}
	for i := range out.rows {
		r := &out.rows[i]
		raw := r.sum
		r.sum = roundTo(raw, unit)
		if r.tax.included && !r.tax.reversed() {
			r.base = roundTo(r.base.Add(raw), unit).Sub(r.sum)
		} else {
			r.base = roundTo(r.base, unit)
		}
		out.tax = out.tax.Add(r.sum)
	}
	if out.untaxed = roundTo(base, unit); !excluded {
		out.untaxed = roundTo(base.Add(taxes), unit).Sub(out.tax)
	}
	return out
}

// leads says whether no share before is of the same group of taxes.
func leads(before []share, s share) bool {
	for _, b := range before {
		if b.tax.totals == s.tax.totals {
			return false
		}
	}
	return true
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
