package erp

import (
	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// goods is what left and came back of each of the shop's lines.
func (a *apart) goods() map[string]goods {
	all, back := map[string]goods{}, a.returned()
	for _, row := range a.Lines {
		if at, ok := lineOf(a.order, row.XID); ok {
			was := all[a.order.Lines[at].ID]
			all[a.order.Lines[at].ID] = goods{was.Out.Add(row.Delivered).Add(back[row.ID]), was.In.Add(back[row.ID])}
		}
	}
	return all
}

// shipped compares what has left, whatever came back later. What left and came back
// before Odoo heard of it need not have left there. Shops ship the parts of a bundle, so
// a bundle itself is not compared.
func (a *apart) shipped() {
	names, of := a.bySums()
	left := map[string]decimal.Decimal{}
	counts := map[string]bool{}
	shipped, with := a.order.Shipped(), map[string]decimal.Decimal{}
	back := map[string]decimal.Decimal{}
	for _, c := range a.booking.Back {
		back[c.LineID] = back[c.LineID].Add(c.Quantity)
	}
	for i, l := range a.order.Lines {
		name := base(lineXID(a.order, i, 0))
		left[name], with[name] = shipped[l.ID], shipped[l.ID].Sub(back[l.ID])
		counts[name] = l.Kind != commerce.LineBundle && (l.NeedsShipping || left[name].IsPositive())
	}
	for _, name := range names {
		l := of[name]
		odoo := l.delivered.Add(l.returned)
		if !counts[name] || odoo.Equal(left[name]) || odoo.LessThan(left[name]) && l.delivered.Equal(with[name]) {
			continue
		}
		by, next := a.delivered(left[name].GreaterThan(odoo))
		a.say("shipped "+l.label, left[name].String(), odoo.String(), by, next)
	}
}

// delivered says how goods that left are told to the other side.
func (a *apart) delivered(missing bool) (Repair, string) {
	switch {
	case !missing:
		return ByPerson, "it left in Odoo, and the shop does not say so: fulfil it there"
	case a.Flow.Delivers():
		return ByRun, "a run validates the delivery in Odoo, unless the journal says what it waits for"
	}
	return ByPerson, "the workflow leaves deliveries to people: validate it in Odoo"
}

// registers reports whether the money is compared: a workflow registers it, or people
// registered some.
func (a *apart) registers() (received, refunded bool) {
	_, in := a.registered("inbound")
	_, out := a.registered("outbound")
	return a.Flow.Pays() || in, a.Flow.Pays() || in || out
}

// money compares what was received and given back with the payments of Odoo.
func (a *apart) money() {
	in, _ := a.registered("inbound")
	out, _ := a.registered("outbound")
	received, refunded := a.received(), Refunded(a.order)
	registers, repays := a.registers()
	if registers && !in.Amount.Equal(received.Amount) {
		by, next := ByRun, "a run registers it once the invoice is posted, unless the journal says what it waits for"
		switch {
		case in.Amount.GreaterThan(received.Amount):
			by, next = ByPerson, "Odoo has more: compare its payments with the shop's"
		case !a.Flow.Pays():
			by, next = ByPerson, "the workflow registers no payments: people do in Odoo"
		}
		a.say("received", received.String(), in.String(), by, next)
	}
	if repays && !out.Amount.Equal(refunded.Amount) {
		by, next := ByRun, "a run gives it back where it may, else register it on the credit note in Odoo"
		if out.Amount.GreaterThan(refunded.Amount) {
			by, next = ByPerson, "Odoo gave back more: compare its payments with the shop's refunds"
		}
		a.say("refunded", refunded.String(), out.String(), by, next)
	}
}

// received is the money that is registered here: what a carrier or a person settles
// stays open.
func (a *apart) received() commerce.Money {
	sum := commerce.Money{Currency: a.order.Currency}
	for _, p := range a.order.Received() {
		if !p.Manual && !a.Books.Payments.StaysOpen(p.Gateway) && p.Amount.Currency == sum.Currency {
			sum.Amount = sum.Amount.Add(p.Amount.Amount)
		}
	}
	return sum
}

// Refunded is the money that went back to the buyer.
func Refunded(o *commerce.Order) commerce.Money {
	sum := commerce.Money{Currency: o.Currency}
	for _, r := range o.Refunds {
		sum.Amount = sum.Amount.Add(r.Amount.Amount)
	}
	return sum
}

// registered is the sum of Odoo's payments of a kind, but for drafts and cancelled
// ones; there reports whether there are any at all.
func (a *apart) registered(kind string) (sum commerce.Money, there bool) {
	sum.Currency = a.order.Currency
	for _, p := range a.Payments {
		if p.Type != kind || p.Amount.Currency != sum.Currency {
			continue
		}
		there = true
		if p.State != "draft" && !(payment{State: p.State}).revoked() {
			sum.Amount = sum.Amount.Add(p.Amount.Amount)
		}
	}
	return sum, there
}
