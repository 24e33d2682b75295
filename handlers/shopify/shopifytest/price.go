package shopifytest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// price works out every amount of an order, on both sides of the money, the way
// a store does: discounts are allocated to the cent, each tax is rounded half up
// per line, and every total is a sum of what stands on the lines.
func (o *Order) price() {
	for i := range o.Lines {
		l := &o.Lines[i]
		l.priced = priced{unit: o.both(l.Price)}
	}
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		l.priced = priced{unit: o.both(l.Price)}
	}
	for i := range o.Discounts {
		o.allocate(i)
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		l.finish(l.Quantity, l.Taxes, o.TaxesIncluded)
		l.rest(l.Quantity, l.Current, o.refunded(l.ID))
	}
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		l.finish(1, l.Taxes, o.TaxesIncluded)
		l.rest(1, 1, o.refundedShipping(l.ID))
	}
	o.sum()
}

// both is an amount of the store in both currencies.
func (o *Order) both(d decimal.Decimal) Bag {
	if o.Presentment == "" {
		return Bag{d, d}
	}
	return Bag{d, cents(d.Mul(o.Rate))}
}

// cents rounds half up to two digits: the fake's currencies all have two.
func cents(d decimal.Decimal) decimal.Decimal { return d.Round(2) }

// target is a line that a discount falls on.
type target struct {
	*priced
	quantity int
}

func (t target) left(side int) decimal.Decimal {
	rest := t.unit[side].Mul(decimal.NewFromInt(int64(t.quantity)))
	for _, a := range t.allocations {
		rest = rest.Sub(a.amount[side])
	}
	return rest
}

func (o *Order) targets(d Discount) []target {
	var out []target
	if d.Shipping {
		for i := range o.ShippingLines {
			if !o.ShippingLines[i].Removed {
				out = append(out, target{&o.ShippingLines[i].priced, 1})
			}
		}
		return out
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		if l.Tip || l.GiftCard || l.Added || len(d.Only) > 0 && !slices.Contains(d.Only, i) {
			continue
		}
		out = append(out, target{&l.priced, l.Quantity})
	}
	return out
}

// allocate gives each target its part of one discount.
func (o *Order) allocate(index int) {
	d := o.Discounts[index]
	targets := o.targets(d)
	parts := make([]Bag, len(targets))
	fixed := o.both(d.Fixed)
	for side := range fixed {
		var shares []decimal.Decimal
		if d.Across {
			shares = across(targets, d.Percent, fixed[side], side)
		} else {
			shares = each(targets, d.Percent, fixed[side], side)
		}
		for i, share := range shares {
			parts[i][side] = share
		}
	}
	for i, t := range targets {
		if !parts[i][shopSide].IsZero() {
			t.allocations = append(t.allocations, allocation{discount: index, amount: parts[i]})
		}
	}
}

func each(targets []target, percent, fixed decimal.Decimal, side int) []decimal.Decimal {
	out := make([]decimal.Decimal, len(targets))
	for i, t := range targets {
		left := t.left(side)
		off := cents(left.Mul(percent).Shift(-2))
		if percent.IsZero() {
			off = fixed.Mul(decimal.NewFromInt(int64(t.quantity)))
		}
		out[i] = decimal.Min(off, left)
	}
	return out
}

// across spreads one sum in proportion and to the cent: what rounding left over
// goes to the first lines, a cent each.
func across(targets []target, percent, fixed decimal.Decimal, side int) []decimal.Decimal {
	sum := decimal.Zero
	for _, t := range targets {
		sum = sum.Add(t.left(side))
	}
	out := make([]decimal.Decimal, len(targets))
	if !sum.IsPositive() {
		return out
	}
	off := decimal.Min(fixed, sum)
	if !percent.IsZero() {
		off = cents(sum.Mul(percent).Shift(-2))
	}
	rest := off
	for i, t := range targets {
		out[i] = off.Mul(t.left(side)).DivRound(sum, 16).Truncate(2)
		rest = rest.Sub(out[i])
	}
	cent := decimal.New(1, -2)
	for i := 0; rest.IsPositive(); i = (i + 1) % len(out) {
		if out[i].LessThan(targets[i].left(side)) {
			out[i] = out[i].Add(cent)
			rest = rest.Sub(cent)
		}
	}
	return out
}

