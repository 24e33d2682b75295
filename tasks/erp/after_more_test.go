package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Of products that are invoiced once they are delivered, a refund is credited as far as
// they were, and what came back is not invoiced; what was not refunded is not credited.
func TestWhatIsInvoicedOnceDeliveredIsCreditedSo(t *testing.T) {
	stories := map[string][]func(*counter){
		"a part comes back before the rest leaves": {func(t *counter) { t.ship("1") },
			func(t *counter) { t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: "return"}) }, func(t *counter) { t.ship("9") }},
		"an amount before anything leaves": {func(t *counter) { t.refund(refunded{beyond: dec("20")}) }, func(t *counter) { t.ship("9") }},
		"received, and refunded later": {func(t *counter) { t.ship("9") }, func(t *counter) { t.sendBack(t.wares[0], dec("1")) },
			func(t *counter) { t.receive(t.returns[0].ID, t.wares[0], dec("1"), "") },
			func(t *counter) {
				t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: "no_restock", of: t.returns[0].ID})
			}},
	}
	after(t, func(p *place) {
		p.byDelivery(p.till("12.55").order())
		for name, steps := range stories {
			p.within(name, func(p *place) {
				s := p.till("12.55")
				s.pay(s.total())
				var last erp.Applied
				p.tell(s, &last)
				for _, step := range steps {
					step(s)
					p.tell(s, &last)
					for _, v := range p.invoices(last.OdooID) {
						require.Equal(p, "posted", v.Str("state"), "nobody is left a draft")
					}
				}
				require.Equal(p, s.ought(), p.ends(s))
			})
		}
	})
}

// Duties that were given back are credited once.
func TestDutiesThatWereGivenBackAreCreditedOnce(t *testing.T) {
	after(t, func(p *place) {
		p.shop.Books.Products.Duty = "ERP-POST"
		s := p.till("12.55")
		told := func(duties string) *commerce.Order {
			o := s.order()
			o.Lines = append(o.Lines, commerce.Line{ID: o.Ref.ID + "-duties", Kind: commerce.LineDuty, Title: "Duties", Quantity: dec("1"),
				UnitPrice: euros(dec(duties)), Total: euros(dec(duties))})
			o.Total.Amount = o.Total.Amount.Add(dec(duties))
			return o
		}
		s.pay(dec("52.55"))
		o := told("10")
		last := applied(o, p.book(o, erp.Applied{}))
		s.move("refund", "success", dec("10"))
		s.paid = s.paid.Sub(dec("10"))
		s.refunds = append(s.refunds, commerce.Refund{ID: s.id("6"), At: s.tick(), Amount: euros(dec("10")), Pending: euros(dec("0")),
			Shipping: []commerce.RefundShipping{{LineID: o.Ref.ID + "-duties", Amount: euros(dec("10")), Tax: euros(dec("0"))}}})
		for range 2 {
			p.book(told("0"), last)
			require.Equal(p, "42.55", p.ends(s).Invoiced)
			require.Equal(p, "0.00", p.ends(s).Receivable)
			require.Len(p, p.invoices(last.OdooID), 2)
		}
	})
}

// What people changed of a line in Odoo stays when the shop changes another one: the
// order waits for somebody, unless the shop is to win.
func TestWhatPeopleChangedOfALineStaysWhenTheShopChangesAnother(t *testing.T) {
	after(t, func(p *place) {
		p.shop.Workflows[0].Invoice, p.shop.Workflows[0].Pay = "", nil
		for field, value := range map[string]any{"price_unit": 10.0, "product_uom_qty": 5.0} {
			s := p.till("12.55")
			s.add("7.00", "2")
			var last erp.Applied
			p.tell(s, &last)
			row := p.rowsOf(s.wares[0].id)[0]
			p.write("sale.order.line", row.ID(), map[string]any{field: value, "name": "by hand"})
			theirs := p.rowsOf(s.wares[0].id)[0].Dec(field)
			s.edit(s.wares[1], "1")
			_, e := p.refused(s, last)
			require.Equal(p, commerce.Diverged, e.Reason)
			require.Contains(p, e.Remedy, "odoogate order reimport")
			require.Equal(p, theirs, p.rowsOf(s.wares[0].id)[0].Dec(field))
			last.Forced = true
			require.Equal(p, "updated", p.tell(s, &last).Action)
			require.Equal(p, s.ought().Total, p.ends(s).Total)
		}
		s := p.till("12.55")
		s.add("7.00", "2")
		var last erp.Applied
		p.tell(s, &last)
		p.write("sale.order.line", p.rowsOf(s.wares[0].id)[0].ID(), map[string]any{"name": "by hand", "price_unit": 12.55})
		s.edit(s.wares[1], "1")
		require.Equal(p, "updated", p.tell(s, &last).Action)
		require.Equal(p, 1, p.count("sale.order.line", []any{"id", "=", p.rowsOf(s.wares[0].id)[0].ID()}, []any{"name", "=", "by hand"}), "a text alone stays")
	})
}

// The money of a cancelled order that was never invoiced goes back after it was
// registered: that is registered too.
func TestMoneyOfACancelledOrderIsPaidBackInOdooToo(t *testing.T) {
	for _, version := range []int{17, 19} {
		p := atLife(t, version)
		s := p.till("20.00")
		s.pay(s.total())
		s.cancel(false)
		var last erp.Applied
		p.tell(s, &last)
		require.Contains(t, p.documents(s.order()), "1 payments of")
		s.payBack(s.paid)
		p.tell(s, &last)
		require.Contains(t, p.documents(s.order()), "2 payments of")

		never := p.till("20.00")
		never.pay(never.total())
		never.cancel(true)
		last = erp.Applied{}
		p.tell(never, &last)
		require.Contains(t, p.documents(never.order()), "0 payments of", "what came and went before it was known is not booked")
	}
}

// An order that is heard of when it is over already, and of which goods had left, is a
// sale of these, and stays one.
func TestAnOrderThatEndedBeforeItCameIsTheSaleOfWhatLeft(t *testing.T) {
	for _, version := range []int{17, 19} {
		for _, parcel := range []string{"1", "9"} {
			p := atLife(t, version)
			s := p.till("20.00")
			s.pay(s.total())
			s.ship(parcel)
			s.cancel(true)
			var last erp.Applied
			p.tell(s, &last)
			require.Equal(t, s.ought(), p.ends(s))
			require.Equal(t, "unchanged", p.tell(s, &last).Action)
			last = erp.Applied{}
			require.Equal(t, "unchanged", p.tell(s, &last).Action)

			p.shop.Import.Fulfilled = "skip" // then it is but shown
			other := p.till("20.00")
			other.ship(parcel)
			other.cancel(false)
			require.Equal(t, "cancelled", p.book(other.order(), erp.Applied{}).Action)
		}
	}
}

// A refund of which only some was on the invoice shares its tax with what was not, and
// each share is rounded: the cent goes with what is credited last.
func TestARefundOfMoreThanWasInvoicedLeavesNoCent(t *testing.T) {
	for _, version := range []int{17, 19} {
		p := atLife(t, version)
		s, last := p.till(), erp.Applied{}
		w := s.add("16.53", "2")
		s.pay(s.total())
		s.ship("9")
		p.tell(s, &last)
		s.edit(w, "2")
		s.refund(refunded{ware: w, n: dec("4"), restock: commerce.RestockNone})
		s.cancel(false)
		p.tell(s, &last)
		require.Equal(t, s.ought(), p.ends(s))
	}
}
