package erp_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// stands is how an order ends in Odoo, as far as the shop decides it.
type stands struct {
	Invoiced, Tax string // on posted invoices, less credit notes
	Receivable    string // that the buyer owes; negative: is owed
	Total         string // of the order
	Lines         string // of goods: quantity, delivered, invoiced
	Status        string
}

// ends reads how it does.
func (p *place) ends(t *counter) (s stands) {
	p.Helper()
	s = p.settled(t.order())
	for _, w := range t.wares {
		n, d, i := decimal.Zero, decimal.Zero, decimal.Zero
		for _, l := range p.rowsOf(w.id) {
			n, d, i = n.Add(l.Dec("product_uom_qty")), d.Add(l.Dec("qty_delivered")), i.Add(l.Dec("qty_invoiced"))
		}
		s.Lines += fmt.Sprintf("%s %s %s;", n, d, i)
	}
	return s
}

// settled reads all of it but for the lines, and sees that nothing is a draft.
func (p *place) settled(o *commerce.Order) (s stands) {
	p.Helper()
	orders := p.rows("sale.order", []string{"state", "amount_total", "invoice_status", "partner_id"}, []any{"client_order_ref", "=", o.Number})
	require.Len(p, orders, 1)
	id := orders[0].ID()
	total, tax, open := decimal.Zero, decimal.Zero, decimal.Zero
	for _, v := range p.invoices(id) {
		if v.Str("state") == "cancel" {
			continue
		}
		sign := decimal.NewFromInt(1)
		if v.Str("move_type") == "out_refund" {
			sign = sign.Neg()
		}
		require.Equal(p, "posted", v.Str("state"), v.Str("ref"))
		total, tax = total.Add(sign.Mul(v.Dec("amount_total"))), tax.Add(sign.Mul(v.Dec("amount_tax")))
		open = open.Add(sign.Mul(v.Dec("amount_residual")))
	}
	for _, m := range p.payments(o) {
		move, _ := m.Ref("move_id")
		for _, l := range p.rows("account.move.line", []string{"amount_residual"}, []any{"move_id", "=", move}, []any{"account_id.account_type", "=", "asset_receivable"}) {
			open = open.Add(l.Dec("amount_residual"))
		}
	}
	s = stands{Invoiced: total.StringFixed(2), Tax: tax.StringFixed(2), Receivable: open.StringFixed(2), Total: orders[0].Dec("amount_total").StringFixed(2), Status: orders[0].Str("invoice_status")}
	if orders[0].Str("state") == "cancel" {
		s.Total = "cancelled"
	}
	return s
}

// rowsOf are the order lines that stand for a line of the shop.
func (p *place) rowsOf(line string) (all []odooclient.Row) {
	p.Helper()
	for n := 0; ; n++ {
		_, id, ok, err := p.admin.Resolve(p.Context(), fmt.Sprintf("odoogate.fi_line_%s_%d", line, n))
		require.NoError(p, err)
		if !ok {
			return all
		}
		all = append(all, p.rows("sale.order.line", []string{"product_uom_qty", "qty_delivered", "qty_invoiced", "price_unit"}, []any{"id", "=", id})...)
	}
}

// ought is how an order must end, by what the shop did with it.
func (t *counter) ought() (s stands) {
	worth, tax := t.worth(), decimal.Zero
	for _, l := range t.order().Lines {
		for _, x := range l.Taxes {
			tax = tax.Add(x.Amount.Amount)
		}
	}
	s = stands{Invoiced: worth.StringFixed(2), Tax: tax.Sub(taxIn(t.given, dec(postRate))).StringFixed(2), Receivable: worth.Sub(t.paid).StringFixed(2),
		Total: worth.StringFixed(2), Status: "invoiced"}
	for _, w := range t.wares {
		s.Lines += fmt.Sprintf("%s %s %s;", w.left.Add(w.kept), w.with(), w.left.Add(w.kept))
	}
	return s
}

