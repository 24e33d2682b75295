package odootest

// AddJournal adds a bank or cash journal of the first company, kind being "bank",
// "cash" or "sale". Its payments wait on the company's outstanding accounts; see
// SetOutstanding. The options are field values such as Values{"currency_id": id}.
func (s *Server) AddJournal(name, code, kind string, opts ...Values) int64 {
	account := s.seeding(func(e *env) int64 {
		switch kind {
		case "bank", "cash":
			return e.make("account.account", map[string]any{"code": "1014" + code, "name": name, "account_type": "asset_cash"}).id
		}
		return e.account(incomeCode)
	})
	return s.Add("account.journal", merged(Values{"name": name, "code": code, "type": kind, "default_account_id": account}, opts))
}

// SetOutstanding sets where the payments of a journal wait: on an outstanding
// account of its own, on the bank's account itself (they are paid at once, as
// without a bank statement), or, empty, on what the company has.
func (s *Server) SetOutstanding(journal int64, account string) {
	s.seeding(func(e *env) int64 {
		j := e.browse("account.journal", journal)
		for _, way := range []string{"inbound", "outbound"} {
			var id any
			switch account {
			case "":
			case "bank":
				id = j.get("default_account_id")
			default:
				id = e.account(account)
				if id == int64(0) {
					id = e.make("account.account", map[string]any{"code": account, "name": "Outstanding " + j.str("name"), "account_type": "asset_current", "reconcile": true}).id
				}
			}
			for _, l := range e.children(j, way+"_payment_method_line_ids") {
				e.set(l, "payment_account_id", id)
			}
		}
		return 0
	})
}

// Lock closes the first company's books up to a day ("2026-10-31"), by the name of
// the date: fiscalyear_lock_date and tax_lock_date, in 17 period_lock_date, in 19
// sale_lock_date and hard_lock_date. An empty day opens them again.
func (s *Server) Lock(field, day string) {
	var v any = day
	if day == "" {
		v = false
	}
	s.Set("res.company", 1, Values{field: v})
}

// UseAccounting installs the accounting app, with which invoices wait "in payment"
// for the bank, and a payment of 19 whose method has no outstanding account makes
// no journal entry. It is written from the source: no server with it was measured.
func (s *Server) UseAccounting() {
	s.Add("ir.module.module", Values{"name": "accountant", "state": "installed"})
}
