package odootest

import (
	"encoding/json"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// toucher says whose write an invoice bears.
func (c *client) toucher(invoice int64) int64 {
	c.t.Helper()
	row := c.must("account.move", "read", []int64{invoice}, []string{"write_uid"}).([]any)[0].(map[string]any)
	uid, err := row["write_uid"].([]any)[0].(json.Number).Int64()
	require.NoError(c.t, err)
	return uid
}

func TestAnInvoiceSaysWhoWroteItLast(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c := shop(t, Options{Version: version})
		person := newClient(t, s, "admin", "admin")
		fields := append([]string{}, orderFields...)
		fields[len(fields)-1] = "order_line/" + s.models["sale.order.line"].fields["tax_id"].name + "/.id"
		ids, messages := c.load("sale.order", fields, [][]any{orderRow(s, "1")}, nil)
		require.Empty(t, messages)
		c.must("sale.order", "action_confirm", ids[0])
		c.bill(ids[0])
		o, _ := s.Order(ids[0])
		invoice, line := o.Invoices[0].ID, o.Lines[0].ID
		item := toInt64(t, c.must("account.move", "read", []int64{invoice}, []string{"invoice_line_ids"}).([]any)[0].(map[string]any)["invoice_line_ids"].([]any)[0])
		for _, step := range []struct {
			name    string
			by      func()
			touched bool
		}{
			{"the order", func() { person.must("sale.order", "write", ids, map[string]any{"client_order_ref": "other"}) }, false},
			{"more of the order", func() {
				person.must("sale.order.line", "write", []int64{line}, map[string]any{"product_uom_qty": 3, "price_unit": 12.55})
			}, false},
			{"its delivery, whose date 19 writes", func() {
				move := o.Pickings[0].Moves[0].ID
				person.must("stock.move", "write", []int64{move}, map[string]any{"quantity": 3, "picked": true})
				person.must("stock.picking", "button_validate", []int64{o.Pickings[0].ID})
			}, version >= 19},
			{"the customer's name", func() { s.Set("res.partner", s.ID("res.partner", "name", "Ann"), Values{"name": "Anna"}) }, true},
			{"the same name", func() { person.must("res.partner", "write", []int64{o.Partner}, map[string]any{"name": "Anna"}) }, false},
			{"one of its lines", func() { person.must("account.move.line", "write", []int64{item}, map[string]any{"name": "Mug, blue"}) }, true},
			{"itself, without a change", func() { person.must("account.move", "write", []int64{invoice}, map[string]any{"ref": "mine"}) }, true},
			{"its state", func() { person.must("account.move", "action_post", []int64{invoice}) }, true},
		} {
			c.must("account.move", "write", []int64{invoice}, map[string]any{"ref": "mine"})
			require.Equal(t, c.uid, c.toucher(invoice), "the gateway wrote last")
			step.by()
			require.Equal(t, step.touched, c.toucher(invoice) != c.uid, "%d: a person changed %s", version, step.name)
		}
	}
}

func TestADraftTransferMayBeDeletedByWhoMayDeleteMoves(t *testing.T) {
	s, c := shop(t, Options{Version: 17})
	order := toInt64(t, c.must("sale.order", "create", map[string]any{"partner_id": s.ID("res.partner", "name", "Ann"), "order_line": []any{
		[]any{0, 0, map[string]any{"product_id": s.ID("product.product", "default_code", "MUG"), "product_uom_qty": decimal.NewFromInt(1), "price_unit": 10}}}}))
	c.must("sale.order", "action_confirm", order)
	o, _ := s.Order(order)
	require.Contains(t, c.refused("stock.picking", "unlink", []int64{o.Pickings[0].ID}), "You are not allowed to delete 'Stock Move'")
}
