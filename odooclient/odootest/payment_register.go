package odootest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// prepareRegister takes what is open of the invoices in the context, and from it
// whom, how much and in which currency.
func prepareRegister(e *env, r *record, given map[string]bool) error {
	e.flush()
	lines, err := e.payable(r)
	if err != nil {
		return err
	}
	first := lines[0]
	sum, own := decimal.Zero, decimal.Zero
	partners, moves := map[int64]bool{}, map[int64]bool{}
	for _, l := range lines {
		sum, own = sum.Add(l.dec("amount_residual")), own.Add(l.dec("amount_residual_currency"))
		partners[l.num("partner_id")], moves[l.num("move_id")] = true, true
	}
	r.put("payment_type", map[bool]string{true: "inbound", false: "outbound"}[sum.IsPositive()])
	r.put("partner_id", first.get("partner_id"))
	r.put("company_id", first.get("company_id"))
	r.put("source_currency_id", first.get("currency_id"))
	r.put("source_amount", sum.Abs())
	r.put("source_amount_currency", own.Abs())
	r.put("can_edit_wizard", len(partners) == 1)
	r.put("can_group_payments", len(moves) > 1)
	if !given["group_payment"] {
		r.put("group_payment", len(partners) == 1 && len(moves) == 1)
	}
	if r.get("journal_id") == nil {
		r.put("journal_id", e.journal(first.num("company_id"), "bank"))
	}
	if r.get("currency_id") == nil {
		if r.put("currency_id", e.related(r, "journal_id").get("currency_id")); r.get("currency_id") == nil {
			r.put("currency_id", first.get("currency_id"))
		}
	}
	if !given["amount"] {
		r.put("amount", e.inCurrency(r, sum.Abs(), own.Abs()))
	}
	if r.get("payment_method_line_id") == nil {
		if lines := e.children(e.related(r, "journal_id"), r.str("payment_type")+"_payment_method_line_ids"); len(lines) > 0 {
			r.put("payment_method_line_id", lines[0].id)
		}
	}
	if r.get("communication") == nil && len(partners) == 1 {
		r.put("communication", e.communication(lines))
	}
	return nil
}

// payable are the open lines of the invoices that the context names.
func (e *env) payable(r *record) ([]*record, error) {
	var lines []*record
	if r.ids("line_ids") == nil && e.context["active_model"] == "account.move" {
		for _, id := range contextIDs(e.context, "active_ids", "active_id") {
			move := e.browse("account.move", id)
			if move == nil {
				return nil, missingError(e.s.models["account.move"], id, e.uid)
			}
			if move.str("state") != "posted" {
				return nil, userError("You can only register payment for posted journal entries.")
			}
			lines = append(lines, e.open(move)...)
		}
	}
	for _, id := range r.ids("line_ids") {
		lines = append(lines, e.browse("account.move.line", id))
	}
	switch {
	case len(lines) == 0 && e.context["active_model"] == nil && r.ids("line_ids") == nil:
		return nil, userError("The register payment wizard should only be called on account.move or account.move.line records.")
	case len(lines) == 0 && r.m.edition.major >= 19:
		return nil, userError("There's nothing left to pay for the selected journal items, so no payment registration is necessary. You've got your finances under control like a boss!")
	case len(lines) == 0:
		return nil, userError("You can't register a payment because there is nothing left to pay on the selected journal items.")
	}
	r.put("line_ids", idsOf(lines))
	return lines, nil
}

// inCurrency is what is open in the wizard's currency.
func (e *env) inCurrency(r *record, books, own decimal.Decimal) decimal.Decimal {
	company := e.related(e.related(r, "company_id"), "currency_id")
	switch currency := e.related(r, "currency_id"); {
	case r.num("currency_id") == r.num("source_currency_id"):
		return own
	case currency == company:
		return books
	default:
		return roundTo(books.Mul(rate(currency, company)), currency.dec("rounding"))
	}
}

// communication is the numbers of the invoices, which 19 puts in a group of its
// own when they are several.
func (e *env) communication(lines []*record) string {
	var labels []string
	for _, l := range lines {
		move := e.related(l, "move_id")
		label := move.str("payment_reference")
		for _, other := range []string{"ref", "name"} {
			if label == "" {
				label = move.str(other)
			}
		}
		if !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	if len(labels) > 1 && e.s.edition.major >= 19 {
		prefix := fmt.Sprintf("GROUP/%d/", e.now.Year())
		e.counted(prefix, e.s.lastEntry[prefix]+1)
		return fmt.Sprintf("%s%05d", prefix, e.s.lastEntry[prefix])
	}
	slices.Sort(labels)
	return strings.Join(labels, " ")
}

// registerPayments pays what the wizard holds: with one payment, or with one for
// each invoice.
func registerPayments(e *env, c *call) (any, error) {
	e.flush()
	if err := e.sender(); err != nil {
		return nil, err
	}
	var made []int64
	for _, w := range c.rs {
		var groups [][]*record
		byPartner := map[int64]int{}
		for _, id := range w.ids("line_ids") {
			l := e.browse("account.move.line", id)
			at, seen := byPartner[l.num("partner_id")]
			if w.flag("group_payment") && seen {
				groups[at] = append(groups[at], l)
				continue
			}
			byPartner[l.num("partner_id")] = len(groups)
			groups = append(groups, []*record{l})
		}
		for _, lines := range groups {
			p, err := e.registered(w, lines, len(groups) == 1)
			if err != nil {
				return nil, err
			}
			made = append(made, p.id)
		}
	}
	out := map[string]any{"name": "Payments", "type": "ir.actions.act_window", "res_model": "account.payment", "context": map[string]any{"create": false}}
	if len(made) == 1 {
		out["view_mode"], out["res_id"] = "form", made[0]
		return out, nil
	}
	out["view_mode"], out["domain"] = "tree,form", []any{[]any{"id", "in", made}}
	if c.m.edition.major >= 19 {
		out["view_mode"] = "list,form"
	}
	return out, nil
}

// registered makes, posts and matches one payment. What the wizard says counts
// when it is the only one, else what is open.
func (e *env) registered(w *record, lines []*record, only bool) (*record, error) {
	memo, amount := w.get("communication"), w.dec("amount")
	if !only {
		books, own := decimal.Zero, decimal.Zero
		for _, l := range lines {
			books, own = books.Add(l.dec("amount_residual")), own.Add(l.dec("amount_residual_currency"))
		}
		memo, amount = e.communication(lines), e.inCurrency(w, books.Abs(), own.Abs())
	}
	vals := map[string]any{
		"payment_type": w.str("payment_type"), "partner_type": w.str("partner_type"), "partner_id": lines[0].get("partner_id"), "amount": amount,
		"currency_id": w.get("currency_id"), "date": w.get("payment_date"), "journal_id": w.get("journal_id"), "payment_method_line_id": w.get("payment_method_line_id"),
	}
	m := e.s.models["account.payment"]
	vals[m.fields["ref"].name] = memo
	if m.fields["invoice_ids"] != nil {
		ids := []any{}
		for _, l := range lines {
			ids = append(ids, l.num("move_id"))
		}
		vals["invoice_ids"] = ids
	}
	p := e.make("account.payment", vals)
	if err := e.postPayment(p); err != nil {
		return nil, err
	}
	if move := e.related(p, "move_id"); move != nil {
		e.match(append(slices.Clone(lines), e.open(move)...))
	}
	return p, nil
}
