package parity

import "github.com/shopspring/decimal"

// part19 computes fixed taxes first, then the included batches from the last to the
// first, then the excluded ones from the first to the last.
func (b *book) part19(p *part, s *taxSet, r Row, full decimal.Decimal) {
	p.base = full
	if len(s.leaves) == 0 {
		return
	}
	w := work19{book: b, set: s, extra: make([]decimal.Decimal, len(s.leaves)), amounts: make([]decimal.Decimal, len(s.leaves))}
	for i := len(s.leaves) - 1; i >= 0; i-- {
		if l := &s.leaves[i]; l.kind == Fixed {
			a := r.Quantity.Mul(l.rate)
			if r.Price.IsNegative() {
				a = a.Neg()
			}
			w.put(i, a)
		}
	}
	for i := len(s.leaves) - 1; i >= 0; i-- {
		switch l := &s.leaves[i]; {
		case !l.included || l.kind == Fixed:
		case l.kind == Division:
			w.put(i, full.Add(w.extra[i]).Mul(l.rate))
		default:
			w.put(i, quotient(full.Add(w.extra[i]).Mul(l.rate), one.Add(l.batch)))
		}
	}
	for i := range s.leaves {
		switch l := &s.leaves[i]; {
		case l.included || l.kind == Fixed:
		case l.kind == Division:
			w.put(i, quotient(full.Add(w.extra[i]).Mul(l.rate), one.Sub(l.batch)))
		default:
			w.put(i, full.Add(w.extra[i]).Mul(l.rate))
		}
	}
	p.taxes = make([]keyed, 0, len(s.leaves)+1)
	for i := range s.leaves {
		l := &s.leaves[i]
		if l.included {
			p.base = p.base.Sub(w.amounts[i].Mul(l.factor))
		}
		if l.shares == nil {
			p.taxes = append(p.taxes, keyed{l.keys[0], w.amounts[i]})
			continue
		}
		for n, f := range l.shares {
			p.taxes = append(p.taxes, keyed{l.keys[n], w.amounts[i].Mul(f)})
		}
	}
}

// work19 is the work on one row: what the taxes add to each other's bases.
type work19 struct {
	*book
	set            *taxSet
	extra, amounts []decimal.Decimal
}

func (w *work19) put(i int, a decimal.Decimal) {
	if !w.Global {
		a = w.money.round(a)
	}
	w.amounts[i] = a
	l := &w.set.leaves[i]
	if len(w.set.leaves) == 1 {
		return
	}
	a = a.Mul(l.factor)
	for j := range w.set.leaves {
		other := &w.set.leaves[j]
		switch {
		case j >= l.first && j <= l.last:
		case l.included && (j < l.first || !l.raises || !other.affected):
			w.extra[j] = w.extra[j].Sub(a)
		case !l.included && j > l.last && l.raises && other.affected:
			w.extra[j] = w.extra[j].Add(a)
		}
	}
}
