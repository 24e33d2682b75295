package odootest

import "math"

// summed17 is what lines come to in 17.
type summed17 struct {
	untaxed, tax float64
	lines        []taxed17 // with the shares as tax_totals sees them
}

// row17 collects the shares of one row of the tax summary.
type row17 struct {
	row    taxRow
	shares []*share17
}

// sum17 sums lines up as the order does. Where taxes are rounded on the whole
// order, every row of the summary is rounded in both currencies and the
// difference is handed back to its shares, cent by cent; summary is then the
// company's unit, else 0. The order's tax comes from the company's amounts,
// which is how the third decimal of a dinar is lost.
func sum17(lines []taxed17, unit, summary float64) summed17 {
	out := summed17{lines: lines}
	var rows []row17
	for i := range lines {
		out.untaxed += lines[i].untaxed
		for n := range lines[i].shares {
			s := &lines[i].shares[n]
			at := 0
			for at < len(rows) && rows[at].row != s.row {
				at++
			}
			if at == len(rows) {
				rows = append(rows, row17{row: s.row})
			}
			rows[at].shares = append(rows[at].shares, s)
		}
	}
	for _, r := range rows {
		if summary != 0 {
			r.even(summary, func(s *share17) *float64 { return &s.company })
			r.even(unit, func(s *share17) *float64 { return &s.amount })
		}
		sum := 0.0
		for _, s := range r.shares {
			sum += s.company
		}
		out.tax += floatRound(sum, unit)
	}
	return out
}

// even rounds the sum of a row's shares and spreads what that changes over them.
func (r row17) even(unit float64, of func(*share17) *float64) {
	raw := 0.0
	for _, s := range r.shares {
		raw += *of(s)
	}
	diff := floatRound(raw, unit) - raw
	left, sign := math.Abs(diff), math.Copysign(1, diff)
	steps := int(math.Ceil(left / unit))
	each, extra := steps/len(r.shares), steps%len(r.shares)
	for _, s := range r.shares {
		if left == 0 {
			return
		}
		n := each
		if extra > 0 {
			n++
			extra--
		}
		add := min(left, unit*float64(n))
		*of(s) += sign * add
		left -= add
	}
}
