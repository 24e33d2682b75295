package parity_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// cell is one way for a shop and an Odoo to differ.
type cell struct {
	version        int
	shopIncluded   bool
	odooIncluded   bool
	shopRoundsLine bool
	global         bool
}

func (c cell) String() string {
	word := func(b bool, yes, no string) string {
		if b {
			return yes
		}
		return no
	}
	return fmt.Sprintf("%d %s->%s shop:%s odoo:%s", c.version, word(c.shopIncluded, "incl", "excl"), word(c.odooIncluded, "incl", "excl"),
		word(c.shopRoundsLine, "line", "total"), word(c.global, "global", "line"))
}

func allCells() []cell {
	var all []cell
	for _, version := range []int{17, 19} {
		for i := range 16 {
			all = append(all, cell{version, i&1 > 0, i&2 > 0, i&4 > 0, i&8 > 0})
		}
	}
	return all
}

// shop makes orders as shops compute them.
type shop struct {
	*rand.Rand
	cell
	unit decimal.Decimal
	most int64 // the largest line total in hundredths
}

var rates = []string{"25.5", "21", "19", "14", "7", "5.5"}

func (c cell) tax(rate string) parity.Tax {
	for i, r := range rates {
		if r == rate {
			id := int64(10 + i)
			if c.odooIncluded {
				id += 10
			}
			return parity.Tax{ID: id, Kind: parity.Percent, Amount: dec(rate), Included: c.odooIncluded, Affected: true, Sequence: int(id)}
		}
	}
	panic(rate)
}

func (s shop) arithmetic() parity.Arithmetic {
	return parity.Arithmetic{Version: s.version, Global: s.global, Unit: s.unit, CompanyUnit: s.unit, Price: 2, Discount: 2, Quantity: 2}
}

func roundTo(x, unit decimal.Decimal) decimal.Decimal { return x.DivRound(unit, 0).Mul(unit) }

func (s shop) round(x decimal.Decimal) decimal.Decimal { return roundTo(x, s.unit) }

// order has one to five lines with discounts by allocation, in percent, and by
// bundle price ("3 for 10.00").
func (s shop) order() parity.Order { return s.orderOf(1 + s.IntN(5)) }

func (s shop) orderOf(lines int) parity.Order {
	o := parity.Order{Included: s.shopIncluded, Taxes: map[int64]decimal.Decimal{}}
	bases := map[string]decimal.Decimal{}
	var exact []string
	sum := decimal.Zero
	pool := 1 + s.IntN(len(rates)) // most orders have few rates
	for range lines {
		rate := rates[s.IntN(pool)]
		l := s.line()
		tax := s.tax(rate)
		r := dec(rate).Shift(-2)
		amount := l.Total.Mul(r)
		if s.shopIncluded {
			amount = l.Total.Mul(r).DivRound(r.Add(decimal.NewFromInt(1)), 20)
		}
		if s.shopRoundsLine {
			amount = s.round(amount)
		} else if amount.Exponent() < -8 {
			amount = amount.Round(8)
		}
		l.Taxes = []parity.Levy{{Tax: tax, Rate: dec(rate), Amount: amount}}
		o.Lines = append(o.Lines, l)
		sum = sum.Add(l.Total)
		if s.shopRoundsLine {
			o.Taxes[tax.ID] = o.Taxes[tax.ID].Add(amount)
		} else {
			if _, known := bases[rate]; !known {
				exact = append(exact, rate)
			}
			bases[rate] = bases[rate].Add(l.Total)
		}
	}
	for _, rate := range exact {
		r := dec(rate).Shift(-2)
		amount := bases[rate].Mul(r)
		if s.shopIncluded {
			amount = amount.DivRound(r.Add(decimal.NewFromInt(1)), 20)
		}
		o.Taxes[s.tax(rate).ID] = s.round(amount)
	}
	o.Total = sum
	if !s.shopIncluded {
		for _, t := range o.Taxes {
			o.Total = o.Total.Add(t)
		}
	}
	return o
}

func (s shop) line() parity.Line {
	l := parity.Line{Quantity: decimal.NewFromInt(1 + s.Int64N(6))}
	if s.IntN(2) == 0 {
		l.Quantity = decimal.NewFromInt(1)
	}
	cents := 1 + s.Int64N(s.most)
	if s.IntN(3) > 0 {
		cents = 1 + s.Int64N(min(s.most, 10_000))
	}
	full := s.round(decimal.New(cents, -2))
	if full.IsZero() {
		full = s.unit
	}
	l.List = s.round(full.Div(l.Quantity))
	if l.List.IsZero() {
		l.List = s.unit
	}
	l.Total = l.List.Mul(l.Quantity)
	switch s.IntN(5) {
	case 0: // a share of an order discount
		off := s.round(l.Total.Mul(decimal.New(s.Int64N(4000), -4)))
		l.Total, l.Discounted = l.Total.Sub(off), off.IsPositive()
	case 1: // percent
		off := s.round(l.Total.Mul(decimal.New([]int64{5, 10, 15, 20, 25, 33, 50}[s.IntN(7)], -2)))
		l.Total, l.Discounted = l.Total.Sub(off), off.IsPositive()
	case 2: // three for ten
		l.Quantity = decimal.NewFromInt(3)
		l.Total = s.round(l.List.Mul(decimal.New(25, -1)))
		l.Discounted = true
	}
	return l
}
