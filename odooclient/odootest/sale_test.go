package odootest

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func confirmed(t *testing.T) (*Server, *client, int64) {
	t.Helper()
	s, c := shop(t, Options{})
	ids, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	require.Empty(t, messages)
	c.must("sale.order", "action_confirm", ids)
	return s, c, ids[0]
}

func TestConfirmingResetsTheDateAndMakesADelivery(t *testing.T) {
	s, c, id := confirmed(t)
	o := s.Orders()[0]
	require.Equal(t, "sale", o.State)
	require.WithinDuration(t, time.Now(), o.DateOrder, time.Minute)
	pickings := c.must("stock.picking", "search_read", []any{[]any{"sale_id", "=", id}}, []any{"origin", "state"}).([]any)
	require.Len(t, pickings, 1)
	require.Equal(t, o.Name, pickings[0].(map[string]any)["origin"])
	_, messages := c.load("sale.order", []string{"id", "date_order"}, [][]any{{"odoogate.o1", "2026-11-01 10:00:00"}}, nil)
	require.Empty(t, messages)
	require.Equal(t, "2026-11-01 10:00:00", s.Orders()[0].DateOrder.Format(dateTimeFormat))
	require.Zero(t, s.MailsSent())
}

func TestOneBadIDConfirmsNone(t *testing.T) {
	s, c := shop(t, Options{})
	ids, _ := c.load("sale.order", orderFields, [][]any{orderRow(s, "1"), orderRow(s, "2")}, nil)
	c.must("sale.order", "action_confirm", ids[1:])
	_, fault := c.try("sale.order", "action_confirm", []any{ids}, nil)
	require.Equal(t, "odoo.exceptions.UserError", fault["name"])
	require.Contains(t, fault["message"], "not in a state requiring confirmation")
	_, fault = c.try("sale.order", "action_confirm", []any{[]int64{ids[0], 999999}}, nil)
	require.Equal(t, "odoo.exceptions.MissingError", fault["name"])
	require.Equal(t, "draft", s.Orders()[0].State)
	require.Equal(t, true, c.must("sale.order", "action_confirm", []any{nil}), "a null id is nobody")
}

func TestAConfirmedOrderRefuses(t *testing.T) {
	s, c, id := confirmed(t)
	line := s.Orders()[0].Lines[0].ID
	for _, tt := range []struct {
		name, model, method string
		args                []any
		want                string
	}{
		{"a pricelist", "sale.order", "write", []any{[]int64{id}, map[string]any{"pricelist_id": 1}}, "You cannot change the pricelist of a confirmed order !"},
		{"losing a line", "sale.order.line", "unlink", []any{[]int64{line}}, "Set the quantity to 0 instead."},
		{"being deleted by the gateway", "sale.order", "unlink", []any{[]int64{id}}, "You are not allowed to delete 'Sales Order'"},
		{"a line becoming a note", "sale.order.line", "write", []any{[]int64{line}, map[string]any{"display_type": "line_note"}}, "You cannot change the type"},
		{"losing its date", "sale.order", "write", []any{[]int64{id}, map[string]any{"date_order": false}}, "a mandatory field is not set"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, fault := c.try(tt.model, tt.method, tt.args, nil)
			require.Contains(t, fault["message"], tt.want)
		})
	}
	_, messages := c.load("sale.order", []string{"id", "pricelist_id/.id"}, [][]any{{"odoogate.o1", "1"}}, nil)
	require.Equal(t, "You cannot change the pricelist of a confirmed order !", messages[0]["message"])
}

func TestCancellingAConfirmedOrderNeedsTheContext(t *testing.T) {
	s, c, id := confirmed(t)
	wizard := c.must("sale.order", "action_cancel", []any{id}).(map[string]any)
	require.Equal(t, "sale.order.cancel", wizard["res_model"])
	require.Equal(t, "sale", s.Orders()[0].State)
	got, fault := c.try("sale.order", "action_cancel", []any{[]int64{id}}, map[string]any{"context": map[string]any{"disable_cancel_warning": true}})
	require.Nil(t, fault)
	require.Equal(t, true, got)
	require.Equal(t, "cancel", s.Orders()[0].State)
	pickings := c.must("stock.picking", "search_read", []any{[]any{"sale_id", "=", id}}, []any{"state"}).([]any)
	require.Equal(t, "cancel", pickings[0].(map[string]any)["state"])
}

