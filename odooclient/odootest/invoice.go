package odootest

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// today is the date of the transaction.
func (e *env) today() time.Time { return e.now.Truncate(24 * time.Hour) }

// facing is 1 for what the customer owes and -1 for what they get back.
func (r *record) facing() decimal.Decimal {
	if r.str("move_type") == "out_refund" {
		return one.Neg()
	}
	return one
}

func isInvoice(move *record) bool {
	return move.str("move_type") == "out_invoice" || move.str("move_type") == "out_refund"
}

func (e *env) entityOf(r *record) any {
	if p := e.related(r, "partner_id"); p != nil {
		return e.entity(p).id
	}
	return nil
}

// moveTitle is "INV/2026/00001 (ref)"; a draft says so, with what it is.
func moveTitle(e *env, r *record) string {
	name, out := named17(r), ""
	switch {
	case r.str("state") != "draft":
		if out = name; r.m.edition.major < 19 && name == "/" {
			out = "(* " + pyRepr(r.id) + ")"
		}
	default:
		out = "Draft " + map[string]string{"out_invoice": "Invoice", "out_refund": "Credit Note"}[r.str("move_type")]
		if !isInvoice(r) {
			out = "Draft Entry"
		}
		switch {
		case name != "" && name != "/":
			out += " " + name
		case r.m.edition.major < 19:
			out += " (* " + pyRepr(r.id) + ")"
		}
	}
	if ref := r.str("ref"); ref != "" {
		out += " (" + ref + ")"
	}
	return out
}

// noNumber is what stands for a number that is not drawn yet.
func noNumber(_ *env, r *record) any {
	if r.m.edition.major < 19 {
		return "/"
	}
	return nil
}

// named17 is a move's number; 17 writes "/" for none.
func named17(r *record) string {
	if r.str("name") == "" {
		return word(noNumber(nil, r))
	}
	return r.str("name")
}

func itemTitle(e *env, r *record) string {
	move, parts := e.related(r, "move_id"), []string(nil)
	if name := named17(move); name != "" {
		parts = append(parts, name)
	}
	if ref := move.str("ref"); ref != "" {
		parts = append(parts, "("+ref+")")
	}
	if name := r.str("name"); name != "" && name != move.str("name") {
		parts = append(parts, name)
	}
	return strings.Join(parts, " ")
}

// ofJournal gives an entry or a payment its journal's company, and its journal's
// currency or that of the company; nil when it has no journal.
func (e *env) ofJournal(r *record) *record {
	j := e.related(r, "journal_id")
	if j == nil {
		return nil
	}
	r.put("company_id", j.get("company_id"))
	if r.get("currency_id") == nil {
		if r.put("currency_id", j.get("currency_id")); j.get("currency_id") == nil {
			r.put("currency_id", e.related(j, "company_id").get("currency_id"))
		}
	}
	return j
}

// prepareInvoice fills what a new entry derives from its journal and partner.
func prepareInvoice(e *env, r *record, given map[string]bool) error {
	if r.get("journal_id") == nil {
		kind := "general"
		if isInvoice(r) {
			kind = "sale"
		}
		r.put("journal_id", e.journal(e.company(), kind))
	}
	j := e.ofJournal(r)
	if j == nil {
		return nil
	}
	if r.get("invoice_date") != nil && !given["date"] {
		r.put("date", r.get("invoice_date"))
	}
	if !isInvoice(r) {
		r.put("invoice_date_due", nil)
	} else if r.get("partner_shipping_id") == nil {
		r.put("partner_shipping_id", r.get("partner_id"))
	}
	if r.m.edition.major < 19 {
		e.firstName(r)
	}
	return nil
}

// journal is a company's first one of a kind; nil when there is none.
func (e *env) journal(company int64, kind string) any {
	t := e.table("account.journal")
	var all []*record
	for _, id := range t.ids {
		if j := t.rows[id]; j.str("type") == kind && j.num("company_id") == company && j.flag("active") {
			all = append(all, j)
		}
	}
	if len(all) == 0 {
		return nil
	}
	e.sort(all, "sequence, type, code")
	return all[0].id
}

// fixedFields are what 19 keeps as it is on a posted entry, changed or not. The
// refusal of a load names plain columns first, the others in an order by chance.
var fixedFields = []string{"invoice_date", "date", "partner_id", "invoice_payment_term_id", "currency_id", "fiscal_position_id", "invoice_line_ids", "line_ids"}

func beforeInvoice(e *env, rs []*record, vals map[string]any) error {
	var fixed []string
	for _, name := range fixedFields {
		if _, ok := vals[name]; ok {
			fixed = append(fixed, name)
		}
	}
	for _, r := range rs {
		if r.str("state") == "posted" && r.m.edition.major >= 19 && len(fixed) > 0 {
			return userError("You cannot modify the following readonly fields on a posted move: %s", strings.Join(fixed, ", "))
		}
	}
	return nil
}

func afterInvoice(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		if given["invoice_date"] && !created && r.get("invoice_date") != nil && isInvoice(r) {
			e.set(r, "date", r.get("invoice_date"))
		}
		if isInvoice(r) && (created || given["partner_id"]) {
			e.set(r, "invoice_partner_display_name", e.nameOf("res.partner", r.num("partner_id")))
		}
		e.rebooks(r)
	}
	return nil
}

const playGames = "You can't delete a posted journal item. Don’t play games with your accounting records; reset the journal entry to draft before deleting it."

// matchedEntry is 17's refusal to change the amounts of what is matched.
func matchedEntry(move *record) *fault {
	return userError("You cannot do this modification on a reconciled journal entry. You can just change some non legal fields or you must unreconcile first.\n"+
		"Journal Entry (id): %s (%d)", move.str("name"), move.id)
}

func refuseInvoice(e *env, rs []*record) error {
	for _, r := range rs {
		switch last := e.s.lastEntry[r.str("sequence_prefix")]; {
		case r.str("state") == "posted" && r.m.edition.major < 19 && len(e.partialsOf(r)) > 0:
			return matchedEntry(r)
		case r.str("state") == "posted":
			return userError("%s", playGames)
		case r.num("sequence_number") != 0 && r.num("sequence_number") != last && !e.groups()["billingmanager"]:
			return userError("You cannot delete this entry, as it has already consumed a sequence number and is not the last one in the chain. You should probably revert it instead.")
		}
		e.unmatch(e.children(r, "line_ids")) // in 19 a draft may still be matched
	}
	return nil
}

// deletedInvoice frees the number of the last entry of its sequence.
func deletedInvoice(e *env, rs []*record) {
	for _, r := range rs {
		if n := r.num("sequence_number"); n != 0 && n == e.s.lastEntry[r.str("sequence_prefix")] {
			e.counted(r.str("sequence_prefix"), n-1)
		}
	}
}
