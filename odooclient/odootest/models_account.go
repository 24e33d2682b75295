package odootest

// accountModels are the books that invoices and payments are written into.
func accountModels(add declare, ed *edition) {
	kinds := []string{
		"asset_receivable", "Receivable", "asset_cash", "Bank and Cash", "asset_current", "Current Assets", "asset_non_current", "Non-current Assets",
		"asset_prepayments", "Prepayments", "asset_fixed", "Fixed Assets", "liability_payable", "Payable", "liability_credit_card", "Credit Card",
		"liability_current", "Current Liabilities", "liability_non_current", "Non-current Liabilities", "equity", "Equity", "equity_unaffected", "Current Year Earnings",
		"income", "Income", "income_other", "Other Income", "expense", "Expenses", "expense_depreciation", "Depreciation", "expense_direct_cost", "Cost of Revenue", "off_balance", "Off-Balance Sheet",
	}
	m := add("account.account", "Account", col("char", "code", "Code").index(), col("char", "name", "Account Name").must(),
		sel("account_type", "Type", kinds...).must().def("liability_current"), col("boolean", "reconcile", "Allow Reconciliation").def(false))
	m.order, m.search = "code, id", []string{"code", "name"}
	if ed.major < 19 {
		m.display = func(_ *env, r *record) string { return r.str("code") + " " + r.str("name") }
	}
	m = add("account.journal", "Journal",
		col("char", "name", "Journal Name").must(), col("char", "code", "Short Code").must(),
		sel("type", "Type", "sale", "Sales", "purchase", "Purchase", "cash", "Cash", "bank", "Bank", "credit", "Credit Card", "general", "Miscellaneous").must(),
		rel("many2one", "company_id", "Company", "res.company").must().defFn(func(e *env) any { return e.company() }),
		rel("many2one", "currency_id", "Currency", "res.currency"),
		rel("many2one", "default_account_id", "Default Account", "account.account"),
		col("integer", "sequence", "Sequence").def(int64(10)),
		o2m("inbound_payment_method_line_ids", "Inbound Payment Methods", "account.payment.method.line", "journal_id").where("payment_type", "inbound"),
		o2m("outbound_payment_method_line_ids", "Outbound Payment Methods", "account.payment.method.line", "journal_id").where("payment_type", "outbound"),
		col("boolean", "active", "Active").def(true))
	m.order, m.search = "sequence, type, code", []string{"name", "code"}
	m.after = func(e *env, rs []*record, _ map[string]bool, created bool) error {
		for _, j := range rs {
			if k := j.str("type"); created && (k == "bank" || k == "cash") {
				e.paymentMethods(j)
			}
		}
		return nil
	}
	m = add("account.payment.method", "Payment Methods",
		col("char", "name", "Name").must(), col("char", "code", "Code").must(), paymentType())
	m.order = "id"
	m = add("account.payment.method.line", "Payment Methods",
		col("char", "name", "Name"), col("integer", "sequence", "Sequence").def(int64(10)),
		rel("many2one", "payment_method_id", "Payment Method", "account.payment.method").must(),
		rel("many2one", "journal_id", "Journal", "account.journal").index(),
		rel("many2one", "payment_account_id", "Payment Account", "account.account"),
		paymentType(), col("char", "code", "Code"))
	m.order = "sequence, id"
	m.display = func(e *env, r *record) string {
		if j := e.related(r, "journal_id"); j != nil && ed.major >= 19 {
			return r.str("name") + " (" + j.str("name") + ")"
		}
		return r.str("name")
	}
}

func paymentType() *field {
	return sel("payment_type", "Payment Type", "outbound", "Send", "inbound", "Receive").must().def("inbound")
}

// lockFields are the dates up to which a company's books are closed.
func lockFields(ed *edition) []*field {
	if ed.major < 19 {
		return []*field{
			col("date", "period_lock_date", "Journals Entries Lock Date"), col("date", "fiscalyear_lock_date", "All Users Lock Date"),
			col("date", "tax_lock_date", "Tax Return Lock Date"),
		}
	}
	return []*field{
		col("date", "sale_lock_date", "Sales Lock Date"), col("date", "purchase_lock_date", "Purchase Lock Date"),
		col("date", "fiscalyear_lock_date", "Global Lock Date"), col("date", "tax_lock_date", "Tax Return Lock Date"), col("date", "hard_lock_date", "Hard Lock Date"),
	}
}

// paymentMethods gives a journal the manual method both ways.
func (e *env) paymentMethods(j *record) {
	t := e.table("account.payment.method")
	for _, id := range t.ids {
		m := t.rows[id]
		e.make("account.payment.method.line", map[string]any{
			"name": m.str("name"), "payment_method_id": id, "journal_id": j.id, "payment_type": m.str("payment_type"), "code": m.str("code"),
		})
	}
}

// The accounts of the chart that entries are written to, by code.
const (
	receivableCode  = "121000"
	incomeCode      = "400000"
	outstandingIn   = "101403"
	outstandingOut  = "101404"
	bankAccountCode = "101401"
)

func (e *env) account(code string) int64 {
	t := e.table("account.account")
	if ids := t.idx[t.m.fields["code"].slot][code]; len(ids) > 0 {
		return ids[0]
	}
	return 0
}

// seedBooks makes the chart of accounts, as far as it is used, and the journals
// of the first company.
func (s *Server) seedBooks(e *env, company int64) {
	for _, a := range [][3]string{
		{receivableCode, "Account Receivable", "asset_receivable"}, {"211000", "Account Payable", "liability_payable"}, {incomeCode, "Product Sales", "income"},
		{bankAccountCode, "Bank", "asset_cash"}, {"101501", "Cash", "asset_cash"}, {outstandingIn, "Outstanding Receipts", "asset_current"},
		{outstandingOut, "Outstanding Payments", "asset_current"},
	} {
		e.make("account.account", map[string]any{"code": a[0], "name": a[1], "account_type": a[2], "reconcile": a[2] != "income" && a[2] != "asset_cash"})
	}
	method := "Manual"
	if s.edition.major >= 19 {
		method = "Manual Payment"
	}
	for _, way := range []string{"inbound", "outbound"} {
		e.make("account.payment.method", map[string]any{"name": method, "code": "manual", "payment_type": way})
	}
	s.seedJournals(e, company)
}

// seedJournals makes a company's journals for sales, bank and cash. A new 19 has
// no cash.
func (s *Server) seedJournals(e *env, company int64) {
	sales := "Customer Invoices"
	if s.edition.major >= 19 {
		sales = "Sales"
	}
	e.make("account.journal", map[string]any{"name": sales, "code": "INV", "type": "sale", "company_id": company, "sequence": int64(5), "default_account_id": e.account(incomeCode)})
	e.make("account.journal", map[string]any{"name": "Bank", "code": "BNK1", "type": "bank", "company_id": company, "sequence": int64(7), "default_account_id": e.account(bankAccountCode)})
	if s.edition.major < 19 {
		e.make("account.journal", map[string]any{"name": "Cash", "code": "CSH1", "type": "cash", "company_id": company, "default_account_id": e.account("101501")})
	}
}
