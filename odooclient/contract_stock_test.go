package odooclient_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// delivery is the transfer of a confirmed order with its moves.
type delivery struct {
	booked
	picking int64
	moves   []int64
}

// confirmed books an order of some lines of 2 and finds its transfer. Its products
// need not be in stock; the second may be a service, which has no move.
func (o *odoo) confirmed(t *testing.T, lines int) delivery {
	t.Helper()
	d := delivery{booked: o.order(t, lines)}
	o.do(t, "action_confirm", d.id)
	pickings := o.pickings(t, d.id)
	if len(pickings) == 0 {
		t.Skip("the database's products are services")
	}
	d.picking = pickings[0].ID()
	o.moves(t, &d)
	require.NotEmpty(t, d.moves)
	return d
}

func (o *odoo) pickings(t *testing.T, order int64) []odooclient.Row {
	t.Helper()
	return o.search(t, "stock.picking", []any{[]any{"sale_id", "=", order}}, "name", "state", "backorder_id", "picking_type_code", "return_id")
}

func (o *odoo) moves(t *testing.T, d *delivery) {
	t.Helper()
	d.moves = o.ids(t, "stock.move", []any{[]any{"picking_id", "=", d.picking}})
}

// call calls a method on records and returns its answer as it came.
func (o *odoo) call(t *testing.T, model, method string, ids []int64, context map[string]any) (any, error) {
	t.Helper()
	var answer any
	err := o.Call(t.Context(), odooclient.Request{Model: model, Method: method, IDs: ids, Context: context}, &answer)
	return answer, err
}

func (o *odoo) write(t *testing.T, model string, id int64, vals map[string]any) error {
	t.Helper()
	return o.Call(t.Context(), odooclient.Request{Model: model, Method: "write", IDs: []int64{id}, Args: map[string]any{"vals": vals}}, nil)
}

func (o *odoo) create(t *testing.T, model string, vals, context map[string]any) int64 {
	t.Helper()
	var ids []int64
	o.must(t, odooclient.Request{Model: model, Method: "create", Args: map[string]any{"vals_list": []any{vals}}, Context: context}, &ids)
	require.Len(t, ids, 1)
	return ids[0]
}

// take marks a quantity of a move as picked, whether it is in stock or not.
func (o *odoo) take(t *testing.T, move int64, quantity any) {
	t.Helper()
	require.NoError(t, o.write(t, "stock.move", move, map[string]any{"quantity": quantity, "picked": true}))
}

// validate validates a transfer with keys in the context that must succeed.
func (o *odoo) validate(t *testing.T, picking int64, more ...any) {
	t.Helper()
	answer, err := o.call(t, "stock.picking", "button_validate", []int64{picking}, o.context(more...))
	require.NoError(t, err)
	require.Equal(t, true, answer)
}

func (o *odoo) state(t *testing.T, model string, id int64) string {
	t.Helper()
	return o.get(t, model, id, "state").Str("state")
}

func (o *odoo) deliveryStatus(t *testing.T, order int64) string {
	t.Helper()
	return o.get(t, "sale.order", order, "delivery_status").Str("delivery_status")
}

func (o *odoo) lineQty(t *testing.T, order int64, field string) string {
	t.Helper()
	lines := o.search(t, "sale.order.line", []any{[]any{"order_id", "=", order}, []any{"sequence", "=", 1}}, field)
	return lines[0].Dec(field).String()
}

