package odootest

import (
	"fmt"
	"time"

	"github.com/shopspring/decimal"
)

// shipping is how an order or a transfer leaves: at once or when all is there.
func shipping(name string) *field {
	return sel(name, "Shipping Policy", "direct", "As soon as possible", "one", "When all products are ready").must().def("direct")
}

func stockModels(add declare, ed *edition) {
	locationModels(add, ed)
	m := add("delivery.carrier", "Shipping Methods",
		col("char", "name", "Delivery Method").must(),
		sel("delivery_type", "Provider", "base_on_rule", "Based on Rules", "fixed", "Fixed Price").must().def("fixed"),
		sel("integration_level", "Integration Level", "rate", "Get Rate", "rate_and_ship", "Get Rate and Create Shipment").def("rate_and_ship"),
		sel("invoice_policy", "Invoicing Policy", "estimated", "Estimated cost", "real", "Real cost").must().def("estimated"),
		rel("many2one", "product_id", "Delivery Product", "product.product").must(),
		col("float", "fixed_price", "Fixed Price").def(decimal.Zero),
		col("boolean", "free_over", "Free if order amount is above").def(false),
		col("float", "amount", "Amount").def(decimal.Zero),
		rel("many2many", "country_ids", "Countries", "res.country"),
		rel("many2one", "company_id", "Company", "res.company"),
		col("integer", "sequence", "Sequence").def(int64(10)),
		col("boolean", "active", "Active").def(true))
	m.order = "sequence, id"
	if ed.major < 19 {
		groupModel(add)
	}
	pickingModel(add)
	moveModel(add)
	moveLineModel(add)
	quantModels(add)
	backorderModel(add)
	returnModels(add, ed)
}

func pickingModel(add declare) {
	states := []string{
		"draft", "Draft", "waiting", "Waiting Another Operation", "confirmed", "Waiting",
		"assigned", "Ready", "done", "Done", "cancel", "Cancelled",
	}
	m := add("stock.picking", "Transfer",
		col("char", "name", "Reference"),
		sel("state", "Status", states...).ro().def("draft"),
		shipping("move_type"),
		rel("many2one", "partner_id", "Contact", "res.partner"),
		col("char", "origin", "Source Document"),
		rel("many2one", "location_id", "Source Location", "stock.location").must(),
		rel("many2one", "location_dest_id", "Destination Location", "stock.location").must(),
		rel("many2one", "picking_type_id", "Operation Type", "stock.picking.type").must().ro(),
		rel("many2one", "group_id", "Procurement Group", "procurement.group").ro(),
		rel("many2one", "sale_id", "Sales Order", "sale.order").ro().index(),
		rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "user_id", "Responsible", "res.users"),
		rel("many2one", "carrier_id", "Carrier", "delivery.carrier"),
		col("char", "carrier_tracking_ref", "Tracking Reference"),
		col("datetime", "scheduled_date", "Scheduled Date").defFn(func(e *env) any { return e.now.Truncate(time.Second) }),
		col("datetime", "date_done", "Date of Transfer").ro(),
		col("html", "note", "Notes"),
		sel("priority", "Priority", "0", "Normal", "1", "Urgent").def("0"),
		rel("many2one", "backorder_id", "Back Order of", "stock.picking").ro().index(),
		o2m("backorder_ids", "Back Orders", "stock.picking", "backorder_id"),
		rel("many2one", "return_id", "Return of", "stock.picking").ro().index(),
		o2m("return_ids", "Returns", "stock.picking", "return_id"),
		sel("picking_type_code", "Type of Operation", "incoming", "Receipt", "outgoing", "Delivery", "internal", "Internal Transfer").calc(pickingCode),
		col("datetime", "date_deadline", "Deadline").calc(deadline),
		col("char", "products_availability", "Product Availability").calc(func(e *env, r *record) any {
			return map[any]any{"available": "Available", "late": "Not Available"}[availability(e, r)]
		}),
		sel("products_availability_state", "Products Availability State", "available", "Available", "expected", "Expected", "late", "Late").calc(availability),
		o2m("move_ids", "Stock Moves", "stock.move", "picking_id"),
		o2m("move_ids_without_package", "Stock move", "stock.move", "picking_id"),
		o2m("move_line_ids", "Operations", "stock.move.line", "picking_id"))
	m.order, m.thread = "priority desc, scheduled_date asc, id desc", true
	pickingMethods(m)
	m.prepare, m.before, m.after, m.refuse = preparePicking, beforePicking, afterPicking, refusePicking
}

// preparePicking takes from the operation type what was not given, and a number.
func preparePicking(e *env, r *record, _ map[string]bool) error {
	kind := e.related(r, "picking_type_id")
	if kind == nil {
		return nil
	}
	for field, from := range map[string]string{"location_id": "default_location_src_id", "location_dest_id": "default_location_dest_id", "company_id": "company_id"} {
		if r.get(field) == nil {
			r.put(field, kind.get(from))
		}
	}
	e.s.lastPicking[kind.id]++
	prefix := kind.str("sequence_code")
	if w := e.related(kind, "warehouse_id"); w != nil {
		prefix = w.str("code") + "/" + prefix
	}
	r.put("name", fmt.Sprintf("%s/%05d", prefix, e.s.lastPicking[kind.id]))
	return nil
}

// beforePicking refuses another kind of transfer, even the one that it has: in 17
// to all but drafts.
func beforePicking(_ *env, rs []*record, vals map[string]any) error {
	for _, r := range rs {
		s := r.str("state")
		if truthy(vals["picking_type_id"]) && (s == "done" || s == "cancel" || s != "draft" && r.m.edition.major < 19) {
			return userError("Changing the operation type of this record is forbidden at this point.")
		}
	}
	return nil
}

// refusePicking forbids a deletion to who may not delete the moves with it.
func refusePicking(e *env, rs []*record) error {
	for _, r := range rs {
		if len(e.children(r, "move_ids")) > 0 {
			return e.allowed(e.s.models["stock.move"], "u")
		}
	}
	return nil
}

// afterPicking takes the moves along to another place, the real one even when they
// are done, and the first of them to another procurement group.
func afterPicking(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		for _, field := range []string{"location_id", "location_dest_id", "partner_id"} {
			if created || !given[field] {
				continue
			}
			for _, mv := range e.children(r, "move_ids") {
				e.set(mv, field, r.get(field))
				e.touch(mv)
			}
		}
		if moves := e.children(r, "move_ids"); given["group_id"] && !created && len(moves) > 0 {
			e.set(moves[0], "group_id", r.get("group_id"))
			e.belong(moves[0])
		}
	}
	return nil
}
