package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// orderInvoices are the invoices and credit notes of an order's lines, drafts and
// cancelled ones too.
func orderInvoices(e *env, order *record) any {
	out := []int64{}
	for _, l := range e.children(order, "order_line") {
		for _, id := range l.ids("invoice_lines") {
			if item := e.browse("account.move.line", id); item != nil && !slices.Contains(out, item.num("move_id")) {
				out = append(out, item.num("move_id"))
			}
		}
	}
	slices.Sort(out)
	return out
}

// toInvoice is what a confirmed line still has to be invoiced for; less than
// nothing when more stands on invoices than is ordered or delivered.
func toInvoice(e *env, r *record) any {
	product := e.related(r, "product_id")
	if r.str("state") != "sale" || r.str("display_type") != "" || product == nil {
		return decimal.Zero
	}
	due := r.dec("product_uom_qty")
	if product.str("invoice_policy") == "delivery" {
		due = r.dec("qty_delivered")
	}
	return due.Sub(r.dec("qty_invoiced"))
}

func lineInvoicing(e *env, r *record) any {
	if r.str("state") != "sale" {
		return "no"
	}
	due, _ := toInvoice(e, r).(decimal.Decimal)
	ordered := r.dec("product_uom_qty")
	switch {
	case !due.IsZero():
		return "to invoice"
	case e.text(r, "product_id", "invoice_policy") == "order" && !ordered.IsNegative() && r.dec("qty_delivered").GreaterThan(ordered):
		return "upselling"
	case r.dec("qty_invoiced").GreaterThanOrEqual(ordered):
		return "invoiced"
	}
	return "no"
}

// orderInvoicing sums up the lines. A delivery charge alone is not invoiced while
// others wait.
func orderInvoicing(e *env, r *record) any {
	if r.str("state") != "sale" {
		return "no"
	}
	count, lines, goods := map[any]int{}, 0, false
	for _, l := range e.children(r, "order_line") {
		if l.str("display_type") != "" || l.flag("is_downpayment") {
			continue
		}
		lines++
		s := lineInvoicing(e, l)
		count[s]++
		goods = goods || s == "to invoice" && !l.flag("is_delivery")
	}
	switch {
	case count["to invoice"] > 0 && (goods || count["no"] == 0):
		return "to invoice"
	case count["to invoice"] > 0 || lines == 0:
		return "no"
	case count["invoiced"] == lines:
		return "invoiced"
	case count["invoiced"]+count["upselling"] == lines:
		return "upselling"
	}
	return "no"
}
