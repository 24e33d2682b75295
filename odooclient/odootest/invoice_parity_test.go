package odootest

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestEveryRecordedInvoiceGetsTheRealServersSums(t *testing.T) {
	f := readParity(t)
	done := 0
	for _, version := range []int{17, 19} {
		for _, rounding := range []string{"round_per_line", "round_globally"} {
			s, taxes, lists, product := parityServer(t, f, version, rounding)
			tax := s.models["sale.order.line"].fields["tax_id"].name
			c := newClient(t, s, "api", "api")
			partner := s.AddPartner(map[string]any{"name": "Buyer"})
			for n, want := range f.Cases {
				if want.Odoo != version || want.Method != rounding || want.Invoice == nil {
					continue
				}
				var lines []any
				for _, l := range want.Lines {
					ids := []any{}
					for _, k := range l.Taxes {
						ids = append(ids, taxes[k])
					}
					lines = append(lines, []any{0, 0, map[string]any{
						"product_id": product, "product_uom_qty": json.Number(l.Qty), "price_unit": json.Number(l.Price),
						"discount": json.Number(l.Disc), tax: []any{[]any{6, 0, ids}},
					}})
				}
				id := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": partner, "pricelist_id": lists[want.Currency], "order_line": lines}))
				c.must("sale.order", "action_confirm", id)
				w := c.must("sale.advance.payment.inv", "create", map[string]any{"sale_order_ids": []any{[]any{6, 0, []any{id}}}})
				c.must("sale.advance.payment.inv", "create_invoices", w)
				o, _ := s.Order(id)
				require.Len(t, o.Invoices, 1)
				inv := o.Invoices[0]
				require.Equal(t, false, c.must("account.move", "action_post", inv.ID))
				p := places(want.Currency)
				sign := decimal.NewFromInt(1) // the file counts credit notes as negative
				if inv.Type == "out_refund" {
					sign = sign.Neg()
				}
				got := fmt.Sprint(inv.Type, " ", inv.Untaxed.Mul(sign).StringFixed(p), " ", inv.Tax.Mul(sign).StringFixed(p), " ", inv.Total.Mul(sign).StringFixed(p))
				expected := fmt.Sprint(want.Invoice.Type, " ", want.Invoice.Untaxed, " ", want.Invoice.Tax, " ", want.Invoice.Total)
				if got != expected {
					t.Errorf("case %d %d %s %s %+v\n got %s\nwant %s", n, version, rounding, want.Currency, want.Lines, got, expected)
				}
				requireBalanced(t, s, inv.ID)
				done++
			}
		}
	}
	require.Equal(t, 400, done)
}

// requireBalanced holds an entry to the first rule of bookkeeping.
func requireBalanced(t *testing.T, s *Server, id int64) {
	t.Helper()
	sum := decimal.Zero
	s.seeding(func(e *env) int64 {
		for _, l := range e.children(e.browse("account.move", id), "line_ids") {
			sum = sum.Add(l.dec("balance"))
		}
		return 0
	})
	require.True(t, sum.IsZero(), "entry %d is off by %s", id, sum)
}
