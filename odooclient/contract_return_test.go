package odooclient_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// comeback is a return as it is loaded: columns and one row.
type comeback struct {
	columns []string
	row     []any
}

func (c comeback) without(column string) comeback {
	out := comeback{}
	for i, name := range c.columns {
		if name != column {
			out.columns, out.row = append(out.columns, name), append(out.row, c.row[i])
		}
	}
	return out
}

// back is a return of a part of a move of a delivery, to a place or to where the
// goods came from. In 17 the move's procurement group says which order it is of.
func (o *odoo) back(t *testing.T, d delivery, quantity string, place int64) comeback {
	t.Helper()
	fields := []string{"product_id", "product_uom", "location_id", "location_dest_id", "sale_line_id", "picking_type_id"}
	if o.major < 19 {
		fields = append(fields, "group_id")
	}
	move := o.get(t, "stock.move", d.moves[0], fields...)
	id := func(r odooclient.Row, field string) string {
		ref, _ := r.Ref(field)
		return strconv.FormatInt(ref, 10)
	}
	kind, _ := move.Ref("picking_type_id")
	if ret, _ := o.get(t, "stock.picking.type", kind, "return_picking_type_id").Ref("return_picking_type_id"); ret != 0 {
		kind = ret
	}
	from, to, name := id(move, "location_dest_id"), id(move, "location_id"), o.name()
	if place != 0 {
		to = strconv.FormatInt(place, 10)
	}
	partner := o.get(t, "sale.order", d.id, "partner_id")
	c := comeback{
		columns: strings.Fields("id picking_type_id/.id partner_id/.id location_id/.id location_dest_id/.id origin return_id/.id move_ids/id move_ids/product_id/.id " +
			"move_ids/product_uom_qty move_ids/product_uom/.id move_ids/location_id/.id move_ids/location_dest_id/.id move_ids/origin_returned_move_id/.id " +
			"move_ids/to_refund move_ids/sale_line_id/.id"),
		row: []any{xid(name), strconv.FormatInt(kind, 10), id(partner, "partner_id"), from, to, "Return " + name, strconv.FormatInt(d.picking, 10), xid(name) + "_m", id(move, "product_id"),
			quantity, id(move, "product_uom"), from, to, strconv.FormatInt(d.moves[0], 10), "1", id(move, "sale_line_id")},
	}
	if o.major < 19 {
		c.columns = append(c.columns, "move_ids/name", "move_ids/group_id/.id")
		c.row = append(c.row, "Back "+name, id(move, "group_id"))
	}
	return c
}

func (o *odoo) loadBack(t *testing.T, c comeback) (int64, error) {
	t.Helper()
	return o.load(t, "stock.picking", strings.Join(c.columns, " "), c.row)
}

func (o *odoo) backLoaded(t *testing.T, c comeback) int64 {
	t.Helper()
	id, err := o.loadBack(t, c)
	require.NoError(t, err)
	_, err = o.call(t, "stock.picking", "action_confirm", []int64{id}, o.context())
	require.NoError(t, err)
	require.Equal(t, "assigned", o.state(t, "stock.picking", id))
	return id
}

// gone is an order of 2 that is delivered.
func (o *odoo) gone(t *testing.T) delivery {
	t.Helper()
	d := o.confirmed(t, 1)
	o.take(t, d.moves[0], 2)
	o.validate(t, d.picking)
	require.Equal(t, "2", o.lineQty(t, d.id, "qty_delivered"))
	return d
}

// ordered loads the quantity of an order's first line.
func (o *odoo) ordered(t *testing.T, d delivery, quantity string) error {
	t.Helper()
	_, err := o.load(t, "sale.order", "id "+o.lineColumns(), append([]any{xid(d.ref) + "_order"}, o.lineRow(d.booked, 0, quantity, "9.50")...))
	return err
}

// onHand is how much of the first product a place has.
func (o *odoo) onHand(t *testing.T, place int64) decimal.Decimal {
	t.Helper()
	sum := decimal.Zero
	for _, q := range o.search(t, "stock.quant", []any{[]any{"product_id", "=", o.products[0]}, []any{"location_id", "=", place}}, "quantity") {
		sum = sum.Add(q.Dec("quantity"))
	}
	return sum
}

