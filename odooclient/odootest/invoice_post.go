package odootest

import (
	"fmt"
	"slices"
	"time"
)

// postInvoices is action_post: all or none. Each entry gets its number. A closed
// period does not refuse an invoice, it moves its date in the books.
func postInvoices(e *env, c *call) (any, error) {
	e.flush()
	for _, r := range c.rs {
		if r.str("state") != "draft" {
			name := named17(r)
			if name == "" {
				name = "False"
			}
			return nil, userError("The entry %s (id %d) must be in draft.", name, r.id)
		}
		if isInvoice(r) && len(e.itemsOf(r, "product")) == 0 {
			if r.m.edition.major >= 19 && len(e.children(r, "line_ids")) == 0 {
				return nil, userError("Even magicians can't post nothing!")
			}
			return nil, userError("You need to add a line before posting.")
		}
		if isInvoice(r) && r.get("partner_id") == nil {
			return nil, userError("The field 'Customer' is required, please complete it to validate the Customer Invoice.")
		}
		if r.dec("amount_total").IsNegative() {
			return nil, userError("You cannot validate an invoice with a negative total amount. You should create a credit note instead. Use the action menu to transform it into a credit note or refund.")
		}
	}
	var origins, notes []*record
	for _, r := range c.rs {
		if of := e.related(r, "reversed_entry_id"); of != nil && isInvoice(r) && of.str("state") == "posted" {
			if notes = append(notes, r); !slices.Contains(origins, of) {
				origins = append(origins, of)
			}
		}
	}
	for _, r := range c.rs {
		e.finalize(r)
	}
	// The real one goes through both lists side by side, so of two credit notes of
	// one invoice that are posted together one is left, or meets another invoice.
	for i, of := range origins {
		if of.num("currency_id") == notes[i].num("currency_id") {
			e.match(append(e.open(of), e.open(notes[i])...))
		}
	}
	return false, nil
}

// finalize makes one entry final.
func (e *env) finalize(r *record) {
	if isInvoice(r) && r.get("invoice_date") == nil {
		e.set(r, "invoice_date", e.today())
		e.set(r, "date", e.today())
	}
	e.openPeriod(r)
	e.number(r)
	e.set(r, "state", "posted")
	e.set(r, "posted_before", true)
	if isInvoice(r) && r.str("payment_reference") == "" && r.str("move_type") == "out_invoice" {
		e.set(r, "payment_reference", r.str("name"))
	}
	for _, l := range e.itemsOf(r, "payment_term") {
		e.set(l, "name", e.owedName(r))
	}
	e.touch(r)
	e.track(r)
	e.resold(r)
	e.paymentState(r)
}

// prefix is the part of a number before its digits.
func (e *env) prefix(r *record) string {
	j := e.related(r, "journal_id")
	code := j.str("code")
	switch kind := j.str("type"); {
	case r.str("move_type") == "out_refund":
		code = "R" + code
	case (kind == "bank" || kind == "cash") && r.get("payment_id") != nil:
		code = "P" + code
	}
	return fmt.Sprintf("%s/%d/", code, r.at("date").Year())
}

// number draws the next number of the entry's sequence unless it has one of it.
func (e *env) number(r *record) {
	prefix := e.prefix(r)
	if r.num("sequence_number") != 0 && r.str("sequence_prefix") == prefix {
		return
	}
	next := e.s.lastEntry[prefix] + 1
	e.counted(prefix, next)
	e.set(r, "sequence_prefix", prefix)
	e.set(r, "sequence_number", next)
	e.set(r, "name", fmt.Sprintf("%s%05d", prefix, next))
}

// counted keeps the last number of a sequence. It is no PostgreSQL sequence: a
// failing call gives its numbers back.
func (e *env) counted(prefix string, n int64) {
	old := e.s.lastEntry[prefix]
	e.s.lastEntry[prefix] = n
	e.undo = append(e.undo, func() { e.s.lastEntry[prefix] = old })
}

// firstName is 17's: the first draft of a sequence has its number at once, later
// ones when they are posted.
func (e *env) firstName(r *record) {
	prefix := e.prefix(r)
	if e.s.lastEntry[prefix] != 0 {
		return
	}
	e.counted(prefix, 1)
	r.put("sequence_prefix", prefix)
	r.put("sequence_number", int64(1))
	r.put("name", prefix+"00001")
}

