package parity

import "slices"

// Bounds of adjustments, in units.
const (
	maxShift  = 20     // of a base, at first
	wideShift = 60     // of a base, when that finds nothing
	farShift  = 600    // of a base, when a tax is off by more than a unit
	maxSims   = 8_000  // shifts of sets that share a tax
	maxPlans  = 60     // plans that are simulated
	maxWork   = 40_000 // rows that one search computes
)

// adjusted adds rows to the lines until the order is equal.
func (s *solver) adjusted(taxed bool, bound int64) (Solution, bool) {
	g := s.gap(&s.sums)
	s.left = maxWork
	for _, p := range s.plans(g, taxed, bound) {
		if p, ok := s.settled(p, bound); ok {
			if found, ok := s.solution(p); ok {
				return found, true
			}
		}
	}
	return Solution{}, false
}

// plans are the ways to close the gap, the best first.
func (s *solver) plans(g gap, taxed bool, bound int64) []plan {
	if abs(g.untaxed) > s.limit(bound) {
		return nil
	}
	if !slices.ContainsFunc(g.taxes, func(n int64) bool { return n != 0 }) && abs(g.untaxed) <= bound && !taxed {
		return []plan{{rest: g.untaxed}}
	}
	if !taxed {
		return nil
	}
	all := s.clusters()
	if !s.covered(g, all) {
		return nil
	}
	reaches := []int64{maxShift, wideShift}
	if slices.ContainsFunc(g.taxes, func(n int64) bool { return abs(n) > 1 }) {
		reaches = append(reaches, farShift)
	}
	for again := true; again; {
		for _, reach := range reaches {
			if found := s.ways(g, all, reach, bound); len(found) > 0 {
				return found
			}
		}
		again = false
		for _, c := range all {
			again = s.apart(c) || again
		}
	}
	return nil
}

// ways are the plans whose shifts are within reach.
func (s *solver) ways(g gap, all []*cluster, reach, bound int64) []plan {
	var loose, steady []*cluster
	for _, c := range all {
		if c.steady {
			steady = append(steady, c)
		} else {
			loose = append(loose, c)
		}
	}
	if len(loose) == 0 && reach > maxShift {
		return nil
	}
	found := s.combine(g, s.shifted(g, loose, reach), steady, bound)
	slices.SortStableFunc(found, better)
	return found[:min(len(found), maxPlans)]
}

// limit is how much the lines may lack at most: more is no rounding.
func (s *solver) limit(bound int64) int64 {
	return bound + 3 + min(int64(len(s.lines)/2), 20) + 10*int64(min(s.short, 20))
}

// covered reports whether every tax that is off is one of the lines, and few enough
// hang together.
func (s *solver) covered(g gap, all []*cluster) bool {
	for _, c := range all {
		if len(c.taxed) > maxChecks {
			return false
		}
	}
	for n, off := range g.taxes {
		if off == 0 {
			continue
		}
		if abs(off) > maxRows || !slices.ContainsFunc(all, func(c *cluster) bool { return slices.Contains(c.taxed, n) }) {
			return false
		}
	}
	return true
}

// combine completes the shifts: what is still missing goes into a steady cluster or
// into the untaxed row.
func (s *solver) combine(g gap, shifts []option, steady []*cluster, bound int64) []plan {
	var found []plan
	fixed := map[fixKey]*plan{}
	fix := func(n int, untaxed int64) (plan, bool) {
		key := fixKey{n, untaxed}
		p, known := fixed[key]
		if !known {
			if q, ok := s.fix(steady[n], steady[n].need(g, untaxed)); ok {
				p = &q
			}
			fixed[key] = p
		}
		if p == nil {
			return plan{}, false
		}
		return *p, true
	}
	for _, o := range shifts {
		rest := g.untaxed - o.untaxed
		for carrier := -1; carrier < len(steady); carrier++ {
			if carrier >= 0 && len(shifts) > 1 && abs(rest) > 3 {
				continue
			}
			p, ok := o.plan, true
			for n := range steady {
				own := s.still(steady[n], g)
				if n == carrier {
					own = rest - s.elsewhere(steady, n, g)
				}
				var q plan
				if q, ok = fix(n, own); !ok {
					break
				}
				p = p.and(q)
			}
			left := rest
			if len(steady) > 0 {
				left = rest - s.elsewhere(steady, -1, g)
			}
			if carrier >= 0 {
				left = 0
			}
			if ok && abs(left) <= bound {
				p.rest = left
				found = append(found, p)
			}
			if left == 0 && carrier < 0 {
				break
			}
		}
	}
	return found
}

type fixKey struct {
	cluster int
	untaxed int64
}

// still is what a cluster adds untaxed when its prices stay the same in sum: what
// its included taxes gain the base loses.
func (s *solver) still(c *cluster, g gap) int64 {
	var n int64
	for _, check := range c.taxed {
		if s.checks[check].included {
			n -= g.taxes[check]
		}
	}
	return n
}

// elsewhere is what all steady clusters but one add untaxed.
func (s *solver) elsewhere(steady []*cluster, but int, g gap) int64 {
	var n int64
	for i, c := range steady {
		if i != but {
			n += s.still(c, g)
		}
	}
	return n
}

// settled simulates a plan and lets the untaxed row take what is left.
func (s *solver) settled(p plan, bound int64) (plan, bool) {
	sums := s.sums.clone()
	for _, a := range p.rows {
		r, ok := s.extra(a.amount)
		if !ok {
			return p, false
		}
		sums.add(s.part(a.set, r))
	}
	for _, t := range p.takes {
		l := s.lines[t.line]
		rows, _ := s.represent(l.quantity, l.list, false, s.money.amount(t.amount))
		for i := range rows {
			sums.add(s.part(l.set, rows[i]))
		}
		for i := range l.parts {
			sums.remove(l.parts[i])
		}
	}
	g := s.gap(&sums)
	p.rest = g.untaxed
	if g.untaxed = 0; g.size() != 0 || abs(p.rest) > bound {
		return p, false
	}
	return p, true
}
