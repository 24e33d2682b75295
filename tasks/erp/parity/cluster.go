package parity

import "slices"

// maxChecks is how many taxes may hang together in adjustments.
const maxChecks = 8

// cluster is the sets of taxes that hang together because they share a tax, and so
// must be adjusted together.
type cluster struct {
	sets   []*taxSet   // of the lines
	extras []*taxSet   // that adjustment rows carry: the same without fixed taxes
	taxed  []int       // checks
	local  map[int]int // check to its place in vec.taxes
	// steady: amounts are whole units in every row, so that the sums of the rows are
	// the order's. Where it is not so, the order's taxes follow its bases.
	steady bool
	values map[valueKey]vec
	fans   map[*taxSet]reached
}

type valueKey struct {
	set    *taxSet
	amount int64
}

// vec is what rows add to the order, in units.
type vec struct {
	untaxed int64
	taxes   [maxChecks]int64 // by the cluster's checks
	bad     bool             // the row cannot be expressed
}

func (v vec) plus(w vec, times int64) vec {
	v.untaxed += times * w.untaxed
	for i := range v.taxes {
		v.taxes[i] += times * w.taxes[i]
	}
	v.bad = v.bad || w.bad
	return v
}

// clusters groups the taxed sets of the lines.
func (s *solver) clusters() []*cluster {
	var all []*cluster
	owner := map[int]*cluster{} // by check
	lineSets := map[*taxSet]bool{}
	for _, p := range s.lines {
		lineSets[p.set] = true
	}
	for _, set := range s.sets[:len(s.sets):len(s.sets)] {
		if !lineSets[set] || len(set.leaves) == 0 {
			continue
		}
		c := &cluster{sets: []*taxSet{set}, values: map[valueKey]vec{}, fans: map[*taxSet]reached{}}
		checks := s.checksOf(set)
		merged := map[*cluster]bool{}
		for _, n := range checks {
			if o := owner[n]; o != nil && !merged[o] {
				merged[o] = true
				c.sets = append(o.sets[:len(o.sets):len(o.sets)], c.sets...)
				checks = append(checks, o.taxed...)
			}
		}
		all = append(slices.DeleteFunc(all, func(o *cluster) bool { return merged[o] }), c)
		c.local = map[int]int{}
		for _, n := range checks {
			if _, known := c.local[n]; !known {
				c.local[n] = len(c.taxed)
				c.taxed = append(c.taxed, n)
			}
			owner[n] = c
		}
	}
	for _, c := range all {
		c.steady = true
		for _, set := range c.sets {
			c.steady = c.steady && s.steady(set)
			if extra := s.withoutFixed(set); len(extra.leaves) > 0 && !slices.Contains(c.extras, extra) {
				c.extras = append(c.extras, extra)
			}
		}
	}
	return all
}

// apart lets adjustment rows carry one tax each. It reports whether that is new.
func (s *solver) apart(c *cluster) bool {
	var extras []*taxSet
	several := false
	for _, set := range c.extras {
		several = several || len(set.taxes) > 1
		for _, t := range set.taxes {
			if extra := s.set([]Tax{t}); !slices.Contains(extras, extra) {
				extras = append(extras, extra)
			}
		}
	}
	if several {
		c.extras = extras
	}
	return several
}

func (s *solver) checksOf(set *taxSet) []int {
	var checks []int
	for _, l := range set.leaves {
		checks = append(checks, s.checkOf[l.id]...)
	}
	return checks
}

// withoutFixed is the set for extra rows: a fixed tax would count them as pieces.
func (s *solver) withoutFixed(set *taxSet) *taxSet {
	var kept []Tax
	for _, t := range set.taxes {
		if t.Kind != Fixed {
			kept = append(kept, t)
		}
	}
	if len(kept) == len(set.taxes) {
		return set
	}
	return s.set(kept)
}

// steady reports whether every amount of rows with these taxes is a whole unit.
func (s *solver) steady(set *taxSet) bool {
	if !s.Global {
		return true
	}
	taxed := 0
	for i := range set.leaves {
		l := &set.leaves[i]
		if l.rate.IsZero() || l.factor.IsZero() && !l.included && !l.raises {
			continue
		}
		if taxed++; s.raw() || !l.included || l.kind == Fixed || l.shares != nil {
			return false
		}
	}
	return taxed <= 1
}

// value is what an extra row of an amount adds.
func (s *solver) value(c *cluster, set *taxSet, amount int64) vec {
	key := valueKey{set, amount}
	v, known := c.values[key]
	if !known {
		if s.left--; s.left < 0 {
			return vec{bad: true}
		}
		if r, ok := s.extra(amount); ok {
			v = s.vec(c, s.part(set, r))
		} else {
			v.bad = true
		}
		c.values[key] = v
	}
	return v
}

func (s *solver) vec(c *cluster, p part) vec {
	v := vec{untaxed: s.money.units(p.base)}
	for _, t := range p.taxes {
		n := s.money.units(t.amount)
		for _, check := range s.checkOf[s.taxes[t.key]] {
			v.taxes[c.local[check]] += n
		}
	}
	return v
}

// need is what the cluster lacks, with this much untaxed.
func (c *cluster) need(g gap, untaxed int64) vec {
	v := vec{untaxed: untaxed}
	for i, n := range c.taxed {
		v.taxes[i] = g.taxes[n]
	}
	return v
}

// amount is what rows with these taxes must come to, in the mode of their prices,
// to add v.
func (s *solver) amount(c *cluster, set *taxSet, v vec) int64 {
	n := v.untaxed
	seen := [maxChecks]bool{}
	for i := range set.leaves {
		l := &set.leaves[i]
		if !l.included {
			continue
		}
		for _, check := range s.checkOf[l.id] {
			if at := c.local[check]; !seen[at] {
				seen[at] = true
				n += v.taxes[at]
			}
		}
	}
	return n
}

// isOne reports whether a line is a single piece, of which an amount can be taken.
func isOne(p *placed) bool {
	return len(p.rows) == 1 && p.quantity.Equal(one) && !p.total.IsZero() && !p.short
}

// lineValue is what a line adds with another amount, against now.
func (s *solver) lineValue(c *cluster, p *placed, amount int64) vec {
	x := s.money.amount(amount)
	if s.left--; s.left < 0 || amount == 0 || x.Sign() != p.total.Sign() {
		return vec{bad: true}
	}
	rows, _ := s.represent(p.quantity, p.list, false, x)
	if len(rows) != 1 {
		return vec{bad: true}
	}
	return s.vec(c, s.part(p.set, rows[0])).plus(s.vec(c, p.parts[0]), -1)
}