// tell books the order as the shop tells it now.
func (p *place) tell(t *counter, last *erp.Applied) erp.Outcome {
	p.Helper()
	o := t.order()
	out := p.book(o, *last)
	*last = applied(o, out)
	return out
}

// Each story is told step by step: what comes after the order is paid, shipped and
// invoiced ends in documents that say what the shop says.
func TestWhatComesAfterTheOrderEndsAsTheShopSays(t *testing.T) {
	type step = func(*counter)
	pay := func(t *counter) { t.pay(t.total()) }
	ship := func(t *counter) { t.ship("9") }
	back := func(restock string) step {
		return func(t *counter) { t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: restock}) }
	}
	stories := map[string][]step{
		"returned":                        {pay, ship, back("return")},
		"returned before it was told":     {func(t *counter) { pay(t); ship(t); back("return")(t) }},
		"taken out before it was shipped": {pay, back("cancel")},
		"taken out, then shipped":         {pay, back("cancel"), ship},
		"kept by the buyer":               {pay, ship, back("no_restock")},
		"not shipped and not put back":    {pay, back("no_restock"), ship},
		"returned twice":                  {pay, ship, back("return"), back("return")},
		"all returned":                    {pay, ship, back("return"), back("return"), back("return")},
		"an amount":                       {pay, ship, func(t *counter) { t.refund(refunded{beyond: dec("5.00")}) }},
		"goods less a fee": {pay, ship, func(t *counter) {
			t.refund(refunded{ware: t.wares[0], n: dec("2"), restock: "return", beyond: dec("-3.50")})
		}},
		"a part of the shipping": {pay, ship, func(t *counter) { t.refund(refunded{postage: dec("2.00")}) }},
		"all of the shipping and a piece": {pay, ship, func(t *counter) {
			t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: "return", postage: dec("4.90")})
		}},
		"more of it":                         {pay, func(t *counter) { t.edit(t.wares[0], "2") }, func(t *counter) { t.pay(t.total().Sub(t.paid)) }},
		"less of it, and money later":        {pay, func(t *counter) { t.edit(t.wares[0], "-1") }, func(t *counter) { t.payBack(t.paid.Sub(t.total())) }},
		"another line":                       {pay, func(t *counter) { t.add("7.77", "2") }, func(t *counter) { t.pay(t.total().Sub(t.paid)) }, ship},
		"a line swapped for another":         {pay, func(t *counter) { t.edit(t.wares[0], "-3"); t.add("12.55", "3") }, ship},
		"partly shipped, the rest taken out": {pay, func(t *counter) { t.ship("1") }, func(t *counter) { t.refund(refunded{ware: t.wares[0], n: dec("2"), restock: "cancel"}) }},
		"partly shipped, then more of it":    {pay, func(t *counter) { t.ship("1") }, func(t *counter) { t.edit(t.wares[0], "2") }, func(t *counter) { t.pay(t.total().Sub(t.paid)) }, ship},
		"cancelled and paid back":            {pay, func(t *counter) { t.cancel(true) }},
		"cancelled and not paid back":        {pay, func(t *counter) { t.cancel(false) }},
		"cancelled unpaid":                   {func(*counter) {}, func(t *counter) { t.cancel(false) }},
		"cancelled, paid back later":         {pay, func(t *counter) { t.cancel(false) }, func(t *counter) { t.payBack(t.paid) }},
		"cancelled after a part was shipped": {pay, func(t *counter) { t.ship("1") }, func(t *counter) { t.cancel(true) }},
		"refunded in part, cancelled after":  {pay, back("cancel"), func(t *counter) { t.cancel(true) }},
		"sent back, received, then refunded": {pay, ship, func(t *counter) { t.sendBack(t.wares[0], dec("2")) },
			func(t *counter) { t.receive(t.returns[0].ID, t.wares[0], dec("2"), "") },
			func(t *counter) {
				t.refund(refunded{ware: t.wares[0], n: dec("2"), restock: "no_restock", of: t.returns[0].ID})
			}},
		"sent back, and refunded with its goods": {pay, ship, func(t *counter) { t.sendBack(t.wares[0], dec("2")) },
			func(t *counter) {
				t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: "return", of: t.returns[0].ID})
			},
			func(t *counter) { t.close(t.returns[0].ID, commerce.ReturnClosed) }},
		"sent back and received before it was told": {func(t *counter) {
			pay(t)
			ship(t)
			t.sendBack(t.wares[0], dec("2"))
			t.receive(t.returns[0].ID, t.wares[0], dec("2"), "")
		}, func(t *counter) {
			t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: "no_restock", of: t.returns[0].ID})
		}},
		"received in part before it was told, one of two lines refunded in part": {func(t *counter) {
			t.add("3.10", "4")
			pay(t)
			t.ship("2")
			t.sendBack(t.wares[0], dec("2"))
			t.receive(t.returns[0].ID, t.wares[0], dec("2"), "")
		}, func(t *counter) {
			t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: "no_restock", of: t.returns[0].ID})
		}, ship},
		"a return that is declined": {pay, ship, func(t *counter) { t.sendBack(t.wares[0], dec("2")) },
			func(t *counter) { t.close(t.returns[0].ID, commerce.ReturnDeclined) }},
		"paid in part, then a piece goes out": {func(t *counter) { t.pay(dec("20.00")) }, func(t *counter) { t.edit(t.wares[0], "-1") }},
	}
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Import.Fulfilled, p.shop.Books.Products.Refund, p.shop.Books.Products.Rounding = "import", "ERP-POST", "ERP-POST"
		for _, name := range slices.Sorted(maps.Keys(stories)) {
			p.within(name, func(p *place) {
				s := p.till("12.55")
				var last erp.Applied
				for _, step := range stories[name] {
					step(s)
					p.tell(s, &last)
				}
				want, got := s.ought(), p.ends(s)
				if s.ended && len(s.parcels) == 0 {
					want.Total, want.Lines, want.Status, got.Lines, got.Status = "cancelled", "", "", "", ""
				}
				require.Equal(p, want, got)
				p.tell(s, &last)
				last = erp.Applied{Digest: s.order().Digest(), Begun: true}
				p.tell(s, &last)
				require.Equal(p, p.ends(s).Invoiced, got.Invoiced, "told again")
				require.Len(p, p.payments(s.order()), len(s.payments))
				require.Empty(p, p.open(s), "no transfer waits for goods that do not come or left long ago")
			})
		}
	})
}

// open are the moves of an order that wait for goods to come back, and those of lines of
// which more waits to be sent than the shop has yet to send.
func (p *place) open(t *counter) (all []odooclient.Row) {
	for _, w := range t.wares {
		var out []odooclient.Row
		sum := decimal.Zero
		for _, l := range p.rowsOf(w.id) {
			for _, m := range p.rows("stock.move", []string{"state", "product_uom_qty"}, []any{"sale_line_id", "=", l.ID()}, []any{"state", "not in", []string{"done", "cancel"}}) {
				incoming := p.rows("stock.move", []string{"state"}, []any{"id", "=", m.ID()}, []any{"picking_id.picking_type_code", "=", "incoming"})
				if all = append(all, incoming...); len(incoming) == 0 {
					out, sum = append(out, m), sum.Add(m.Dec("product_uom_qty"))
				}
			}
		}
		if w.goods && sum.GreaterThan(w.toShip) {
			all = append(all, out...)
		}
	}
	return all
}

// within runs a test of its own at the place.
func (p *place) within(name string, test func(p *place)) {
	p.Run(name, func(t *testing.T) {
		inner := *p
		inner.T = t
		defer func() { p.number = inner.number }()
		test(&inner)
	})
}
