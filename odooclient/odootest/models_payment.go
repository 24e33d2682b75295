package odootest

import "github.com/shopspring/decimal"

func paymentModels(add declare, ed *edition) {
	states, memo, state := []string{"draft", "Draft", "posted", "Posted", "cancel", "Cancelled"}, "Reference", "Status"
	if ed.major >= 19 {
		memo, state = "Memo", "State"
		states = []string{"draft", "Draft", "in_process", "In Process", "paid", "Paid", "canceled", "Canceled", "rejected", "Rejected"}
	}
	m := add("account.payment", "Payments",
		col("char", "name", "Number").ro().index().orElse(noNumber),
		sel("state", state, states...).ro().def("draft"),
		paymentType(),
		sel("partner_type", "Partner Type", "customer", "Customer", "supplier", "Vendor").must().def("customer"),
		rel("many2one", "partner_id", "Customer/Vendor", "res.partner"),
		col("monetary", "amount", "Amount").money().def(decimal.Zero),
		rel("many2one", "currency_id", "Currency", "res.currency"),
		col("date", "date", "Date").must().defFn(func(e *env) any { return e.today() }),
		col("char", "ref", memo).index(),
		rel("many2one", "journal_id", "Journal", "account.journal").must(),
		rel("many2one", "company_id", "Company", "res.company").ro(),
		rel("many2one", "payment_method_line_id", "Payment Method", "account.payment.method.line"),
		rel("many2one", "move_id", "Journal Entry", "account.move").ro().index(),
		rel("many2one", "outstanding_account_id", "Outstanding Account", "account.account"),
		rel("many2one", "destination_account_id", "Destination Account", "account.account"),
		col("char", "payment_reference", "Payment Reference"),
		col("char", "payment_method_code", "Code").calc(func(e *env, r *record) any { return e.text(r, "payment_method_line_id", "code") }),
		col("boolean", "is_reconciled", "Is Reconciled").def(false).ro(), col("boolean", "is_matched", "Is Matched With a Bank Statement").def(false).ro(),
		rel("many2many", "reconciled_invoice_ids", "Reconciled Invoices", "account.move").calc(reconciledInvoices),
		col("integer", "reconciled_invoices_count", "# Reconciled Invoices").calc(func(e *env, r *record) any {
			ids, _ := reconciledInvoices(e, r).([]int64)
			return int64(len(ids))
		}),
		col("monetary", "amount_signed", "Amount Signed").calc(func(_ *env, r *record) any { return r.dec("amount").Mul(incoming(r)) }),
		col("monetary", "amount_company_currency_signed", "Amount Company Currency Signed").calc(func(e *env, r *record) any {
			return e.inBooks(r, r.dec("amount")).Mul(incoming(r))
		}),
	)
	if ed.major >= 19 {
		m.add(rel("many2many", "invoice_ids", "Invoices", "account.move"))
	}
	m.order, m.thread = "date desc, name desc, id desc", true
	m.display = func(_ *env, r *record) string {
		if name := r.str("name"); name != "" && name != "/" {
			return name
		}
		return "Draft Payment"
	}
	m.prepare, m.after, m.refuse = preparePayment, afterPayment, refusePayment
	m.methods["action_post"] = &method{record: true, op: "w", run: postPayments}
	m.methods["action_draft"] = &method{record: true, op: "w", run: draftPayments}
	m.methods["action_cancel"] = &method{record: true, op: "w", run: cancelPayments}
	registerModel(add)
}

func incoming(r *record) decimal.Decimal {
	if r.str("payment_type") == "outbound" {
		return one.Neg()
	}
	return one
}

func registerModel(add declare) {
	m := add("account.payment.register", "Register Payment",
		col("date", "payment_date", "Payment Date").must().defFn(func(e *env) any { return e.today() }),
		col("monetary", "amount", "Amount").money(),
		rel("many2one", "currency_id", "Currency", "res.currency"),
		rel("many2one", "journal_id", "Journal", "account.journal"),
		rel("many2one", "payment_method_line_id", "Payment Method", "account.payment.method.line"),
		col("char", "communication", "Memo"), col("boolean", "group_payment", "Group Payments"),
		sel("payment_difference_handling", "Payment Difference Handling", "open", "Keep open").def("open"),
		rel("many2many", "line_ids", "Journal items", "account.move.line"),
		paymentType(), sel("partner_type", "Partner Type", "customer", "Customer", "supplier", "Vendor").def("customer"),
		rel("many2one", "partner_id", "Customer/Vendor", "res.partner"), rel("many2one", "company_id", "Company", "res.company"),
		col("boolean", "can_edit_wizard", "Can Edit Wizard").ro(), col("boolean", "can_group_payments", "Can Group Payments").ro(),
		col("monetary", "source_amount", "Amount to Pay (company currency)").ro(), col("monetary", "source_amount_currency", "Amount to Pay (foreign currency)").ro(),
		rel("many2one", "source_currency_id", "Source Currency", "res.currency").ro(),
		col("monetary", "payment_difference", "Payment Difference").calc(func(_ *env, r *record) any {
			return r.dec("source_amount_currency").Sub(r.dec("amount"))
		}))
	m.display, m.prepare = wizardName, prepareRegister
	m.methods["action_create_payments"] = &method{record: true, op: "w", run: registerPayments}
}
