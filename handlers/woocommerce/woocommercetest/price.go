package woocommercetest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// price works out every amount of an order the way WooCommerce does: prices with tax
// lose it at six decimals, coupons fall on prices as they are written, taxes are rounded
// per line and rate, or where the shop says so only in the end.
func (o *Order) price() {
	o.Lines = slices.DeleteFunc(o.Lines, func(l Line) bool { // one without pieces is gone
		if l.Quantity < 1 {
			o.removed = append(o.removed, l.ID)
		}
		return l.Quantity < 1
	})
	o.useCoupons()
	for i := range o.Lines {
		l := &o.Lines[i]
		l.subtotal, l.subtotalTaxes = netOf(l.undiscounted, l.Taxes, o.PricesIncludeTax)
		l.total, l.taxes = netOf(l.discounted, l.Taxes, o.PricesIncludeTax)
		l.subtotalTaxSum, l.taxSum = o.lineTax(l.subtotalTaxes), o.lineTax(l.taxes)
	}
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		l.total, l.taxes = l.Cost, taxesOn(l.Cost, l.Taxes, false)
		l.taxSum = o.lineTax(l.taxes)
	}
	for i := range o.Fees {
		l := &o.Fees[i]
		l.total = o.bounded(l.Amount, i)
		l.taxes = taxesOn(l.total, l.Taxes, false)
		if l.total.IsNegative() && len(l.Taxes) > 0 {
			l.taxes = o.spread(l.total)
		}
		l.taxSum = o.lineTax(l.taxes)
	}
	o.sum()
}

// micro is the precision that amounts of lines are kept in.
const micro = 6

// cents rounds half up to two digits: the fake's currencies all have two.
func cents(d decimal.Decimal) decimal.Decimal { return d.Round(2) }

// halfDown rounds to cents, halves towards zero.
func halfDown(d decimal.Decimal) decimal.Decimal {
	if d.Sub(d.Truncate(2)).Abs().Equal(decimal.New(5, -3)) {
		return d.Truncate(2)
	}
	return d.Round(2)
}

// roundTax rounds a tax; where prices include it halves go down, so that net and tax
// come to the price.
func (o *Order) roundTax(d decimal.Decimal) decimal.Decimal {
	if o.PricesIncludeTax {
		return halfDown(d)
	}
	return cents(d)
}

// lineRound is roundTax, unless the shop rounds only in the end.
func (o *Order) lineRound(d decimal.Decimal) decimal.Decimal {
	if o.RoundAtSubtotal {
		return d
	}
	return o.roundTax(d)
}

func (o *Order) lineTax(taxes []taxAmount) decimal.Decimal {
	sum := decimal.Zero
	for _, t := range taxes {
		sum = sum.Add(o.lineRound(t.amount))
	}
	return sum
}

// netOf takes the tax out of a price that has it.
func netOf(price decimal.Decimal, rates []TaxRate, included bool) (decimal.Decimal, []taxAmount) {
	taxes := taxesOn(price, rates, included)
	if included {
		price = price.Sub(sumOf(taxes))
	}
	return price.Round(micro), taxes
}

func sumOf(taxes []taxAmount) decimal.Decimal {
	sum := decimal.Zero
	for _, t := range taxes {
		sum = sum.Add(t.amount)
	}
	return sum
}

var hundred = decimal.NewFromInt(100)

// taxesOn are the taxes on a price, or those in it. Compound ones come on top of the
// others.
func taxesOn(price decimal.Decimal, rates []TaxRate, included bool) []taxAmount {
	regular := decimal.Zero
	for _, r := range rates {
		if !r.Compound {
			regular = regular.Add(r.Percent)
		}
	}
	out := make([]taxAmount, len(rates))
	base := price // of the regular ones
	if included {
		for i, r := range slices.Backward(rates) {
			if r.Compound {
				without := base.Mul(hundred).DivRound(hundred.Add(r.Percent), 16)
				out[i] = taxAmount{r, base.Sub(without).Round(micro)}
				base = without
			}
		}
		base = base.Mul(hundred).DivRound(hundred.Add(regular), 16)
	}
	all := base
	for i, r := range rates {
		if !r.Compound {
			out[i] = taxAmount{r, base.Mul(r.Percent).Shift(-2).Round(micro)}
			all = all.Add(out[i].amount)
		}
	}
	for i, r := range rates {
		if r.Compound && !included {
			out[i] = taxAmount{r, all.Mul(r.Percent).Shift(-2).Round(micro)}
			all = all.Add(out[i].amount)
		}
	}
	return out
}

