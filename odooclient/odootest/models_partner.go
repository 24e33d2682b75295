package odootest

import (
	"slices"
	"strings"
)

func partnerModels(add declare, ed *edition) {
	kinds := []string{"contact", "Contact", "invoice", "Invoice Address", "delivery", "Delivery Address", "other", "Other Address"}
	if ed.major >= 19 {
		kinds = []string{"contact", "Contact", "invoice", "Invoice", "delivery", "Delivery", "other", "Other"}
	}
	m := add("res.partner", "Contact",
		col("char", "name", "Name").index(),
		col("char", "complete_name", "Complete Name").calc(func(e *env, r *record) any { return partnerName(e, r) }),
		col("char", "ref", "Reference").index(),
		col("char", "email", "Email"),
		col("char", "email_normalized", "Normalized Email").ro().index(),
		col("char", "phone", "Phone"), col("char", "mobile", "Mobile"),
		col("char", "street", "Street"), col("char", "street2", "Street2"),
		col("char", "city", "City"), col("char", "zip", "Zip"),
		rel("many2one", "state_id", "State", "res.country.state"),
		rel("many2one", "country_id", "Country", "res.country"),
		col("char", "vat", "Tax ID").index(),
		col("char", "company_name", "Company Name"),
		col("char", "company_registry", "Company ID"),
		col("char", "website", "Website Link"),
		col("char", "function", "Job Position"),
		col("html", "comment", "Notes"),
		lang(),
		col("char", "tz", "Timezone"),
		col("date", "date", "Date"),
		sel("type", "Address Type", kinds...).def("contact"),
		col("boolean", "is_company", "Is a Company").def(false),
		sel("company_type", "Company Type", "person", "Individual", "company", "Company").calc(func(_ *env, r *record) any {
			if r.flag("is_company") {
				return "company"
			}
			return "person"
		}),
		rel("many2one", "parent_id", "Related Company", "res.partner").index(),
		o2m("child_ids", "Contact", "res.partner", "parent_id"),
		rel("many2one", "commercial_partner_id", "Commercial Entity", "res.partner").calc(commercial),
		rel("many2one", "company_id", "Company", "res.company"),
		rel("many2one", "user_id", "Salesperson", "res.users"),
		rel("many2one", "property_product_pricelist", "Pricelist", "product.pricelist").orElse(func(e *env, r *record) any {
			return e.partnerPricelist(r, e.company())
		}),
		col("integer", "customer_rank", "Customer Rank").def(int64(0)),
		col("float", "partner_latitude", "Geo Latitude"),
		col("boolean", "active", "Active").def(true),
	)
	m.order, m.thread = "complete_name, id", true
	m.search = []string{"complete_name", "email", "ref", "vat", "company_registry"}
	m.display, m.after, m.refuse = partnerName, afterPartner, dropQuotations
	m.methods["address_get"] = &method{record: true, params: []string{"adr_pref"}, op: "r", run: addressGet}
}

// dropQuotations removes a partner's quotations and cancelled orders with it, as
// the real one does; a confirmed order still forbids the deletion.
func dropQuotations(e *env, rs []*record) error {
	orders := e.table("sale.order")
	for _, r := range rs {
		for _, o := range e.users(r, orders.m, orders.m.fields["partner_id"]) {
			if s := o.str("state"); s == "draft" || s == "cancel" {
				if err := e.unlink(orders.m, []*record{o}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func partnerName(e *env, r *record) string {
	name := r.str("name")
	parent := e.related(r, "parent_id")
	if name == "" {
		for _, o := range r.m.fields["type"].selection {
			if o[0] == r.str("type") && o[0] != "contact" {
				name = o[1]
			}
		}
	}
	switch {
	case r.flag("is_company"):
		return name
	case parent != nil && parent.str("name") != "":
		return parent.str("name") + ", " + name
	case r.str("company_name") != "":
		return r.str("company_name") + ", " + name
	}
	return name
}

func commercial(e *env, r *record) any {
	chain := e.ancestry(r.m, r.id)
	for _, id := range chain {
		if e.browse(r.m.name, id).flag("is_company") {
			return id
		}
	}
	if len(chain) == 0 {
		return r.id
	}
	return chain[len(chain)-1]
}

func afterPartner(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		if kind := r.str("type"); r.str("name") == "" && (kind == "contact" || kind == "") {
			return checkFailed(r.m, "check_name", "Contacts require a name")
		}
		if created || given["email"] {
			e.set(r, "email_normalized", normalizeEmail(r.str("email")))
		}
		if given["parent_id"] && loops(e, r) {
			return validationError("You cannot create recursive Partner hierarchies.")
		}
		e.syncAddress(r, given)
	}
	return nil
}

// addressFields are what a plain contact shares with the one it belongs to.
var addressFields = []string{"street", "street2", "zip", "city", "state_id", "country_id"}

// syncAddress gives a child of type contact its parent's address, and passes a
// changed address on to such children. Other kinds of address stand alone.
func (e *env) syncAddress(r *record, given map[string]bool) {
	parent := e.related(r, "parent_id")
	if (given["parent_id"] || given["type"]) && parent != nil && r.str("type") == "contact" {
		e.copyAddress(parent, r)
	}
	if !slices.ContainsFunc(addressFields, func(f string) bool { return given[f] }) {
		return
	}
	for _, child := range e.children(r, "child_ids") {
		if child.str("type") == "contact" {
			e.copyAddress(r, child)
		}
	}
}

func (e *env) copyAddress(from, to *record) {
	if !slices.ContainsFunc(addressFields, func(f string) bool { return from.get(f) != nil }) {
		return
	}
	for _, f := range addressFields {
		e.set(to, f, from.get(f))
	}
}

func loops(e *env, r *record) bool {
	seen := map[int64]bool{r.id: true}
	for p := e.related(r, "parent_id"); p != nil; p = e.related(p, "parent_id") {
		if seen[p.id] {
			return true
		}
		seen[p.id] = true
	}
	return false
}

// normalizeEmail is the lower-case address when there is exactly one.
func normalizeEmail(s string) any {
	if open := strings.LastIndex(s, "<"); open >= 0 && strings.HasSuffix(strings.TrimSpace(s), ">") {
		s = strings.TrimSuffix(strings.TrimSpace(s)[open+1:], ">")
	}
	s = strings.ToLower(strings.TrimSpace(s))
	if strings.Count(s, "@") != 1 || strings.ContainsAny(s, " ,;") || strings.HasPrefix(s, "@") || strings.HasSuffix(s, "@") {
		return nil
	}
	return s
}

// address is the child of a kind that an order picks by itself.
func (e *env) address(partner *record, kind string) int64 {
	for _, c := range e.children(partner, "child_ids") {
		if c.str("type") == kind && c.flag("active") {
			return c.id
		}
	}
	if partner.str("type") != kind {
		if root := e.related(partner, "parent_id"); root != nil && !partner.flag("is_company") {
			for _, c := range e.children(root, "child_ids") {
				if c.str("type") == kind && c.flag("active") {
					return c.id
				}
			}
		}
	}
	return partner.id
}

func addressGet(e *env, c *call) (any, error) {
	out := map[string]any{}
	kinds, _ := c.args["adr_pref"].([]any)
	for _, r := range c.rs {
		out["contact"] = r.id
		for _, k := range kinds {
			if s, ok := k.(string); ok {
				out[s] = e.address(r, s)
			}
		}
	}
	return out, nil
}
