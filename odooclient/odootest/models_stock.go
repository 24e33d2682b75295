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
	pickingModel(add)
	moveModel(add)
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
		rel("many2one", "sale_id", "Sales Order", "sale.order").ro().index(),
		rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "user_id", "Responsible", "res.users"),
		rel("many2one", "carrier_id", "Carrier", "delivery.carrier"),
		col("char", "carrier_tracking_ref", "Tracking Reference"),
		col("datetime", "scheduled_date", "Scheduled Date").defFn(func(e *env) any { return e.now.Truncate(time.Second) }),
		col("datetime", "date_done", "Date of Transfer").ro(),
		col("html", "note", "Notes"),
		o2m("move_ids", "Stock Moves", "stock.move", "picking_id"))
	m.order, m.thread = "id desc", true
	m.prepare, m.after = preparePicking, afterPicking
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

// afterPicking takes the moves along to another place. The real one does so even
// when they are done.
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
	}
	return nil
}

func moveModel(add declare) {
	states := []string{
		"draft", "New", "waiting", "Waiting Another Move", "confirmed", "Waiting Availability",
		"partially_available", "Partially Available", "assigned", "Available", "done", "Done", "cancel", "Cancelled",
	}
	m := add("stock.move", "Stock Move",
		col("char", "name", "Description").must(),
		col("integer", "sequence", "Sequence").def(int64(10)),
		rel("many2one", "picking_id", "Transfer", "stock.picking").index().owned(),
		rel("many2one", "sale_line_id", "Sale Line", "sale.order.line").index(),
		rel("many2one", "product_id", "Product", "product.product").must(),
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
		sel("state", "Status", states...).ro().def("draft"))
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
	m.display = moveName
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
