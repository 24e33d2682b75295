package woocommercetest

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// basket is the goods of an order while coupons fall on them, in whole cents.
type basket struct {
	*Order
	left  []int64 // what each line costs yet
	taken []int64 // by the present coupon
	sum   []int64 // by all
	order []int   // of the lines: the dearest first
}

// useCoupons takes off the lines what their coupons gave when they were used. Edits
// let them not fall anew: a line keeps its share for each piece, and one that was added
// has none.
func (o *Order) useCoupons() {
	for i := range o.Lines {
		l := &o.Lines[i]
		l.undiscounted = l.Price.Mul(decimal.NewFromInt(int64(l.Quantity)))
	}
	same := func(a, b Coupon) bool { return a.Code == b.Code && a.Kind == b.Kind && a.Amount.Equal(b.Amount) }
	if !slices.EqualFunc(o.used, o.Coupons, same) {
		o.allocate()
		o.used = slices.Clone(o.Coupons)
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		l.discounted = l.undiscounted
		if l.offFor > 0 {
			l.discounted = l.discounted.Sub(l.off.Mul(decimal.NewFromInt(int64(l.Quantity))).DivRound(decimal.NewFromInt(int64(l.offFor)), micro))
		}
	}
}

// allocate lets the coupons fall on the lines: those for products first, then percents,
// then amounts for the whole cart, as WooCommerce sorts them.
func (o *Order) allocate() {
	b := basket{Order: o, left: make([]int64, len(o.Lines)), sum: make([]int64, len(o.Lines))}
	for i := range o.Lines {
		b.left[i] = o.Lines[i].undiscounted.Shift(2).Round(0).IntPart()
		b.order = append(b.order, i)
	}
	slices.SortStableFunc(b.order, func(x, y int) int {
		return o.Lines[y].undiscounted.Cmp(o.Lines[x].undiscounted)
	})
	rank := map[string]int{"fixed_product": 1, "percent": 2, "fixed_cart": 3}
	turn := make([]int, len(o.Coupons))
	for i := range turn {
		turn[i] = i
	}
	slices.SortStableFunc(turn, func(x, y int) int { return cmp.Compare(rank[o.Coupons[x].Kind], rank[o.Coupons[y].Kind]) })
	for _, i := range turn {
		b.use(&o.Coupons[i])
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		l.off, l.offFor = decimal.New(b.sum[i], -2), l.Quantity
	}
}

// use lets one coupon fall on the lines, and reckons what it gave net of tax.
func (b *basket) use(c *Coupon) {
	b.taken = make([]int64, len(b.left))
	amount := c.Amount.Shift(2).Round(0).IntPart()
	switch c.Kind {
	case "percent":
		b.percent(c.Amount)
	case "fixed_product":
		b.each(amount)
	case "fixed_cart":
		b.across(amount)
	}
	c.discount, c.tax = decimal.Zero, decimal.Zero
	for i, n := range b.taken {
		off := decimal.New(n, -2)
		taxes := sumOf(taxesOn(off, b.Lines[i].Taxes, b.PricesIncludeTax))
		c.tax = c.tax.Add(taxes)
		if b.PricesIncludeTax {
			off = off.Sub(taxes)
		}
		c.discount = c.discount.Add(off)
	}
}

// take takes up to n cents off a line.
func (b *basket) take(line int, n int64) int64 {
	n = min(n, b.left[line])
	b.left[line] -= n
	b.taken[line] += n
	b.sum[line] += n
	return n
}

// percent takes a share of each line, and then, a cent from each piece, what these are
// short of the share of the whole.
func (b *basket) percent(percent decimal.Decimal) {
	whole, taken := int64(0), int64(0)
	for _, i := range b.order {
		price := b.Lines[i].undiscounted.Shift(2).Round(0)
		whole += price.IntPart()
		taken += b.take(i, halfDown(price.Mul(percent).Shift(-4)).Shift(2).IntPart())
	}
	if want := halfDown(decimal.NewFromInt(whole).Mul(percent).Shift(-4)).Shift(2).IntPart(); want > taken {
		b.pennies(want - taken)
	}
}

// each takes the same off every piece.
func (b *basket) each(amount int64) (taken int64) {
	for _, i := range b.order {
		taken += b.take(i, amount*int64(b.Lines[i].Quantity))
	}
	return taken
}

// across spreads one amount over the pieces that cost anything yet.
func (b *basket) across(amount int64) {
	pieces := int64(0)
	for i, left := range b.left {
		if left > 0 {
			pieces += int64(b.Lines[i].Quantity)
		}
	}
	if amount <= 0 || pieces == 0 {
		return
	}
	if one := amount / pieces; one > 0 {
		taken := b.each(one)
		if taken > 0 && taken < amount {
			b.across(amount - taken)
		}
		return
	}
	b.pennies(amount)
}

// pennies takes single cents, one from each piece.
func (b *basket) pennies(amount int64) {
	for _, i := range b.order {
		for range b.Lines[i].Quantity {
			if amount == 0 {
				return
			}
			amount -= b.take(i, 1)
		}
	}
}
