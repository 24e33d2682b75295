package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

func saleModels(add declare, ed *edition) {
	warehouse := rel("many2one", "warehouse_id", "Warehouse", "stock.warehouse").must()
	kinds := []string{"line_section", "Section", "line_note", "Note"}
	if ed.major >= 19 {
		warehouse.required = false
		kinds = []string{"line_section", "Section", "line_subsection", "Subsection", "line_note", "Note"}
	}
	states := []string{"draft", "Quotation", "sent", "Quotation Sent", "sale", "Sales Order", "cancel", "Cancelled"}
	invoicing := []string{"upselling", "Upselling Opportunity", "invoiced", "Fully Invoiced", "to invoice", "To Invoice", "no", "Nothing to Invoice"}
	m := add("sale.order", "Sales Order",
		col("char", "name", "Order Reference").must().def("New").index(),
		rel("many2one", "company_id", "Company", "res.company").must().defFn(func(e *env) any { return e.company() }),
		rel("many2one", "partner_id", "Customer", "res.partner").must().eager().index(),
		sel("state", "Status", states...).ro().def("draft"),
		col("boolean", "locked", "Locked").def(false),
		col("char", "client_order_ref", "Customer Reference").index(),
		col("char", "origin", "Source Document").index(),
		col("datetime", "date_order", "Order Date").must().defFn(func(e *env) any { return e.now }),
		col("datetime", "commitment_date", "Delivery Date"),
		rel("many2one", "partner_invoice_id", "Invoice Address", "res.partner").must(),
		rel("many2one", "partner_shipping_id", "Delivery Address", "res.partner").must(),
		rel("many2one", "pricelist_id", "Pricelist", "product.pricelist"),
		rel("many2one", "currency_id", "Currency", "res.currency").ro(),
		rel("many2one", "user_id", "Salesperson", "res.users"),
		warehouse,
		rel("many2one", "team_id", "Sales Team", "crm.team"),
		rel("many2one", "payment_term_id", "Payment Terms", "account.payment.term"),
		rel("many2one", "fiscal_position_id", "Fiscal Position", "account.fiscal.position"),
		rel("many2one", "carrier_id", "Delivery Method", "delivery.carrier"),
		shipping("picking_policy").defFn(func(e *env) any { return e.s.opt.PickingPolicy }),
		sel("tax_calculation_rounding_method", "Tax Calculation Rounding Method",
			"round_per_line", "Round per Line", "round_globally", "Round Globally").calc(func(e *env, r *record) any {
			return e.related(r, "company_id").get("tax_calculation_rounding_method")
		}),
		col("float", "currency_rate", "Currency Rate").calc(currencyRate),
		col("html", "note", "Terms and conditions"),
		rel("many2many", "tag_ids", "Tags", "crm.tag"),
		o2m("order_line", "Order Lines", "sale.order.line", "order_id"),
		o2m("message_ids", "Messages", "mail.message", "res_id"),
		o2m("picking_ids", "Transfers", "stock.picking", "sale_id"),
		rel("many2one", "procurement_group_id", "Procurement Group", "procurement.group"),
		rel("many2many", "invoice_ids", "Invoices", "account.move").calc(orderInvoices),
		col("integer", "invoice_count", "Invoice Count").calc(func(e *env, r *record) any { return int64(len(orderInvoices(e, r).([]int64))) }),
		col("boolean", "delivery_set", "Delivery Set").calc(deliverySet),
		sel("delivery_status", "Delivery Status", "pending", "Not Delivered", "started", "Started",
			"partial", "Partially Delivered", "full", "Fully Delivered").calc(deliveryStatus),
		sel("invoice_status", "Invoice Status", invoicing...).calc(orderInvoicing),
		col("monetary", "amount_untaxed", "Untaxed Amount").ro().money(),
		col("monetary", "amount_tax", "Taxes").ro().money(),
		col("monetary", "amount_total", "Total").ro().money(),
		col("binary", "tax_totals", "Tax Totals").calc(taxTotals),
	)
	m.order, m.thread = "date_order desc, id desc", true
	m.prepare, m.before, m.after, m.refuse = prepareOrder, beforeOrder, afterOrder, refuseOrder
	m.methods["set_delivery_line"] = &method{record: true, params: []string{"carrier", "amount"}, required: 2, op: "w", run: setDeliveryLine}
	m.methods["action_confirm"] = &method{record: true, op: "w", run: confirm}
	m.methods["action_cancel"] = &method{record: true, op: "w", run: cancel}
	m.methods["action_draft"] = &method{record: true, op: "w", run: redraft}
	m.methods["action_lock"] = &method{record: true, op: "w", run: lock(true)}
	m.methods["action_unlock"] = &method{record: true, op: "w", run: lock(false)}

	m = add("sale.order.line", "Sales Order Line",
		rel("many2one", "order_id", "Order Reference", "sale.order").must().index().owned(),
		col("integer", "sequence", "Sequence").def(int64(10)),
		rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "currency_id", "Currency", "res.currency").ro(),
		rel("many2one", "order_partner_id", "Customer", "res.partner").ro(),
		sel("state", "Order Status", states...).ro(),
		sel("display_type", "Display Type", kinds...),
		rel("many2one", "product_id", "Product", "product.product").index().eager(),
		col("text", "name", "Description").must(),
		col("float", "product_uom_qty", "Quantity").must().prec("Product Unit of Measure").def(one),
		rel("many2one", "product_uom", "Unit of Measure", "uom.uom"),
		rel("many2many", "tax_id", "Taxes", "account.tax"),
		col("float", "price_unit", "Unit Price").must().prec("Product Price"),
		col("float", "discount", "Discount (%)").prec("Discount").def(decimal.Zero),
		col("float", "customer_lead", "Lead Time").must().def(decimal.Zero),
		col("boolean", "is_delivery", "Is a Delivery").def(false),
		col("boolean", "is_downpayment", "Is a down payment").def(false),
		sel("qty_delivered_method", "Method to update delivered qty", "manual", "Manual", "analytic", "Analytic From Expenses", "stock_move", "Stock Moves").calc(deliveredBy),
		col("float", "qty_delivered", "Delivery Quantity").prec("Product Unit of Measure").def(decimal.Zero),
		col("float", "qty_invoiced", "Invoiced Quantity").prec("Product Unit of Measure").ro().def(decimal.Zero),
		col("float", "qty_to_invoice", "Quantity To Invoice").calc(toInvoice),
		sel("invoice_status", "Invoice Status", invoicing...).calc(lineInvoicing),
		o2m("move_ids", "Stock Moves", "stock.move", "sale_line_id"),
		rel("many2many", "invoice_lines", "Invoice Lines", "account.move.line").ro(),
		col("monetary", "price_subtotal", "Subtotal").ro().money(),
		col("float", "price_tax", "Total Tax").ro(),
		col("monetary", "price_total", "Total").ro().money(),
	)
	m.order = "order_id, sequence, id"
	m.search = []string{"name"}
	m.prepare, m.before, m.after, m.refuse, m.deleted = prepareLine, beforeLine, afterLine, refuseLine, deletedLine
	m.display = lineName
}

