package odootest

import "github.com/shopspring/decimal"

// moveTypes are what an entry can be; invoices and credit notes of customers are
// computed here.
var moveTypes = []string{"entry", "Journal Entry", "out_invoice", "Customer Invoice", "out_refund", "Customer Credit Note", "in_invoice", "Vendor Bill",
	"in_refund", "Vendor Credit Note", "out_receipt", "Sales Receipt", "in_receipt", "Purchase Receipt"}

func invoiceModels(add declare, ed *edition) {
	paid := []string{"not_paid", "Not Paid", "in_payment", "In Payment", "paid", "Paid", "partial", "Partially Paid", "reversed", "Reversed", "blocked", "Blocked", "invoicing_legacy", "Invoicing App Legacy"}
	m := add("account.move", "Journal Entry",
		col("char", "name", "Number").index().orElse(noNumber),
		col("char", "sequence_prefix", "Sequence Prefix").ro().index(), col("integer", "sequence_number", "Sequence Number").ro(),
		sel("state", "Status", "draft", "Draft", "posted", "Posted", "cancel", "Cancelled").ro().def("draft"),
		sel("move_type", "Type", moveTypes...).must().ro().def("entry"),
		col("date", "date", "Date").must().defFn(func(e *env) any { return e.today() }),
		col("date", "invoice_date", "Invoice/Bill Date"), col("date", "invoice_date_due", "Due Date").defFn(func(e *env) any { return e.today() }),
		col("char", "ref", "Reference").index(), col("char", "payment_reference", "Payment Reference"), col("char", "invoice_origin", "Origin"), col("html", "narration", "Terms and Conditions"),
		rel("many2one", "partner_id", "Partner", "res.partner").index(),
		rel("many2one", "commercial_partner_id", "Commercial Entity", "res.partner").calc(func(e *env, r *record) any { return e.entityOf(r) }),
		col("char", "invoice_partner_display_name", "Invoice Partner Display Name").ro(),
		rel("many2one", "partner_shipping_id", "Delivery Address", "res.partner"),
		rel("many2one", "journal_id", "Journal", "account.journal").must(),
		rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "currency_id", "Currency", "res.currency").must(),
		rel("many2one", "company_currency_id", "Company Currency", "res.currency").calc(func(e *env, r *record) any { return e.related(r, "company_id").get("currency_id") }),
		rel("many2one", "invoice_user_id", "Salesperson", "res.users"), rel("many2one", "team_id", "Sales Team", "crm.team"),
		rel("many2one", "fiscal_position_id", "Fiscal Position", "account.fiscal.position"),
		rel("many2one", "invoice_payment_term_id", "Payment Terms", "account.payment.term"),
		rel("many2one", "reversed_entry_id", "Reversal of", "account.move").ro().index(),
		col("boolean", "posted_before", "Posted Before").def(false),
		o2m("line_ids", "Journal Items", "account.move.line", "move_id"),
		o2m("invoice_line_ids", "Invoice lines", "account.move.line", "move_id").where("display_type", "product|line_section|line_note"),
		col("monetary", "amount_untaxed", "Untaxed Amount").ro().money().def(decimal.Zero), col("monetary", "amount_tax", "Tax").ro().money().def(decimal.Zero),
		col("monetary", "amount_total", "Total").ro().money().def(decimal.Zero), col("monetary", "amount_residual", "Amount Due").ro().money().def(decimal.Zero),
		signed("amount_untaxed_signed", "Untaxed Amount Signed", "amount_untaxed"), signed("amount_tax_signed", "Tax Signed", "amount_tax"),
		signed("amount_total_signed", "Total Signed", "amount_total"), signed("amount_residual_signed", "Amount Due Signed", "amount_residual"),
		sel("payment_state", "Payment Status", paid...).ro().def("not_paid"),
		col("boolean", "has_reconciled_entries", "Has Reconciled Entries").calc(func(e *env, r *record) any { return len(e.partialsOf(r)) > 0 && r.dec("amount_residual").IsZero() }),
		rel("many2one", "payment_id", "Payment", "account.payment").ro().index(),
	)
	m.order, m.thread = "date desc, name desc, invoice_date desc, id desc", true
	m.search = []string{"name", "ref"}
	m.display, m.prepare, m.before, m.after, m.refuse, m.deleted = moveTitle, prepareInvoice, beforeInvoice, afterInvoice, refuseInvoice, deletedInvoice
	if ed.major < 19 {
		m.add(o2m("reversal_move_id", "Reversal Move", "account.move", "reversed_entry_id"))
	} else {
		m.add(o2m("reversal_move_ids", "Reversal Move", "account.move", "reversed_entry_id"))
	}
	m.methods["action_post"] = &method{record: true, op: "w", run: postInvoices}
	m.methods["button_draft"] = &method{record: true, op: "w", run: draftInvoices}
	m.methods["button_cancel"] = &method{record: true, op: "w", run: cancelInvoices}
	m.methods["js_assign_outstanding_line"] = &method{record: true, params: []string{"line_id"}, required: 1, op: "w", run: assignOutstanding}
	m.methods["js_remove_outstanding_partial"] = &method{record: true, params: []string{"partial_id"}, required: 1, op: "w", run: removeOutstanding}
	invoiceLineModel(add)
	reconcileModels(add)
	invoiceWizards(add)
}