// finish works out what a line and its taxes come to.
func (p *priced) finish(quantity int, rates []TaxRate, included bool) {
	p.discounted = p.unit.times(quantity)
	for _, a := range p.allocations {
		p.discounted = p.discounted.sub(a.amount)
	}
	all := decimal.NewFromInt(1)
	for _, r := range rates {
		all = all.Add(r.Rate)
	}
	for _, r := range rates {
		t := taxAmount{TaxRate: r}
		for side, base := range p.discounted {
			tax := base.Mul(r.Rate)
			if included {
				tax = tax.DivRound(all, 16)
			}
			t.amount[side] = cents(tax)
		}
		p.taxes = append(p.taxes, t)
		p.tax = p.tax.add(t.amount)
	}
}

// rest works out what is left of a line: what was refunded is taken off to the
// cent; where something else is missing too, it is a share.
func (p *priced) rest(quantity, current int, gone taken) {
	if gone.quantity == quantity-current {
		p.current, p.currentTax = p.discounted.sub(gone.amount), p.tax.sub(gone.tax)
		return
	}
	p.current = p.unit.times(current)
	for _, a := range p.allocations {
		p.current = p.current.sub(part(a.amount, current, quantity))
	}
	for _, t := range p.taxes {
		p.currentTax = p.currentTax.add(part(t.amount, current, quantity))
	}
}

// part is the share of an amount that falls on n of the whole.
func part(b Bag, n, whole int) Bag {
	if n == whole || whole == 0 {
		return b
	}
	for side := range b {
		b[side] = cents(b[side].Mul(decimal.NewFromInt(int64(n))).DivRound(decimal.NewFromInt(int64(whole)), 16))
	}
	return b
}

func (o *Order) sum() {
	var t totals
	for i := range o.Lines {
		l := &o.Lines[i]
		t.lines = t.lines.add(l.unit.times(l.Quantity))
		t.subtotal = t.subtotal.add(l.discounted)
		t.currentSubtotal = t.currentSubtotal.add(l.current)
		for _, a := range l.allocations {
			t.discounts = t.discounts.add(a.amount)
		}
		t.currentDiscounts = t.currentDiscounts.add(l.unit.times(l.Current).sub(l.current))
		if l.Tip {
			t.tip = t.tip.add(l.discounted)
		}
		t.addTaxes(&l.priced)
	}
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		if l.Removed {
			continue
		}
		t.shipping, t.currentShipping = t.shipping.add(l.discounted), t.currentShipping.add(l.current)
		for _, a := range l.allocations {
			t.discounts = t.discounts.add(a.amount)
			t.currentDiscounts = t.currentDiscounts.add(a.amount)
		}
		t.addTaxes(&l.priced)
	}
	t.fees, t.duties = o.both(o.Fees), o.both(o.Duties)
	t.total = t.subtotal.add(t.shipping).add(t.fees).add(t.duties)
	t.currentSum = t.currentSubtotal.add(t.currentShipping).add(t.fees).add(t.duties)
	if !o.TaxesIncluded {
		t.total = t.total.add(t.tax)
		t.currentSum = t.currentSum.add(t.currentTax)
	}
	o.totals = t
}

func (t *totals) addTaxes(p *priced) {
	t.currentTax = t.currentTax.add(p.currentTax)
	for _, tax := range p.taxes {
		t.tax = t.tax.add(tax.amount)
		i := slices.IndexFunc(t.taxes, func(s taxAmount) bool {
			return s.Title == tax.Title && s.Rate.Equal(tax.Rate)
		})
		if i < 0 {
			t.taxes = append(t.taxes, tax)
			continue
		}
		t.taxes[i].amount = t.taxes[i].amount.add(tax.amount)
	}
}
