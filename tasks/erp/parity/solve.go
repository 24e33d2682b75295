package parity

import (
	"slices"

	"github.com/shopspring/decimal"
)

// solver is the work on one order.
type solver struct {
	forms
	order   Order
	opt     Options
	total   decimal.Decimal // wanted
	untaxed decimal.Decimal // wanted
	checks  []check
	checkOf map[int64][]int // by tax that is not a group
	lines   []*placed
	short   int // lines that Odoo's decimals cannot express
	sums    sums
	left    int // rows that the search for adjustments may compute yet
}

// check is a tax that must come to an amount.
type check struct {
	id       int64
	want     decimal.Decimal
	included bool
}

// Solve finds rows that are equal to the order in total and in every tax. It tries
// forms of the lines first, then taxed adjustment rows, then those with an untaxed
// rounding row; of two ways the one with fewer and smaller extra rows. Its error is
// a *NoSolution.
func (a Arithmetic) Solve(o Order, opt Options) (Solution, error) {
	if e := a.refuses(o, opt); e != nil {
		return Solution{}, e
	}
	s := newSolver(a, o, opt)
	s.place()
	if !s.equal() {
		s.reform()
	}
	if s.equal() {
		if found, ok := s.solution(plan{}); ok {
			return found, nil
		}
	}
	s.steps = maxSteps
	if found, ok := s.adjusted(opt.Adjust, s.bound(opt.MaxResidual)); ok {
		return found, nil
	}
	if s.raw() { // lines that are exact may need a smaller residual
		was := s.saved()
		if s.settle() {
			if found, ok := s.solution(plan{}); ok {
				return found, nil
			}
		}
		if found, ok := s.adjusted(opt.Adjust, s.bound(opt.MaxResidual)); ok {
			return found, nil
		}
		s.restore(was)
	}
	return Solution{}, s.noSolution()
}

func newSolver(a Arithmetic, o Order, opt Options) *solver {
	return &solver{forms: forms{newBook(a), maxSteps}, order: o, opt: opt, checkOf: map[int64][]int{}}
}

// bound is the largest whole number of units within an amount.
func (s *solver) bound(x decimal.Decimal) int64 {
	return max(0, x.Div(s.money.unit).Floor().IntPart())
}

// target lists what must agree: the total, and every tax that a line carries or the
// order names.
func (s *solver) target() {
	s.total = s.money.round(tidy(s.order.Total))
	seen := map[int64]bool{}
	for _, set := range s.sets {
		for _, t := range set.taxes {
			s.check(t, seen)
		}
	}
	for _, id := range sortedKeys(s.order.Taxes) {
		if !seen[id] {
			s.checks = append(s.checks, check{id: id, want: s.want(id)})
			s.checkOf[id] = append(s.checkOf[id], len(s.checks)-1)
		}
	}
	inGroup := map[int64]bool{} // named beside its group: in the group's target already
	for _, c := range s.checks {
		for _, child := range s.groups[c.id] {
			inGroup[child] = true
		}
	}
	s.untaxed = s.total
	for _, c := range s.checks {
		if !inGroup[c.id] {
			s.untaxed = s.untaxed.Sub(c.want)
		}
	}
}

func (s *solver) check(t Tax, seen map[int64]bool) {
	_, named := s.order.Taxes[t.ID]
	if t.Kind == Group && !named {
		for _, c := range t.Children {
			s.check(c, seen)
		}
		return
	}
	if seen[t.ID] {
		return
	}
	seen[t.ID] = true
	n := len(s.checks)
	s.checks = append(s.checks, check{t.ID, s.want(t.ID), inPrice(t)})
	if t.Kind != Group {
		s.checkOf[t.ID] = append(s.checkOf[t.ID], n)
	}
	for _, id := range s.groups[t.ID] {
		s.checkOf[id] = append(s.checkOf[id], n)
	}
}

func (s *solver) want(id int64) decimal.Decimal { return s.money.round(tidy(s.order.Taxes[id])) }

func sortedKeys[V any](m map[int64]V) []int64 {
	keys := make([]int64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// gap is what the sums lack, in units.
type gap struct {
	untaxed int64
	taxes   []int64 // by check
}

func (s *solver) gap(of *sums) gap {
	g := gap{s.money.units(s.untaxed.Sub(s.book.untaxed(of))), make([]int64, len(s.checks))}
	for i, c := range s.checks {
		g.taxes[i] = s.money.units(c.want)
	}
	for k := range of.taxes {
		got := s.money.units(s.tax(of, k))
		for _, c := range s.checkOf[s.taxes[k]] {
			g.taxes[c] -= got
		}
	}
	return g
}

// size is how far the sums are off, all differences added.
func (g gap) size() int64 {
	n := abs(g.untaxed)
	for _, t := range g.taxes {
		n += abs(t)
	}
	return n
}

func abs(n int64) int64 { return max(n, -n) }

func (s *solver) equal() bool { return s.gap(&s.sums).size() == 0 }

// solution is the lines with a plan, seen through Predict once more.
func (s *solver) solution(p plan) (Solution, bool) {
	out := Solution{Lines: make([]Placed, len(s.lines))}
	for i, l := range s.lines {
		rows := slices.Clone(l.rows)
		for n := range rows {
			rows[n].Taxes = l.set.taxes
		}
		out.Lines[i] = Placed{l.form, rows}
	}
	for _, t := range p.takes {
		l := s.lines[t.line]
		rows, form := s.represent(l.quantity, l.list, false, s.money.amount(t.amount))
		if !l.allows(rows) {
			return Solution{}, false
		}
		for n := range rows {
			rows[n].Taxes = l.set.taxes
		}
		out.Lines[t.line] = Placed{form, rows}
	}
	for _, a := range p.rows {
		r, ok := s.extra(a.amount)
		if !ok {
			return Solution{}, false
		}
		r.Taxes = a.set.taxes
		out.Adjustments = append(out.Adjustments, r)
	}
	if p.rest != 0 {
		r, ok := s.extra(p.rest)
		if !ok {
			return Solution{}, false
		}
		out.Residual = &r
	}
	out.Totals = s.Predict(out.Rows())
	return out, s.agrees(out.Totals)
}

func (s *solver) agrees(t Totals) bool {
	if !t.Total.Equal(s.total) || !t.Untaxed.Equal(s.untaxed) || t.Uncertain {
		return false
	}
	for _, c := range s.checks {
		if !t.ByTax[c.id].Equal(c.want) {
			return false
		}
	}
	return true
}

// extra is an extra row of n units.
func (s *solver) extra(n int64) (Row, bool) {
	x := s.money.amount(n)
	rows, _ := s.represent(one, x, false, x)
	if len(rows) != 1 {
		return Row{}, false
	}
	return rows[0], true
}
