package odootest

import (
	"fmt"
)

// prepareOrder fills what a new order derives from its partner and company.
func prepareOrder(e *env, r *record, given map[string]bool) error {
	if r.get("user_id") == nil && !given["user_id"] {
		r.put("user_id", e.salesperson(r))
	}
	if r.get("team_id") == nil && !given["team_id"] {
		r.put("team_id", e.first("crm.team"))
	}
	if r.get("warehouse_id") == nil && !given["warehouse_id"] {
		for _, id := range e.table("stock.warehouse").ids {
			if w := e.browse("stock.warehouse", id); w.num("company_id") == r.num("company_id") {
				r.put("warehouse_id", id)
				break
			}
		}
	}
	e.derive(r, given, func(name string, v any) { r.put(name, v) })
	if s := r.str("name"); s == "" || s == "New" {
		e.s.lastOrder++
		r.put("name", fmt.Sprintf("S%05d", e.s.lastOrder))
	}
	return nil
}

// salesperson is the partner's, else that of the company it belongs to, else the
// caller if they sell.
func (e *env) salesperson(order *record) any {
	if p := e.related(order, "partner_id"); p != nil {
		for _, p := range []*record{p, e.entity(p)} {
			if p.num("user_id") != 0 {
				return p.num("user_id")
			}
		}
	}
	if e.groups()["salesman"] {
		return e.uid
	}
	return nil
}

// derive sets the fields that follow the partner: addresses, pricelist and fiscal
// position, and the currency that follows the pricelist. Given fields stay.
func (e *env) derive(r *record, given map[string]bool, put func(string, any)) {
	partner := e.related(r, "partner_id")
	if partner != nil {
		address := e.addresses(partner, "invoice", "delivery")
		for field, kind := range map[string]string{"partner_invoice_id": "invoice", "partner_shipping_id": "delivery"} {
			if !given[field] || r.get(field) == nil {
				put(field, address[kind])
			}
		}
		if !given["pricelist_id"] && r.str("state") == "draft" {
			put("pricelist_id", e.partnerPricelist(partner, r.num("company_id")))
		}
	}
	if !given["fiscal_position_id"] {
		put("fiscal_position_id", e.fiscalPosition(r))
	}
	currency := int64(0)
	if pl := e.related(r, "pricelist_id"); pl != nil {
		currency = pl.num("currency_id")
	} else if c := e.related(r, "company_id"); c != nil {
		currency = c.num("currency_id")
	}
	if r.num("currency_id") != currency {
		put("currency_id", currency)
	}
}

// partnerPricelist is the partner's own, else the first one of the company.
func (e *env) partnerPricelist(partner *record, company int64) any {
	if own := e.related(partner, "property_product_pricelist"); own != nil && (own.num("company_id") == 0 || own.num("company_id") == company) {
		return own.id
	}
	lists, _ := e.find(e.s.models["product.pricelist"], []any{})
	e.sort(lists, e.s.models["product.pricelist"].order)
	for _, l := range lists {
		if c := l.num("company_id"); c == 0 || c == company {
			return l.id
		}
	}
	return nil
}

// afterOrder keeps an order's derived fields right. A changed partner brings
// its own addresses and pricelist; a changed pricelist its currency.
func afterOrder(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		moved := given["partner_id"] || given["partner_shipping_id"] || given["company_id"]
		if !created && (moved || given["pricelist_id"]) {
			keep := map[string]bool{
				"partner_invoice_id":  given["partner_invoice_id"] || !given["partner_id"],
				"partner_shipping_id": given["partner_shipping_id"] || !given["partner_id"],
				"pricelist_id":        given["pricelist_id"] || !given["partner_id"],
				"fiscal_position_id":  given["fiscal_position_id"] || !moved,
			}
			if given["partner_id"] && r.get("user_id") == nil {
				e.set(r, "user_id", e.salesperson(r))
			}
			before := r.num("currency_id")
			e.derive(r, keep, func(name string, v any) { e.set(r, name, v) })
			for _, l := range e.children(r, "order_line") {
				e.set(l, "order_partner_id", r.get("partner_id"))
				if r.num("currency_id") != before {
					e.amounts(r, l)
				}
			}
		}
		if !created && given["commitment_date"] && (r.get("commitment_date") != nil || !given["date_order"]) {
			e.committed(r)
		}
		if r.str("state") == "sale" && r.get("date_order") == nil {
			return checkFailed(r.m, "date_order_conditional_required", "A confirmed sales order requires a confirmation date.")
		}
		if err := e.sameCompany(r, "pricelist_id", "warehouse_id", "partner_id", "payment_term_id", "fiscal_position_id", "carrier_id"); err != nil {
			return err
		}
		e.totals(r)
	}
	return nil
}
