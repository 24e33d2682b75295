package odootest

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// demand is what an order's transfers move, "out 2 assigned" for each move.
func demand(s *Server, order int64) (out []string) {
	o, _ := s.Order(order)
	for _, p := range o.Pickings {
		for _, m := range p.Moves {
			out = append(out, fmt.Sprint(map[string]string{"outgoing": "out ", "incoming": "back "}[p.Kind], m.Demand, " ", m.State))
		}
	}
	return out
}

func TestTheDeliveryFollowsAnEditAsLongAsTheDatesAgree(t *testing.T) {
	for _, tt := range []struct {
		name  string
		write map[string]any // to the confirmed order, before its line is edited
		then  map[string]any // after that
		up    []string
		down  []string
		none  []string
	}{
		{"as confirmed", nil, nil, []string{"out 4 assigned"}, []string{"out 1 assigned"}, []string{"out 0 cancel"}},
		{"with its date changed", map[string]any{"date_order": "2026-11-01 10:00:00"}, nil,
			[]string{"out 2 assigned", "out 2 assigned"}, []string{"out 2 assigned", "out 0 cancel", "back 1 assigned"},
			[]string{"out 2 assigned", "out 0 cancel", "back 1 assigned", "back 1 assigned"}},
		{"with its date changed and the promise written again", map[string]any{"date_order": "2026-11-01 10:00:00"}, map[string]any{"commitment_date": false},
			[]string{"out 4 assigned"}, []string{"out 1 assigned"}, []string{"out 0 cancel"}},
		{"with both in one write", map[string]any{"date_order": "2026-11-01 10:00:00", "commitment_date": false}, nil,
			[]string{"out 2 assigned", "out 2 assigned"}, []string{"out 2 assigned", "out 0 cancel", "back 1 assigned"},
			[]string{"out 2 assigned", "out 0 cancel", "back 1 assigned", "back 1 assigned"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, c, o := stocked(t, 17, "20")
			for _, vals := range []map[string]any{tt.write, tt.then} {
				if vals != nil {
					c.must("sale.order", "write", []any{o.ID}, vals)
				}
			}
			for _, edit := range []struct {
				quantity int
				want     []string
			}{{4, tt.up}, {1, tt.down}, {0, tt.none}} {
				c.must("sale.order.line", "write", []any{o.Lines[0].ID}, map[string]any{"product_uom_qty": edit.quantity, "price_unit": 10})
				require.Equal(t, edit.want, demand(s, o.ID))
			}
		})
	}
}

func TestADeliveredLineGoesUpAndNotBelowWhatWasDelivered(t *testing.T) {
	s, c, o := stocked(t, 17, "20")
	edit := func(quantity any) { // at the price it has
		c.must("sale.order.line", "write", []any{o.Lines[0].ID}, map[string]any{"product_uom_qty": quantity, "price_unit": 10})
	}
	c.must("stock.picking", "button_validate", o.Pickings[0].ID)
	edit(5)
	require.Equal(t, []string{"out 2 done", "out 3 assigned"}, demand(s, o.ID))
	require.Contains(t, c.refused("sale.order.line", "write", []any{o.Lines[0].ID}, map[string]any{"product_uom_qty": 1}), "cannot be decreased below the amount already delivered")
	edit(2)
	require.Equal(t, []string{"out 2 done", "out 0 cancel"}, demand(s, o.ID))
	o, _ = s.Order(o.ID)
	require.Equal(t, "full", o.DeliveryStatus)
	c.with(map[string]any{"disable_cancel_warning": true}, "sale.order", "action_cancel", []any{o.ID})
	require.Equal(t, []string{"out 2 done", "out 0 cancel"}, demand(s, o.ID))
}

func TestAnotherProductShipsBesideTheOldOneIn17(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := stocked(t, version, "20")
		other := s.AddProduct("CUP", "Cup", o.Lines[0].Price)
		vals := map[string]any{"product_id": other, "product_uom_qty": 2, "price_unit": 10}
		if version >= 19 {
			require.Equal(t, "You cannot modify the product of this order line.", c.refused("sale.order.line", "write", []any{o.Lines[0].ID}, vals))
			continue
		}
		c.must("sale.order.line", "write", []any{o.Lines[0].ID}, vals)
		require.Equal(t, []string{"out 2 assigned", "out 2 confirmed"}, demand(s, o.ID))
	}
}

func TestALockedOrderIsNeitherEditedNorCancelled(t *testing.T) {
	s, c, o := stocked(t, 17, "20")
	c.must("sale.order", "action_lock", []any{o.ID})
	require.Contains(t, c.refused("sale.order.line", "write", []any{o.Lines[0].ID}, map[string]any{"product_uom_qty": 3}), "locked order")
	require.Contains(t, c.refused("sale.order", "action_cancel", []any{o.ID}), "You cannot cancel a locked order.")
	c.must("sale.order", "write", []any{o.ID}, map[string]any{"client_order_ref": "new", "order_line": []any{[]any{0, 0, map[string]any{
		"product_id": s.ID("product.product", "default_code", "MUG"), "product_uom_qty": 1, "price_unit": 1}}}})
	require.Equal(t, []string{"out 2 assigned"}, demand(s, o.ID), "what is added while it is locked ships nothing")
}

func TestAReturnBringsGoodsBackAndTheLineFollows(t *testing.T) {
	for _, version := range []int{17, 19} {
		s, c, o := stocked(t, version, "5")
		p := o.Pickings[0].ID
		c.must("stock.picking", "button_validate", p)
		active := map[string]any{"active_model": "stock.picking", "active_id": p, "active_ids": []any{p}}
		w := c.with(active, "stock.return.picking", "create", map[string]any{"picking_id": p})
		lines := c.must("stock.return.picking.line", "search_read", []any{[]any{"wizard_id", "=", w}}, []any{"quantity"}).([]any)
		require.Equal(t, map[int]string{17: "2.0", 19: "0.0"}[version], toText(lines[0].(map[string]any)["quantity"]))
		method := map[int]string{17: "create_returns", 19: "action_create_returns"}[version]
		if version >= 19 {
			require.Equal(t, "Please specify at least one non-zero quantity.", c.refused("stock.return.picking", method, w))
		}
		c.must("stock.return.picking.line", "write", []any{lines[0].(map[string]any)["id"]}, map[string]any{"quantity": 1})
		back := c.must("stock.return.picking", method, w).(map[string]any)["res_id"]
		o, _ = s.Order(o.ID)
		require.Equal(t, []string{"partial", "2"}, []string{o.DeliveryStatus, o.Lines[0].Delivered.String()})
		require.Equal(t, []any{"incoming", p}, []any{o.Pickings[1].Kind, o.Pickings[1].Return})
		c.must("stock.picking", "button_validate", back)
		o, _ = s.Order(o.ID)
		require.Equal(t, []string{"full", "1"}, []string{o.DeliveryStatus, o.Lines[0].Delivered.String()})
		require.Equal(t, "4.0 4.0 4.0", onHand(t, c, s, "MUG"))
	}
}
