package woocommerce

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// refund maps one, and takes off the order's lines and totals what it is about. The
// amount that went back stands apart from them: staff may give back more or less.
func (m *mapping) refund(o *commerce.Order, r refund) commerce.Refund {
	if r.ID == "" || !r.Amount.valid {
		m.fail("a refund has no id or no amount")
	}
	out := commerce.Refund{ID: string(r.ID), At: r.Created.Time, Amount: m.money(r.Amount.Decimal), Pending: m.money(decimal.Zero)}
	for _, back := range r.LineItems {
		m.goods(o, r, back, &out)
	}
	for _, list := range [][]recordLine{r.ShippingLines, r.FeeLines} {
		for _, back := range list {
			m.charges(o, back, &out)
		}
	}
	if m.whole(r) {
		m.all(o, r, &out)
	}
	if m.ends(r) {
		m.evens(o, &out)
		m.lastTaxes(o, &out)
	} else {
		m.kept(o, &out)
	}
	return out
}

// ends reports whether a refund leaves nothing of the order's lines and of its money.
func (m *mapping) ends(r refund) bool {
	cent := decimal.New(1, -m.digits)
	return m.rest(r).IsZero() && !slices.ContainsFunc(m.lines, func(l line) bool { return l.Total.Amount.Abs().GreaterThan(cent) })
}

// rest is what of the order's money a refund and those before it leave.
func (m *mapping) rest(r refund) decimal.Decimal {
	rest := m.rec.Total.Round(m.digits)
	for _, one := range m.refunds {
		rest = rest.Sub(one.Amount.Round(m.digits))
		if one.ID == r.ID {
			break
		}
	}
	return rest
}

// evens takes back, with the refund that ends an order, the money that earlier ones gave
// for its lines beyond what these came to, and gives what they kept, with the same taxes.
// What they gave for no line is what is left of the difference.
func (m *mapping) evens(o *commerce.Order, out *commerce.Refund) {
	out.Beyond = nil
	for _, was := range o.Refunds {
		for _, b := range was.Beyond {
			m.beyond(out, b.LineID, b.Amount.Amount.Neg(), b.Tax.Amount.Neg())
		}
	}
}

// lastTaxes has the refund that ends an order give back what cents are left of its taxes,
// or take them off: the shop may round these in the end, and every refund by itself.
func (m *mapping) lastTaxes(o *commerce.Order, out *commerce.Refund) {
	all := m.taxes()
	if len(all) == 0 {
		return
	}
	for i := range o.Taxes {
		if left := &o.Taxes[i].Amount; m.lastTax(o, out, o.Taxes[i], left.Amount) {
			left.Amount = decimal.Zero
		}
	}
	m.lastTax(o, out, slices.MaxFunc(all, func(a, b commerce.Tax) int { return a.Amount.Amount.Cmp(b.Amount.Amount) }), o.TotalTax.Amount)
}

// lastTax adds cents of a tax to the part of a refund that has most of it; false where
// there is none, or it is more than rounding.
func (m *mapping) lastTax(o *commerce.Order, out *commerce.Refund, of commerce.Tax, cents decimal.Decimal) bool {
	if few := decimal.New(int64(len(m.lines)*(1+len(m.refunds))), -m.digits); cents.Abs().GreaterThan(few) {
		return false
	}
	var most *commerce.Money
	taxed := func(id string, tax *commerce.Money) {
		at := slices.IndexFunc(m.lines, func(l line) bool { return l.ID == id })
		if at >= 0 && len(m.lines[at].Taxes) == 1 && m.lines[at].Taxes[0].Title == of.Title && m.lines[at].Taxes[0].Rate.Equal(of.Rate) &&
			(most == nil || tax.Amount.GreaterThan(most.Amount)) {
			most = tax
		}
	}
	for i := range out.Lines {
		taxed(out.Lines[i].LineID, &out.Lines[i].Tax)
	}
	for i := range out.Shipping {
		taxed(out.Shipping[i].LineID, &out.Shipping[i].Tax)
	}
	if most == nil {
		return false
	}
	most.Amount, o.TotalTax.Amount = most.Amount.Add(cents), o.TotalTax.Amount.Sub(cents)
	if !o.PricesIncludeTax {
		o.Total.Amount = o.Total.Amount.Sub(cents)
	}
	return true
}

// gross is an amount with its tax.
func gross(o *commerce.Order, amount, tax commerce.Money) decimal.Decimal {
	if o.PricesIncludeTax {
		return amount.Amount
	}
	return amount.Amount.Add(tax.Amount)
}

