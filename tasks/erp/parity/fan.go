package parity

import (
	"cmp"
	"slices"
)

// Bounds of the search for taxed rows. Amounts are units.
const (
	maxAmount = 60  // of a row
	maxRows   = 300 // of one cluster
	maxLines  = 24  // of which an amount is taken
	maxFanned = 60  // that a tax is off
)

// byReach are amounts of rows, small ones first; fanned are those of fans.
var byReach = func() []int64 {
	var all []int64
	for x := int64(1); x <= farShift; x++ {
		all = append(all, x, -x)
	}
	return all
}()

var fanned = byReach[:2*maxAmount]

// fix finds extra rows that add exactly what a steady cluster needs. Rows that come
// to nothing together still move the tax, since each rounds its own.
func (s *solver) fix(c *cluster, need vec) (plan, bool) {
	if need == (vec{}) {
		return plan{}, true
	}
	if len(c.extras) == 0 {
		return plan{}, false
	}
	if p, ok := s.fans(c, need, true); ok {
		return p, true
	}
	if p, ok := s.twoFans(c, need); ok {
		return p, true
	}
	return s.stepwise(c, need)
}

// fans is the smallest fan of any of the cluster's sets.
func (s *solver) fans(c *cluster, need vec, takes bool) (plan, bool) {
	var best plan
	found := false
	for _, set := range c.extras {
		if p, ok := s.fan(c, set, need, takes); ok && (!found || better(p, best) < 0) {
			best, found = p, true
		}
	}
	return best, found
}

// fan finds n rows of the same amount and one that takes it back, or a line that
// gives it up; then any three rows.
func (s *solver) fan(c *cluster, set *taxSet, need vec, takes bool) (plan, bool) {
	most := int64(0)
	for _, t := range need.taxes {
		most = max(most, abs(t))
	}
	if most > maxFanned {
		return plan{}, false
	}
	back := s.amount(c, set, need)
	for n := int64(1); n <= 2*most+3; n++ {
		if p, ok := s.alone(c, set, need, n, back); ok {
			return p, true
		}
		if takes && n <= 2 {
			if p, ok := s.taken(c, set, need, n, back); ok {
				return p, true
			}
		}
		if n == 3 && most <= 1 {
			if p, ok := s.three(c, set, need, back); ok {
				return p, true
			}
		}
	}
	return plan{}, false
}

// alone is n-1 rows of an amount and one that brings all to back.
func (s *solver) alone(c *cluster, set *taxSet, need vec, n, back int64) (plan, bool) {
	if n == 1 {
		if back != 0 && abs(back) <= maxAmount && s.value(c, set, back) == need {
			return plan{rows: []adjustment{{set, back}}}, true
		}
		return plan{}, false
	}
	for _, x := range fanned {
		last := back - (n-1)*x
		if last == 0 {
			continue
		}
		v := s.value(c, set, last).plus(s.value(c, set, x), n-1)
		if v == need {
			p := plan{}
			for range n - 1 {
				p.rows = append(p.rows, adjustment{set, x})
			}
			p.rows = append(p.rows, adjustment{set, last})
			return p, true
		}
	}
	return plan{}, false
}

// taken is n rows of an amount that a line of quantity 1 gives up.
func (s *solver) taken(c *cluster, set *taxSet, need vec, n, back int64) (plan, bool) {
	for _, i := range s.givers(set) {
		p := s.lines[i]
		now := s.money.units(p.total)
		for _, x := range fanned {
			left := now - n*x + back
			v := s.value(c, set, x)
			if v.bad {
				continue
			}
			v = vec{}.plus(v, n).plus(s.lineValue(c, p, left), 1)
			if v == need {
				out := plan{takes: []take{{i, left}}}
				for range n {
					out.rows = append(out.rows, adjustment{set, x})
				}
				return out, true
			}
		}
	}
	return plan{}, false
}

