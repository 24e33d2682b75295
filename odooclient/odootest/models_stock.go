package odootest

import (
	"fmt"

	"github.com/shopspring/decimal"
)

func stockModels(add declare) {
	add("stock.warehouse", "Warehouse",
		col("char", "name", "Warehouse").must(), col("char", "code", "Short Name").must(),
		rel("many2one", "company_id", "Company", "res.company").must(),
		col("boolean", "active", "Active").def(true))
	m := add("delivery.carrier", "Shipping Methods",
		col("char", "name", "Delivery Method").must(),
		sel("delivery_type", "Provider", "fixed", "Fixed Price").must().def("fixed"),
		rel("many2one", "product_id", "Delivery Product", "product.product").must(),
		col("float", "fixed_price", "Fixed Price").def(decimal.Zero),
		rel("many2one", "company_id", "Company", "res.company"),
		col("integer", "sequence", "Sequence").def(int64(10)),
		col("boolean", "active", "Active").def(true))
	m.order = "sequence, id"
	states := []string{
		"draft", "Draft", "waiting", "Waiting Another Operation", "confirmed", "Waiting",
		"assigned", "Ready", "done", "Done", "cancel", "Cancelled",
	}
	m = add("stock.picking", "Transfer",
		col("char", "name", "Reference"),
		sel("state", "Status", states...).ro().def("draft"),
		rel("many2one", "partner_id", "Contact", "res.partner"),
		col("char", "origin", "Source Document"),
		rel("many2one", "sale_id", "Sales Order", "sale.order").index(),
		rel("many2one", "company_id", "Company", "res.company"),
		rel("many2one", "carrier_id", "Carrier", "delivery.carrier"),
		col("char", "carrier_tracking_ref", "Tracking Reference"),
		col("datetime", "date_done", "Date of Transfer"),
		o2m("move_ids", "Stock Moves", "stock.move", "picking_id"))
	m.order, m.thread = "id desc", true
	m.prepare = func(e *env, r *record, _ map[string]bool) error {
		e.s.lastPicking++
		r.put("name", fmt.Sprintf("WH/OUT/%05d", e.s.lastPicking))
		return nil
	}
	m = add("stock.move", "Stock Move",
		col("char", "name", "Description").must(),
		rel("many2one", "picking_id", "Transfer", "stock.picking").index().owned(),
		rel("many2one", "sale_line_id", "Sale Line", "sale.order.line").index(),
		rel("many2one", "product_id", "Product", "product.product").must(),
		col("float", "product_uom_qty", "Demand").prec("Product Unit of Measure").must(),
		col("float", "quantity", "Quantity").prec("Product Unit of Measure").def(decimal.Zero),
		col("boolean", "picked", "Picked").def(false),
		sel("state", "Status", states...).ro().def("draft"))
	m.order = "id"
}
