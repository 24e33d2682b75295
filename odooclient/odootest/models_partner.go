package odootest

import (
	"cmp"
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
		col("char", "phone", "Phone").index(), col("char", "mobile", "Mobile"),
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
		col("char", "tz", "Timezone").defFn(func(e *env) any { return e.context["tz"] }),
		col("date", "date", "Date"),
		sel("type", "Address Type", kinds...).def("contact"),
		col("boolean", "is_company", "Is a Company").def(false),
		sel("company_type", "Company Type", "person", "Individual", "company", "Company").calc(func(_ *env, r *record) any {
			if r.flag("is_company") {
				return "company"
			}
			return "person"
		}).sets(func(put func(string, any), v any) { put("is_company", v == "company") }),
		rel("many2one", "parent_id", "Related Company", "res.partner").index(),
		o2m("child_ids", "Contact", "res.partner", "parent_id"),
		rel("many2one", "commercial_partner_id", "Commercial Entity", "res.partner").calc(commercial),
		rel("many2one", "company_id", "Company", "res.company"),
		rel("many2one", "user_id", "Salesperson", "res.users"),
		rel("many2one", "property_product_pricelist", "Pricelist", "product.pricelist").orElse(func(e *env, r *record) any {
			return e.partnerPricelist(r, e.company())
		}),
		rel("many2one", "property_account_position_id", "Fiscal Position", "account.fiscal.position"),
		col("integer", "customer_rank", "Customer Rank").def(int64(0)),
		col("float", "partner_latitude", "Geo Latitude"),
		col("boolean", "partner_share", "Share Partner").calc(func(e *env, r *record) any { return e.staff(r) == nil }),
		col("boolean", "active", "Active").def(true),
	)
	m.order, m.thread = "complete_name, id desc", true
	m.search = []string{"complete_name", "email", "ref", "vat", "company_registry"}
	m.display, m.after, m.refuse = partnerName, afterPartner, dropQuotations
	m.before = keepStaff
	m.prepare = func(e *env, r *record, _ map[string]bool) error {
		r.put("user_id", e.partnerSeller(r))
		return nil
	}
	// In 17 a company's first contact gives it its address; 19 does that in load only.
	if m.onlyChanged = ed.major >= 19; !m.onlyChanged {
		m.batched = func(e *env, rs []*record) error {
			for _, r := range rs {
				e.firstContact(r)
			}
			return nil
		}
	}
	m.methods["address_get"] = &method{record: true, params: []string{"adr_pref"}, op: "r", run: addressGet}
}

// staff is the active internal user whose partner a record is; nil: there is none.
func (e *env) staff(r *record) *record {
	users := e.table("res.users")
	for _, id := range users.ids {
		if u := users.rows[id]; u.num("partner_id") == r.id && u.flag("active") && !u.flag("share") && e.groupsOf(u)["user"] {
			return u
		}
	}
	return nil
}

// keepStaff refuses to change the partner of another internal user to all but those
// who may change users.
func keepStaff(e *env, rs []*record, _ map[string]any) error {
	for _, r := range rs {
		if u := e.staff(r); u != nil && u.id != e.uid {
			if err := e.allowed(u.m, "w"); err != nil {
				return err
			}
		}
	}
	return nil
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
		if created && e.loading {
			continue
		}
		e.syncPartner(r, given)
		if given["name"] && !created {
			e.renamed(r)
		}
		if parent := e.related(r, "parent_id"); created && parent != nil && !given["lang"] && parent.get("lang") != nil {
			e.set(r, "lang", parent.get("lang"))
		}
		if given["parent_id"] {
			e.set(r, "user_id", e.partnerSeller(r))
		}
	}
	return nil
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

// addresses are the contacts that a partner sends each kind of paper to: found
// downwards first, other companies left out, then further up as long as the
// company stays the same. What is not found is the first plain contact.
func (e *env) addresses(partner *record, kinds ...string) map[string]int64 {
	wanted := []string{"contact"}
	for _, k := range kinds {
		if !slices.Contains(wanted, k) {
			wanted = append(wanted, k)
		}
	}
	out, visited := map[string]int64{}, map[int64]bool{}
	for p := partner; p != nil; p = e.related(p, "parent_id") {
		scan := []*record{p}
		for len(scan) > 0 {
			r := scan[0]
			visited[r.id] = true
			if kind := r.str("type"); slices.Contains(wanted, kind) && out[kind] == 0 {
				out[kind] = r.id
			}
			if len(out) == len(wanted) {
				return out
			}
			below := e.kin(r)
			below = slices.DeleteFunc(below, func(c *record) bool { return visited[c.id] || c.flag("is_company") })
			scan = append(below, scan[1:]...)
		}
		if p.flag("is_company") {
			break
		}
	}
	fallback := out["contact"]
	if fallback == 0 {
		fallback = partner.id
	}
	for _, kind := range wanted {
		if out[kind] == 0 {
			out[kind] = fallback
		}
	}
	return out
}

// kin are a partner's active children in the order that a read lists them.
func (e *env) kin(r *record) []*record {
	kids := slices.DeleteFunc(e.children(r, "child_ids"), func(c *record) bool { return !c.flag("active") })
	if len(kids) < 2 {
		return kids
	}
	names := make(map[*record]string, len(kids)) // a company may have thousands
	for _, k := range kids {
		names[k] = partnerName(e, k)
	}
	slices.SortFunc(kids, func(a, b *record) int { return cmp.Or(cmp.Compare(names[a], names[b]), cmp.Compare(b.id, a.id)) })
	return kids
}

func addressGet(e *env, c *call) (any, error) {
	kinds, _ := c.args["adr_pref"].([]any)
	names := make([]string, 0, len(kinds))
	for _, k := range kinds {
		if s, ok := k.(string); ok {
			names = append(names, s)
		}
	}
	out := map[string]any{}
	for _, r := range c.rs {
		for kind, id := range e.addresses(r, names...) {
			if out[kind] == nil {
				out[kind] = id
			}
		}
	}
	return out, nil
}