func lineName(e *env, r *record) string {
	order := e.related(r, "order_id")
	if order == nil {
		return r.str("name")
	}
	out := order.str("name") + " - " + r.str("name")
	if p := e.related(order, "partner_id"); p != nil {
		out += " (" + p.str("name") + ")"
	}
	return out
}

// deliveredBy says who counts what was delivered: the transfers, or for services
// a person.
func deliveredBy(e *env, r *record) any {
	if p := e.related(r, "product_id"); p != nil && !isService(p) {
		return "stock_move"
	}
	return "manual"
}

func deliverySet(e *env, r *record) any {
	for _, l := range e.children(r, "order_line") {
		if l.flag("is_delivery") {
			return true
		}
	}
	return false
}

func deliveryStatus(e *env, r *record) any {
	var done, open int
	for _, p := range e.children(r, "picking_ids") {
		switch p.str("state") {
		case "done":
			done++
		case "cancel":
		default:
			open++
		}
	}
	some := slices.ContainsFunc(e.children(r, "order_line"), func(l *record) bool { return !l.dec("qty_delivered").IsZero() })
	switch {
	case done+open == 0:
		return nil
	case open == 0:
		return "full"
	case done > 0 && (some || r.m.edition.major < 19):
		return "partial"
	case done > 0:
		return "started"
	}
	return "pending"
}

// teamModels are what an order may name beside its customer.
func teamModels(add declare) {
	for _, d := range [][2]string{{"crm.team", "Sales Team"}, {"account.payment.term", "Payment Terms"}} {
		m := add(d[0], d[1], col("char", "name", d[1]).must(), rel("many2one", "company_id", "Company", "res.company"),
			col("integer", "sequence", "Sequence").def(int64(10)), col("boolean", "active", "Active").def(true))
		m.order = "sequence, id"
	}
}

// currencyRate is how much of the order's currency the company's buys.
func currencyRate(e *env, r *record) any {
	from, to := e.related(e.related(r, "company_id"), "currency_id"), e.related(r, "currency_id")
	if from == nil || to == nil {
		return one
	}
	return rate(to, from).Round(12)
}
