package odootest

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

func invoiceWizards(add declare) {
	m := add("sale.advance.payment.inv", "Sales Advance Payment Invoice",
		sel("advance_payment_method", "Create Invoice", "delivered", "Regular invoice").must().def("delivered"),
		rel("many2many", "sale_order_ids", "Sale Order", "sale.order"),
		col("boolean", "consolidated_billing", "Consolidated Billing").def(true),
		col("boolean", "deduct_down_payments", "Deduct down payments").def(true))
	m.display = wizardName
	m.prepare = func(e *env, r *record, given map[string]bool) error {
		if !given["sale_order_ids"] && e.context["active_model"] == "sale.order" {
			r.put("sale_order_ids", contextIDs(e.context, "active_ids", "active_id"))
		}
		return nil
	}
	m.methods["create_invoices"] = &method{record: true, op: "w", run: createInvoices}
	m = add("account.move.reversal", "Account Move Reversal",
		rel("many2many", "move_ids", "Move", "account.move"), rel("many2many", "new_move_ids", "New Move", "account.move"),
		col("date", "date", "Reversal date").defFn(func(e *env) any { return e.today() }),
		col("char", "reason", "Reason displayed on Credit Note"),
		rel("many2one", "journal_id", "Journal", "account.journal").must())
	m.display, m.prepare = wizardName, prepareReversal
	m.methods["reverse_moves"] = &method{record: true, op: "w", run: reverseMoves}
}

const nothingToInvoice = "Cannot create an invoice. No items are available to invoice.\n\nTo resolve this issue, please ensure that:\n" +
	"   • The products have been delivered before attempting to invoice them.\n   • The invoicing policy of the product is configured correctly.\n\n" +
	"If you want to invoice based on ordered quantities instead:\n" +
	"   • For consumable or storable products, open the product, go to the 'General Information' tab and change the 'Invoicing Policy' from 'Delivered Quantities' to 'Ordered Quantities'.\n" +
	"   • For services (and other products), change the 'Invoicing Policy' to 'Prepaid/Fixed Price'.\n"

// createInvoices drafts invoices for what orders have to be invoiced for: one per
// customer and currency, or one per order. Orders with nothing are left out.
func createInvoices(e *env, c *call) (any, error) {
	var action map[string]any
	for _, w := range c.rs {
		var orders []*record
		for _, id := range w.ids("sale_order_ids") {
			orders = append(orders, e.browse("sale.order", id))
		}
		e.sort(orders, e.s.models["sale.order"].order)
		groups, keys := map[string][]*record{}, []string(nil)
		for _, o := range orders {
			if len(e.invoiceable(o)) == 0 {
				continue
			}
			if e.journal(o.num("company_id"), "sale") == nil {
				return nil, userError("No journal could be found in company %s for any of those types: sale", e.text(o, "company_id", "name"))
			}
			key := pyRepr(o.id)
			if w.flag("consolidated_billing") {
				key = strings.Join([]string{pyRepr(o.num("company_id")), pyRepr(o.num("partner_invoice_id")), pyRepr(o.num("currency_id"))}, "/")
			}
			if groups[key] == nil {
				keys = append(keys, key)
			}
			groups[key] = append(groups[key], o)
		}
		if len(keys) == 0 {
			return nil, userError("%s", nothingToInvoice)
		}
		var made []*record
		for _, key := range keys {
			made = append(made, e.invoice(groups[key]))
		}
		action = e.invoiceAction(orders, made)
	}
	return action, nil
}

// invoiceable are the lines of an order that belong on an invoice: those with
// something to invoice, and the notes and sections among them.
func (e *env) invoiceable(order *record) []*record {
	var out, headings []*record
	some := false
	lines := e.children(order, "order_line")
	e.sort(lines, "sequence, id")
	for _, l := range lines {
		due, _ := toInvoice(e, l).(decimal.Decimal)
		switch kind := l.str("display_type"); {
		case kind == "line_section" || kind == "line_subsection":
			headings = []*record{l}
			continue
		case kind != "line_note" && due.IsZero():
			continue
		case kind == "":
			some = true
		}
		out = append(append(out, headings...), l)
		headings = nil
	}
	if !some {
		return nil
	}
	return out
}

