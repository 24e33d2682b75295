package parity

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Where 19 rounds globally a row's amount is not rounded at all: a price and a
// discount may come to a little more or less than the line's total, and the sum of
// such littles moves the tax.

// leanSteps is how many prices are tried for one line, maxLeaning how many lines.
const (
	leanSteps  = 60
	maxLeaning = 50
)

var (
	most  = decimal.New(45, -2) // of a unit that a row leans to a side
	about = decimal.New(5, -2)
)

// leaning is a row that rounds to the line's total and comes to nearly half a unit
// more, or less where sign is negative.
func (s *solver) leaning(p *placed, sign int64) (Row, bool) {
	t, q := p.total.Abs(), p.quantity.Abs()
	if q.IsZero() || t.LessThan(s.money.unit) {
		return Row{}, false
	}
	goal := t.Add(most.Mul(s.money.unit).Mul(decimal.NewFromInt(sign * int64(p.total.Sign()))))
	near := about.Mul(s.money.unit)
	price := decimal.Max(p.list.Abs().Round(s.Price), goal.DivRound(q, s.Price))
	for range leanSteps {
		r := Row{Quantity: q, Price: price, Discount: s.percent(q, price, goal)}
		if !r.Discount.IsNegative() && r.exact().Sub(goal).Abs().LessThanOrEqual(near) && s.hits(r, t) {
			r.Quantity = p.quantity
			if p.total.Sign() != p.quantity.Sign() {
				r.Price = r.Price.Neg()
			}
			return r, true
		}
		price = price.Add(decimal.New(1, -s.Price))
	}
	return Row{}, false
}

// lean makes lines lean to the side of the taxes that are off, and others against
// them so that the untaxed sum stays, until the order is equal.
func (s *solver) lean() bool {
	g := s.gap(&s.sums)
	tried := maxLeaning
	var still []*placed
	for _, p := range s.lines {
		sign := int64(0)
		for _, check := range s.checksOf(p.set) {
			if off := g.taxes[check]; off != 0 {
				sign = off / abs(off)
			}
		}
		if sign == 0 {
			still = append(still, p)
			continue
		}
		if s.leanOne(p, sign, &tried) {
			return true
		}
	}
	for _, p := range still {
		now := s.gap(&s.sums)
		if now.untaxed == 0 || slices.ContainsFunc(now.taxes, func(n int64) bool { return n != 0 }) {
			return false
		}
		if s.leanOne(p, now.untaxed/abs(now.untaxed), &tried) {
			return true
		}
	}
	return false
}

// leanOne makes one line lean unless that leads away, and reports whether the order
// is equal now.
func (s *solver) leanOne(p *placed, sign int64, tried *int) bool {
	if *tried--; *tried < 0 || p.short || len(p.rows) != 1 {
		return false
	}
	r, ok := s.leaning(p, sign)
	if !ok || s.tried(p, []Row{r}) > s.gap(&s.sums).size()+1 {
		return false
	}
	s.put(p, []Row{r}, Pair)
	return s.equal()
}
