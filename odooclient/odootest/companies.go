package odootest

import (
	"fmt"
	"slices"
)

// rule says which records of a model a user sees, by company.
type rule int

const (
	everyone   rule = iota
	ownOnly         // those of the companies at hand
	ownOrNone       // those too that belong to no company
	itsCompany      // the model is res.company itself
)

// companyRules are the record rules of several companies, as read from a real 17.
func companyRules() map[string]rule {
	return map[string]rule{
		"res.company": itsCompany,
		"sale.order":  ownOnly, "sale.order.line": ownOnly, "stock.picking": ownOnly, "stock.warehouse": ownOnly, "account.tax": ownOnly, "account.tax.group": ownOnly,
		"account.fiscal.position": ownOnly, "stock.picking.type": ownOnly, "stock.move": ownOnly, "stock.location": ownOrNone,
		"res.partner": ownOrNone, "product.template": ownOrNone, "product.product": ownOrNone, "product.pricelist": ownOrNone,
		"account.journal": ownOnly, "account.move": ownOnly, "account.move.line": ownOnly, "account.payment": ownOnly,
		"delivery.carrier": ownOrNone, "crm.team": ownOrNone, "account.payment.term": ownOrNone,
	}
}

// company is the first of allowed_company_ids, else the user's own.
func (e *env) company() int64 {
	if ids, ok := e.context["allowed_company_ids"].([]any); ok && len(ids) > 0 {
		if id, ok := toInt(ids[0]); ok && e.browse("res.company", id) != nil {
			return id
		}
	}
	return e.home()
}

// home is the user's own company, whatever the context says.
func (e *env) home() int64 {
	if u := e.browse("res.users", e.uid); u != nil && u.num("company_id") != 0 {
		return u.num("company_id")
	}
	return 1
}

// companies checks that the user may work in all of allowed_company_ids.
func (e *env) companies() error {
	ids, _ := e.context["allowed_company_ids"].([]any)
	user := e.browse("res.users", e.uid)
	for _, v := range ids {
		if id, ok := toInt(v); !ok || user == nil || !slices.Contains(user.ids("company_ids"), id) {
			return newFault("odoo.exceptions.AccessError", "Access to unauthorized or invalid companies.")
		}
	}
	return nil
}

// atHand are the companies whose records are seen: allowed_company_ids, and
// without it all companies of the user.
func (e *env) atHand() []int64 {
	if e.hand != nil {
		return e.hand
	}
	ids, _ := e.context["allowed_company_ids"].([]any)
	for _, v := range ids {
		if id, ok := toInt(v); ok {
			e.hand = append(e.hand, id)
		}
	}
	if u := e.browse("res.users", e.uid); len(e.hand) == 0 && u != nil {
		e.hand = u.ids("company_ids")
	}
	return e.hand
}

// visible says whether the company rules let the caller see a record.
func (e *env) visible(r *record) bool {
	if e.su || r.m.rule == everyone {
		return true
	}
	if r.m.rule == itsCompany {
		return e.groups()["rights"] || slices.Contains(e.atHand(), r.id)
	}
	id := r.num("company_id")
	return id == 0 && r.m.rule == ownOrNone || slices.Contains(e.atHand(), id)
}

// seen refuses records that the company rules hide.
func (e *env) seen(m *model, rs []*record, op string) error {
	for _, r := range rs {
		if !e.visible(r) {
			return newFault("odoo.exceptions.AccessError",
				"Due to security restrictions, you are not allowed to %s '%s' (%s) records.\n\nContact your administrator to request access if necessary.",
				verbOf(op), m.label, m.name)
		}
	}
	return nil
}

// sameCompany refuses links from a record to records of another company.
func (e *env) sameCompany(r *record, fields ...string) error {
	company := r.num("company_id")
	for _, name := range fields {
		f := r.m.fields[name]
		for _, id := range e.linkedIDs(r, f) {
			o := e.browse(f.relation, id)
			if o == nil || o.num("company_id") == 0 || o.num("company_id") == company {
				continue
			}
			return userError("Incompatible companies on records:\n- '%s' belongs to company '%s' and '%s' (%s: '%s') belongs to another company.",
				e.displayName(r), e.nameOf("res.company", company), f.label, f.name, e.displayName(o))
		}
	}
	return nil
}

// AddCompany adds a company in a currency ("SEK") with a country (its code), a
// warehouse and a pricelist in its currency. User and administrator may work in
// it; their own company stays the first one.
func (s *Server) AddCompany(name, currency, country string) int64 {
	return s.seeding(func(e *env) int64 {
		money, land := e.code("res.currency", "name", currency), e.code("res.country", "code", country)
		partner := e.make("res.partner", map[string]any{"name": name, "is_company": true})
		company := e.make("res.company", map[string]any{
			"name": name, "partner_id": partner.id, "currency_id": money, "country_id": land, "account_fiscal_country_id": land,
			"tax_calculation_rounding_method": s.opt.Rounding,
		})
		e.make("stock.warehouse", map[string]any{"name": name, "code": fmt.Sprintf("WH%d", company.id), "company_id": company.id})
		e.make("product.pricelist", map[string]any{"name": name + " " + currency, "currency_id": money, "company_id": company.id})
		s.seedJournals(e, company.id)
		for _, login := range []string{s.opt.User, "admin"} {
			if u := e.browse("res.users", s.logins[login].id); u != nil {
				e.set(u, "company_ids", append(slices.Clone(u.ids("company_ids")), company.id))
			}
		}
		return company.id
	})
}