// givers are the lines of which an amount can be taken: those without a discount first.
func (s *solver) givers(set *taxSet) []int {
	var all []int
	for i, p := range s.lines {
		if isOne(p) && (p.set == set || s.withoutFixed(p.set) == set) {
			all = append(all, i)
		}
		if len(all) == 4*maxLines {
			break
		}
	}
	slices.SortStableFunc(all, func(x, y int) int {
		return cmp.Compare(s.lines[x].rows[0].Discount.Sign(), s.lines[y].rows[0].Discount.Sign())
	})
	return all[:min(len(all), maxLines)]
}

// three is any three rows.
func (s *solver) three(c *cluster, set *taxSet, need vec, back int64) (plan, bool) {
	for i, x := range fanned {
		for _, y := range fanned[:i] {
			z := back - x - y
			if z == 0 || abs(z) > 2*maxAmount {
				continue
			}
			if s.value(c, set, x).plus(s.value(c, set, y), 1).plus(s.value(c, set, z), 1) == need {
				return plan{rows: []adjustment{{set, x}, {set, y}, {set, z}}}, true
			}
		}
	}
	return plan{}, false
}

// reached is what fans of a set come to, the cheapest for each.
type reached struct {
	order []vec
	plans map[vec]plan
}

func (s *solver) reach(c *cluster, set *taxSet) reached {
	if r, known := c.fans[set]; known {
		return r
	}
	r := reached{plans: map[vec]plan{}}
	put := func(v vec, p plan) {
		if old, known := r.plans[v]; v.bad || known && better(old, p) <= 0 {
			return
		} else if !known {
			r.order = append(r.order, v)
		}
		r.plans[v] = p
	}
	put(vec{}, plan{})
	for n := int64(1); n <= 3; n++ {
		for back := int64(-3); back <= 3; back++ {
			for _, x := range fanned {
				last := back - (n-1)*x
				if last == 0 || n == 1 && x != 1 {
					continue
				}
				p := plan{}
				for range n - 1 {
					p.rows = append(p.rows, adjustment{set, x})
				}
				p.rows = append(p.rows, adjustment{set, last})
				put(s.value(c, set, last).plus(s.value(c, set, x), n-1), p)
			}
		}
	}
	c.fans[set] = r
	return r
}

// twoFans combines two fans, of one set or of two that share a tax.
func (s *solver) twoFans(c *cluster, need vec) (plan, bool) {
	if len(c.extras) > 4 {
		return plan{}, false
	}
	sets := make([]reached, len(c.extras))
	for i, set := range c.extras {
		sets[i] = s.reach(c, set)
	}
	var best plan
	found := false
	for i := range sets {
		for _, v := range sets[i].order {
			rest := need.plus(v, -1)
			for j := i; j < len(sets); j++ {
				q, ok := sets[j].plans[rest]
				if !ok {
					continue
				}
				if p := sets[i].plans[v].and(q); !found || better(p, best) < 0 {
					best, found = p, true
				}
			}
		}
	}
	return best, found
}

// stepwise adds up fans of one unit of one tax each.
func (s *solver) stepwise(c *cluster, need vec) (plan, bool) {
	var out plan
	for k := range c.taxed {
		n := need.taxes[k]
		if n == 0 {
			continue
		}
		unit := vec{}
		unit.taxes[k] = n / abs(n)
		if s.checks[c.taxed[k]].included {
			unit.untaxed = -unit.taxes[k]
		}
		if unit == need {
			return plan{}, false
		}
		p, ok := s.fans(c, unit, false)
		if !ok {
			p, ok = s.twoFans(c, unit)
		}
		if !ok || abs(n)*int64(len(p.rows)) > maxRows {
			return plan{}, false
		}
		for range abs(n) {
			out = out.and(p)
		}
		need = need.plus(unit, -abs(n))
	}
	if need == (vec{}) {
		return out, true
	}
	if out.rows == nil {
		return plan{}, false
	}
	p, ok := s.fans(c, need, true)
	return out.and(p), ok
}
