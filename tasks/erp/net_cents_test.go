package erp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// aCentLess is an order at prices without tax, booked and invoiced, and how the shop
// tells it once two of its line were refunded and two added: as much of it as before,
// with a cent less of tax.
func (p *place) aCentLess(books *erp.Books) (o *commerce.Order, last erp.Applied) {
	p.Helper()
	s := p.till("34.33")
	w := s.wares[0]
	w.ordered, w.left, w.toShip = dec("4"), dec("4"), dec("4")
	s.pay(dec("179.74"))
	p.afterCuts(books, untaxed(s.order(), "35.02", "36.52", "179.74"), &last)
	r := s.refund(refunded{ware: w, n: dec("2"), restock: commerce.RestockCancel})
	r.Lines[0].Amount, r.Lines[0].Tax, r.Amount = euros(dec("68.66")), euros(dec("17.51")), euros(dec("86.17"))
	s.payments[1].Amount = r.Amount
	s.edit(w, "2")
	return untaxed(s.order(), "35.01", "36.51", "179.73"), last
}

// untaxed gives an order of four at 34.33, and postage of 5.90, amounts without tax.
func untaxed(o *commerce.Order, tax, taxes, total string) *commerce.Order {
	o.PricesIncludeTax = false
	for i, amounts := range [][3]string{{"34.33", "137.32", tax}, {"5.90", "5.90", "1.50"}} {
		l := &o.Lines[i]
		l.UnitPrice, l.Total, l.Taxes[0].Amount = euros(dec(amounts[0])), euros(dec(amounts[1])), euros(dec(amounts[2]))
	}
	o.Total, o.TotalTax, o.Taxes[0].Amount = euros(dec(total)), euros(dec(taxes)), euros(dec(taxes))
	return o
}

// settledByACent sees that a credit note carries the cent, and no draft is left.
func (p *place) settledByACent(o *commerce.Order) {
	p.Helper()
	got, order := p.documents(o), p.rows("sale.order", []string{"name"}, []any{"client_order_ref", "=", o.Number})[0]
	require.Contains(p, got, "order sale 179.73 tax 36.51")
	require.Contains(p, got, "out_refund posted 0.01 tax 0.01 open 0 paid")
	require.NotContains(p, got, "draft")
	require.Equal(p, 2, p.count("account.move", []any{"invoice_origin", "=", order.Str("name")}), got)
}

// A refund and an edit that are heard of together leave rows for cents alone, which
// come to less than nothing: that is a credit note, wherever the look at it is cut.
func TestCentsThatAreLessThanNothingAreCredited(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Parallel()
			p := atNetPrices(t, version)
			one := &scissors{}
			books := p.through(one)
			o, last := p.aCentLess(books)
			p.afterCuts(books, o, &last)
			p.settledByACent(o)
			for n, cut := int64(1), true; cut; n++ {
				p.within(fmt.Sprint(n), func(p *place) {
					o, last := p.aCentLess(books)
					at := one.count.Load() + n
					one.after = n%2 == 0
					one.set(at)
					out, _ := books.Order(p.Context(), p.shop, o, last, yes)
					last.Begun, cut = out.Writes > 0, one.count.Load() >= at
					one.set(0)
					p.afterCuts(books, o, &last)
					p.settledByACent(o)
				})
			}
		})
	}
}

// A draft invoice of ours that comes to less than nothing is never posted: it goes.
func TestADraftInvoiceOfLessThanNothingIsCreditedInstead(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			p := atNetPrices(t, version)
			c := odooclient.New(p.cfg, odooclient.Options{Transport: refuses("out_refund")})
			t.Cleanup(c.Close)
			o, last := p.aCentLess(p.Books)
			out, err := erp.New(c, erp.Options{}).Order(p.Context(), p.shop, o, last, yes)
			require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "%v", err)
			last.Begun = out.Writes > 0
			p.draftOf(o)
			require.Contains(t, p.documents(o), "out_invoice draft -0.0")
			p.afterCuts(p.Books, o, &last)
			p.settledByACent(o)
		})
	}
}

// draftOf invoices what is yet to be invoiced of an order as the gateway's user, whatever it comes to.
func (p *place) draftOf(o *commerce.Order) {
	p.Helper()
	order := p.rows("sale.order", []string{"partner_id"}, []any{"client_order_ref", "=", o.Number})[0]
	partner, _ := order.Ref("partner_id")
	fields, err := p.admin.Fields(p.Context(), "sale.order.line")
	require.NoError(p, err)
	taxes := fields.First("tax_ids", "tax_id")
	var rows []any
	for _, l := range p.rows("sale.order.line", []string{"product_id", "name", "price_unit", "qty_to_invoice", taxes}, []any{"order_id", "=", order.ID()}) {
		if l.Dec("qty_to_invoice").IsZero() {
			continue
		}
		product, _ := l.Ref("product_id")
		rows = append(rows, []any{0, 0, map[string]any{"product_id": product, "name": l.Str("name"), "quantity": l.Dec("qty_to_invoice"), "price_unit": l.Dec("price_unit"),
			"tax_ids": []any{[]any{6, 0, l.IDs(taxes)}}, "sale_line_ids": []any{[]any{6, 0, []int64{l.ID()}}}}})
	}
	ours := odooclient.New(p.cfg, odooclient.Options{})
	p.Cleanup(ours.Close)
	require.NoError(p, ours.Call(p.Context(), odooclient.Request{Model: "account.move", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{
		"move_type": "out_invoice", "partner_id": partner, "invoice_origin": order.Str("name"), "invoice_line_ids": rows}}}}, nil))
}
