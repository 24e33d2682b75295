package odootest

import (
	"fmt"
	"slices"
)

// postPayments is action_post; 19 lets it happen twice.
func postPayments(e *env, c *call) (any, error) {
	for _, r := range c.rs {
		if err := e.postPayment(r); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func (e *env) postPayment(r *record) error {
	move := e.related(r, "move_id")
	if r.m.edition.major < 19 {
		if move.str("state") != "draft" {
			return userError("The entry %s (id %d) must be in draft.", named17(move), move.id)
		}
	} else if r.str("state") != "draft" {
		return nil
	}
	if move == nil && r.get("outstanding_account_id") != nil {
		move = e.entry(r)
	}
	e.set(r, "state", map[bool]string{true: "in_process", false: "posted"}[r.m.edition.major >= 19])
	e.touch(r)
	if move == nil {
		if r.str("name") == "" {
			e.set(r, "name", fmt.Sprintf("PAY%05d", r.id))
		}
		e.settledInvoices(r)
		return nil
	}
	e.finalize(move)
	if r.m.edition.major < 19 {
		e.set(r, "date", move.get("date"))
	}
	e.set(r, "name", move.get("name"))
	e.settled(move)
	return nil
}

// paid derives a payment's state from what its lines are matched with.
func (e *env) paid(r *record) {
	move := e.related(r, "move_id")
	if move == nil {
		return
	}
	lines := e.children(move, "line_ids")
	if len(lines) < 2 {
		return
	}
	liquid := lines[0]
	matched := e.text(liquid, "account_id", "account_type") == "asset_cash" || liquid.dec("amount_residual").IsZero() && !r.dec("amount").IsZero()
	reconciled := lines[1].dec("amount_residual").IsZero()
	if r.m.edition.major >= 19 && r.get("outstanding_account_id") == nil {
		reconciled, matched = false, r.str("state") == "paid"
	}
	e.set(r, "is_reconciled", reconciled && move.str("state") == "posted")
	e.set(r, "is_matched", matched && move.str("state") == "posted")
	if r.m.edition.major < 19 {
		return
	}
	ids, _ := reconciledInvoices(e, r).([]int64)
	all := len(ids) > 0
	for _, id := range ids {
		all = all && e.browse("account.move", id).str("payment_state") == "paid"
	}
	if s := r.str("state"); s == "in_process" && (all || matched) {
		e.set(r, "state", "paid")
		e.touch(r)
	}
}

// fullyPaid is the state of an invoice that payments cover: with the accounting
// app it waits for the bank.
func (e *env) fullyPaid(entries []*record) string {
	if !e.accountingApp() {
		return "paid"
	}
	for _, m := range entries {
		if p := e.related(m, "payment_id"); p != nil && !e.atBank(p) {
			return "in_payment"
		}
	}
	return "paid"
}

// atBank says whether a payment's money is on the bank's account already.
func (e *env) atBank(p *record) bool {
	lines := e.children(e.related(p, "move_id"), "line_ids")
	return len(lines) > 0 && (e.text(lines[0], "account_id", "account_type") == "asset_cash" || lines[0].dec("amount_residual").IsZero())
}

// announced says whether a payment without an entry of its own stands for an
// invoice.
func (e *env) announced(move *record) bool {
	if e.s.edition.major < 19 || !e.accountingApp() {
		return false
	}
	t := e.table("account.payment")
	return slices.ContainsFunc(t.ids, func(id int64) bool {
		p := t.rows[id]
		return p.get("move_id") == nil && (p.str("state") == "in_process" || p.str("state") == "paid") && slices.Contains(p.ids("invoice_ids"), move.id)
	})
}

func (e *env) settledInvoices(r *record) {
	for _, id := range r.ids("invoice_ids") {
		e.paymentState(e.browse("account.move", id))
	}
}

// reconciledInvoices are the invoices that a payment's entry is matched with.
func reconciledInvoices(e *env, r *record) any {
	move := e.related(r, "move_id")
	out := []int64{}
	if move == nil {
		return append(out, r.ids("invoice_ids")...)
	}
	for _, o := range e.counterparts(move) {
		if isInvoice(o) {
			out = append(out, o.id)
		}
	}
	slices.Sort(out)
	return out
}

func draftPayments(e *env, c *call) (any, error) {
	for _, r := range c.rs {
		if move := e.related(r, "move_id"); move != nil && move.str("state") != "draft" {
			if err := e.closedPeriod(move); err != nil {
				return nil, err
			}
			e.unmatch(e.children(move, "line_ids"))
			e.set(move, "state", "draft")
			e.touch(move)
		}
		e.set(r, "state", "draft")
		e.touch(r)
		e.paid(r)
	}
	return nil, nil
}

// cancelPayments is action_cancel: the entry is cancelled along; 19 deletes one that
// is a draft.
func cancelPayments(e *env, c *call) (any, error) {
	drafts := map[*record]bool{}
	for _, r := range c.rs {
		move := e.related(r, "move_id")
		drafts[r] = move != nil && move.str("state") == "draft"
	}
	if _, err := draftPayments(e, c); err != nil {
		return nil, err
	}
	for _, r := range c.rs {
		move := e.related(r, "move_id")
		if r.m.edition.major < 19 {
			e.set(r, "state", "cancel")
			e.set(move, "state", "cancel")
			continue
		}
		e.set(r, "state", "canceled")
		if move != nil && !drafts[r] {
			e.set(move, "state", "cancel")
		} else if move != nil {
			e.set(r, "move_id", nil)
			if err := e.unlink(move.m, []*record{move}); err != nil {
				return nil, err
			}
		}
	}
	return nil, nil
}

func refusePayment(e *env, rs []*record) error {
	for _, r := range rs {
		move := e.related(r, "move_id")
		if move == nil {
			continue
		}
		if r.m.edition.major >= 19 && move.str("state") == "posted" {
			return validationError("A payment with an outstanding account cannot be confirmed without having a journal entry.")
		}
		e.unmatch(e.children(move, "line_ids"))
		e.set(move, "state", "draft")
		e.set(move, "payment_id", nil)
		if err := e.unlink(move.m, []*record{move}); err != nil {
			return err
		}
	}
	return nil
}
