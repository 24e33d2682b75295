package odootest

import (
	"cmp"
	"slices"
	"time"

	"github.com/shopspring/decimal"
)

// reconcileItems matches what is owed with what was paid, in the order of due
// date and amount, whoever the customers are. In 19 the customers' lines follow one
// another, so that only what is left of one goes to the next.
func reconcileItems(e *env, c *call) (any, error) {
	e.flush()
	for _, l := range c.rs {
		account := e.related(l, "account_id")
		switch {
		case l.flag("reconciled"):
			return nil, userError("You are trying to reconcile some entries that are already reconciled.")
		case e.text(l, "move_id", "state") != "posted" && l.m.edition.major < 19:
			return nil, userError("You can only reconcile posted entries.")
		case account == nil:
			return nil, userError("You can only reconcile posted entries.")
		case account != e.related(c.rs[0], "account_id"):
			return nil, userError("Entries are not from the same account: %s", e.displayName(e.related(c.rs[0], "account_id"))+", "+e.displayName(account))
		case !account.flag("reconcile"):
			return nil, userError("Account %s does not allow reconciliation. First change the configuration of this account to allow it.", e.displayName(account))
		}
	}
	e.match(c.rs)
	return nil, nil
}

// match pairs lines, within a currency first, and says what that means for them and
// their entries.
func (e *env) match(lines []*record) {
	byCurrency, order := map[int64][]*record{}, []int64(nil)
	for _, l := range e.inOrder(lines) {
		c := l.num("currency_id")
		if byCurrency[c] == nil {
			order = append(order, c)
		}
		byCurrency[c] = append(byCurrency[c], l)
	}
	for _, c := range order {
		e.pairs(byCurrency[c])
	}
	e.pairs(lines)
	e.completed(lines)
	for _, l := range lines {
		e.settled(e.related(l, "move_id"))
	}
}

// pairs are debits with credits, as long as both are left.
func (e *env) pairs(lines []*record) {
	var debits, credits []*record
	for _, l := range e.inOrder(lines) {
		switch residual := l.dec("amount_residual"); {
		case residual.IsPositive():
			debits = append(debits, l)
		case residual.IsNegative():
			credits = append(credits, l)
		}
	}
	for len(debits) > 0 && len(credits) > 0 {
		e.pair(debits[0], credits[0])
		for _, side := range []*[]*record{&debits, &credits} {
			if (*side)[0].dec("amount_residual").IsZero() {
				*side = (*side)[1:]
			}
		}
	}
}

// inOrder sorts lines by due date and amount, in 19 by customer before.
func (e *env) inOrder(lines []*record) []*record {
	return slices.SortedStableFunc(slices.Values(lines), func(a, b *record) int {
		who := 0
		if e.s.edition.major >= 19 {
			who = cmp.Compare(a.num("partner_id"), b.num("partner_id"))
		}
		return cmp.Or(who, e.maturity(a).Compare(e.maturity(b)), cmp.Compare(a.num("currency_id"), b.num("currency_id")), a.dec("amount_currency").Cmp(b.dec("amount_currency")))
	})
}

func (e *env) maturity(l *record) time.Time {
	if day := l.at("date_maturity"); !day.IsZero() {
		return day
	}
	return e.related(l, "move_id").at("date")
}

// pair matches one debit with one credit, in their currency when it is the same.
func (e *env) pair(debit, credit *record) {
	owed, paid := debit.dec("amount_residual"), credit.dec("amount_residual").Neg()
	amount := decimal.Min(owed, paid)
	vals := map[string]any{
		"debit_move_id": debit.id, "credit_move_id": credit.id, "company_id": debit.get("company_id"),
		"debit_amount_currency": e.part(debit, amount), "credit_amount_currency": e.part(credit, amount), "max_date": e.today(),
	}
	if debit.num("currency_id") == credit.num("currency_id") {
		own := decimal.Min(debit.dec("amount_residual_currency"), credit.dec("amount_residual_currency").Neg())
		vals["debit_amount_currency"], vals["credit_amount_currency"] = own, own
		if own.Equal(debit.dec("amount_residual_currency")) {
			amount = owed
		} else {
			amount = paid
		}
	}
	vals["amount"] = amount
	e.make("account.partial.reconcile", vals)
	e.residual(debit)
	e.residual(credit)
}

// part is a share of a line's rest in the line's own currency.
func (e *env) part(l *record, amount decimal.Decimal) decimal.Decimal {
	rest := l.dec("amount_residual").Abs()
	own := l.dec("amount_residual_currency").Abs()
	if rest.Equal(amount) || rest.IsZero() {
		return own
	}
	unit := decimal.New(1, -2)
	if c := e.related(l, "currency_id"); c != nil {
		unit = c.dec("rounding")
	}
	return roundTo(own.Mul(amount).DivRound(rest, divDigits), unit)
}

// residual sums up again what of a line is not matched.
func (e *env) residual(l *record) {
	account := e.related(l, "account_id")
	rest, own := decimal.Zero, decimal.Zero
	if account != nil && (account.flag("reconcile") || account.str("account_type") == "asset_cash") {
		rest, own = l.dec("balance"), l.dec("amount_currency")
		for _, p := range e.children(l, "matched_credit_ids") {
			rest, own = rest.Sub(p.dec("amount")), own.Sub(p.dec("debit_amount_currency"))
		}
		for _, p := range e.children(l, "matched_debit_ids") {
			rest, own = rest.Add(p.dec("amount")), own.Add(p.dec("credit_amount_currency"))
		}
	}
	e.set(l, "amount_residual", rest)
	e.set(l, "amount_residual_currency", own)
	e.set(l, "reconciled", account != nil && account.flag("reconcile") && rest.IsZero() && own.IsZero() && e.text(l, "move_id", "state") != "draft")
	move := e.related(l, "move_id")
	if !isInvoice(move) {
		return
	}
	sum := decimal.Zero
	for _, o := range e.itemsOf(move, "payment_term") {
		sum = sum.Add(o.dec("amount_residual_currency"))
	}
	e.set(move, "amount_residual", sum.Mul(move.facing()))
}

// open are the lines of an entry that something can still be matched with.
func (e *env) open(move *record) []*record {
	return slices.DeleteFunc(e.children(move, "line_ids"), func(l *record) bool {
		return e.text(l, "account_id", "account_type") != "asset_receivable" || l.flag("reconciled")
	})
}

// partialsOf are the matches of an entry's lines.
func (e *env) partialsOf(move *record) (out []*record) {
	for _, l := range e.children(move, "line_ids") {
		out = append(append(out, e.children(l, "matched_credit_ids")...), e.children(l, "matched_debit_ids")...)
	}
	return out
}

// counterparts are the entries that an entry is matched with.
func (e *env) counterparts(move *record) (out []*record) {
	for _, p := range e.partialsOf(move) {
		for _, side := range []string{"debit_move_id", "credit_move_id"} {
			if other := e.related(e.related(p, side), "move_id"); other != move && !slices.Contains(out, other) {
				out = append(out, other)
			}
		}
	}
	return out
}