// bounded is a fee that takes off no more than the order comes to before it.
func (o *Order) bounded(amount decimal.Decimal, fee int) decimal.Decimal {
	if !amount.IsNegative() {
		return amount
	}
	most := decimal.Zero
	for i := range o.Lines {
		most = most.Add(o.Lines[i].total)
	}
	for i := range o.ShippingLines {
		most = most.Add(o.ShippingLines[i].total)
	}
	for i := range fee {
		most = most.Add(o.Fees[i].total)
	}
	return decimal.Max(amount, cents(most).Neg())
}

// spread gives a negative fee the taxes of the goods, in proportion to what these cost.
func (o *Order) spread(amount decimal.Decimal) []taxAmount {
	goods := decimal.Zero
	for i := range o.Lines {
		goods = goods.Add(o.Lines[i].total)
	}
	if !goods.IsPositive() {
		return nil
	}
	var out []taxAmount
	for i := range o.Lines {
		l := &o.Lines[i]
		for _, t := range taxesOn(amount.Mul(l.total).DivRound(goods, 16), l.Taxes, false) {
			out = merge(out, t)
		}
	}
	return out
}

// merge adds a tax to those of the same rate.
func merge(taxes []taxAmount, t taxAmount) []taxAmount {
	i := slices.IndexFunc(taxes, func(s taxAmount) bool { return s.ID == t.ID })
	if i < 0 {
		return append(taxes, t)
	}
	taxes[i].amount = taxes[i].amount.Add(t.amount)
	return taxes
}

func (o *Order) sum() {
	var t totals
	items, subtotal, subtotalTax, itemsTax, fees := decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero, decimal.Zero
	for i := range o.Lines {
		l := &o.Lines[i]
		total, before := l.total, l.subtotal
		if !o.RoundAtSubtotal {
			total, before = cents(total), cents(before)
		}
		items, subtotal = items.Add(total), subtotal.Add(before)
		subtotalTax, itemsTax = subtotalTax.Add(sumOf(l.subtotalTaxes)), itemsTax.Add(sumOf(l.taxes))
		t.add(o, l.taxes, false)
	}
	for i := range o.Fees {
		fees = fees.Add(o.Fees[i].total)
		t.add(o, o.Fees[i].taxes, false)
	}
	for i := range o.ShippingLines {
		t.shipping = t.shipping.Add(o.ShippingLines[i].total)
		t.add(o, o.ShippingLines[i].taxes, true)
	}
	for _, r := range t.rates {
		t.cartTax, t.shippingTax = t.cartTax.Add(r.cart), t.shippingTax.Add(r.shipping)
	}
	t.discount, t.discountTax = cents(subtotal.Sub(items)), o.roundTax(subtotalTax.Sub(itemsTax))
	t.tax = t.cartTax.Add(t.shippingTax)
	t.total = decimal.Max(decimal.Zero, cents(items.Add(fees).Add(t.shipping).Add(t.tax)))
	o.totals = t
}

// add counts a line's taxes by rate.
func (t *totals) add(o *Order, taxes []taxAmount, shipping bool) {
	for _, tax := range taxes {
		i := slices.IndexFunc(t.rates, func(r rateTotal) bool { return r.ID == tax.ID })
		if i < 0 {
			i = len(t.rates)
			t.rates = append(t.rates, rateTotal{TaxRate: tax.TaxRate})
		}
		if amount := o.lineRound(tax.amount); shipping {
			t.rates[i].shipping = t.rates[i].shipping.Add(amount)
		} else {
			t.rates[i].cart = t.rates[i].cart.Add(amount)
		}
	}
}
