package odooclient_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// service is a product that no delivery is made for.
func (o *odoo) service(t *testing.T) string {
	t.Helper()
	ids := o.ids(t, "product.product", []any{[]any{"type", "=", "service"}, []any{"sale_ok", "=", true}})
	require.NotEmpty(t, ids, "the database needs a service for sale")
	return strconv.FormatInt(ids[0], 10)
}

// more adds a line to an order, of a quantity that may be negative.
func (o *odoo) more(t *testing.T, b booked, n int, quantity, price string) int64 {
	t.Helper()
	row := o.lineRow(b, n, quantity, price)
	row[2] = o.service(t)
	o.loaded(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(b.ref) + "_order"}, row...))
	lines := o.lines(t, b.id)
	require.Len(t, lines, n+1)
	return lines[n].ID()
}

func (o *odoo) invoicing(t *testing.T, order int64) string {
	t.Helper()
	return o.get(t, "sale.order", order, "invoice_status").Str("invoice_status")
}

func afterClauses() []clause {
	return []clause{
		{"a line of less than nothing on an invoiced order waits for its credit note", func(t *testing.T, o *odoo) {
			b, _, invoice := o.billed(t)
			require.Equal(t, "invoiced", o.invoicing(t, b.id))
			line := o.more(t, b, 1, "-1", "5.00")
			require.Equal(t, "to invoice", o.invoicing(t, b.id))
			require.Equal(t, "-1", o.get(t, "sale.order.line", line, "qty_to_invoice").Dec("qty_to_invoice").String())
			require.Equal(t, line, o.more(t, b, 1, "-1", "5.00"), "once")
			o.post(t, o.loaded(t, "account.move", noteColumns, o.noteRow(t, o.name(), invoice, line, "1", "5.00")))
			require.Equal(t, "-1", o.get(t, "sale.order.line", line, "qty_invoiced").Dec("qty_invoiced").String())
			require.Equal(t, "invoiced", o.invoicing(t, b.id))
			require.Equal(t, "partial 14.00", o.paid(t, invoice))
		}},
		{"what an order owes its customer is invoiced as a credit note, a mix by its balance", func(t *testing.T, o *odoo) {
			b, _, _ := o.billed(t)
			for i, c := range []struct {
				quantities []string
				kind       string
				total      string
			}{{[]string{"-1"}, "out_refund", "5.00"}, {[]string{"3", "-1"}, "out_invoice", "10.00"}, {[]string{"1", "-1"}, "out_invoice", "0.00"}} {
				for n, q := range c.quantities {
					o.more(t, b, []int{1, 2, 4}[i]+n, q, "5.00")
				}
				row := o.get(t, "account.move", o.invoice(t, b.id), "move_type", "amount_total", "reversed_entry_id")
				require.Equal(t, []string{c.kind, c.total}, []string{row.Str("move_type"), row.Dec("amount_total").StringFixed(2)})
				of, _ := row.Ref("reversed_entry_id")
				require.Zero(t, of)
				require.Equal(t, "invoiced", o.invoicing(t, b.id))
			}
			w := o.create(t, "sale.advance.payment.inv", map[string]any{"sale_order_ids": []any{[]any{6, 0, []int64{b.id}}}}, nil)
			_, err := o.call(t, "sale.advance.payment.inv", "create_invoices", []int64{w}, nil)
			requireFault(t, odooclient.UserError, err, "No items are available to invoice")
		}},
		{"nothing of a line cancels its delivery, some again makes a new one", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			require.NoError(t, o.ordered(t, d, "0"))
			require.Equal(t, "cancel", o.state(t, "stock.picking", d.picking))
			require.Equal(t, []string{"0", "0"}, []string{o.lineQty(t, d.id, "product_uom_qty"), o.lineQty(t, d.id, "qty_to_invoice")})
			require.NoError(t, o.ordered(t, d, "1"))
			require.Len(t, o.pickings(t, d.id), 2)
		}},
		{"an order with everything is cancelled: drafts go along, what is final stays", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			invoice := o.invoice(t, d.id)
			o.post(t, invoice)
			note := o.note(t, d.id, invoice, "1", "9.50")
			o.post(t, note)
			draft := o.note(t, d.id, invoice, "1", "9.50")
			o.do(t, "action_cancel", d.id, "disable_cancel_warning", true)
			require.Equal(t, []string{"posted", "posted", "cancel", "done"}, []string{o.state(t, "account.move", invoice), o.state(t, "account.move", note),
				o.state(t, "account.move", draft), o.state(t, "stock.picking", d.picking)})
			require.Equal(t, []string{"1", "no"}, []string{o.lineQty(t, d.id, "qty_invoiced"), o.invoicing(t, d.id)})
		}},
	}
}
