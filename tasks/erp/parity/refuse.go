package parity

import "github.com/shopspring/decimal"

// Bounds of what is tried at all.
const (
	maxExponent  = 15   // of a number, and the digits before its point
	minExponent  = -40  // of a number
	maxLeaves    = 32   // taxes of a line
	wideResidual = 100  // units that a larger bound may ask for
	maxRefined   = 1000 // lines of an order that is tried again with more decimals
)

// refuses gives the error for numbers that are out of range.
func (a Arithmetic) refuses(o Order, opt Options) *NoSolution {
	bad := &NoSolution{Reason: OutOfRange}
	if !sane(a.Unit, a.CompanyUnit, opt.MaxResidual, o.Total) || min(a.Price, a.Discount, a.Quantity) < 0 || max(a.Price, a.Discount, a.Quantity) > 9 {
		return bad
	}
	for _, t := range o.Taxes {
		if !sane(t) {
			return bad
		}
	}
	for _, l := range o.Lines {
		if !sane(l.Quantity, l.List, l.Total) || len(l.Taxes) > maxLeaves {
			return bad
		}
		for _, t := range l.Taxes {
			if !sane(t.Rate, t.Amount) || !t.Tax.sane(0) {
				return bad
			}
		}
		if !l.Quantity.Equal(l.Quantity.Round(a.Quantity)) {
			return &NoSolution{Reason: NeedsQuantity}
		}
	}
	return nil
}

func sane(numbers ...decimal.Decimal) bool {
	for _, n := range numbers {
		if n.Exponent() < minExponent || n.Exponent() > maxExponent || n.Coefficient().BitLen() > 200 ||
			n.NumDigits()+int(n.Exponent()) > maxExponent {
			return false
		}
	}
	return true
}

// sane reports whether a tax is one that Odoo would take: its rate leaves a base.
func (t Tax) sane(depth int) bool {
	limit := decimal.NewFromInt(1000)
	if t.Kind == Division {
		limit = hundred
	}
	if !sane(t.Amount) || !sane(t.Shares...) || len(t.Shares) > maxLeaves || len(t.Children) > maxLeaves || depth > 2 {
		return false
	}
	if t.Kind != Fixed && t.Kind != Group && !t.Amount.Abs().LessThan(limit) || t.Kind == Percent && !t.Amount.GreaterThan(hundred.Neg()) {
		return false
	}
	for _, c := range t.Children {
		if !c.sane(depth + 1) {
			return false
		}
	}
	return true
}

// noSolution tells what the lines lack and which remedy would do.
func (s *solver) noSolution() *NoSolution {
	e := &NoSolution{Reason: Unreachable, Closest: s.totals(&s.sums), Taxes: map[int64]decimal.Decimal{}}
	e.Total = s.total.Sub(e.Closest.Total)
	for _, c := range s.checks {
		if lacks := c.want.Sub(e.Closest.ByTax[c.id]); !lacks.IsZero() {
			e.Taxes[c.id] = lacks
		}
	}
	if s.short > 0 && s.refined() {
		e.Reason = NeedsPrice
		return e
	}
	bound := s.bound(s.opt.MaxResidual)
	wide := max(bound, wideResidual)
	for _, try := range []struct {
		reason Reason
		taxed  bool
		bound  int64
	}{{NeedsAdjustment, true, bound}, {NeedsResidual, s.opt.Adjust, wide}, {NeedsBoth, true, wide}} {
		if found, ok := s.adjusted(try.taxed, try.bound); ok {
			e.Reason = try.reason
			if found.Residual != nil {
				e.Residual = found.Residual.exact().Abs()
			}
			return e
		}
	}
	if s.short == 0 && s.refined() {
		e.Reason = NeedsPrice
	}
	return e
}

// refined reports whether more decimals in prices would do.
func (s *solver) refined() bool {
	fine := max(6, s.Price)
	if s.Price == fine || len(s.order.Lines) > maxRefined {
		return false
	}
	a := s.Arithmetic
	a.Price = fine
	again := newSolver(a, s.order, s.opt)
	again.place()
	if !again.equal() {
		again.reform()
	}
	if again.equal() {
		_, ok := again.solution(plan{})
		return ok
	}
	_, ok := again.adjusted(s.opt.Adjust, s.bound(s.opt.MaxResidual))
	return ok
}
