package parity

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Predict is what Odoo makes of an order with these rows. It takes the numbers for
// such as an order has; Solve looks at them first.
func (a Arithmetic) Predict(rows []Row) Totals {
	b := newBook(a)
	var s sums
	for _, r := range rows {
		s.add(b.part(b.set(r.Taxes), b.stored(r)))
	}
	return b.totals(&s)
}

// Line is what Odoo says of one row alone: Untaxed is its price_subtotal, OrderTax
// its price_tax, and both together are its price_total. Where 19 rounds globally the
// lines do not add up to the order.
func (a Arithmetic) Line(r Row) Totals {
	b := newBook(a)
	var s sums
	s.add(b.part(b.set(r.Taxes), b.stored(r)))
	s.excluded++ // the rule for orders without excluded taxes is none for lines
	return b.totals(&s)
}

// sums are the parts of an order's rows. Parts are added and taken out at will.
type sums struct {
	base      decimal.Decimal
	taxes     []decimal.Decimal // by key
	excluded  int               // parts that carry an excluded tax
	uncertain int
}

func (s *sums) add(p part) {
	s.base = s.base.Add(p.base)
	for _, t := range p.taxes {
		for len(s.taxes) <= t.key {
			s.taxes = append(s.taxes, decimal.Zero)
		}
		s.taxes[t.key] = s.taxes[t.key].Add(t.amount)
	}
	s.count(p, 1)
}

func (s *sums) remove(p part) {
	s.base = s.base.Sub(p.base)
	for _, t := range p.taxes {
		s.taxes[t.key] = s.taxes[t.key].Sub(t.amount)
	}
	s.count(p, -1)
}

func (s *sums) count(p part, n int) {
	if p.excluded {
		s.excluded += n
	}
	if p.uncertain {
		s.uncertain += n
	}
}

func (s *sums) clone() sums {
	c := *s
	c.taxes = slices.Clone(s.taxes)
	return c
}

// tax is what Odoo makes of the sum under a key.
func (b *book) tax(s *sums, key int) decimal.Decimal {
	if key >= len(s.taxes) {
		return decimal.Zero
	}
	return b.money.round(s.taxes[key])
}

// untaxed is the order's untaxed amount. 19 that rounds globally derives it from
// the gross when no tax of the order is excluded.
func (b *book) untaxed(s *sums) decimal.Decimal {
	if !b.raw() || s.excluded > 0 {
		return b.money.round(s.base)
	}
	gross, taxes := s.base, decimal.Zero
	for k, t := range s.taxes {
		gross, taxes = gross.Add(t), taxes.Add(b.tax(s, k))
	}
	return b.money.round(gross).Sub(taxes)
}

func (b *book) totals(s *sums) Totals {
	t := Totals{Untaxed: b.untaxed(s), ByTax: make(map[int64]decimal.Decimal, len(b.taxes)), Uncertain: s.uncertain > 0}
	for k, id := range b.taxes {
		amount := b.tax(s, k)
		t.ByTax[id] = t.ByTax[id].Add(amount)
		t.Tax = t.Tax.Add(amount)
		if b.modern() || !b.Global || k >= len(s.taxes) {
			t.OrderTax = t.OrderTax.Add(amount)
		} else {
			t.OrderTax = t.OrderTax.Add(b.money.round(b.company.round(s.taxes[k])))
		}
	}
	for id, children := range b.groups {
		var sum decimal.Decimal
		for _, c := range children {
			sum = sum.Add(t.ByTax[c])
		}
		t.ByTax[id] = sum
	}
	t.Total = t.Untaxed.Add(t.Tax)
	return t
}
