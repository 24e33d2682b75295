package odootest

// An invoice says who wrote it last; what is derived for it counts as a write of
// whoever caused that. Changes of its order do not, but for its deliveries in 19.

// renamed stamps the invoices that bear a partner's name.
func (e *env) renamed(partner *record) {
	t := e.table("account.move")
	for _, id := range t.idx[t.m.fields["partner_id"].slot][partner.id] {
		if r, name := t.rows[id], e.displayName(partner); isInvoice(r) && r.str("invoice_partner_display_name") != name {
			e.set(r, "invoice_partner_display_name", name)
			e.touch(r)
		}
	}
}

// dated stamps the invoices of an order whose goods left: 19 writes their delivery
// date again with every transfer that is made, changed or done from then on.
func (e *env) dated(order *record) {
	if e.s.edition.major < 19 {
		return
	}
	for _, p := range e.children(order, "picking_ids") {
		if p.str("state") != "done" || e.text(p, "location_dest_id", "usage") != "customer" {
			continue
		}
		for _, id := range orderInvoices(e, order).([]int64) {
			e.touch(e.browse("account.move", id))
		}
		return
	}
}