func TestALockedOrderKeepsItsLines(t *testing.T) {
	s, c, id := confirmed(t)
	c.must("sale.order", "action_lock", []any{id})
	_, messages := c.load("sale.order", orderFields[:4], [][]any{{"odoogate.o1", "odoogate.ann", "#changed", "2026-11-01 10:00:00"}}, nil)
	require.Empty(t, messages)
	_, messages = c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	require.Contains(t, messages[0]["message"], "It is forbidden to modify the following fields in a locked order:")
	require.Equal(t, "#changed", s.Orders()[0].Ref)
}

func TestTheDeliveryFollowsTheLines(t *testing.T) {
	s, c, id := confirmed(t)
	line := s.Orders()[0].Lines[0].ID
	moved := func() (out []string) {
		for _, m := range c.must("stock.move", "search_read", []any{[]any{"sale_line_id.order_id", "=", id}}, []any{"product_uom_qty", "state"}).([]any) {
			m := m.(map[string]any)
			out = append(out, toText(m["product_uom_qty"])+" "+m["state"].(string))
		}
		return out
	}
	c.must("sale.order.line", "write", []any{line}, map[string]any{"product_uom_qty": 5, "price_unit": 1})
	require.Equal(t, []string{"5.0 confirmed"}, moved())
	c.must("sale.order.line", "write", []any{line}, map[string]any{"product_uom_qty": 4, "price_unit": 1})
	require.Equal(t, []string{"4.0 confirmed"}, moved())
	c.must("sale.order.line", "write", []any{line}, map[string]any{"product_uom_qty": 0, "price_unit": 1})
	require.Equal(t, []string{"0.0 cancel"}, moved())
}

func TestAPersonsEditIsSeenAndCounted(t *testing.T) {
	s, _, id := confirmed(t)
	before := s.Orders()[0]
	s.Set("sale.order.line", before.Lines[0].ID, Values{"price_unit": "20", "name": "By hand"})
	after := s.Orders()[0]
	require.Equal(t, id, after.ID)
	require.Equal(t, "40", after.Total.String())
	require.Equal(t, before.Writes, after.Writes, "only calls over the wire are counted")
}

func TestAFailingCallLeavesNoTrace(t *testing.T) {
	s, c := shop(t, Options{})
	ids, _ := c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	before, people := s.Orders(), s.Partners()
	line := before[0].Lines[0].ID
	_, fault := c.try("sale.order", "write", []any{ids, map[string]any{
		"client_order_ref": "changed", "partner_id": 1,
		"order_line": []any{[]any{1, line, map[string]any{"price_unit": 1}}, []any{0, 0, map[string]any{"bogus": 1}}},
	}}, nil)
	require.Equal(t, "Invalid field 'bogus' on model 'sale.order.line'", fault["message"])
	_, fault = c.try("res.partner", "create", []any{[]any{map[string]any{"name": "one"}, map[string]any{"type": "contact"}}}, nil)
	require.Equal(t, "odoo.exceptions.ValidationError", fault["name"])
	require.Equal(t, before, s.Orders())
	require.Equal(t, people, s.Partners())
}

func TestDeletingADraftTakesItsLinesAndExternalIDs(t *testing.T) {
	s, c := shop(t, Options{})
	ids, _ := c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	line := s.Orders()[0].Lines[0].ID
	admin := newClient(t, s, "admin", "admin")
	require.Equal(t, true, admin.must("sale.order", "unlink", ids))
	require.Empty(t, s.Orders())
	require.Equal(t, []any{}, c.must("sale.order.line", "read", []any{line}, []any{"name"}))
	again, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	require.Empty(t, messages)
	require.Greater(t, again[0], ids[0])
}
