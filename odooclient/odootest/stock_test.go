package odootest

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// stocked is a confirmed order of one line of 2 mugs, of which some are in stock.
func stocked(t *testing.T, version int, stock string) (*Server, *client, Order) {
	t.Helper()
	s, c := shop(t, Options{Version: version})
	s.SetStock("MUG", "", decimal.RequireFromString(stock))
	o := mugs(t, s, c, 2)
	return s, c, o
}

// mugs is a confirmed order of some mugs at 10.
func mugs(t *testing.T, s *Server, c *client, quantity int) Order {
	t.Helper()
	id := c.must("sale.order", "create", map[string]any{"partner_id": s.ID("res.partner", "name", "Ann"), "order_line": []any{
		[]any{0, 0, map[string]any{"product_id": s.ID("product.product", "default_code", "MUG"), "product_uom_qty": quantity, "price_unit": 10}},
	}})
	c.must("sale.order", "action_confirm", id)
	o, found := s.Order(toInt64(t, id))
	require.True(t, found)
	return o
}

func (c *client) with(context map[string]any, model, method string, args ...any) any {
	c.t.Helper()
	result, fault := c.try(model, method, args, map[string]any{"context": context})
	require.Nil(c.t, fault)
	return result
}

// onHand is what a product has and has free.
func onHand(t *testing.T, c *client, s *Server, sku string) string {
	t.Helper()
	row := c.must("product.product", "read", s.ID("product.product", "default_code", sku), []any{"qty_available", "free_qty", "virtual_available"}).([]any)[0].(map[string]any)
	return fmt.Sprint(row["qty_available"], " ", row["free_qty"], " ", row["virtual_available"])
}

func TestConfirmingReservesWhatIsThere(t *testing.T) {
	for _, tt := range []struct{ stock, policy, move, picking, have, left string }{
		{"10", "direct", "assigned", "assigned", "2", "10.0 8.0 8.0"},
		{"1", "direct", "partially_available", "assigned", "1", "1.0 0.0 -1.0"},
		{"1", "one", "partially_available", "confirmed", "1", "1.0 0.0 -1.0"},
		{"0", "direct", "confirmed", "confirmed", "0", "0.0 0.0 -2.0"},
	} {
		t.Run(tt.stock+" "+tt.policy, func(t *testing.T) {
			s, c := shop(t, Options{PickingPolicy: tt.policy})
			s.SetStock("MUG", "WH/Stock", decimal.RequireFromString(tt.stock))
			p := mugs(t, s, c, 2).Pickings[0]
			require.Equal(t, []string{tt.picking, tt.move, tt.have}, []string{p.State, p.Moves[0].State, p.Moves[0].Quantity.String()})
			require.Equal(t, tt.left, onHand(t, c, s, "MUG"))
		})
	}
}

func TestValidatingTakesWhatIsReservedAndCountsIt(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := stocked(t, version, "5")
		require.Equal(t, true, c.must("stock.picking", "button_validate", o.Pickings[0].ID))
		o, _ = s.Order(o.ID)
		require.Equal(t, "done", o.Pickings[0].State)
		require.Equal(t, "2", o.Lines[0].Delivered.String())
		require.Equal(t, "full", o.DeliveryStatus)
		require.Equal(t, "3.0 3.0 3.0", onHand(t, c, s, "MUG"))
		rows := c.must("stock.quant", "search_read", []any{[]any{"location_id.usage", "=", "customer"}}, []any{"quantity"}).([]any)
		require.Equal(t, "2.0", fmt.Sprint(rows[0].(map[string]any)["quantity"]))
		_, fault := c.try("stock.picking", "button_validate", []any{o.Pickings[0].ID}, nil)
		require.Equal(t, version >= 19, fault == nil, "17 finds nothing to move, 19 nothing to do: %v", fault)
	}
}

func TestABackorderTakesTheRestAndItsReservation(t *testing.T) {
	s, c, o := stocked(t, 17, "1")
	wizard := c.must("stock.picking", "button_validate", o.Pickings[0].ID).(map[string]any)
	require.Equal(t, "stock.backorder.confirmation", wizard["res_model"])
	require.True(t, picked(s, o.ID)[0], "the question leaves its mark")
	s.SetStock("MUG", "", decimal.NewFromInt(9))
	require.Equal(t, true, c.with(map[string]any{"skip_backorder": true}, "stock.picking", "button_validate", o.Pickings[0].ID))
	o, _ = s.Order(o.ID)
	require.Len(t, o.Pickings, 2)
	rest := o.Pickings[1]
	require.Equal(t, o.Pickings[0].ID, rest.Backorder)
	require.Equal(t, []string{"assigned", "1", "1"}, []string{rest.State, rest.Moves[0].Demand.String(), rest.Moves[0].Quantity.String()})
	require.Equal(t, "partial", o.DeliveryStatus)
	require.Equal(t, "8.0 7.0 7.0", onHand(t, c, s, "MUG"))
}

func picked(s *Server, order int64) (out []bool) {
	o, _ := s.Order(order)
	for _, p := range o.Pickings {
		for _, m := range p.Moves {
			out = append(out, m.Picked)
		}
	}
	return out
}

