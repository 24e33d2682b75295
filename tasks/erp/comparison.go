package erp

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Comparison is an order held against what Odoo has of it.
type Comparison struct {
	Differences []Difference
	// StaysOut is why Odoo has no such order and is to have none; "": it is to have it.
	StaysOut   string
	Shop, Odoo Figures
}

// Figures are what an order comes to on one side in the end: once what was given back
// is taken off, and nothing for a cancelled one of which nothing was kept.
type Figures struct {
	There      bool // it has the order, cancelled or not
	Cancelled  bool
	Total, Tax commerce.Money
	Taxes      []StoryTax // nil beside a tax: not told by rate
	Refunds    int        // refunds of the shop, credit notes of Odoo
	// Received and PaidBack are money. Unregistered is what was received and is left to
	// people to register, who registered none: it is compared with nothing.
	Received, PaidBack, Unregistered commerce.Money
}

// Compare is Differences with the figures of both sides that they are about. Where the
// totals of the figures differ, one of the differences says so.
func Compare(shop config.Shop, o *commerce.Order, s Story) Comparison {
	a := &apart{settings: chosenFor(shop, Facts(o), &master{}), order: o, Story: s, live: shop.Live()}
	a.booking = a.restate(o, a.goods(), nil)
	c := Comparison{Shop: a.inShop(), Odoo: Figures{Total: zero(o), Tax: zero(o), Received: zero(o), PaidBack: zero(o)}}
	switch {
	case s.Order == nil:
		a.absent()
	case a.state():
		a.amounts()
		a.lines()
		a.shipped()
		a.money()
	case a.ended() && a.anyMoney():
		a.money()
	}
	if s.Order != nil {
		c.Odoo = a.inOdoo()
	}
	a.leaveOpen(&c)
	c.Differences, c.StaysOut = a.all, a.stays
	return c
}

// CompareAdopted holds an order against the one that somebody else made for it in Odoo
// and a person adopted: whether it stands and what it comes to. The rest is theirs.
func CompareAdopted(o *commerce.Order, other StoryOrder) Comparison {
	a := &apart{order: o, Story: Story{Order: &other}, booking: booking{Order: o}}
	c := Comparison{Shop: Figures{There: true, Cancelled: o.Cancelled(), Total: o.Total, Tax: o.TotalTax, Taxes: a.shopTaxes(), Refunds: len(o.Refunds),
		Received: zero(o), PaidBack: zero(o), Unregistered: zero(o)}, Odoo: a.inOdoo()}
	c.Odoo.Taxes = nil
	tax := commerce.Money{Amount: o.TotalTax.Amount, Currency: o.Currency}
	next := fmt.Sprintf("%s was adopted and is never written: make it equal in Odoo by hand", other.Name)
	for _, d := range []struct{ what, shop, odoo string }{{"state", endedWord(o.Cancelled()), endedWord(a.gone())},
		{"total", o.Total.String(), c.Odoo.Total.String()}, {"tax", tax.String(), c.Odoo.Tax.String()}} {
		if both := o.Cancelled() && a.gone(); d.shop != d.odoo && !both {
			a.say(d.what, d.shop, d.odoo, ByPerson, next)
		}
	}
	if o.Cancelled() {
		c.Shop.Total, c.Shop.Tax, c.Shop.Taxes = zero(o), zero(o), nil
	}
	c.Differences = a.all
	return c
}

func endedWord(cancelled bool) string {
	if cancelled {
		return "cancelled"
	}
	return "open"
}

func zero(o *commerce.Order) commerce.Money { return commerce.Money{Currency: o.Currency} }

func (a *apart) inShop() Figures {
	return Figures{There: true, Cancelled: a.order.Cancelled(), Total: a.booking.Total, Tax: a.booking.TotalTax, Taxes: a.shopTaxes(),
		Refunds: len(a.order.Refunds), Received: a.received(), PaidBack: Refunded(a.order), Unregistered: zero(a.order)}
}

func (a *apart) inOdoo() Figures {
	f := Figures{There: true, Cancelled: a.gone(), Total: a.total(), Tax: a.tax(), Taxes: a.odooTaxes(nil)}
	if a.gone() {
		f.Total, f.Tax, f.Taxes = zero(a.order), zero(a.order), nil
	}
	f.Received, _ = a.registered("inbound")
	f.PaidBack, _ = a.registered("outbound")
	for _, v := range a.Invoices {
		if v.credit() && v.stands() {
			f.Refunds++
		}
	}
	return f
}

