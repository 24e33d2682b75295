package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// taxed is one line of 19: its base and what each tax adds to it, before the
// order sums them up.
type taxed struct {
	base     decimal.Decimal
	shares   []share
	excluded bool // a tax that is not in the price is among them
}

// share is what one tax adds to a line. A reverse charge takes as much away
// again, in a share of its own.
type share struct {
	tax          *taxDef
	reverse      bool
	base, amount decimal.Decimal
}

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
	for i := range slices.Backward(taxes) {
		if !fixed(i) && c.included(i) {
			c.settle(i, round(c.inPrice(i, full.Add(c.extra[i]))))
		}
	}
	for i := range taxes {
		if !fixed(i) && !c.included(i) {
			c.settle(i, round(c.onPrice(i, full.Add(c.extra[i]))))
		}
	}
	out := taxed{base: full, shares: make([]share, 0, len(taxes))}
	for i := range taxes {
		t := &taxes[i]
		base := full.Add(c.extra[i])
		if c.included(i) {
			out.base = out.base.Sub(c.amount[i])
			base = base.Sub(c.taken(i))
		} else {
			out.excluded = true
		}
		out.shares = append(out.shares, share{tax: t, base: base, amount: c.amount[i]})
		if t.reversed() {
			out.shares = append(out.shares, share{tax: t, reverse: true, base: base, amount: c.amount[i].Neg()})
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

// included says whether a tax is taken out of the price; a reverse charge never
// is.
func (c *computing) included(i int) bool { return c.taxes[i].included && !c.taxes[i].reversed() }

// reversed says whether a tax's distribution takes away again what it adds.
func (t *taxDef) reversed() bool {
	return slices.ContainsFunc(t.factors, func(f float64) bool { return f < 0 })
}

// taken is what a batch takes out of its base.
func (c *computing) taken(i int) decimal.Decimal {
	sum := decimal.Zero
	for o := range c.taxes {
		if c.batch[o] == c.batch[i] && !c.taxes[o].reversed() {
			sum = sum.Add(c.amount[o])
		}
	}
	return sum
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