func TestReservationsAreGivenBackAndTakenAgain(t *testing.T) {
	s, c, o := stocked(t, 17, "2")
	require.Nil(t, c.must("stock.picking", "do_unreserve", o.Pickings[0].ID))
	require.Equal(t, "2.0 2.0 0.0", onHand(t, c, s, "MUG"))
	_, fault := c.try("stock.picking", "button_validate", []any{o.Pickings[0].ID}, nil)
	require.Equal(t, "You cannot validate a transfer if no quantities are reserved. To force the transfer, encode quantities.", fault["message"])
	require.Equal(t, true, c.must("stock.picking", "action_assign", o.Pickings[0].ID))
	require.Equal(t, "2.0 0.0 0.0", onHand(t, c, s, "MUG"))
	require.Equal(t, true, c.must("stock.picking", "action_cancel", o.Pickings[0].ID))
	require.Equal(t, "2.0 2.0 2.0", onHand(t, c, s, "MUG"))
	_, fault = c.try("stock.picking", "action_assign", []any{o.Pickings[0].ID}, nil)
	require.Equal(t, "Nothing to check the availability for.", fault["message"])
}

func TestForcedQuantitiesMakeTheStockNegative(t *testing.T) {
	s, c, o := stocked(t, 17, "0")
	move := o.Pickings[0].Moves[0].ID
	c.must("stock.move", "write", []any{move}, map[string]any{"quantity": 2})
	require.Equal(t, "0.0 -2.0 -2.0", onHand(t, c, s, "MUG"))
	require.Equal(t, true, c.must("stock.picking", "button_validate", o.Pickings[0].ID))
	require.Equal(t, "-2.0 -2.0 -2.0", onHand(t, c, s, "MUG"))
}

func TestGoodsAreReservedBelowThePlaceAndFirstInFirst(t *testing.T) {
	s, c := shop(t, Options{})
	s.AddLocation("Shelf")
	s.SetStock("MUG", "WH/Stock/Shelf", decimal.NewFromInt(1))
	s.SetStock("MUG", "WH/Stock", decimal.NewFromInt(5))
	o := mugs(t, s, c, 2)
	require.Equal(t, "assigned", o.Pickings[0].State)
	lines := c.must("stock.move.line", "search_read", []any{[]any{"picking_id", "=", o.Pickings[0].ID}}, []any{"location_id", "quantity"}).([]any)
	require.Len(t, lines, 2)
	require.Equal(t, "WH/Stock/Shelf", lines[0].(map[string]any)["location_id"].([]any)[1])
}

func TestConsumablesNeedNoStockAndServicesNoTransfer(t *testing.T) {
	s, c := shop(t, Options{})
	consu := s.AddProduct("BAG", "Bag", decimal.NewFromInt(1), Values{"detailed_type": "consu"})
	service := s.AddProduct("WORK", "Work", decimal.NewFromInt(1), Values{"detailed_type": "service", "invoice_policy": "delivery"})
	id := c.must("sale.order", "create", map[string]any{"partner_id": s.ID("res.partner", "name", "Ann"), "order_line": []any{
		[]any{0, 0, map[string]any{"product_id": consu}}, []any{0, 0, map[string]any{"product_id": service}},
	}})
	c.must("sale.order", "action_confirm", id)
	o, _ := s.Order(toInt64(t, id))
	require.Len(t, o.Pickings[0].Moves, 1)
	require.Equal(t, "assigned", o.Pickings[0].State)
	c.must("stock.picking", "button_validate", o.Pickings[0].ID)
	require.Equal(t, "0.0 0.0 0.0", onHand(t, c, s, "BAG"))
	c.must("sale.order.line", "write", []any{o.Lines[1].ID}, map[string]any{"qty_delivered": 1})
	o, _ = s.Order(o.ID)
	require.Equal(t, []string{"1", "1"}, []string{o.Lines[0].Delivered.String(), o.Lines[1].Delivered.String()})
}

func TestOnlyAManagerAppliesACount(t *testing.T) {
	s, c := shop(t, Options{})
	boss := newClient(t, s, "admin", "admin")
	vals := map[string]any{"product_id": s.ID("product.product", "default_code", "MUG"), "location_id": s.ID("stock.location", "name", "Stock"), "inventory_quantity": 7}
	q := c.with(map[string]any{"inventory_mode": true}, "stock.quant", "create", vals)
	_, fault := c.try("stock.quant", "action_apply_inventory", []any{q}, nil)
	require.Contains(t, fault["message"], "Only a stock manager can validate an inventory adjustment")
	require.Nil(t, boss.must("stock.quant", "action_apply_inventory", q))
	require.Equal(t, "7.0 7.0 7.0", onHand(t, c, s, "MUG"))
	require.Equal(t, q, c.with(map[string]any{"inventory_mode": true}, "stock.quant", "create", vals), "a quant that is there takes the count")
}

func TestAUserWithoutAddressMakesNoBackorder(t *testing.T) {
	s, c, o := stocked(t, 17, "1")
	s.Set("res.users", s.ID("res.users", "login", "api"), Values{"email": false})
	_, fault := c.try("stock.picking", "button_validate", []any{o.Pickings[0].ID}, map[string]any{"context": map[string]any{"skip_backorder": true}})
	require.Equal(t, "Unable to send message, please configure the sender's email address.", fault["message"])
	o, _ = s.Order(o.ID)
	require.Equal(t, "assigned", o.Pickings[0].State)
}

func TestACutConnectionLeavesTheTransferDone(t *testing.T) {
	s, c, o := stocked(t, 17, "2")
	s.Fault(func(_, method string) FaultMode {
		return map[bool]FaultMode{true: DropAfter}[method == "button_validate"]
	})
	require.False(t, c.reaches("stock.picking", "button_validate", o.Pickings[0].ID))
	s.Fault(nil)
	o, _ = s.Order(o.ID)
	require.Equal(t, "done", o.Pickings[0].State)
}
