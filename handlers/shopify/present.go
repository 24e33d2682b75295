package shopify

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// taken is what refunds took off one line.
type taken struct{ quantity, amount, tax decimal.Decimal }

// refunded is what the refunds tell of a line.
func (r *record) refunded(line string) taken {
	var sum taken
	for _, f := range r.refunds {
		for _, l := range f.Lines {
			if l.LineID == line {
				sum.quantity = sum.quantity.Add(l.Quantity)
				sum.amount, sum.tax = sum.amount.Add(l.Amount.Amount), sum.tax.Add(l.Tax.Amount)
			}
		}
	}
	return sum
}

// refundedShipping is what the refunds tell of a shipping line.
func (r *record) refundedShipping(line string) taken {
	var sum taken
	for _, f := range r.refunds {
		for _, l := range f.Shipping {
			if l.LineID == line {
				sum.amount, sum.tax = sum.amount.Add(l.Amount.Amount), sum.tax.Add(l.Tax.Amount)
			}
		}
	}
	return sum
}

// grossShipping puts the tax into refunded shipping where prices hold the tax and
// the shop told the refund without it: the price that is left shows which.
func (r *record) grossShipping() {
	for _, it := range r.shippings {
		back, gone := r.refundedShipping(it.id), it.discounted.Sub(it.left)
		if !r.included || back.amount.Equal(gone) || !back.amount.Add(back.tax).Equal(gone) {
			continue
		}
		for _, f := range r.refunds {
			for i := range f.Shipping {
				if s := &f.Shipping[i]; s.LineID == it.id {
					s.Amount.Amount = s.Amount.Amount.Add(s.Tax.Amount)
				}
			}
		}
	}
}

// present is the item with discounts and taxes of the present quantity: a share of
// those at checkout. Where refunds explain all that is missing, the line and what
// they took off it come to the amounts at checkout, to the cent.
func (r *record) present(it item) item {
	checkout := it
	it.discounts, it.taxes = slices.Clone(it.discounts), slices.Clone(it.taxes)
	if !it.current.IsPositive() {
		it.current, it.discounts = decimal.Zero, nil
		for i := range it.taxes {
			it.taxes[i].amount = decimal.Zero
		}
		return it
	}
	for i := range it.discounts {
		it.discounts[i].amount = r.scale(it.discounts[i].amount, it)
	}
	for i := range it.taxes {
		it.taxes[i].amount = r.scale(it.taxes[i].amount, it)
	}
	gone := it.quantity.Sub(it.current)
	if back := r.refunded(it.id); gone.IsPositive() && back.quantity.Equal(gone) {
		rest := checkout.total(it.quantity).Sub(back.amount)
		reach(discounts(it), it.unit.Mul(it.current).Sub(rest))
		reach(taxes(it), sum(taxes(checkout)).Sub(back.tax))
	}
	return it
}

// scale is the part of an amount that falls on the present quantity, half up.
func (r *record) scale(d decimal.Decimal, it item) decimal.Decimal {
	if it.current.Equal(it.quantity) || it.quantity.IsZero() {
		return d
	}
	return d.Mul(it.current).DivRound(it.quantity, 16).Round(commerce.Digits(r.currency))
}

// shippingItem is a shipping line at its present price. One that was partly
// refunded is told by that price alone. Its taxes are those at checkout less what
// the refunds tell, where they explain the price, and else in proportion.
func (r *record) shippingItem(it item) item {
	it.quantity, it.current, it.ships = decimal.NewFromInt(1), decimal.NewFromInt(1), false
	if it.left.Equal(it.discounted) {
		return it
	}
	it.unit, it.discounts = it.left, nil
	it.taxes = slices.Clone(it.taxes)
	before := sum(taxes(it))
	for i, t := range it.taxes {
		if !it.discounted.IsZero() {
			it.taxes[i].amount = t.amount.Mul(it.left).DivRound(it.discounted, 16).Round(commerce.Digits(r.currency))
		}
	}
	if back := r.refundedShipping(it.id); back.amount.Equal(it.discounted.Sub(it.left)) {
		reach(taxes(it), before.Sub(back.tax))
	}
	return it
}

func (it item) total(quantity decimal.Decimal) decimal.Decimal {
	return it.unit.Mul(quantity).Sub(sum(discounts(it)))
}

func discounts(it item) []*decimal.Decimal {
	var out []*decimal.Decimal
	for i := range it.discounts {
		out = append(out, &it.discounts[i].amount)
	}
	return out
}

func taxes(it item) []*decimal.Decimal {
	var out []*decimal.Decimal
	for i := range it.taxes {
		out = append(out, &it.taxes[i].amount)
	}
	return out
}

func sum(of []*decimal.Decimal) decimal.Decimal {
	var all decimal.Decimal
	for _, d := range of {
		all = all.Add(*d)
	}
	return all
}

// reach makes amounts come to a sum: what rounding left over goes to the largest.
// Where that would turn it negative, they stay.
func reach(amounts []*decimal.Decimal, want decimal.Decimal) {
	if len(amounts) == 0 {
		return
	}
	largest := slices.MaxFunc(amounts, func(a, b *decimal.Decimal) int { return a.Cmp(*b) })
	if to := largest.Add(want).Sub(sum(amounts)); !to.IsNegative() {
		*largest = to
	}
}
