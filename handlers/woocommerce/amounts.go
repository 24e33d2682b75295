package woocommerce

import (
	"slices"

	"github.com/shopspring/decimal"
)

// rate is one tax rate of an order.
type rate struct {
	id       ident
	title    string
	percent  decimal.Decimal
	compound bool // on top of the other taxes
}

// levy is the tax of one rate on a line.
type levy struct {
	rate
	amount decimal.Decimal
}

// sum is what a line comes to: net, and its taxes, as exact as the shop tells.
type sum struct {
	net    decimal.Decimal
	levies []levy
}

func (s sum) tax() decimal.Decimal {
	all := decimal.Zero
	for _, l := range s.levies {
		all = all.Add(l.amount)
	}
	return all
}

func (s sum) negated() sum {
	s.net, s.levies = s.net.Neg(), slices.Clone(s.levies)
	for i := range s.levies {
		s.levies[i].amount = s.levies[i].amount.Neg()
	}
	return s
}

// exactDigits is how exact an unrounded amount is: floats spoil what comes after, and
// the shop itself keeps no more of a tax.
const exactDigits = 6

// exact is the net amount that the shop reckons with, where it is known: the API
// rounds it, and net and unrounded tax together can then miss the gross price by a
// cent (9.99 with 20 % is told as 8.33 and 1.665, and not as 8.325). priced is price ×
// quantity, zero where the line has no price.
func exact(told, priced decimal.Decimal, levies []levy) decimal.Decimal {
	half := decimal.New(5, told.Exponent()-1).Add(decimal.New(1, -exactDigits))
	fits := func(d decimal.Decimal) bool { return !d.IsZero() && d.Sub(told).Abs().LessThanOrEqual(half) }
	if p := priced.Round(exactDigits); fits(p) {
		return p
	}
	percent, tax := decimal.Zero, decimal.Zero
	for _, l := range levies {
		if l.compound {
			return told
		}
		percent, tax = percent.Add(l.percent), tax.Add(l.amount)
	}
	if tax.Exponent() < told.Exponent() && percent.IsPositive() { // the tax is not rounded
		if base := tax.Shift(2).DivRound(percent, exactDigits); fits(base) {
			return base
		}
	}
	return told
}

// held are the taxes that hold for an amount. Shops list a rate of another class
// with a tax of 0, and all of them for a buyer who pays none.
func held(net decimal.Decimal, levies []levy) []levy {
	if net.IsZero() {
		return levies
	}
	return slices.DeleteFunc(slices.Clone(levies), func(l levy) bool {
		due := net.Mul(l.percent).Shift(-2).Abs()
		return l.amount.IsZero() && due.GreaterThan(decimal.New(1, -2))
	})
}

// parts divides an amount of which each rate taxes a part of its own, as shipping in
// an order of 19 % and 7 % or a discount of such an order. Where every rate taxes the
// whole of it (federal and provincial tax), or nothing fits, it is one part.
func (s sum) parts() []sum {
	taxing := slices.DeleteFunc(slices.Clone(s.levies), func(l levy) bool { return l.amount.IsZero() || !l.percent.IsPositive() })
	if len(taxing) < 2 || slices.ContainsFunc(taxing, func(l levy) bool { return l.compound }) {
		return []sum{s}
	}
	bases, all, slack := make([]decimal.Decimal, len(taxing)), decimal.Zero, decimal.New(2, -2)
	whole := true
	for i, l := range taxing {
		bases[i] = l.amount.Shift(2).DivRound(l.percent, 12)
		all = all.Add(bases[i])
		slack = slack.Add(decimal.New(6, -1).DivRound(l.percent, 12)) // half a cent of tax
		whole = whole && l.amount.Sub(s.net.Mul(l.percent).Shift(-2)).Abs().LessThanOrEqual(decimal.New(11, -3))
	}
	rest := s.net.Sub(all)
	untaxed := slices.IndexFunc(s.levies, func(l levy) bool { return l.percent.IsZero() })
	switch {
	case whole || all.IsZero():
		return []sum{s}
	case rest.Abs().LessThanOrEqual(slack):
	case untaxed >= 0 && rest.Sign() == s.net.Sign():
		taxing, bases, all = append(taxing, s.levies[untaxed]), append(bases, rest), s.net
	default:
		return []sum{s}
	}
	out, left := make([]sum, len(taxing)), s.net
	for i, l := range taxing {
		base := s.net.Mul(bases[i]).DivRound(all, exactDigits)
		if i == len(taxing)-1 {
			base = left
		}
		out[i], left = sum{net: base, levies: []levy{l}}, left.Sub(base)
	}
	return out
}

// spread divides an amount by weights; the last that has one carries what rounding
// leaves over.
func spread(amount decimal.Decimal, weights []decimal.Decimal, digits int32) []decimal.Decimal {
	out, all, last := make([]decimal.Decimal, len(weights)), decimal.Zero, -1
	for i, w := range weights {
		if !w.IsZero() {
			all, last = all.Add(w), i
		}
	}
	if all.IsZero() || last < 0 {
		return out
	}
	left := amount
	for i, w := range weights {
		out[i] = amount.Mul(w).DivRound(all, 16).Round(digits)
		if i == last {
			out[i] = left
		}
		left = left.Sub(out[i])
	}
	return out
}