// kept divides what a refund gives less than its lines come to, a fee for instance, over
// these: what is kept is a part of their price and has their taxes.
func (m *mapping) kept(o *commerce.Order, out *commerce.Refund) {
	rest, goods := out.Amount.Amount, decimal.Zero
	weights := make([]decimal.Decimal, len(out.Lines))
	for i, l := range out.Lines {
		weights[i] = gross(o, l.Amount, l.Tax)
		goods = goods.Add(weights[i])
	}
	rest = rest.Sub(goods)
	for _, s := range out.Shipping {
		rest = rest.Sub(gross(o, s.Amount, s.Tax))
	}
	for _, b := range out.Beyond {
		rest = rest.Sub(gross(o, b.Amount, b.Tax))
	}
	if !rest.IsNegative() || rest.Neg().GreaterThan(goods) {
		return
	}
	for i, part := range spread(rest, weights, m.digits) {
		if l := out.Lines[i]; !part.IsZero() {
			tax := m.money(part.Mul(l.Tax.Amount).DivRound(weights[i], exactDigits))
			if !o.PricesIncludeTax {
				part = part.Sub(tax.Amount)
			}
			m.beyond(out, l.LineID, part, tax.Amount)
		}
	}
}

// whole reports whether a refund gives the last of the money back of an order that is
// refunded. It need not tell of lines, as when staff calls an order refunded, nor of
// pieces, as when staff types amounts alone: the shop sends and sells nothing more of it.
func (m *mapping) whole(r refund) bool {
	return m.rec.Status == "refunded" && r.Amount.IsPositive() && m.rest(r).IsZero()
}

// all takes everything that is left off the order. Of goods that had left, those that a
// refund tells nothing of while it tells of lines are with the buyer still.
func (m *mapping) all(o *commerce.Order, r refund, out *commerce.Refund) {
	divided := len(r.LineItems)+len(r.ShippingLines)+len(r.FeeLines) > 0
	for i := range m.lines {
		l := &m.lines[i]
		switch {
		case l.Kind != commerce.LineProduct:
			m.takeCharge(o, l, l.sum, out)
		case l.Quantity.IsPositive():
			back := l.Quantity
			if l.stocked || divided {
				back = decimal.Min(l.restocked, back)
			}
			m.take(o, r, l, l.Quantity, back, l.sum, out)
		}
	}
}

// goods takes a quantity off a line, and its share of what the line comes to: what the
// shop says of a part, where it is that to a cent. Money beyond that, and money for a
// line of which nothing comes back, is taxed as the line is.
func (m *mapping) goods(o *commerce.Order, r refund, back recordLine, out *commerce.Refund) {
	l := m.find(back.of(), commerce.LineProduct, "")
	if l == nil {
		return // money, and nobody knows for what
	}
	told := m.sumOf(back, false).negated()
	amount, tax := m.money(m.price(told)), m.money(told.tax())
	if quantity := decimal.Min(back.Quantity.Neg(), l.Quantity); quantity.IsPositive() {
		part := l.sum.share(quantity, l.Quantity)
		if told.net.Sub(part.net).Abs().LessThanOrEqual(decimal.New(15, -3)) && len(told.levies) == len(part.levies) && quantity.LessThan(l.Quantity) {
			part = told
		}
		took, itsTax := m.take(o, r, l, quantity, l.backWith(r, quantity), part, out)
		amount.Amount, tax.Amount = amount.Amount.Sub(took.Amount), tax.Amount.Sub(itsTax.Amount)
	}
	m.beyond(out, l.ID, amount.Amount, tax.Amount)
}

// beyond adds money for a line, tax included or not as the order's prices are, to what a
// refund gives for it beyond its goods.
func (m *mapping) beyond(out *commerce.Refund, line string, amount, tax decimal.Decimal) {
	at := slices.IndexFunc(out.Beyond, func(b commerce.RefundBeyond) bool { return b.LineID == line })
	if at < 0 {
		out.Beyond, at = append(out.Beyond, commerce.RefundBeyond{LineID: line, Amount: m.money(decimal.Zero), Tax: m.money(decimal.Zero)}), len(out.Beyond)
	}
	b := &out.Beyond[at]
	b.Amount.Amount, b.Tax.Amount = b.Amount.Amount.Add(amount), b.Tax.Amount.Add(tax)
	if b.Amount.IsZero() {
		out.Beyond = slices.Delete(out.Beyond, at, at+1)
	}
}

// share is the part of an amount that falls on a quantity.
func (s sum) share(of, all decimal.Decimal) sum {
	part := sum{net: s.net.Mul(of).DivRound(all, exactDigits)}
	for _, l := range s.levies {
		l.amount = l.amount.Mul(of).DivRound(all, exactDigits)
		part.levies = append(part.levies, l)
	}
	return part
}

// less is what a part leaves of an amount with the same taxes.
func (s sum) less(part sum) sum {
	rest := sum{net: s.net.Sub(part.net)}
	for _, l := range s.levies {
		l.amount = l.amount.Sub(part.of(l.id))
		rest.levies = append(rest.levies, l)
	}
	return rest
}

