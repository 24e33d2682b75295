package odootest

import (
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// deliver keeps the transfers of an order equal to a line's quantity. More joins
// an open move with the same deadline, else it is a move of its own; less is
// taken from open moves with the same deadline. What cannot be taken there, as
// when the order's date was changed after confirming, becomes a transfer that
// brings the goods back, and the first one still goes out.
func (e *env) deliver(order, line *record) {
	product := e.related(line, "product_id")
	if product == nil || isService(product) || order.flag("locked") {
		return
	}
	due := line.dec("product_uom_qty")
	for _, mv := range e.children(line, "move_ids") {
		quantity := mv.dec("product_uom_qty")
		if mv.str("state") == "done" {
			quantity = mv.dec("quantity")
		}
		if mv.str("state") != "cancel" && mv.num("product_id") == product.id {
			due = due.Sub(e.direction(mv, quantity))
		}
	}
	if due.IsZero() {
		return
	}
	defer e.dated(order)
	by := e.due(order, line)
	for _, mv := range slices.Backward(e.joinable(order, line, by)) {
		if due.IsPositive() {
			e.set(mv, "product_uom_qty", mv.dec("product_uom_qty").Add(due))
			e.touch(mv)
			e.allocate(mv)
			return
		}
		due = e.shrink(mv, due)
	}
	if !due.IsZero() {
		e.newMove(order, line, due, by)
	}
}

// due is when a line has to be with the customer.
func (e *env) due(order, line *record) time.Time {
	if at := order.at("commitment_date"); !at.IsZero() {
		return at
	}
	days, _ := line.dec("customer_lead").Float64()
	return order.at("date_order").Add(time.Duration(days * 24 * float64(time.Hour)))
}

// joinable are a line's moves in the order's open delivery with a deadline.
func (e *env) joinable(order, line *record, by time.Time) []*record {
	p := e.openPicking(order, "outgoing")
	if p == nil {
		return nil
	}
	return slices.DeleteFunc(e.children(line, "move_ids"), func(mv *record) bool {
		return closed(mv) || mv.num("picking_id") != p.id || mv.num("product_id") != line.num("product_id") || !mv.at("date_deadline").Equal(by)
	})
}

// shrink takes from a move what is too much and returns what still is. What is
// picked keeps its quantity, and goes out with it.
func (e *env) shrink(mv *record, due decimal.Decimal) decimal.Decimal {
	left := decimal.Max(decimal.Zero, mv.dec("product_uom_qty").Add(due))
	due = due.Add(mv.dec("product_uom_qty").Sub(left))
	e.set(mv, "product_uom_qty", left)
	e.touch(mv)
	picked := mv.flag("picked")
	if left.IsZero() && !picked {
		e.cancelMove(mv)
		return due
	}
	if mv.dec("quantity").GreaterThan(left) && !picked {
		e.resizeMove(mv, left)
	}
	e.restate(mv)
	return due
}

// newMove is a move of a quantity that goes out, or comes back when negative.
func (e *env) newMove(order, line *record, due decimal.Decimal, by time.Time) {
	code := "outgoing"
	if due.IsNegative() {
		code = "incoming"
	}
	p := e.openPicking(order, code)
	if p == nil {
		p = e.newPicking(order, code, by)
	}
	vals := map[string]any{
		"picking_id": p.id, "sale_line_id": line.id, "product_id": line.get("product_id"), "product_uom": line.get("product_uom"),
		"product_uom_qty": due.Abs(), "state": "confirmed", "company_id": order.get("company_id"), "origin": order.str("name"),
		"date": by.Truncate(time.Second), "date_deadline": by, "to_refund": due.IsNegative() || e.s.edition.major >= 19,
	}
	if e.s.edition.major < 19 {
		vals["name"], vals["group_id"] = line.str("name"), e.group(order)
	}
	e.allocate(e.make("stock.move", vals))
	e.schedule(p)
}

// openPicking is the order's transfer of a kind that is still under way.
func (e *env) openPicking(order *record, code string) *record {
	for _, p := range e.children(order, "picking_ids") {
		if s := p.str("state"); s != "done" && s != "cancel" && pickingCode(e, p) == code && p.get("return_id") == nil {
			return p
		}
	}
	return nil
}

func (e *env) newPicking(order *record, code string, by time.Time) *record {
	vals := map[string]any{
		"partner_id": order.get("partner_shipping_id"), "origin": order.str("name"), "sale_id": order.id, "move_type": order.get("picking_policy"),
		"company_id": order.get("company_id"), "carrier_id": order.get("carrier_id"), "location_dest_id": e.s.place("customers"), "scheduled_date": by.Truncate(time.Second),
	}
	if w := e.warehouse(order); w != nil {
		kind := e.related(w, "out_type_id")
		if code == "incoming" {
			vals["location_id"], vals["location_dest_id"] = e.s.place("customers"), kind.get("default_location_src_id")
			kind = e.related(kind, "return_picking_type_id")
		}
		vals["picking_type_id"] = kind.id
	}
	picking := e.make("stock.picking", vals)
	e.post(picking, "mail.mt_note", "<p>This transfer has been created from: "+order.str("name")+"</p>", map[string]any{"is_internal": false})
	return picking
}

// committed is a promised date that was written: the moves' deadlines follow, a
// cleared one goes back to the order's own date.
func (e *env) committed(order *record) {
	for _, line := range e.children(order, "order_line") {
		for _, mv := range e.children(line, "move_ids") {
			e.set(mv, "date_deadline", e.due(order, line))
			e.touch(mv)
		}
	}
}

// warehouse is the order's, else the first of its company: 19 lets an order go
// without one.
func (e *env) warehouse(order *record) *record {
	if w := e.related(order, "warehouse_id"); w != nil {
		return w
	}
	t := e.table("stock.warehouse")
	for _, id := range t.ids {
		if w := t.rows[id]; w.num("company_id") == order.num("company_id") {
			return w
		}
	}
	return nil
}