// locks are the closed periods that concern an entry, by the names of the dates.
func (e *env) locks(r *record) []string {
	kind := e.text(r, "journal_id", "type")
	var out []string
	if r.m.edition.major < 19 {
		out = []string{"period_lock_date", "fiscalyear_lock_date"}
	} else if out = []string{"fiscalyear_lock_date", "hard_lock_date"}; kind == "sale" {
		out = append(out, "sale_lock_date")
	}
	if len(e.itemsOf(r, "tax")) > 0 {
		out = append(out, "tax_lock_date")
	}
	return out
}

// lockOn is the last of the company's dates that closes a day, with its name.
func (e *env) lockOn(r *record, day time.Time) (name string, last time.Time) {
	company := e.related(r, "company_id")
	for _, f := range e.locks(r) {
		if at := company.at(f); !at.IsZero() && !day.After(at) && at.After(last) {
			name, last = f, at
		}
	}
	return name, last
}

// openPeriod moves the date of an entry in the books out of a closed period: to
// today, or to the end of the first open year.
func (e *env) openPeriod(r *record) {
	day := r.at("date")
	if at := r.at("invoice_date"); isInvoice(r) && !at.IsZero() {
		day = at
	}
	name, last := e.lockOn(r, day)
	if last.IsZero() {
		return
	}
	first, today := last.AddDate(0, 0, 1), e.today()
	end := time.Date(first.Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	if e.s.lastEntry[e.prefix(r)] == 0 { // nothing says yet how numbers begin anew: by month
		end = time.Date(first.Year(), first.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	}
	switch {
	case r.get("reversed_entry_id") != nil && name != "tax_lock_date": // the first open day
	case today.After(end):
		first = end
	case today.After(first) || isInvoice(r):
		first = today
	}
	e.set(r, "date", first)
}

// closedPeriod refuses to take back an entry of a closed period.
func (e *env) closedPeriod(r *record) error {
	name, last := e.lockOn(r, r.at("date"))
	if name == "" {
		return nil
	}
	day := last.Format("01/02/2006")
	tax := name == "tax_lock_date"
	label := e.s.models["res.company"].fields[name].label
	switch {
	case tax && r.m.edition.major < 19:
		return userError("The operation is refused as it would impact an already issued tax statement. Please change the journal entry date or the tax lock date set in the settings (%s) to proceed.", day)
	case tax:
		return userError("The operation is refused as it would impact an already issued tax statement. Please change the journal entry date or the following lock dates to proceed: %s (%s).", label, day)
	case r.m.edition.major < 19:
		return userError("You cannot add/modify entries prior to and inclusive of the lock date %s. Check the company settings or ask someone with the 'Adviser' role", day)
	}
	return userError("You cannot add/modify entries prior to and inclusive of: %s (%s).", label, day)
}

// draftInvoices is button_draft. In 17 it takes payments off the invoice.
func draftInvoices(e *env, c *call) (any, error) {
	e.flush()
	for _, r := range c.rs {
		if s := r.str("state"); s != "posted" && s != "cancel" {
			return nil, userError("Only posted/cancelled journal entries can be reset to draft.")
		}
		if r.str("state") == "posted" {
			if err := e.closedPeriod(r); err != nil {
				return nil, err
			}
		}
		e.redraft(r)
	}
	return nil, nil
}

func (e *env) redraft(r *record) {
	if r.m.edition.major < 19 {
		e.unmatch(e.children(r, "line_ids"))
	}
	e.set(r, "state", "draft")
	e.touch(r)
	e.track(r)
	e.resold(r)
	if r.m.edition.major < 19 {
		e.paymentState(r)
	}
}

// cancelInvoices is button_cancel, by way of the draft.
func cancelInvoices(e *env, c *call) (any, error) {
	e.flush()
	for _, r := range c.rs {
		if r.str("state") == "posted" {
			if err := e.closedPeriod(r); err != nil {
				return nil, err
			}
		}
		e.cancelInvoice(r)
	}
	return nil, nil
}

func (e *env) cancelInvoice(r *record) {
	e.unmatch(e.children(r, "line_ids"))
	e.set(r, "state", "cancel")
	e.touch(r)
	e.track(r)
	e.resold(r)
	e.paymentState(r)
}