// take takes goods off a line and off the order, and says what they came to: with the
// last of a line goes all that is left of it. back is how many of them came back where
// they had left: the buyer has the others still.
func (m *mapping) take(o *commerce.Order, r refund, l *line, quantity, back decimal.Decimal, part sum, out *commerce.Refund) (amount, tax commerce.Money) {
	l.Quantity = l.Quantity.Sub(quantity)
	amount, tax = m.off(o, l, part, l.Quantity.IsZero())
	m.discounted(l)
	word := commerce.RestockReturn
	if !m.left(r) {
		word, back = commerce.RestockCancel, quantity
	}
	words, pieces := []string{word, commerce.RestockNone}, []decimal.Decimal{back, quantity.Sub(back)}
	amounts, taxes := spread(amount.Amount, pieces, m.digits), spread(tax.Amount, pieces, m.digits)
	for i, n := range pieces {
		if n.IsPositive() {
			out.Lines = append(out.Lines, commerce.RefundLine{LineID: l.ID, Quantity: n, Restock: words[i], Amount: m.money(amounts[i]), Tax: m.money(taxes[i])})
		}
	}
	return amount, tax
}

// charges takes an amount off shipping or a fee.
func (m *mapping) charges(o *commerce.Order, back recordLine, out *commerce.Refund) {
	for _, part := range m.sumOf(back, false).negated().parts() {
		rated := ident("")
		if len(part.levies) > 0 {
			rated = part.levies[0].id
		}
		for _, kind := range []commerce.LineKind{commerce.LineShipping, commerce.LineFee} {
			if l := m.find(back.of(), kind, rated); l != nil {
				m.takeCharge(o, l, part, out)
			}
		}
	}
}

func (m *mapping) takeCharge(o *commerce.Order, l *line, part sum, out *commerce.Refund) {
	amount, tax := m.off(o, l, part, false)
	l.UnitPrice = l.Total
	if !amount.IsZero() || !tax.IsZero() {
		out.Shipping = append(out.Shipping, commerce.RefundShipping{LineID: l.ID, Amount: amount, Tax: tax})
	}
}

// find is the line that stands for the shop's, and where several do, for the part
// that the rate taxes; nil for none.
func (m *mapping) find(of ident, kind commerce.LineKind, rated ident) *line {
	var found *line
	for i := range m.lines {
		l := &m.lines[i]
		if of == "" || l.of != of || l.Kind != kind {
			continue
		}
		if found == nil || len(l.sum.levies) > 0 && l.sum.levies[0].id == rated {
			found = l
		}
	}
	return found
}

// discounted makes a line's discounts what its total is less than its price.
func (m *mapping) discounted(l *line) {
	off := l.UnitPrice.Amount.Mul(l.Quantity).Round(m.digits).Sub(l.Total.Amount)
	weights := make([]decimal.Decimal, len(l.Discounts))
	for i, d := range l.Discounts {
		weights[i] = d.Amount.Amount
	}
	was := l.Discounts
	l.Discounts = nil
	for i, part := range spread(off, weights, m.digits) {
		if part.IsPositive() {
			l.Discounts = append(l.Discounts, commerce.Discount{Title: was[i].Title, Amount: m.money(part)})
		}
	}
}

// off takes a part, or all, off a line and off the order, in cents as the shop refunds
// them, and gives what that was.
func (m *mapping) off(o *commerce.Order, l *line, part sum, all bool) (amount, tax commerce.Money) {
	amount, tax = m.money(m.price(part)), m.money(decimal.Zero)
	if all {
		amount = l.Total
	}
	l.sum = l.sum.less(part)
	l.Total = m.money(l.Total.Amount.Sub(amount.Amount))
	for i := range l.Taxes {
		t := &l.Taxes[i]
		gone := t.Amount.Amount
		if !all {
			gone = m.money(part.of(l.sum.levies[i].id)).Amount
		}
		t.Amount.Amount, tax.Amount = t.Amount.Amount.Sub(gone), tax.Amount.Add(gone)
		for n := range o.Taxes {
			if of := &o.Taxes[n]; of.Title == t.Title && of.Rate.Equal(t.Rate) {
				of.Amount.Amount = of.Amount.Amount.Sub(gone)
			}
		}
	}
	o.Total.Amount, o.TotalTax.Amount = o.Total.Amount.Sub(amount.Amount), o.TotalTax.Amount.Sub(tax.Amount)
	if !o.PricesIncludeTax {
		o.Total.Amount = o.Total.Amount.Sub(tax.Amount)
	}
	return amount, tax
}

// of is the tax of a rate.
func (s sum) of(id ident) decimal.Decimal {
	all := decimal.Zero
	for _, l := range s.levies {
		if l.id == id {
			all = all.Add(l.amount)
		}
	}
	return all
}