func returnClauses() []clause {
	return []clause{
		{"a return is loaded, moves its goods and lowers what was delivered", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			c := o.back(t, d, "1", 0)
			id, err := o.loadBack(t, c)
			require.NoError(t, err)
			require.Equal(t, "draft", o.state(t, "stock.picking", id))
			require.ElementsMatch(t, []int64{d.picking, id}, o.get(t, "sale.order", d.id, "picking_ids").IDs("picking_ids"))
			again, err := o.loadBack(t, c)
			require.NoError(t, err)
			require.Equal(t, id, again)
			require.Equal(t, id, o.backLoaded(t, c))
			moves := o.search(t, "stock.move", []any{[]any{"picking_id", "=", id}}, "quantity", "location_dest_id", "to_refund", "picking_type_id")
			require.Len(t, moves, 1)
			require.Equal(t, "1", moves[0].Dec("quantity").String())
			place, _ := moves[0].Ref("location_dest_id")
			before := o.onHand(t, place)
			o.validate(t, id, "skip_backorder", true, "skip_sms", true)
			require.Equal(t, "1", o.onHand(t, place).Sub(before).String())
			require.Equal(t, "1", o.lineQty(t, d.id, "qty_delivered"))
			requireRow(t, o.ordered(t, d, "0.5"), "cannot be decreased below the amount already delivered")
			require.NoError(t, o.ordered(t, d, "1"))
			require.Len(t, o.pickings(t, d.id), 2, "less than was ordered, as much as is delivered: nothing moves")
			require.NoError(t, o.ordered(t, d, "3"))
			all := o.pickings(t, d.id)
			require.Len(t, all, 3, "more is a delivery of its own")
			require.NoError(t, o.ordered(t, d, "1"))
			states := map[string]int{}
			for _, p := range o.pickings(t, d.id) {
				states[p.Str("state")]++
			}
			require.Equal(t, map[string]int{"done": 2, "cancel": 1}, states)
		}},
		{"a return under way is no reason to deliver less, and counts for what is delivered next", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			id := o.backLoaded(t, o.back(t, d, "1", 0))
			requireRow(t, o.ordered(t, d, "1"), "cannot be decreased below the amount already delivered")
			require.NoError(t, o.ordered(t, d, "3"))
			moves := o.search(t, "stock.move", []any{[]any{"sale_line_id.order_id", "=", d.id}, []any{"picking_id", "not in", []int64{d.picking, id}}}, "product_uom_qty")
			require.Len(t, moves, 1)
			require.Equal(t, "2", moves[0].Dec("product_uom_qty").String(), "what comes back is sent again")
		}},
		{"what comes back to be thrown away is still delivered", func(t *testing.T, o *odoo) {
			domain := []any{[]any{"usage", "=", "inventory"}}
			if o.major < 19 {
				domain = append(domain, []any{"scrap_location", "=", true})
			}
			places := o.ids(t, "stock.location", domain)
			require.NotEmpty(t, places)
			d := o.gone(t)
			before := o.onHand(t, places[0])
			o.validate(t, o.backLoaded(t, o.back(t, d, "1", places[0])), "skip_backorder", true)
			require.Equal(t, "1", o.onHand(t, places[0]).Sub(before).String())
			require.Equal(t, "2", o.lineQty(t, d.id, "qty_delivered"))
		}},
		{"a return is cancelled, with its order too", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			id := o.backLoaded(t, o.back(t, d, "1", 0))
			_, err := o.call(t, "stock.picking", "action_cancel", []int64{id}, o.context())
			require.NoError(t, err)
			require.Equal(t, "cancel", o.state(t, "stock.picking", id))
			other := o.backLoaded(t, o.back(t, d, "1", 0))
			o.do(t, "action_cancel", d.id, "disable_cancel_warning", true)
			require.Equal(t, []string{"cancel", "done"}, []string{o.state(t, "stock.picking", other), o.state(t, "stock.picking", d.picking)})
			require.Equal(t, "2", o.lineQty(t, d.id, "qty_delivered"))
		}},
		{"a return that began keeps its kind, one that is done its units", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			c := o.back(t, d, "1", 0)
			id := o.backLoaded(t, c)
			_, err := o.loadBack(t, c)
			if o.major < 19 {
				requireRow(t, err, "Changing the operation type of this record is forbidden")
			} else {
				require.NoError(t, err)
			}
			_, err = o.loadBack(t, c.without("picking_type_id/.id"))
			require.NoError(t, err)
			require.Equal(t, "assigned", o.state(t, "stock.picking", id))
			o.validate(t, id, "skip_backorder", true)
			_, err = o.loadBack(t, c)
			requireRow(t, err, "Changing the operation type of this record is forbidden")
			_, err = o.loadBack(t, c.without("picking_type_id/.id"))
			requireRow(t, err, "You cannot change the UoM")
			require.Equal(t, "1", o.lineQty(t, d.id, "qty_delivered"))
		}},
		{"a return of which only a part came leaves the rest open", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			id := o.backLoaded(t, o.back(t, d, "2", 0))
			move := o.ids(t, "stock.move", []any{[]any{"picking_id", "=", id}})[0]
			o.loaded(t, "stock.move", ".id quantity picked", []any{strconv.FormatInt(move, 10), "1", "1"})
			o.validate(t, id, "skip_backorder", true)
			require.Equal(t, "1", o.lineQty(t, d.id, "qty_delivered"))
			rest := o.search(t, "stock.picking", []any{[]any{"backorder_id", "=", id}}, "state")
			require.Len(t, rest, 1)
			require.Equal(t, "assigned", rest[0].Str("state"))
		}},
		{"in 17 a procurement group counts on the moves, on a new transfer it is lost", func(t *testing.T, o *odoo) {
			d := o.gone(t)
			c := o.back(t, d, "1", 0)
			if o.major >= 19 {
				return // the order's line is enough
			}
			group := c.row[len(c.row)-1]
			c = c.without("move_ids/group_id/.id")
			c.columns, c.row = append(c.columns, "group_id/.id"), append(c.row, group)
			id, err := o.loadBack(t, c)
			require.NoError(t, err)
			sale := func() int64 {
				order, _ := o.get(t, "stock.picking", id, "sale_id").Ref("sale_id")
				return order
			}
			require.Zero(t, sale())
			o.loaded(t, "stock.picking", "id group_id/.id", []any{c.row[0], group})
			require.Equal(t, d.id, sale())
		}},
	}
}
