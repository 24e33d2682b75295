package odootest

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"
)

// apply19 computes one line in Odoo 19's way. Fixed taxes come first, then the
// ones in the price from the last batch to the first, then the others forwards;
// each may change the base of those around it. Per line everything is rounded at
// once, globally nothing is before the order is summed up.
func apply19(taxes []taxDef, price, qty, unit decimal.Decimal, perLine bool) taxed {
	round := func(d decimal.Decimal) decimal.Decimal {
		if perLine {
			return roundTo(d, unit)
		}
		return d
	}
	full := round(price.Mul(qty))
	c := computing{taxes: taxes, batch: batches(taxes), extra: make([]decimal.Decimal, len(taxes)), amount: make([]decimal.Decimal, len(taxes))}
	fixed := func(i int) bool { return taxes[i].kind == "fixed" }
	for i := range slices.Backward(taxes) {
		if fixed(i) {
			amount := taxes[i].amount.Mul(qty)
			if price.IsNegative() {
				amount = amount.Neg()
			}
			c.settle(i, round(amount))
		}
	}
	for i, t := range slices.Backward(taxes) {
		if !fixed(i) && t.included {
			c.settle(i, round(c.inPrice(i, full.Add(c.extra[i]))))
		}
	}
	for i, t := range taxes {
		if !fixed(i) && !t.included {
			c.settle(i, round(c.onPrice(i, full.Add(c.extra[i]))))
		}
	}
	out := taxed{base: full}
	for i, t := range taxes {
		if t.included {
			out.base = out.base.Sub(c.amount[i])
		} else {
			out.excluded = true
		}
		for n, factor := range t.factors {
			// A second, negative part is the reverse charge of the whole amount.
			out.keys = append(out.keys, fmt.Sprintf("%d %t", t.id, n > 0 && factor.IsNegative()))
			out.sums = append(out.sums, round(c.amount[i].Mul(factor)))
		}
	}
	return out
}

// computing is the state of one line: what was settled and how that moved the
// bases of the taxes that are still to come.
type computing struct {
	taxes         []taxDef
	batch         []int // by tax: the number of its batch
	extra, amount []decimal.Decimal
}

// batches numbers neighbours that are computed on the same base.
func batches(taxes []taxDef) []int {
	out := make([]int, len(taxes))
	n := 0
	for i := len(taxes) - 2; i >= 0; i-- {
		t, next := taxes[i], taxes[i+1]
		if t.kind != next.kind || t.included != next.included || t.raisesBase != next.raisesBase || t.raisesBase && next.affected {
			n++
		}
		out[i] = n
	}
	return out
}

// settle fixes a tax's amount. A tax in the price lowers the base of those
// before it, and of those after it unless they are meant to be affected; a tax
// on the price that raises the base raises it for the affected ones after it.
func (c *computing) settle(i int, amount decimal.Decimal) {
	c.amount[i] = amount
	t := c.taxes[i]
	for o, other := range c.taxes {
		if c.batch[o] == c.batch[i] {
			continue
		}
		after := o > i
		switch {
		case t.included && (!after || !t.raisesBase || !other.affected):
			c.extra[o] = c.extra[o].Sub(amount)
		case !t.included && after && t.raisesBase && other.affected:
			c.extra[o] = c.extra[o].Add(amount)
		}
	}
}

// rate is the sum of a batch's percentages, as a fraction.
func (c *computing) rate(i int) decimal.Decimal {
	sum := decimal.Zero
	for o, t := range c.taxes {
		if c.batch[o] == c.batch[i] {
			sum = sum.Add(t.amount.Div(hundred))
		}
	}
	return sum
}

func (c *computing) inPrice(i int, base decimal.Decimal) decimal.Decimal {
	a := base.Mul(c.taxes[i].amount).Div(hundred)
	whole := one.Add(c.rate(i))
	switch {
	case c.taxes[i].kind == "division":
		return a
	case whole.IsZero():
		return decimal.Zero
	}
	return a.DivRound(whole, divDigits)
}

func (c *computing) onPrice(i int, base decimal.Decimal) decimal.Decimal {
	a := base.Mul(c.taxes[i].amount).Div(hundred)
	if rest := one.Sub(c.rate(i)); c.taxes[i].kind == "division" && !rest.IsZero() {
		return a.DivRound(rest, divDigits)
	}
	return a
}

// total19 sums lines up as 19 does. Globally each tax is rounded once; the
// untaxed sum is what the taxes leave of the rounded total, unless a tax that is
// not in the price is among them.
func total19(lines []taxed, unit decimal.Decimal) (untaxed, tax decimal.Decimal) {
	sums := map[string]decimal.Decimal{}
	var base, taxes decimal.Decimal
	excluded := false
	for _, l := range lines {
		base, excluded = base.Add(l.base), excluded || l.excluded
		for i, k := range l.keys {
			sums[k] = sums[k].Add(l.sums[i])
			taxes = taxes.Add(l.sums[i])
		}
	}
	for _, sum := range sums {
		tax = tax.Add(roundTo(sum, unit))
	}
	if excluded {
		return roundTo(base, unit), tax
	}
	return roundTo(base.Add(taxes), unit).Sub(tax), tax
}
