package woocommerce

import (
	"errors"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// untold finds the rates that an old shop does not tell, by what they came to.
func (m *mapping) untold() {
	for _, t := range m.rec.TaxLines {
		if r := m.rates[t.RateID]; !t.RatePercent.valid {
			r.percent = m.guess(t.RateID)
			m.rates[t.RateID] = r
		}
	}
}

// guess is the shortest rate that explains the tax of the largest line that has it.
func (m *mapping) guess(id ident) decimal.Decimal {
	net, tax := decimal.Zero, decimal.Zero
	for _, list := range [][]recordLine{*m.rec.LineItems, m.rec.ShippingLines, m.rec.FeeLines} {
		for _, l := range list {
			for _, t := range l.Taxes {
				if t.RateID == id && l.Total.Abs().GreaterThan(net.Abs()) && t.Total.valid {
					net, tax = l.Total.Decimal, t.Total.Decimal
				}
			}
		}
	}
	if net.IsZero() {
		return decimal.Zero
	}
	for digits := range int32(4) {
		percent := tax.Shift(2).DivRound(net, digits)
		if percent.Mul(net).Shift(-2).Sub(tax).Abs().LessThanOrEqual(decimal.New(5, -3)) {
			return percent
		}
	}
	return tax.Shift(2).DivRound(net, 4)
}

// sumOf reads a line's amounts: after coupons, or before them.
func (m *mapping) sumOf(l recordLine, before bool) sum {
	told, priced := l.Total.Decimal, l.Price.Mul(l.Quantity.Decimal)
	if before {
		told, priced = l.Subtotal.Decimal, decimal.Zero
	}
	var levies []levy
	for _, t := range l.Taxes {
		got := t.Total
		if before {
			got = t.Subtotal
		}
		if !t.Total.valid && !t.Subtotal.valid { // a rate of another class
			continue
		}
		r, ok := m.rates[t.RateID]
		switch {
		case !ok && got.IsZero(): // a rate that was deleted in the shop
			continue
		case !ok:
			m.fail("a line has a tax rate that the order does not list")
		}
		levies = append(levies, levy{r, got.Decimal})
	}
	levies = held(told, levies)
	return sum{net: exact(told, priced, levies), levies: levies}
}

func (m *mapping) fail(what string) {
	if m.err == nil {
		m.err = errors.New(what)
	}
}

// price is an amount as the order's prices are, rounded once.
func (m *mapping) price(s sum) decimal.Decimal {
	if *m.rec.PricesIncludeTax {
		return s.net.Add(s.tax()).Round(m.digits)
	}
	return s.net.Round(m.digits)
}

func (m *mapping) taxesOf(s sum) []commerce.Tax {
	var out []commerce.Tax
	for _, l := range s.levies {
		out = append(out, commerce.Tax{Title: l.title, Rate: l.percent, Amount: m.money(l.amount)})
	}
	return out
}

// build makes the lines as they were ordered.
func (m *mapping) build() {
	for _, l := range *m.rec.LineItems {
		if !l.Quantity.IsZero() || !l.Total.IsZero() { // else staff took all of it out
			m.lines = append(m.lines, m.product(l))
		}
	}
	for _, l := range m.rec.ShippingLines {
		m.charge(l, commerce.LineShipping)
	}
	for _, l := range m.rec.FeeLines {
		m.charge(l, commerce.LineFee)
	}
}

func (m *mapping) product(l recordLine) line {
	s := m.sumOf(l, false)
	if l.ID == "" || !l.Quantity.IsPositive() || !l.Total.valid {
		m.fail("a line has no id, no quantity or no amount")
		return line{}
	}
	total := m.price(s)
	out := line{of: l.ID, sum: s, Line: commerce.Line{
		ID: string(l.ID), Kind: commerce.LineProduct, SKU: tidy(l.SKU), Title: shown(l.Name), Quantity: l.Quantity.Decimal,
		Total: m.money(total), Taxes: m.taxesOf(s), NeedsShipping: m.needsShipping(), Properties: properties(l.Meta),
		VariantID: either(string(l.VariationID), string(l.ProductID)), Barcode: tidy(l.GTIN),
	}}
	out.stocked = l.Meta.has(metaReduced) || l.Meta.has(metaRestocked)
	var restocked amount
	_ = restocked.UnmarshalJSON([]byte(l.Meta.get(metaRestocked))) // zero for what is no number
	out.restocked = restocked.Decimal
	listed := total
	if l.Subtotal.valid {
		listed = decimal.Max(total, m.price(m.sumOf(l, true))) // staff may raise what a line costs
	}
	out.Discounts = m.discounts(listed.Sub(total))
	out.UnitPrice = commerce.Money{Amount: listed.DivRound(l.Quantity.Decimal, 8), Currency: m.rec.Currency}
	if !*m.rec.PricesIncludeTax && listed.Equal(total) && l.Price.valid && l.Price.Mul(l.Quantity.Decimal).Round(m.digits).Equal(total) {
		out.UnitPrice.Amount = l.Price.Round(8) // it may have more decimals than the currency
	}
	return out
}

// discounts names the coupons that an amount on a line is of. Which share each has on
// which line the shop does not tell.
func (m *mapping) discounts(off decimal.Decimal) []commerce.Discount {
	if !off.IsPositive() {
		return nil
	}
	var titles []string
	var weights []decimal.Decimal
	for _, c := range m.rec.CouponLines {
		if c.Discount.IsPositive() {
			titles, weights = append(titles, tidy(c.Code)), append(weights, c.Discount.Decimal)
		}
	}
	if len(titles) == 0 { // staff changed the amount
		return []commerce.Discount{{Title: "Discount", Amount: m.money(off)}}
	}
	var out []commerce.Discount
	for i, part := range spread(off, weights, m.digits) {
		if part.IsPositive() {
			out = append(out, commerce.Discount{Title: titles[i], Amount: m.money(part)})
		}
	}
	return out
}

// needsShipping reports whether the order has goods: a line does not tell.
func (m *mapping) needsShipping() bool {
	return len(m.rec.ShippingLines) > 0 || m.rec.NeedsProcessing == nil || *m.rec.NeedsProcessing
}

// charge is shipping or a fee: a line for each part that is taxed by itself. A fee
// below zero is a discount of the order with a name and taxes of its own.
func (m *mapping) charge(l recordLine, kind commerce.LineKind) {
	if l.ID == "" {
		m.fail("a line of shipping or fees has no id")
		return
	}
	whole := m.sumOf(l, false)
	left := m.price(whole)
	parts := whole.parts()
	for i, s := range parts {
		total := m.price(s)
		id := string(l.ID)
		if i > 0 {
			id += "-" + string(s.levies[0].id)
		}
		if i == len(parts)-1 {
			total = left
		}
		left = left.Sub(total)
		out := line{of: l.ID, sum: s, Line: commerce.Line{ID: id, Kind: kind, Title: shown(l.Name), Quantity: decimal.NewFromInt(1),
			UnitPrice: m.money(total), Total: m.money(total), Taxes: m.taxesOf(s)}}
		if kind == commerce.LineShipping {
			out.Title, out.Code = shown(l.MethodTitle), l.method()
		}
		m.lines = append(m.lines, out)
	}
}

// method is the shipping method with its place in the shop's zones, flat_rate:3.
func (l *recordLine) method() string {
	id, instance := tidy(l.MethodID), tidy(l.InstanceID)
	if instance == "" || instance == "0" || strings.Contains(id, ":") {
		return id
	}
	return id + ":" + instance
}

// properties are what a buyer chose or typed for a line.
func properties(list metas) []commerce.Property {
	var out []commerce.Property
	for _, one := range list {
		name, value := either(shown(one.DisplayKey), one.Key), either(shown(one.DisplayValue), shown(one.Value))
		if !strings.HasPrefix(one.Key, "_") && value != "" {
			out = append(out, commerce.Property{Name: name, Value: value})
		}
	}
	return out
}
