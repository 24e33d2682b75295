package erp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// after opens a place whose shop books all that comes after an order.
func after(t *testing.T, test func(p *place)) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Import.Fulfilled, p.shop.Books.Products.Refund, p.shop.Books.Products.Rounding = "import", "ERP-POST", "ERP-POST"
		test(p)
	})
}

// refused books a state that a person must decide about.
func (p *place) refused(t *counter, last erp.Applied) (erp.Outcome, *commerce.Error) {
	p.Helper()
	out, err := p.Order(p.Context(), p.shop, t.order(), last, yes)
	var e *commerce.Error
	require.ErrorAs(p, err, &e)
	require.NotEmpty(p, e.Remedy)
	return out, e
}

func TestEditsAreParkedOnceAnOrderIsClosedToThem(t *testing.T) {
	ship := func(t *counter) { t.ship("1") }
	cases := []struct {
		until  string
		before func(*counter)
		says   string // "": the edit is let through
	}{
		{"confirmed", func(*counter) {}, "was confirmed"},
		{"shipped", func(*counter) {}, ""},
		{"shipped", ship, "was shipped in part"},
		{"invoiced", ship, "was invoiced"},
		{"delivered", ship, ""},
		{"delivered", func(t *counter) { t.ship("9") }, "was delivered"},
		{"always", func(t *counter) { t.ship("9") }, ""},
	}
	after(t, func(p *place) {
		for _, c := range cases {
			p.within(c.until+" "+c.says, func(p *place) {
				p.shop.Books.EditableUntil = c.until
				s := p.till("12.55")
				s.pay(s.total())
				c.before(s)
				var last erp.Applied
				p.tell(s, &last)
				s.edit(s.wares[0], "1")
				if c.says == "" {
					require.Equal(p, "updated", p.tell(s, &last).Action)
					return
				}
				out, e := p.refused(s, last)
				require.Equal(p, commerce.Diverged, e.Reason)
				require.Contains(p, e.Detail, c.says)
				require.Contains(p, e.Remedy, "books.editable_until")
				require.Equal(p, "skipped", out.Action)
				require.Equal(p, "3", p.rowsOf(s.wares[0].id)[0].Dec("product_uom_qty").String())
			})
		}
	})
}

// What the shop cancels of a confirmed order is taken out, unless the channel says that
// orders stay whole; goods that come back are no cancellation.
func TestAPartIsCancelledOnlyWhereTheChannelLetsIt(t *testing.T) {
	after(t, func(p *place) {
		p.shop.Channels = []config.Channel{{Names: []string{"amazon"}, Books: config.Books{PartialCancel: new(false)}}}
		for _, channel := range []string{"web", "amazon"} {
			s := p.till("12.55")
			s.first.Channel = channel
			var last erp.Applied
			p.tell(s, &last)
			s.edit(s.wares[0], "-1")
			if channel == "web" {
				require.Equal(p, "updated", p.tell(s, &last).Action)
				continue
			}
			_, e := p.refused(s, last)
			require.Contains(p, e.Remedy, "books.partial_cancel")
		}
		s := p.till("12.55")
		s.first.Channel = "amazon"
		s.pay(s.total())
		s.ship("9")
		var last erp.Applied
		p.tell(s, &last)
		s.refund(refunded{ware: s.wares[0], n: dec("1"), restock: commerce.RestockReturn})
		require.Equal(p, "updated", p.tell(s, &last).Action)
		require.Equal(p, s.ought(), p.ends(s))
	})
}

// What Odoo delivered and the shop cancelled is somebody's to find.
func TestGoodsThatLeftAndWereCancelledAreForPeople(t *testing.T) {
	after(t, func(p *place) {
		s := p.till("12.55")
		var last erp.Applied
		out := p.tell(s, &last)
		picking := p.pickings(out.OdooID)[0].ID()
		for _, m := range p.rows("stock.move", []string{"product_uom_qty"}, []any{"picking_id", "=", picking}) {
			p.write("stock.move", m.ID(), map[string]any{"quantity": 3, "picked": true})
		}
		p.act("stock.picking", "button_validate", picking)
		s.edit(s.wares[0], "-1")
		_, e := p.refused(s, last)
		require.Contains(p, e.Detail, "1 of \"Goods\" left")
		require.Equal(p, "3 3 3;", p.ends(s).Lines)
	})
}

// Money that is under way is waited for; it is credited and paid once it is there.
func TestMoneyUnderWayIsWaitedFor(t *testing.T) {
	after(t, func(p *place) {
		s := p.till("12.55")
		s.pay(s.total())
		var last erp.Applied
		p.tell(s, &last)
		s.refund(refunded{ware: s.wares[0], n: dec("1"), restock: commerce.RestockCancel, pending: true})
		out, err := p.Order(p.Context(), p.shop, s.order(), last, yes)
		require.Equal(p, commerce.RateLimited, commerce.ReasonOf(err))
		require.True(p, out.Booked, "the order itself is smaller")
		require.Len(p, p.invoices(out.OdooID), 1)
		last = applied(s.order(), out)
		s.arrives()
		p.tell(s, &last)
		require.Equal(p, s.ought(), p.ends(s))
		require.Len(p, p.invoices(out.OdooID), 2)
	})
}

// A draft invoice of ours is made anew when the order changes; one that people changed
// is theirs.
func TestADraftInvoiceFollowsTheOrderUntilPeopleTouchIt(t *testing.T) {
	after(t, func(p *place) {
		p.shop.Workflows[0].Invoice, p.shop.Workflows[0].Pay = "draft", nil
		s := p.till("12.55")
		var last erp.Applied
		out := p.tell(s, &last)
		require.Equal(p, "42.55", p.invoices(out.OdooID)[0].Dec("amount_total").StringFixed(2))
		s.edit(s.wares[0], "-1")
		p.tell(s, &last)
		bills := p.invoices(out.OdooID)
		require.Len(p, bills, 1)
		require.Equal(p, "30.00", bills[0].Dec("amount_total").StringFixed(2))
		require.Equal(p, "draft", bills[0].Str("state"))

		_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "account.move", Fields: []string{".id", "narration"}}, [][]any{{fmt.Sprint(bills[0].ID()), "by hand"}})
		require.NoError(p, err)
		s.edit(s.wares[0], "-1")
		out, e := p.refused(s, last)
		require.Contains(p, e.Detail, "somebody changed its draft invoice")
		require.Len(p, p.invoices(out.OdooID), 1)
		p.discard(out.OdooID)
	})
}

// A credit note that people cancelled in Odoo is not made again, and they are told.
func TestACreditNoteThatPeopleCancelledStaysCancelled(t *testing.T) {
	after(t, func(p *place) {
		s := p.till("12.55")
		s.pay(s.total())
		var last erp.Applied
		out := p.tell(s, &last)
		s.refund(refunded{ware: s.wares[0], n: dec("1"), restock: commerce.RestockCancel})
		p.tell(s, &last)
		for _, v := range p.invoices(out.OdooID) {
			if v.Str("move_type") == "out_refund" {
				p.act("account.move", "button_draft", v.ID())
				p.act("account.move", "button_cancel", v.ID())
			}
		}
		for range 2 {
			out = p.book(s.order(), last)
			require.Equal(p, []string{"a credit note of " + out.OdooName + " was cancelled in Odoo, and none is made again"}, out.Notices)
			require.Len(p, p.invoices(out.OdooID), 2)
		}
	})
}
