package erp_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// till is a shop of a regime, making up orders and adding them up as shops do.
type till struct {
	*rand.Rand
	regime
	levies map[string]levy
	digits int32
}

var hundred = decimal.NewFromInt(100)

// How shops round: the tax of each line, that of the whole order, or, where people
// typed prices with tax and the shop keeps them without, neither until the end.
const (
	perLine = iota
	onTotal
	kept
)

func (t till) money(d decimal.Decimal) commerce.Money {
	return commerce.Money{Amount: d, Currency: t.currency}
}

func (t till) order(n int) *commerce.Order {
	o := &commerce.Order{
		Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fmt.Sprint(n)}, Number: fmt.Sprintf("#R%d", n), Currency: t.currency,
		CreatedAt: time.Date(2026, 11, 20, 10, 0, n%60, 0, time.UTC), PricesIncludeTax: t.included,
		Customer: commerce.Party{Email: fmt.Sprintf("buyer%d@example.com", t.IntN(20)), FirstName: "Buyer"},
		Billing:  &commerce.Address{LastName: "Buyer", Street: "Road 1", City: "Town", Country: t.country, State: t.region},
	}
	rounds := t.IntN(2)
	if !t.included && t.IntN(3) == 0 && !strings.Contains(t.taxes, "r") && !strings.Contains(t.taxes, "+") {
		rounds = kept
	}
	sets := strings.Fields(t.sets)
	gross := decimal.Zero
	for i := range 1 + t.IntN(6) {
		l, whole := t.line(fmt.Sprint(n*100+i), sets[t.IntN(len(sets))], rounds, i > 0 && t.IntN(4) == 0)
		gross = gross.Add(whole)
		o.Lines = append(o.Lines, l)
	}
	t.sum(o, rounds, gross)
	return o
}

// line makes one line; whole is what it comes to with tax where the shop typed
// prices with it.
func (t till) line(id, set string, rounds int, ships bool) (l commerce.Line, whole decimal.Decimal) {
	l = commerce.Line{ID: id, Kind: commerce.LineProduct, SKU: []string{"MUG", "TEE"}[t.IntN(2)], Title: "Thing"}
	l.Quantity = decimal.NewFromInt(1 + t.Int64N(9))
	if t.IntN(12) == 0 {
		l.Quantity = decimal.New(1+t.Int64N(400), -2)
	}
	price := decimal.NewFromFloat(math.Pow(10, t.Float64()*2.8)).Round(t.digits)
	if ships {
		l.Kind, l.SKU, l.Quantity = commerce.LineShipping, "", decimal.NewFromInt(1)
	}
	total := price.Mul(l.Quantity).Round(t.digits)
	off := decimal.Zero
	switch t.IntN(6) {
	case 0: // a percentage
		off = total.Mul(decimal.New(1+t.Int64N(100), -2)).Round(t.digits)
	case 1: // what an order's discount allocates to the line, twice
		off = decimal.Min(total, decimal.New(t.Int64N(2000), -t.digits).Add(decimal.New(t.Int64N(500), -t.digits)))
	case 2: // so many for so much
		if l.Quantity.GreaterThan(decimal.NewFromInt(2)) {
			off = total.Sub(decimal.Min(total, decimal.NewFromInt(10)))
		}
	case 3:
		if t.IntN(8) == 0 {
			off = total
		}
	}
	if off.IsPositive() {
		l.Discounts = []commerce.Discount{{Title: "CODE", Amount: t.money(off)}}
		total = total.Sub(off)
	}
	whole = total
	if rounds == kept {
		total = t.net(total, set)
		price = t.net(price, set)
	}
	l.UnitPrice, l.Total = t.money(price), t.money(total)
	l.Taxes = t.taxesOf(total, set, rounds)
	return l, whole
}

func (t till) rate(name string) decimal.Decimal { return dec(t.levies[name].rate).Div(hundred) }

func members(set string) []string {
	if set == "-" {
		return nil
	}
	return strings.Split(set, "+")
}

// net is a price with tax without it, to six decimals.
func (t till) net(gross decimal.Decimal, set string) decimal.Decimal {
	rates := decimal.NewFromInt(1)
	for _, name := range members(set) {
		rates = rates.Add(t.rate(name))
	}
	return gross.DivRound(rates, 6)
}

func (t till) taxesOf(total decimal.Decimal, set string, rounds int) []commerce.Tax {
	var all []commerce.Tax
	base, sum := total, decimal.NewFromInt(1)
	for _, name := range members(set) {
		sum = sum.Add(t.rate(name))
	}
	for _, name := range members(set) {
		l, rate := t.levies[name], t.rate(name)
		amount := base.Mul(rate)
		switch {
		case l.reverse:
			rate, amount = decimal.Zero, decimal.Zero
		case t.included && !l.share:
			amount = total.Mul(rate).DivRound(sum, 12)
		}
		if rounds == perLine {
			amount = amount.Round(t.digits)
		} else {
			amount = amount.Round(6)
		}
		if l.raisesNext {
			base = base.Add(amount)
		}
		all = append(all, commerce.Tax{Title: name, Rate: rate.Mul(hundred), Amount: t.money(amount)})
	}
	return all
}

// sum adds the order up.
func (t till) sum(o *commerce.Order, rounds int, gross decimal.Decimal) {
	sums := map[string]decimal.Decimal{}
	total := decimal.Zero
	for _, l := range o.Lines {
		total = total.Add(l.Total.Amount)
		for _, x := range l.Taxes {
			sums[x.Title] = sums[x.Title].Add(x.Amount.Amount)
		}
	}
	tax := decimal.Zero
	for name, amount := range sums {
		amount = amount.Round(t.digits)
		tax = tax.Add(amount)
		rate := t.rate(name).Mul(hundred)
		if t.levies[name].reverse {
			rate = decimal.Zero
		}
		o.Taxes = append(o.Taxes, commerce.Tax{Title: name, Rate: rate, Amount: t.money(amount)})
	}
	switch {
	case rounds == kept:
		total = gross
	case !t.included:
		total = total.Add(tax)
	}
	o.Total, o.TotalTax = t.money(total.Round(t.digits)), t.money(tax)
}
