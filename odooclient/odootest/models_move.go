package odootest

import (
	"time"

	"github.com/shopspring/decimal"
)

// moveStates are the states of a move and of its lines.
var moveStates = []string{
	"draft", "New", "waiting", "Waiting Another Move", "confirmed", "Waiting Availability",
	"partially_available", "Partially Available", "assigned", "Available", "done", "Done", "cancel", "Cancelled",
}

func moveModel(add declare) {
	m := add("stock.move", "Stock Move",
		col("char", "name", "Description").must(),
		col("integer", "sequence", "Sequence").def(int64(10)),
		rel("many2one", "picking_id", "Transfer", "stock.picking").index().owned(),
		rel("many2one", "picking_type_id", "Operation Type", "stock.picking.type").calc(func(e *env, r *record) any {
			if p := e.related(r, "picking_id"); p != nil {
				return p.get("picking_type_id")
			}
			return nil
		}),
		rel("many2one", "group_id", "Procurement Group", "procurement.group"),
		rel("many2one", "sale_line_id", "Sale Line", "sale.order.line").index(),
		rel("many2one", "product_id", "Product", "product.product").must().index(),
		rel("many2one", "product_uom", "UoM", "uom.uom"),
		rel("many2one", "company_id", "Company", "res.company").must().defFn(func(e *env) any { return e.company() }),
		rel("many2one", "location_id", "Source Location", "stock.location").must(),
		rel("many2one", "location_dest_id", "Destination Location", "stock.location").must(),
		rel("many2one", "partner_id", "Destination Address ", "res.partner"),
		col("datetime", "date", "Date Scheduled").must().defFn(func(e *env) any { return e.now.Truncate(time.Second) }),
		col("char", "origin", "Source Document"),
		col("char", "reference", "Reference").calc(func(e *env, r *record) any {
			if p := e.related(r, "picking_id"); p != nil {
				return p.str("name")
			}
			return r.get("name")
		}),
		col("float", "product_uom_qty", "Demand").prec("Product Unit of Measure").must(),
		col("float", "quantity", "Quantity").prec("Product Unit of Measure").def(decimal.Zero),
		col("boolean", "picked", "Picked").def(false),
		col("boolean", "scrapped", "Scrapped").calc(func(e *env, r *record) any { return scrapped(e, r) }),
		col("datetime", "date_deadline", "Deadline").ro(),
		col("boolean", "to_refund", "Update quantities on SO/PO").def(false),
		rel("many2one", "origin_returned_move_id", "Origin return move", "stock.move").index(),
		o2m("returned_move_ids", "All returned moves", "stock.move", "origin_returned_move_id"),
		o2m("move_line_ids", "Move Line", "stock.move.line", "move_id"),
		sel("state", "Status", moveStates...).ro().def("draft"))
	m.order = "sequence, id"
	m.prepare = func(e *env, r *record, _ map[string]bool) error {
		if p := e.related(r, "picking_id"); p != nil {
			for _, field := range []string{"location_id", "location_dest_id", "partner_id"} {
				if r.get(field) == nil {
					r.put(field, p.get(field))
				}
			}
		}
		if p := e.related(r, "product_id"); p != nil && r.get("product_uom") == nil {
			r.put("product_uom", p.get("uom_id"))
		}
		return nil
	}
	m.display, m.before, m.after = moveName, beforeMove, afterMove
}

func beforeMove(_ *env, rs []*record, vals map[string]any) error {
	for _, mv := range rs {
		if _, given := vals["product_uom"]; given && mv.str("state") == "done" {
			return userError("You cannot change the UoM for a stock move that has been set to 'Done'.")
		}
		if _, given := vals["quantity"]; given && mv.str("state") == "cancel" {
			return userError("You cannot change a cancelled stock move, create a new line instead.")
		}
	}
	return nil
}

// afterMove gives a new or changed quantity its lines.
func afterMove(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, mv := range rs {
		if created || given["group_id"] || given["sale_line_id"] {
			e.belong(mv)
		}
		if !created && given["to_refund"] {
			e.delivered(mv)
		}
		if created && mv.dec("quantity").IsZero() {
			continue
		}
		if created || given["quantity"] {
			e.resizeMove(mv, mv.dec("quantity"))
			e.delivered(mv)
		}
		if given["picked"] {
			e.pick(mv, mv.flag("picked"))
		}
		if given["product_uom_qty"] && !created {
			e.restate(mv)
		}
	}
	return nil
}

func moveLineModel(add declare) {
	m := add("stock.move.line", "Product Moves (Stock Move Line)",
		rel("many2one", "move_id", "Stock Operation", "stock.move").index().owned(),
		rel("many2one", "picking_id", "Transfer", "stock.picking").index().owned(),
		rel("many2one", "product_id", "Product", "product.product").index(),
		rel("many2one", "product_uom_id", "Unit of Measure", "uom.uom"),
		rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "location_id", "From", "stock.location").must(),
		rel("many2one", "location_dest_id", "To", "stock.location").must(),
		col("float", "quantity", "Quantity").prec("Product Unit of Measure").def(decimal.Zero),
		col("boolean", "picked", "Picked").def(false),
		sel("state", "Status", moveStates...).calc(func(e *env, r *record) any { return e.text(r, "move_id", "state") }))
	m.order = "id"
	m.before = func(e *env, rs []*record, vals map[string]any) error {
		if v, ok := toDecimal(vals["quantity"]); ok && vals["quantity"] != nil && vals["quantity"] != false {
			for _, l := range rs {
				e.resize(l, e.round(l.m.fields["quantity"], v))
			}
		}
		return nil
	}
	m.after = func(e *env, rs []*record, given map[string]bool, created bool) error {
		for _, l := range rs {
			mv := e.related(l, "move_id")
			if created || mv == nil {
				continue
			}
			e.sumLines(mv)
			e.restate(mv)
			if given["picked"] && l.flag("picked") {
				e.set(mv, "picked", true)
			}
		}
		return nil
	}
}

// moveName is "S00001/MUG: Stock>Customers".
func moveName(e *env, r *record) string {
	out := ""
	if p := e.related(r, "picking_id"); p != nil && p.str("origin") != "" {
		out = p.str("origin") + "/"
	}
	if p := e.related(r, "product_id"); p != nil && p.str("default_code") != "" {
		out += p.str("default_code") + ": "
	}
	from, to := e.related(r, "location_id"), e.related(r, "location_dest_id")
	if from == nil || to == nil {
		return out
	}
	return out + from.str("name") + ">" + to.str("name")
}