// ended reports whether the order is cancelled on both sides.
func (a *apart) ended() bool { return a.order.Cancelled() && a.Order != nil && a.gone() }

// anyMoney reports whether Odoo has payments of the order.
func (a *apart) anyMoney() bool {
	_, in := a.registered("inbound")
	_, out := a.registered("outbound")
	return in || out
}

// leaveOpen takes money out of the shop's figures that nobody is to find in Odoo. Of an
// order that ended before any was registered, only what was kept is left to people.
func (a *apart) leaveOpen(c *Comparison) {
	received, refunded := a.registers()
	if a.ended() && !a.anyMoney() {
		received, refunded = false, false
		c.Shop.Received.Amount = c.Shop.Received.Amount.Sub(c.Shop.PaidBack.Amount)
	}
	if !received {
		c.Shop.Unregistered, c.Shop.Received = c.Shop.Received, zero(a.order)
		c.Odoo.Received = zero(a.order)
	}
	if !refunded {
		c.Shop.PaidBack, c.Odoo.PaidBack = zero(a.order), zero(a.order)
	}
}

// total and tax are what the order comes to in Odoo.
func (a *apart) total() commerce.Money {
	m := a.Order.Total
	m.Amount = a.net(m.Amount, func(v StoryInvoice) decimal.Decimal { return v.Total.Amount }, a.booking.Total.Amount)
	return m
}

func (a *apart) tax() commerce.Money {
	m := a.Order.Tax
	m.Amount = a.net(m.Amount, func(v StoryInvoice) decimal.Decimal { return v.Tax.Amount }, a.booking.TotalTax.Amount)
	return m
}

// net is an amount of the order with what was credited taken off: of what is invoiced,
// or of the order itself where only that makes what is wanted.
func (a *apart) net(order decimal.Decimal, of func(StoryInvoice) decimal.Decimal, want decimal.Decimal) decimal.Decimal {
	if !a.credited() {
		return order
	}
	var billed, credit decimal.Decimal
	for _, v := range a.Invoices {
		switch {
		case v.stands() && v.credit():
			credit = credit.Add(of(v))
		case v.stands():
			billed = billed.Add(of(v))
		}
	}
	if rest := order.Sub(credit); rest.Equal(want) {
		return rest
	}
	return billed.Sub(credit)
}

// shopTaxes are the taxes of the order by rate, as it stands in the books.
func (a *apart) shopTaxes() (list []StoryTax) {
	for _, l := range a.booking.Lines {
		if !l.Quantity.IsZero() {
			for _, t := range l.Taxes {
				list = addTax(list, t.Rate, t.Amount)
			}
		}
	}
	return list
}

// odooTaxes are the taxes by rate that the order comes to in Odoo, with those of the
// shop that it has none of; nil where Odoo does not tell them by rate.
func (a *apart) odooTaxes(shop []StoryTax) []StoryTax {
	told := func(list []StoryTax, tax commerce.Money) bool { return list != nil || tax.IsZero() }
	if !told(a.Order.Taxes, a.Order.Tax) {
		return nil
	}
	rates := slices.Concat(a.Order.Taxes, shop)
	if a.credited() {
		for _, v := range a.Invoices {
			if !v.stands() {
				continue
			}
			if !told(v.Taxes, v.Tax) {
				return nil
			}
			rates = append(rates, v.Taxes...)
		}
	}
	var list []StoryTax
	for _, t := range rates {
		if !slices.ContainsFunc(list, func(have StoryTax) bool { return have.Rate.Equal(t.Rate) }) {
			sum := a.net(taxAt(a.Order.Taxes, t).Amount, func(v StoryInvoice) decimal.Decimal { return taxAt(v.Taxes, t).Amount }, taxAt(a.shopTaxes(), t).Amount)
			list = append(list, StoryTax{t.Rate, commerce.Money{Amount: sum, Currency: t.Amount.Currency}})
		}
	}
	return list
}

// taxAt is the tax of the same rate in a list.
func taxAt(list []StoryTax, of StoryTax) commerce.Money {
	for _, t := range list {
		if t.Rate.Equal(of.Rate) {
			return t.Amount
		}
	}
	return commerce.Money{Currency: of.Amount.Currency}
}