// invoice drafts one invoice for orders. A negative sum makes a credit note of it.
func (e *env) invoice(orders []*record) *record {
	first := orders[0]
	var refs, names []string
	for _, o := range orders {
		ref := o.str("client_order_ref")
		if ref == "" && e.s.edition.major >= 19 {
			ref = o.str("name")
		}
		if ref != "" && !slices.Contains(refs, ref) {
			refs = append(refs, ref)
		}
		names = append(names, o.str("name"))
	}
	vals := map[string]any{
		"move_type": "out_invoice", "ref": strings.Join(refs, ", "), "invoice_origin": strings.Join(names, ", "), "partner_id": first.num("partner_invoice_id"),
		"partner_shipping_id": first.num("partner_shipping_id"), "currency_id": first.num("currency_id"), "journal_id": e.journal(first.num("company_id"), "sale"),
		"invoice_user_id": first.get("user_id"), "team_id": first.get("team_id"), "fiscal_position_id": first.get("fiscal_position_id"),
		"invoice_payment_term_id": first.get("payment_term_id"), "narration": first.get("note"),
	}
	move := e.make("account.move", vals)
	for _, o := range orders {
		for _, l := range e.invoiceable(o) {
			e.invoiceLine(move, l)
		}
	}
	e.flush()
	if move.dec("amount_total").IsNegative() {
		e.set(move, "move_type", "out_refund")
		for _, l := range e.itemsOf(move, "product") {
			e.set(l, "quantity", l.dec("quantity").Neg())
		}
		for _, l := range e.itemsOf(move, "tax") {
			e.remove(l)
		}
		e.rebooks(move)
		e.resold(move)
		e.flush()
	}
	for _, o := range orders {
		e.touch(o)
	}
	return move
}

func (e *env) invoiceLine(move, l *record) {
	kind, due := l.str("display_type"), decimal.Zero
	if kind == "" {
		kind = "product"
		due, _ = toInvoice(e, l).(decimal.Decimal)
	}
	name := l.str("name")
	if p := e.related(l, "product_id"); p != nil && e.s.edition.major >= 19 && !strings.Contains(name, e.displayName(p)) {
		name = e.displayName(p) + "\n" + name
	}
	vals := map[string]any{
		"move_id": move.id, "display_type": kind, "sequence": l.get("sequence"), "name": name, "product_id": l.get("product_id"), "product_uom_id": l.get("product_uom"),
		"quantity": due, "price_unit": l.dec("price_unit"), "discount": l.dec("discount"), "tax_ids": plain(l.ids("tax_id")), "sale_line_ids": []any{l.id},
	}
	if kind == "line_subsection" {
		vals["display_type"] = "line_section"
	}
	e.make("account.move.line", vals)
}

const invoiceHelp = "<p class=\"o_view_nocontent_smiling_face\">\n                Create a customer invoice\n              </p><p>\n" +
	"                Create invoices, register payments and keep track of the discussions with your customers.\n              </p>\n            "

// invoiceAction opens what was made, as a person would see it next.
func (e *env) invoiceAction(orders, made []*record) map[string]any {
	out := map[string]any{
		"name": "Invoices", "display_name": "Invoices", "type": "ir.actions.act_window", "xml_id": "account.action_move_out_invoice_type", "help": invoiceHelp,
		"binding_model_id": false, "binding_type": "action", "binding_view_types": "list,form", "context": map[string]any{"default_move_type": "out_invoice"},
		"res_id": int64(0), "res_model": "account.move", "target": "current", "mobile_view_mode": "kanban", "limit": int64(80), "filter": false,
	}
	list, form, only := int64(679), int64(686), "tree"
	if e.s.edition.major < 19 {
		out["id"], out["view_mode"], out["groups_id"] = int64(257), "tree,kanban,form,activity", []any{}
		out["domain"], out["view_id"] = "[('move_type', '=', 'out_invoice')]", []any{list, "account.out.invoice.tree"}
		out["search_view_id"] = []any{int64(689), "account.invoice.select"}
	} else {
		list, form, only = 736, 742, "list"
		out["id"], out["view_mode"], out["group_ids"] = int64(262), "list,kanban,form,activity", []any{}
		out["domain"], out["view_id"] = "[('move_type', 'in', ['out_invoice', 'out_refund', 'out_receipt'])]", []any{list, "account.out.invoice.list"}
		out["search_view_id"] = []any{int64(745), "account.invoice.select"}
		out["path"], out["embedded_action_ids"], out["cache"] = "invoicing", []any{}, true
	}
	others := []any{[]any{list, only}, []any{false, "kanban"}, []any{false, "activity"}}
	if len(made) == 1 {
		out["res_id"], out["views"] = made[0].id, append([]any{[]any{form, "form"}}, others...)
	} else {
		out["domain"], out["views"] = []any{[]any{"id", "in", idsOf(made)}}, others
	}
	if len(orders) == 1 {
		order := orders[0]
		out["context"] = map[string]any{
			"default_move_type": "out_invoice", "default_partner_id": order.num("partner_id"), "default_partner_shipping_id": order.num("partner_shipping_id"),
			"default_invoice_payment_term_id": order.get("payment_term_id"), "default_invoice_origin": order.str("name"),
		}
	}
	return out
}
