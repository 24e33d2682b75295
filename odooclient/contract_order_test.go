package odooclient_test

import (
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// booked is an order of this run. All its lines cost 9.50 and bear no tax.
type booked struct {
	ref string
	id  int64
}

func (b booked) line(n int) string { return xid(b.ref) + "_l" + strconv.Itoa(n) }

// order loads a new quotation with a number of lines, as the gateway does.
func (o *odoo) order(t *testing.T, lines int) booked {
	t.Helper()
	name, partner := o.partner(t)
	b := booked{ref: name}
	b.id = o.loaded(t, "sale.order", o.orderColumns(), o.orderRows(b, partner, lines)...)
	return b
}

func (o *odoo) orderColumns() string {
	return "id client_order_ref origin date_order partner_id/.id partner_invoice_id/.id partner_shipping_id/.id " + o.lineColumns()
}

func (o *odoo) lineColumns() string {
	return "order_line/id order_line/sequence order_line/product_id/.id order_line/name order_line/product_uom_qty " +
		"order_line/price_unit order_line/discount order_line/" + o.taxes + "/.id"
}

func (o *odoo) orderRows(b booked, partner int64, lines int) [][]any {
	who := strconv.FormatInt(partner, 10)
	head := []any{xid(b.ref) + "_order", b.ref, "contract/" + b.ref, "2026-11-01 10:00:00", who, who, who}
	var rows [][]any
	for n := range lines {
		rows = append(rows, append(slices.Clone(head), o.lineRow(b, n, "2", "9.50")...))
		head = make([]any, len(head))
	}
	return rows
}

func (o *odoo) lineRow(b booked, n int, quantity, price string) []any {
	return []any{b.line(n), strconv.Itoa(n + 1), strconv.FormatInt(o.products[n%2], 10), "Line " + strconv.Itoa(n), quantity, price, "0", ""}
}

func (o *odoo) do(t *testing.T, method string, id int64, more ...any) {
	t.Helper()
	require.NoError(t, o.Do(t.Context(), odooclient.Action{Model: "sale.order", Method: method, Context: o.context(more...)}, id))
}

// lines are an order's lines by sequence.
func (o *odoo) lines(t *testing.T, order int64) []odooclient.Row {
	t.Helper()
	rows, err := o.Find(t.Context(), odooclient.Query{Model: "sale.order.line", Field: "order_id",
		Fields: []string{"sequence", "display_type", "product_id", "name", "product_uom_qty", "price_unit", "discount", o.taxes, "qty_delivered", "qty_invoiced"}},
		strconv.FormatInt(order, 10))
	require.NoError(t, err)
	slices.SortStableFunc(rows, func(a, b odooclient.Row) int { return int(a.Int("sequence") - b.Int("sequence")) })
	return rows
}

func (o *odoo) total(t *testing.T, order int64) string {
	t.Helper()
	return o.get(t, "sale.order", order, "amount_total").Dec("amount_total").Round(2).StringFixed(2)
}

func orderClauses() []clause {
	return []clause{
		{"an order with lines is loaded once", func(t *testing.T, o *odoo) {
			b := o.order(t, 3)
			require.Equal(t, "57.00", o.total(t, b.id))
			row := o.get(t, "sale.order", b.id, "name", "state", "client_order_ref", "origin", "currency_id", "date_order", "amount_tax", "partner_id")
			require.Equal(t, "draft", row.Str("state"))
			require.Equal(t, b.ref, row.Str("client_order_ref"))
			require.Equal(t, time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), row.Time("date_order"))
			require.True(t, row.Dec("amount_tax").IsZero(), "no taxes were given")
			partner, _ := row.Ref("partner_id")
			require.Equal(t, b.id, o.loaded(t, "sale.order", o.orderColumns(), o.orderRows(b, partner, 3)...))
			lines := o.lines(t, b.id)
			require.Len(t, lines, 3)
			require.Equal(t, "Line 1", lines[1].Str("name"))
			require.Equal(t, "9.5", lines[1].Dec("price_unit").String())
			require.Empty(t, lines[1].IDs(o.taxes))
			product, _ := lines[1].Ref("product_id")
			require.Equal(t, o.products[1], product)
			for n, line := range lines {
				name, err := o.ExternalID(t.Context(), "sale.order.line", line.ID())
				require.NoError(t, err)
				require.Equal(t, b.line(n), name)
			}
		}},
		{"an order is found by its reference and its origin", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			for field, value := range map[string]string{"client_order_ref": b.ref, "origin": "contract/" + b.ref} {
				rows, err := o.Find(t.Context(), odooclient.Query{Model: "sale.order", Field: field, Fields: []string{"name", "state"},
					Domain: []any{[]any{"company_id", "=", o.company}}, Context: o.context()}, value)
				require.NoError(t, err)
				require.Len(t, rows, 1, field)
				require.Equal(t, b.id, rows[0].ID())
			}
			name, err := o.ExternalID(t.Context(), "sale.order", b.id)
			require.NoError(t, err)
			require.Equal(t, xid(b.ref)+"_order", name)
			require.Len(t, o.search(t, "sale.order", []any{[]any{"origin", "=like", "contract/" + b.ref + "%"}}, "name"), 1)
		}},
		{"lines are changed, added, kept and removed", func(t *testing.T, o *odoo) {
			b := o.order(t, 2)
			row := append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 1, "3", "10.00")...)
			more := append([]any{""}, o.lineRow(b, 2, "1", "1.25")...)
			require.Equal(t, b.id, o.loaded(t, "sale.order", "id "+o.lineColumns(), row, more))
			lines := o.lines(t, b.id)
			require.Len(t, lines, 3, "the line left out is kept")
			require.Equal(t, "50.25", o.total(t, b.id))
			require.NoError(t, o.Do(t.Context(), odooclient.Action{Model: "sale.order.line", Method: "unlink", Context: o.context()}, lines[1].ID()))
			require.Len(t, o.lines(t, b.id), 2)
			require.Equal(t, "20.25", o.total(t, b.id))
		}},
		{"a note is stored with its order, once", func(t *testing.T, o *odoo) {
			order, err := o.Fields(t.Context(), "sale.order")
			require.NoError(t, err)
			_, kind, ok, err := o.Resolve(t.Context(), "mail.mt_note")
			require.NoError(t, err)
			if order.First("message_ids") == "" {
				require.False(t, ok, "a kind of message without messages")
				return
			}
			b := o.order(t, 1)
			columns := "id message_ids/id message_ids/body message_ids/message_type message_ids/subtype_id/.id message_ids/is_internal"
			row := []any{xid(b.ref) + "_order", xid(b.ref) + "_note", "<p>" + b.ref + "</p>", "comment", strconv.FormatInt(kind, 10), "1"}
			// The model stands in the context: as a column 19 lets only administrators
			// write it a second time.
			s := odooclient.Shape{Model: "sale.order", Fields: strings.Fields(columns), Context: o.context("default_model", "sale.order")}
			for range 2 {
				id, err := o.Load(t.Context(), s, [][]any{row})
				require.NoError(t, err)
				require.Equal(t, b.id, id)
			}
			notes := o.search(t, "mail.message", []any{[]any{"model", "=", "sale.order"}, []any{"res_id", "=", b.id}, []any{"body", "like", b.ref}}, "message_type")
			require.Len(t, notes, 1)
			require.Empty(t, o.search(t, "mail.notification", []any{[]any{"mail_message_id", "=", notes[0].ID()}}, "id"), "nobody is told")
		}},
		{"a line without external id is added by every load", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			columns := strings.Replace("id "+o.lineColumns(), " order_line/id", "", 1)
			row := append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 1, "1", "1.00")[1:]...)
			o.loaded(t, "sale.order", columns, row)
			o.loaded(t, "sale.order", columns, row)
			require.Len(t, o.lines(t, b.id), 3)
		}},
		{"a quantity without its price takes the list price", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			list := o.get(t, "product.product", o.products[0], "list_price").Dec("list_price").Round(2)
			require.NotEqual(t, "9.5", list.String())
			o.loaded(t, "sale.order", "id order_line/id order_line/product_uom_qty", []any{xid(b.ref) + "_order", b.line(0), "5"})
			require.NotEqual(t, "9.5", o.lines(t, b.id)[0].Dec("price_unit").String())
		}},
		{"confirming resets the date, which a load sets again", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			row := o.get(t, "sale.order", b.id, "state", "date_order")
			require.Equal(t, "sale", row.Str("state"))
			require.NotEqual(t, time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), row.Time("date_order"))
			require.Equal(t, b.id, o.loaded(t, "sale.order", "id date_order", []any{xid(b.ref) + "_order", "2026-11-01 10:00:00"}))
			require.Equal(t, time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), o.get(t, "sale.order", b.id, "date_order").Time("date_order"))
			require.Equal(t, "19.00", o.total(t, b.id))
		}},
		{"a confirmed order takes lines and no pricelist", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			list, _ := o.get(t, "sale.order", b.id, "pricelist_id").Ref("pricelist_id")
			require.Positive(t, list, "the company needs a pricelist")
			o.do(t, "action_confirm", b.id)
			o.loaded(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 0, "3", "9.50")...))
			require.Equal(t, "28.50", o.total(t, b.id))
			_, err := o.load(t, "sale.order", "id pricelist_id/.id", []any{xid(b.ref) + "_order", strconv.FormatInt(list, 10)})
			requireRow(t, err, "pricelist of a confirmed order")
		}},
		{"a locked order refuses its lines", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			o.do(t, "action_lock", b.id)
			_, err := o.load(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 0, "4", "9.50")...))
			requireRow(t, err, "locked order")
			o.loaded(t, "sale.order", "id client_order_ref", []any{xid(b.ref) + "_order", b.ref})
			o.do(t, "action_unlock", b.id)
		}},
		{"an order is cancelled whether draft or confirmed", func(t *testing.T, o *odoo) {
			for _, confirmed := range []bool{false, true} {
				b := o.order(t, 1)
				if confirmed {
					o.do(t, "action_confirm", b.id)
				}
				o.do(t, "action_cancel", b.id, "disable_cancel_warning", true)
				require.Equal(t, "cancel", o.get(t, "sale.order", b.id, "state").Str("state"))
			}
		}},
		{"a wizard in place of an answer has done nothing", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			var answer any
			o.must(t, odooclient.Request{Model: "sale.order", Method: "action_cancel", IDs: []int64{b.id}, Context: o.context()}, &answer)
			wizard, asked := answer.(map[string]any)
			require.Equal(t, o.major < 19, asked, "%v", answer)
			want := map[bool]string{true: "sale", false: "cancel"}[asked]
			require.Equal(t, want, o.get(t, "sale.order", b.id, "state").Str("state"))
			require.True(t, !asked || wizard["res_model"] == "sale.order.cancel", "%v", wizard)
		}},
	}
}
