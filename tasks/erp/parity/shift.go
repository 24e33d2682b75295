package parity

import (
	"cmp"
	"slices"
)

// Where taxes follow the order's bases a row moves the base, and the untaxed row
// takes the amount back.

// option is a way to make the taxes of one cluster right, and what it adds untaxed.
type option struct {
	plan
	untaxed int64
}

// shifted joins the ways of the loose clusters, the best for each untaxed sum.
func (s *solver) shifted(g gap, loose []*cluster, reach int64) []option {
	joined := []option{{}}
	for _, c := range loose {
		ways := s.shifts(c, g, reach)
		best := map[int64]option{}
		for _, j := range joined {
			for _, w := range ways {
				o := option{j.and(w.plan), j.untaxed + w.untaxed}
				if old, known := best[o.untaxed]; !known || better(o.plan, old.plan) < 0 {
					best[o.untaxed] = o
				}
			}
		}
		joined = joined[:0:0]
		for _, u := range sortedKeys(best) {
			joined = append(joined, best[u])
		}
	}
	return joined
}

// shifts are the ways to make the taxes of a loose cluster right: a row for each of
// its sets, small ones first.
func (s *solver) shifts(c *cluster, g gap, reach int64) []option {
	w := shifting{solver: s, cluster: c, sums: s.sums.clone(), start: g.untaxed, reach: reach, last: make([][]int, len(c.extras)+1)}
	for _, check := range c.taxed {
		last := 0
		for n, set := range c.extras {
			if slices.Contains(s.checksOf(set), check) {
				last = n + 1
			}
		}
		w.last[last] = append(w.last[last], check)
	}
	w.from(0, plan{})
	slices.SortStableFunc(w.found, func(x, y option) int { return cmp.Or(better(x.plan, y.plan), cmp.Compare(x.untaxed, y.untaxed)) })
	return w.found
}

// shifting tries every combination of rows of the sets of a cluster.
type shifting struct {
	*solver
	cluster *cluster
	last    [][]int // the checks that nothing changes after so many sets
	sums    sums
	start   int64
	reach   int64
	tried   int
	found   []option
}

func (w *shifting) from(n int, p plan) {
	for _, check := range w.last[n] {
		if !w.right(check) {
			return
		}
	}
	if n == len(w.cluster.extras) {
		now := w.money.units(w.untaxed.Sub(w.book.untaxed(&w.sums)))
		w.found = append(w.found, option{p, w.start - now})
		return
	}
	w.from(n+1, p)
	set := w.cluster.extras[n]
	for _, x := range byReach[:2*w.reach] {
		if w.tried++; w.tried > maxSims {
			return
		}
		if w.left--; w.left < 0 {
			return
		}
		r, ok := w.extra(x)
		if !ok {
			continue
		}
		add := w.part(set, r)
		w.sums.add(add)
		w.from(n+1, p.and(plan{rows: []adjustment{{set, x}}}))
		w.sums.remove(add)
	}
}

// right reports whether a tax comes to what it must.
func (w *shifting) right(n int) bool {
	left := w.checks[n].want
	for k := range w.sums.taxes {
		if slices.Contains(w.checkOf[w.taxes[k]], n) {
			left = left.Sub(w.tax(&w.sums, k))
		}
	}
	return left.IsZero()
}
