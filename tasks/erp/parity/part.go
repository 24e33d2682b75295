package parity

import "github.com/shopspring/decimal"

// part is what one row adds to the sums of an order.
type part struct {
	base      decimal.Decimal
	taxes     []keyed
	excluded  bool
	uncertain bool
}

// keyed is an amount under a key of the book.
type keyed struct {
	key    int
	amount decimal.Decimal
}

// tieWidth is how near to a tie 17's floats may fall to either side.
var tieWidth = decimal.New(1, -9)

// exact is price × (1 - discount) × quantity before any rounding.
func (r Row) exact() decimal.Decimal {
	if r.Discount.IsZero() {
		return r.Price.Mul(r.Quantity)
	}
	return r.Price.Mul(r.Quantity).Mul(hundred.Sub(r.Discount)).Shift(-2)
}

// nearTie reports whether floats may round a discounted row to either side.
func (b *book) nearTie(r Row, exact, rounded decimal.Decimal) bool {
	return !r.Discount.IsZero() &&
		exact.Sub(rounded).Abs().Sub(b.half).Abs().LessThanOrEqual(tieWidth)
}

// stored is the row as Odoo keeps it.
func (b *book) stored(r Row) Row {
	r.Price, r.Discount, r.Quantity = r.Price.Round(b.Price), r.Discount.Round(b.Discount), r.Quantity.Round(b.Quantity)
	return r
}

// part computes a row that is on Odoo's decimals. It does not look at r.Taxes.
func (b *book) part(s *taxSet, r Row) part {
	exact := r.exact()
	p := part{excluded: s.excluded}
	if b.raw() {
		b.part19(&p, s, r, exact)
		return p
	}
	full := b.money.round(exact)
	if b.modern() {
		b.part19(&p, s, r, full)
		return p
	}
	p.uncertain = b.nearTie(r, exact, full)
	b.part17(&p, s, r, full)
	return p
}

// part17 goes twice through the taxes: backward it takes the included ones out of
// the price, forward it computes each.
func (b *book) part17(p *part, s *taxSet, r Row, full decimal.Decimal) {
	if len(s.leaves) == 0 {
		p.base = full
		return
	}
	negative := full.IsNegative()
	net, goals := b.net17(s, full.Abs(), r.Quantity.Abs())
	p.taxes = make([]keyed, 0, len(s.leaves)+1)
	base, kept, skip := net, decimal.Zero, false
	for i := range s.leaves {
		l := &s.leaves[i]
		on := net
		if l.included || l.affected {
			on = base
		}
		var a decimal.Decimal
		switch {
		case l.included && goals != nil && goals[i] != nil && !skip:
			a = b.fine.round(goals[i].Sub(base.Add(kept)))
			kept = decimal.Zero
		case l.kind == Fixed:
			a = b.fine.round(fixed17(r.Quantity, on).Mul(l.rate))
		case l.kind == Division:
			a = b.fine.round(quotient(on, one.Sub(l.rate)).Sub(on))
		default:
			a = b.fine.round(on.Mul(l.rate))
		}
		whole := a
		if l.shares != nil {
			whole = b.fine.round(a.Mul(l.factor))
		}
		if l.included && (goals == nil || goals[i] == nil) {
			kept = kept.Add(whole)
		}
		if l.raises {
			base = base.Add(whole)
			skip = skip || !l.included
		}
		b.share17(p, l, a, whole)
	}
	p.base = net
	if negative {
		p.base = net.Neg()
		for i := range p.taxes {
			p.taxes[i].amount = p.taxes[i].amount.Neg()
		}
	}
}

// fixed17 is the quantity that a fixed tax counts: with the sign of its base.
func fixed17(quantity, base decimal.Decimal) decimal.Decimal {
	switch base.Sign() {
	case 1:
		return quantity.Abs()
	case -1:
		return quantity.Abs().Neg()
	}
	return quantity
}

// net17 takes the included taxes out of an amount. A goal is the amount that an
// included tax, with all before it, must come to.
func (b *book) net17(s *taxSet, full, quantity decimal.Decimal) (net decimal.Decimal, goals []*decimal.Decimal) {
	var percent, division, fixed decimal.Decimal
	some, open := false, true
	for i := len(s.leaves) - 1; i >= 0; i-- {
		l := &s.leaves[i]
		if l.raises && (i == len(s.leaves)-1 || s.leaves[i+1].affected) {
			if some {
				full = quotient(full.Sub(fixed).Mul(one.Sub(division)), one.Add(percent))
				percent, division, fixed, some = decimal.Zero, decimal.Zero, decimal.Zero, false
			}
			open = true
		}
		if !l.included {
			continue
		}
		some = true
		switch l.kind {
		case Fixed:
			fixed = quantity.Mul(l.rate).Mul(l.factor)
		case Division:
			division = division.Add(l.rate.Mul(l.factor))
		default:
			percent = percent.Add(l.rate.Mul(l.factor))
		}
		if open && !l.rate.IsZero() {
			if goals == nil {
				goals = make([]*decimal.Decimal, len(s.leaves))
			}
			goal := full
			goals[i], open = &goal, false
		}
	}
	if !some {
		return b.money.round(full), goals
	}
	return b.money.quotient(full.Sub(fixed).Mul(one.Sub(division)), one.Add(percent)), goals
}

// share17 spreads an amount over the repartition lines of its tax; what the
// rounding of the shares loses goes to the first ones.
func (b *book) share17(p *part, l *leaf, a, whole decimal.Decimal) {
	if l.shares == nil {
		p.taxes = append(p.taxes, keyed{l.keys[0], a})
		return
	}
	start, lost := len(p.taxes), whole
	for i, f := range l.shares {
		x := b.fine.round(a.Mul(f))
		lost = lost.Sub(x)
		p.taxes = append(p.taxes, keyed{l.keys[i], x})
	}
	steps := min(lost.Abs().Div(b.money.unit).IntPart(), int64(len(l.shares)))
	for i := range steps {
		t := &p.taxes[start+int(i)]
		t.amount = t.amount.Add(b.fine.quotient(lost, decimal.NewFromInt(steps)))
	}
}
