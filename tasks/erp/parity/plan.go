package parity

import "cmp"

// plan is what is added to the lines, in units.
type plan struct {
	rows  []adjustment
	takes []take
	rest  int64 // the untaxed rounding row
}

// adjustment is a taxed extra row.
type adjustment struct {
	set    *taxSet
	amount int64
}

// take gives a line another amount; what it lost stands in adjustment rows.
type take struct {
	line   int
	amount int64
}

func (p plan) and(q plan) plan {
	return plan{append(p.rows[:len(p.rows):len(p.rows)], q.rows...), append(p.takes[:len(p.takes):len(p.takes)], q.takes...), p.rest + q.rest}
}

// extra is how many rows a plan adds, and size how large they are together.
func (p plan) extra() (n int, size int64) {
	n, size = len(p.rows), abs(p.rest)
	if p.rest != 0 {
		n++
	}
	for _, r := range p.rows {
		size += abs(r.amount)
	}
	return n, size
}

// better orders plans: fewer rows, then no untaxed one, then fewer lines touched,
// then smaller rows.
func better(p, q plan) int {
	n, size := p.extra()
	m, other := q.extra()
	return cmp.Or(cmp.Compare(n, m), compareBool(p.rest != 0, q.rest != 0), cmp.Compare(len(p.takes), len(q.takes)), cmp.Compare(size, other))
}

func compareBool(x, y bool) int {
	switch {
	case x == y:
		return 0
	case x:
		return 1
	}
	return -1
}
