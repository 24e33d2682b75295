package odootest

import (
	"math"
	"slices"
)

// taxed17 is one line of Odoo 17: its untaxed amount and what each row of a
// tax's distribution adds to it. 17 computes in binary floats, and so does this.
type taxed17 struct {
	untaxed float64
	shares  []share17
}

// share17 is a part of a tax that has its own row in the order's tax summary.
// company is the amount in the company's books, which the order's amount_tax is
// summed from; amount is the one that tax_totals shows.
type share17 struct {
	tax                   *taxDef
	row                   taxRow
	base, amount, company float64
}

// taxRow tells the rows of a tax summary apart.
type taxRow struct {
	distribution, group int64
	following           string
}

// goal17 is the price that a tax which is part of it has to reach again.
type goal17 struct {
	base float64
	set  bool
}

// apply17 computes one line in Odoo 17's way. Taxes in the price are first taken
// out of it, walking backwards; then every tax is computed forwards. Where taxes
// are in the price the last of them gets what is left, so that base and taxes
// add up to the price that was given.
func apply17(taxes []taxDef, price, qty, unit float64, perLine bool) taxed17 {
	full, sign := floatRound(price*qty, unit), 1.0
	if math.Abs(full) >= unit && full < 0 { // a base of nothing keeps its sign
		full, sign = -full, -1
	}
	if len(taxes) == 0 {
		return taxed17{untaxed: sign * full}
	}
	step := unit
	if !perLine {
		step *= 1e-5
	}
	left, goals := takeOut(taxes, full, qty)
	untaxed := floatRound(left, unit)
	out := taxed17{untaxed: sign * untaxed, shares: make([]share17, 0, len(taxes))}
	running, cum, raised := untaxed, 0.0, false
	for i := range taxes {
		t := &taxes[i]
		factor := 0.0
		for _, f := range t.factors {
			factor += f
		}
		base := untaxed
		if t.included || t.affected {
			base = running
		}
		var a float64
		if t.included && goals[i].set && !raised && factor != 0 {
			a, cum = goals[i].base-(running+cum), 0
		} else {
			a = t.on(base, qty)
		}
		a = floatRound(a, step)
		all := floatRound(a*factor, step)
		if t.included && !goals[i].set {
			cum += all
		}
		for n, part := range distribute(t, a, all, step, unit) {
			out.shares = append(out.shares, share17{
				tax: t, row: taxRow{t.repartition[n], t.group, t.following},
				base: floatRound(sign*base, step), amount: sign * part, company: sign * part,
			})
		}
		if t.raisesBase {
			running += all
			raised = raised || !t.included
		}
	}
	return out
}

// distribute cuts a tax into the parts of its distribution. What their rounding
// loses against the whole goes to the first of them, a unit each.
func distribute(t *taxDef, amount, all, step, unit float64) []float64 {
	parts, sum := make([]float64, len(t.factors)), 0.0
	for n, f := range t.factors {
		parts[n] = floatRound(amount*f, step)
		sum += parts[n]
	}
	lost := floatRound(all-sum, step)
	steps := int(math.Abs(lost / unit))
	for n := 0; n < steps && n < len(parts); n++ {
		parts[n] += floatRound(lost/float64(steps), step)
	}
	return parts
}

// takeOut walks backwards and returns the price without its included taxes and,
// per tax, the price it has to reach again. A second fixed tax in the price
// takes the place of the first.
func takeOut(taxes []taxDef, full, qty float64) (float64, []goal17) {
	goals := make([]goal17, len(taxes))
	base, open := full, true
	var percent, division, fixed float64
	strip := func() {
		base = (base - fixed) / (1 + percent/100) * (100 - division) / 100
		percent, division, fixed = 0, 0, 0
	}
	for i, t := range slices.Backward(taxes) {
		if t.affectsNext {
			strip()
			open = true
		}
		if !t.included {
			continue
		}
		factor := 0.0
		for _, f := range t.factors {
			factor += f
		}
		switch t.kind {
		case "percent":
			percent += t.rate * factor
		case "division":
			division += t.rate * factor
		case "fixed":
			fixed = math.Abs(qty) * t.rate * factor
		}
		if open && t.rate != 0 {
			goals[i], open = goal17{base, true}, false
		}
	}
	strip()
	return base, goals
}

// on is the tax on a base.
func (t *taxDef) on(base, qty float64) float64 {
	switch t.kind {
	case "fixed":
		if base != 0 {
			qty = math.Copysign(qty, base)
		}
		return qty * t.rate
	case "division":
		rest := 1 - t.rate/100
		if rest == 0 {
			return 0
		}
		return base/rest - base
	}
	return base * t.rate / 100
}
