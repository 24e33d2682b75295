package odootest

import (
	"cmp"
	"slices"
)

// completed gives lines that nothing is left of a full match, others the number
// of their first part. One call makes a match only of all its lines: a rest of one
// keeps the others from it.
func (e *env) completed(lines []*record) {
	rest := slices.ContainsFunc(lines, func(l *record) bool { return !l.flag("reconciled") })
	for _, l := range lines {
		group, parts := e.connected(l)
		if len(parts) == 0 {
			e.set(l, "matching_number", nil)
			continue
		}
		done := !rest && !slices.ContainsFunc(group, func(o *record) bool { return !o.flag("reconciled") })
		if done && l.get("full_reconcile_id") != nil {
			continue
		}
		number := "P" + pyRepr(parts[0].id)
		var full any
		if done {
			id := e.make("account.full.reconcile", nil).id
			full, number = id, pyRepr(id)
		}
		for _, o := range group {
			e.set(o, "full_reconcile_id", full)
			e.set(o, "matching_number", number)
		}
		for _, p := range parts {
			e.set(p, "full_reconcile_id", full)
		}
	}
}

// connected are all lines that hang together by matches, and the matches.
func (e *env) connected(l *record) (group, parts []*record) {
	group = []*record{l}
	for i := 0; i < len(group); i++ {
		for _, p := range append(e.children(group[i], "matched_credit_ids"), e.children(group[i], "matched_debit_ids")...) {
			if slices.Contains(parts, p) {
				continue
			}
			parts = append(parts, p)
			for _, side := range []string{"debit_move_id", "credit_move_id"} {
				if o := e.related(p, side); !slices.Contains(group, o) {
					group = append(group, o)
				}
			}
		}
	}
	slices.SortFunc(parts, func(a, b *record) int { return cmp.Compare(a.id, b.id) })
	return group, parts
}

// unmatch takes all matches off lines.
func (e *env) unmatch(lines []*record) {
	for _, l := range lines {
		for _, p := range append(e.children(l, "matched_credit_ids"), e.children(l, "matched_debit_ids")...) {
			if !p.gone {
				e.remove(p)
				e.unmatched([]*record{p})
			}
		}
	}
}

// unmatched brings back what the ends of removed matches were worth.
func (e *env) unmatched(parts []*record) {
	for _, p := range parts {
		for _, side := range []string{"debit_move_id", "credit_move_id"} {
			if l := e.related(p, side); l != nil {
				e.set(l, "full_reconcile_id", nil)
				e.residual(l)
				e.completed([]*record{l})
				e.settled(e.related(l, "move_id"))
			}
		}
	}
}

// settled derives what an entry's matches mean for it, its payment and the
// invoices that the payment stands for.
func (e *env) settled(move *record) {
	e.paymentState(move)
	for _, other := range append(e.counterparts(move), move) {
		if p := e.related(other, "payment_id"); p != nil {
			e.paid(p)
		}
	}
}

func unreconcileItems(e *env, c *call) (any, error) {
	e.flush()
	e.unmatch(c.rs)
	return nil, nil
}

func assignOutstanding(e *env, c *call) (any, error) {
	e.flush()
	id, _ := toInt(c.args["line_id"])
	l := e.browse("account.move.line", id)
	if l == nil {
		return nil, missingError(e.s.models["account.move.line"], id, e.uid)
	}
	for _, move := range c.rs {
		lines := append(e.open(move), l)
		if _, err := reconcileItems(e, &call{m: l.m, rs: lines}); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func removeOutstanding(e *env, c *call) (any, error) {
	e.flush()
	id, _ := toInt(c.args["partial_id"])
	p := e.browse("account.partial.reconcile", id)
	if p == nil {
		return nil, missingError(e.s.models["account.partial.reconcile"], id, e.uid)
	}
	e.remove(p)
	e.unmatched([]*record{p})
	return true, nil
}

// paymentState says of an invoice how far it is paid, and by what.
func (e *env) paymentState(move *record) {
	if !isInvoice(move) {
		return
	}
	state := "not_paid"
	others := e.counterparts(move)
	byPayment := slices.ContainsFunc(others, func(o *record) bool { return o.get("payment_id") != nil })
	switch {
	case move.str("state") != "posted" && (move.str("state") != "draft" || move.m.edition.major < 19 || len(others) == 0): // 19 matches drafts too
	case move.dec("amount_residual").IsZero() && byPayment:
		state = e.fullyPaid(others)
	case move.dec("amount_residual").IsZero():
		state = "paid"
		if move.str("move_type") == "out_invoice" && len(others) > 0 {
			state = "reversed"
		}
	case len(others) > 0:
		state = "partial"
	case e.announced(move):
		state = "in_payment"
	}
	if move.str("payment_state") != state {
		e.set(move, "payment_state", state)
		e.touch(move)
	}
}
