package parity

import (
	"slices"

	"github.com/shopspring/decimal"
)

// Bounds of the search among the forms of lines.
const (
	maxForms    = 6     // parts of a quantity that are tried
	maxTrials   = 4_000 // of an order, and four more for each line
	worthSplits = 4     // units that an order must come nearer
)

// reform looks for other forms of the lines, with the same totals, that make the
// order equal. When there are none the lines stay as they were, unless the forms
// bring a large order much nearer.
func (s *solver) reform() {
	was := s.saved()
	start := s.gap(&s.sums).size()
	if s.raw() {
		if s.settle() {
			return
		}
		if s.gap(&s.sums).size() < start {
			was = s.saved()
		} else {
			s.restore(was)
		}
	}
	start = s.gap(&s.sums).size()
	if s.descend() {
		return
	}
	if start-s.gap(&s.sums).size() < worthSplits {
		s.restore(was)
	}
	if s.raw() {
		was = s.saved()
		if !s.lean() {
			s.restore(was)
		}
	}
}

// saved is the lines as they are, restore puts them back.
func (s *solver) saved() []placed {
	was := make([]placed, len(s.lines))
	for i, p := range s.lines {
		was[i] = *p
	}
	return was
}

func (s *solver) restore(was []placed) {
	for i, p := range s.lines {
		if old := was[i].rows; len(p.rows) != len(old) || &p.rows[0] != &old[0] {
			s.put(p, old, was[i].form)
		}
	}
}

// settle gives lines that are not exact before rounding a form that is, those that
// are off most first, until the order is equal.
func (s *solver) settle() bool {
	var off []*placed
	for _, p := range s.lines {
		if len(p.rows) == 1 && !p.rows[0].Discount.IsZero() && !p.rows[0].exact().Equal(p.total) {
			off = append(off, p)
		}
	}
	slices.SortStableFunc(off, func(x, y *placed) int {
		return y.rows[0].exact().Sub(y.total).Abs().Cmp(x.rows[0].exact().Sub(x.total).Abs())
	})
	for _, p := range off {
		rows, form := s.exactly(p)
		if rows == nil {
			continue
		}
		s.put(p, rows, form)
		if s.equal() {
			return true
		}
	}
	return false
}

// exactly finds rows without a discount for a line's total.
func (s *solver) exactly(p *placed) ([]Row, Form) {
	if p.quantity.IsZero() {
		return nil, ""
	}
	net := Row{Quantity: p.quantity, Price: p.total.DivRound(p.quantity, s.Price)}
	if net.exact().Equal(p.total) && p.allows([]Row{net}) {
		return []Row{net}, Net
	}
	for rows := range s.splits(p) {
		if p.allows(rows) {
			return rows, Split
		}
	}
	return nil, ""
}

// descend changes one line after the other to a form that brings the order nearer.
func (s *solver) descend() bool {
	now, trials := s.gap(&s.sums).size(), maxTrials+4*len(s.lines)
	for improved := true; improved; {
		improved = false
		for _, p := range s.lines {
			best := now
			for rows := range s.others(p) {
				if !p.allows(rows) {
					continue
				}
				if trials--; trials < 0 {
					return false
				}
				if size := s.tried(p, rows); size < best {
					s.put(p, rows, named(rows))
					best, improved = size, true
					break
				}
			}
			if now = best; now == 0 {
				return true
			}
		}
	}
	return false
}

func named(rows []Row) Form {
	if len(rows) > 1 {
		return Split
	}
	return Net
}

// tried is how far off the order is with other rows for a line.
func (s *solver) tried(p *placed, rows []Row) int64 {
	parts := s.partsOf(p.set, rows)
	for i := range parts {
		s.sums.add(parts[i])
	}
	for i := range p.parts {
		s.sums.remove(p.parts[i])
	}
	size := s.gap(&s.sums).size()
	for i := range p.parts {
		s.sums.add(p.parts[i])
	}
	for i := range parts {
		s.sums.remove(parts[i])
	}
	return size
}

// others are more rows for the total of a line: the net price, its row in two parts,
// and two rows at other prices.
func (s *solver) others(p *placed) func(yield func([]Row) bool) {
	return func(yield func([]Row) bool) {
		if p.short || p.total.IsZero() || p.quantity.IsZero() || len(p.set.leaves) == 0 && !s.raw() {
			return
		}
		if len(p.rows) == 1 && !p.rows[0].Discount.IsZero() {
			net := Row{Quantity: p.quantity, Price: p.total.DivRound(p.quantity, s.Price)}
			if s.hits(net, p.total) && !yield([]Row{net}) {
				return
			}
		}
		if !p.quantity.IsInteger() || !p.quantity.Abs().GreaterThan(one) {
			return
		}
		if len(p.rows) == 1 {
			for k := range s.pieces(p.quantity) {
				a, b := p.rows[0], p.rows[0]
				a.Quantity, b.Quantity = a.Quantity.Sub(k), k
				if x := s.money.round(b.exact()); s.hits(b, x) && s.hits(a, p.total.Sub(x)) && !yield([]Row{a, b}) {
					return
				}
			}
		}
		for rows := range s.splits(p) {
			if !yield(rows) {
				return
			}
		}
	}
}

// pieces are the parts of a quantity that are tried.
func (s *solver) pieces(q decimal.Decimal) func(yield func(decimal.Decimal) bool) {
	return func(yield func(decimal.Decimal) bool) {
		sign := decimal.NewFromInt(int64(q.Sign()))
		k := sign
		for range maxForms {
			if !k.Abs().LessThan(q.Abs()) || !yield(k) {
				return
			}
			k = k.Add(sign)
		}
	}
}

// splits are two rows without a discount, at prices next to the line's own.
func (s *solver) splits(p *placed) func(yield func([]Row) bool) {
	return func(yield func([]Row) bool) {
		if !p.quantity.IsInteger() || !p.quantity.Abs().GreaterThan(one) {
			return
		}
		step := s.step()
		low := p.total.Div(p.quantity).Div(step).Floor().Mul(step)
		// The usual split first: as many at the price above as are needed.
		if up := p.total.Sub(low.Mul(p.quantity)).Div(step); up.IsInteger() && !up.IsZero() && up.Abs().LessThan(p.quantity.Abs()) {
			if !yield([]Row{{Quantity: p.quantity.Sub(up), Price: low}, {Quantity: up, Price: low.Add(step)}}) {
				return
			}
		}
		for k := range s.pieces(p.quantity) {
			for _, j := range []int64{0, 1, -1, 2, -2} {
				b := Row{Quantity: k, Price: low.Add(step.Mul(decimal.NewFromInt(j)))}
				a := Row{Quantity: p.quantity.Sub(k)}
				a.Price = p.total.Sub(b.exact()).DivRound(a.Quantity, s.Price)
				if a.Price.Sign()*p.quantity.Sign() == p.total.Sign() && a.exact().Add(b.exact()).Equal(p.total) && s.money.multiple(a.exact()) &&
					b.Price.Sign() == a.Price.Sign() && !yield([]Row{a, b}) {
					return
				}
			}
		}
	}
}