// signed is an amount in the company's currency, negative for credit notes.
func signed(name, label, of string) *field {
	return col("monetary", name, label).calc(func(e *env, r *record) any { return e.inBooks(r, r.dec(of)).Mul(r.facing()) })
}

func invoiceLineModel(add declare) {
	kinds := []string{"product", "Product", "cogs", "Cost of Goods Sold", "tax", "Tax", "discount", "Discount", "rounding", "Rounding", "payment_term", "Payment Term",
		"line_section", "Section", "line_note", "Note", "epd", "Early Payment Discount"}
	of := func(name string) func(e *env, r *record) any {
		return func(e *env, r *record) any {
			if m := e.related(r, "move_id"); m != nil {
				return m.get(name)
			}
			return nil
		}
	}
	side := func(name, label string, sign int64) *field {
		return col("monetary", name, label).calc(func(_ *env, r *record) any {
			return decimal.Max(decimal.Zero, r.dec("balance").Mul(decimal.NewFromInt(sign)))
		})
	}
	m := add("account.move.line", "Journal Item",
		rel("many2one", "move_id", "Journal Entry", "account.move").must().index().owned(),
		col("integer", "sequence", "Sequence").def(int64(10)),
		sel("display_type", "Display Type", kinds...).must().def("product"),
		rel("many2one", "product_id", "Product", "product.product"), col("char", "name", "Label"),
		col("float", "quantity", "Quantity").prec("Product Unit of Measure").def(one), rel("many2one", "product_uom_id", "Unit of Measure", "uom.uom"),
		col("float", "price_unit", "Unit Price").prec("Product Price").def(decimal.Zero), col("float", "discount", "Discount (%)").prec("Discount").def(decimal.Zero),
		rel("many2many", "tax_ids", "Taxes", "account.tax"),
		rel("many2one", "tax_line_id", "Originator Tax", "account.tax"), rel("many2one", "tax_repartition_line_id", "Originator Tax Distribution Line", "account.tax.repartition.line"),
		rel("many2one", "group_tax_id", "Originator Group of Taxes", "account.tax"),
		rel("many2one", "account_id", "Account", "account.account"),
		col("monetary", "balance", "Balance").def(decimal.Zero), col("monetary", "amount_currency", "Amount in Currency").money().def(decimal.Zero),
		side("debit", "Debit", 1), side("credit", "Credit", -1),
		rel("many2one", "currency_id", "Currency", "res.currency"), rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "partner_id", "Partner", "res.partner"), col("date", "date_maturity", "Due Date"),
		col("monetary", "amount_residual", "Residual Amount").def(decimal.Zero).ro(), col("monetary", "amount_residual_currency", "Residual Amount in Currency").money().def(decimal.Zero).ro(),
		col("boolean", "reconciled", "Reconciled").def(false).ro(),
		col("monetary", "price_subtotal", "Subtotal").money().def(decimal.Zero).ro(), col("monetary", "price_total", "Total").money().def(decimal.Zero).ro(),
		rel("many2many", "sale_line_ids", "Sales Order Lines", "sale.order.line"),
		col("char", "matching_number", "Matching #").ro(), rel("many2one", "full_reconcile_id", "Matching", "account.full.reconcile").ro().index(),
		o2m("matched_debit_ids", "Matched Debits", "account.partial.reconcile", "credit_move_id"), o2m("matched_credit_ids", "Matched Credits", "account.partial.reconcile", "debit_move_id"),
		sel("parent_state", "Status", "draft", "Draft", "posted", "Posted", "cancel", "Cancelled").calc(of("state")),
		col("char", "move_name", "Number").calc(of("name")), col("date", "date", "Date").calc(of("date")), sel("move_type", "Type", moveTypes...).calc(of("move_type")),
		rel("many2one", "journal_id", "Journal", "account.journal").calc(of("journal_id")),
		rel("many2one", "payment_id", "Originator Payment", "account.payment").calc(of("payment_id")),
	)
	m.order = "date desc, move_name desc, id"
	m.display, m.prepare, m.after, m.refuse, m.deleted = itemTitle, prepareItem, afterItem, refuseItem, deletedItem
	m.before = beforeItem
	m.methods["reconcile"] = &method{record: true, op: "w", run: reconcileItems}
	m.methods["remove_move_reconcile"] = &method{record: true, op: "w", run: unreconcileItems}
}

func reconcileModels(add declare) {
	m := add("account.full.reconcile", "Full Reconcile", o2m("partial_reconcile_ids", "Reconciliation Parts", "account.partial.reconcile", "full_reconcile_id"),
		o2m("reconciled_line_ids", "Matched Journal Items", "account.move.line", "full_reconcile_id"))
	m.display = wizardName
	m = add("account.partial.reconcile", "Partial Reconcile",
		rel("many2one", "debit_move_id", "Debit Move", "account.move.line").must().index(), rel("many2one", "credit_move_id", "Credit Move", "account.move.line").must().index(),
		rel("many2one", "full_reconcile_id", "Full Reconcile", "account.full.reconcile").index(), rel("many2one", "company_id", "Company", "res.company").ro(),
		col("monetary", "amount", "Amount"), col("monetary", "debit_amount_currency", "Debit Amount Currency"), col("monetary", "credit_amount_currency", "Credit Amount Currency"),
		col("date", "max_date", "Max Date of Matched Lines"))
	m.display = wizardName
	m.deleted = func(e *env, rs []*record) { e.unmatched(rs) }
}