func stockClauses() []clause {
	return []clause{
		{"a transfer with nothing to move is refused", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			_, err := o.call(t, "stock.picking", "do_unreserve", []int64{d.picking}, nil)
			require.NoError(t, err)
			_, err = o.call(t, "stock.picking", "button_validate", []int64{d.picking}, o.context())
			requireFault(t, odooclient.UserError, err, map[bool]string{false: "no quantities are reserved", true: "zero quantity transfer"}[o.major >= 19])
			require.NotEqual(t, "done", o.state(t, "stock.picking", d.picking))
			require.Equal(t, "pending", o.deliveryStatus(t, d.id))
		}},
		{"a part of a delivery is asked about and not done", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			o.take(t, d.moves[0], 1)
			answer, err := o.call(t, "stock.picking", "button_validate", []int64{d.picking}, o.context())
			require.NoError(t, err)
			require.Equal(t, "stock.backorder.confirmation", answer.(map[string]any)["res_model"])
			require.NotEqual(t, "done", o.state(t, "stock.picking", d.picking))
			o.validate(t, d.picking, "skip_backorder", true)
			require.Equal(t, "partial", o.deliveryStatus(t, d.id))
			require.Equal(t, "1", o.lineQty(t, d.id, "qty_delivered"))
			pickings := o.pickings(t, d.id)
			require.Len(t, pickings, 2)
			for _, p := range pickings {
				if p.ID() == d.picking {
					require.Equal(t, "done", p.Str("state"))
					continue
				}
				of, _ := p.Ref("backorder_id")
				require.Equal(t, d.picking, of)
				rest := o.search(t, "stock.move", []any{[]any{"picking_id", "=", p.ID()}}, "product_uom_qty", "picked")
				require.Len(t, rest, 1)
				require.Equal(t, "1", rest[0].Dec("product_uom_qty").String())
				require.False(t, rest[0].Bool("picked"))
			}
		}},
		{"the rest of a delivery is given up when the context says so", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 3)
			require.NoError(t, o.write(t, "stock.picking", d.picking, map[string]any{"carrier_tracking_ref": "TRACK" + d.ref}))
			o.take(t, d.moves[0], 1)
			o.validate(t, d.picking, "skip_backorder", true, "picking_ids_not_to_backorder", []int64{d.picking})
			require.Len(t, o.pickings(t, d.id), 1)
			require.Equal(t, "full", o.deliveryStatus(t, d.id))
			row := o.get(t, "stock.picking", d.picking, "state", "carrier_tracking_ref", "date_done")
			require.Equal(t, "TRACK"+d.ref, row.Str("carrier_tracking_ref"))
			require.False(t, row.Time("date_done").IsZero())
			states := map[string]int{}
			for _, m := range o.search(t, "stock.move", []any{[]any{"picking_id", "=", d.picking}}, "state") {
				states[m.Str("state")]++
			}
			require.Equal(t, map[string]int{"done": 1, "cancel": len(d.moves) - 1}, states)
			require.Greater(t, len(d.moves), 1)
		}},
		{"the question about a backorder can be answered with its own context", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			o.take(t, d.moves[0], 1)
			answer, err := o.call(t, "stock.picking", "button_validate", []int64{d.picking}, nil)
			require.NoError(t, err)
			context := answer.(map[string]any)["context"].(map[string]any)
			w := o.create(t, "stock.backorder.confirmation", map[string]any{}, context)
			done, err := o.call(t, "stock.backorder.confirmation", "process_cancel_backorder", []int64{w}, context)
			require.NoError(t, err)
			require.Equal(t, true, done)
			require.Equal(t, "done", o.state(t, "stock.picking", d.picking))
			require.Len(t, o.pickings(t, d.id), 1)
		}},
		{"what is picked goes out as it is, whatever is ordered meanwhile", func(t *testing.T, o *odoo) {
			for _, c := range []struct{ ordered, move, open string }{
				{"5", "5 2 partially_available", "3"},
				{"1", "1 2 assigned", ""},
				{"0", "0 2 assigned", ""},
			} {
				d := o.confirmed(t, 1)
				o.loaded(t, "stock.move", ".id quantity picked", []any{strconv.FormatInt(d.moves[0], 10), "2", "1"})
				require.NoError(t, o.ordered(t, d, c.ordered))
				moves := o.search(t, "stock.move", []any{[]any{"sale_line_id.order_id", "=", d.id}}, "product_uom_qty", "quantity", "state")
				require.Len(t, moves, 1, "no second move")
				require.Equal(t, c.move, moves[0].Dec("product_uom_qty").String()+" "+moves[0].Dec("quantity").String()+" "+moves[0].Str("state"))
				o.validate(t, d.picking, "skip_backorder", true)
				require.Equal(t, "2", o.lineQty(t, d.id, "qty_delivered"))
				open := ""
				for _, m := range o.search(t, "stock.move", []any{[]any{"sale_line_id.order_id", "=", d.id}, []any{"state", "!=", "done"}}, "product_uom_qty") {
					open += m.Dec("product_uom_qty").String()
				}
				require.Equal(t, c.open, open)
			}
		}},
		{"a quantity with its unit of measure is refused where the move has ended", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			set := func(quantity string) error {
				unit, _ := o.get(t, "stock.move", d.moves[0], "product_uom").Ref("product_uom")
				_, err := o.load(t, "stock.move", ".id quantity picked product_uom/.id", []any{strconv.FormatInt(d.moves[0], 10), quantity, "1", strconv.FormatInt(unit, 10)})
				return err
			}
			require.NoError(t, set("2"))
			o.validate(t, d.picking)
			requireRow(t, set("1"), "You cannot change the UoM for a stock move")
			require.Equal(t, "2", o.lineQty(t, d.id, "qty_delivered"))
			d = o.confirmed(t, 1)
			o.do(t, "action_cancel", d.id, "disable_cancel_warning", true)
			requireRow(t, set("1"), "You cannot change a cancelled stock move")
		}},
		{"what was delivered can neither be cancelled nor ordered less", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			o.take(t, d.moves[0], 2)
			o.validate(t, d.picking)
			_, err := o.call(t, "stock.picking", "action_cancel", []int64{d.picking}, nil)
			requireFault(t, odooclient.UserError, err, "You cannot cancel a stock move that has been set to 'Done'")
			_, err = o.load(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(d.ref) + "_order"}, o.lineRow(d.booked, 0, "1", "9.50")...))
			requireRow(t, err, "cannot be decreased below the amount already delivered")
			o.loaded(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(d.ref) + "_order"}, o.lineRow(d.booked, 0, "3", "9.50")...))
			require.Len(t, o.pickings(t, d.id), 2, "more is a delivery of its own")
			require.Equal(t, "partial", o.deliveryStatus(t, d.id))
			o.do(t, "action_cancel", d.id, "disable_cancel_warning", true)
			require.Equal(t, "full", o.deliveryStatus(t, d.id), "what was delivered stays")
		}},
		{"goods come back by a return", func(t *testing.T, o *odoo) {
			d := o.confirmed(t, 1)
			o.take(t, d.moves[0], 2)
			o.validate(t, d.picking)
			context := o.context("active_model", "stock.picking", "active_id", d.picking, "active_ids", []int64{d.picking})
			w := o.create(t, "stock.return.picking", map[string]any{"picking_id": d.picking}, context)
			lines := o.search(t, "stock.return.picking.line", []any{[]any{"wizard_id", "=", w}}, "quantity", "to_refund", "move_id")
			require.Len(t, lines, 1)
			require.Equal(t, map[bool]string{false: "2", true: "0"}[o.major >= 19], lines[0].Dec("quantity").String())
			require.NoError(t, o.write(t, "stock.return.picking.line", lines[0].ID(), map[string]any{"quantity": 1, "to_refund": true}))
			method := map[bool]string{false: "create_returns", true: "action_create_returns"}[o.major >= 19]
			answer, err := o.call(t, "stock.return.picking", method, []int64{w}, context)
			require.NoError(t, err)
			var back odooclient.Row
			for _, p := range o.pickings(t, d.id) {
				if p.ID() != d.picking {
					back = p
				}
			}
			require.EqualValues(t, back.ID(), toID(t, answer.(map[string]any)["res_id"]))
			require.Equal(t, []string{"incoming", "assigned"}, []string{back.Str("picking_type_code"), back.Str("state")})
			require.Equal(t, "2", o.lineQty(t, d.id, "qty_delivered"))
			o.validate(t, back.ID())
			require.Equal(t, "1", o.lineQty(t, d.id, "qty_delivered"))
		}},
		{"less of an order whose date was changed leaves its delivery as it is", func(t *testing.T, o *odoo) {
			for _, promised := range []bool{false, true} {
				d := o.confirmed(t, 1)
				o.loaded(t, "sale.order", "id date_order", []any{xid(d.ref) + "_order", "2026-11-01 10:00:00"})
				if promised {
					o.loaded(t, "sale.order", "id commitment_date", []any{xid(d.ref) + "_order", ""})
				}
				o.loaded(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(d.ref) + "_order"}, o.lineRow(d.booked, 0, "1", "9.50")...))
				demand := o.get(t, "stock.move", d.moves[0], "product_uom_qty").Dec("product_uom_qty").String()
				kinds := map[string]int{}
				for _, p := range o.pickings(t, d.id) {
					kinds[p.Str("picking_type_code")]++
				}
				if promised {
					require.Equal(t, "1", demand, "a load of commitment_date alone, even an empty one, brings the dates together again")
					require.Equal(t, map[string]int{"outgoing": 1}, kinds)
					continue
				}
				require.Equal(t, "2", demand)
				require.Equal(t, map[string]int{"outgoing": 1, "incoming": 1}, kinds, "both leave: one out, one back")
			}
		}},
	}
}

// toID reads an id out of an answer without a type.
func toID(t *testing.T, v any) int64 {
	t.Helper()
	switch v := v.(type) {
	case json.Number:
		id, err := v.Int64()
		require.NoError(t, err)
		return id
	case float64:
		return int64(v)
	}
	require.Fail(t, "no id", "%v", v)
	return 0
}
