package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// preparePayment takes from the journal what was not given, and in 17 the entry's
// first name.
func preparePayment(e *env, r *record, given map[string]bool) error {
	if r.get("journal_id") == nil {
		for _, kind := range []string{"bank", "cash"} {
			if j := e.journal(e.company(), kind); j != nil && r.get("journal_id") == nil {
				r.put("journal_id", j)
			}
		}
	}
	j := e.ofJournal(r)
	if j == nil {
		return nil
	}
	if r.get("payment_method_line_id") == nil {
		if lines := e.children(j, r.str("payment_type")+"_payment_method_line_ids"); len(lines) > 0 {
			r.put("payment_method_line_id", lines[0].id)
		}
	}
	if r.get("destination_account_id") == nil {
		r.put("destination_account_id", e.account(map[string]string{"customer": receivableCode, "supplier": "211000"}[r.str("partner_type")]))
	}
	if r.get("outstanding_account_id") == nil {
		r.put("outstanding_account_id", e.outstanding(r))
	}
	return nil
}

// outstanding is the account that money waits on until the bank confirms it: the
// payment method's, else the company's. With the accounting app 19 has none then.
func (e *env) outstanding(r *record) any {
	if m := e.related(r, "payment_method_line_id"); m != nil && m.get("payment_account_id") != nil {
		return m.get("payment_account_id")
	}
	if e.s.edition.major >= 19 && e.accountingApp() {
		return nil
	}
	return e.account(map[string]string{"inbound": outstandingIn, "outbound": outstandingOut}[r.str("payment_type")])
}

// accountingApp says whether payments wait for the bank's statement.
func (e *env) accountingApp() bool {
	t := e.table("ir.module.module")
	return slices.ContainsFunc(t.ids, func(id int64) bool {
		return t.rows[id].str("name") == "accountant" && t.rows[id].str("state") == "installed"
	})
}

// afterPayment keeps the entry equal to its payment, posted or not. In 19 a
// journal given again takes the outstanding account away, when it was not the
// payment method's own.
func afterPayment(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		if r.dec("amount").IsNegative() {
			f := checkFailed(r.m, "check_amount_not_negative", "The payment amount cannot be negative.")
			if r.m.edition.major >= 19 {
				f.row = func(*model) map[string]any {
					return map[string]any{"message": "The payment amount cannot be negative.", "field": "amount"}
				}
			}
			return f
		}
		major := r.m.edition.major
		if created && major < 19 {
			e.entry(r)
		}
		if m := e.related(r, "payment_method_line_id"); !created && given["journal_id"] && major >= 19 && m != nil {
			e.set(r, "outstanding_account_id", m.get("payment_account_id"))
		}
		if move := e.related(r, "move_id"); move != nil && !created {
			if major < 19 {
				e.set(move, "date", r.get("date"))
				e.set(move, "ref", r.get("ref"))
			}
			e.entryLines(r, move)
			e.settled(move)
		}
	}
	return nil
}

// entry makes the payment's journal entry, a draft.
func (e *env) entry(r *record) *record {
	move := e.make("account.move", map[string]any{
		"move_type": "entry", "journal_id": r.get("journal_id"), "date": r.get("date"), "ref": r.get("ref"), "partner_id": r.get("partner_id"),
		"currency_id": r.get("currency_id"), e.s.models["account.move"].fields["payment_id"].name: r.id,
	})
	e.set(r, "move_id", move.id)
	e.set(r, "name", move.get("name"))
	e.entryLines(r, move)
	return move
}

// entryLines writes the two lines of a payment: the money, and whom it is from.
func (e *env) entryLines(r, move *record) {
	amount := r.dec("amount").Mul(incoming(r))
	lines := e.children(move, "line_ids")
	name := e.paymentLabel(r)
	for i, part := range []struct {
		account any
		amount  decimal.Decimal
	}{{r.get("outstanding_account_id"), amount}, {r.get("destination_account_id"), amount.Neg()}} {
		vals := map[string]any{
			"name": name, "partner_id": r.get("partner_id"), "currency_id": r.get("currency_id"), "amount_currency": part.amount,
			"balance": e.inBooks(r, part.amount), "date_maturity": r.get("date"),
		}
		if part.account != nil {
			vals["account_id"] = part.account
		}
		var l *record
		if i < len(lines) {
			l = lines[i]
			for k, v := range vals {
				e.set(l, k, v)
			}
		} else {
			vals["move_id"] = move.id
			l = e.make("account.move.line", vals)
		}
		e.residual(l)
	}
	e.set(move, "amount_total", e.inBooks(r, r.dec("amount")))
}

func (e *env) paymentLabel(r *record) string {
	if e.s.edition.major >= 19 {
		out := e.text(r, "payment_method_line_id", "name")
		if memo := r.str("ref"); memo != "" {
			out += ": " + memo
		}
		return out
	}
	kind := map[string]string{"inbound": "Customer Payment", "outbound": "Customer Reimbursement"}[r.str("payment_type")]
	out := kind + " " + formatted(f64(r.dec("amount")), e.related(r, "currency_id"))
	if p := e.related(r, "partner_id"); p != nil {
		out += " - " + e.displayName(p)
	}
	return out + " - " + r.at("date").Format("01/02/2006")
}
