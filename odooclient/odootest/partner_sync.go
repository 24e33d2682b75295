package odootest

import "slices"

// addressFields are what a plain contact shares with the one it belongs to.
var addressFields = []string{"street", "street2", "zip", "city", "state_id", "country_id"}

// commercialFields belong to the commercial entity; its contacts hold copies.
var commercialFields = []string{"vat", "company_registry"}

// syncPartner keeps the fields that a family of partners shares. A new parent
// gives what it has to a contact. In 19 a contact's own address and tax number
// go up to its parent too, which 17 leaves alone. Then all goes downwards.
func (e *env) syncPartner(r *record, given map[string]bool) {
	parent := e.related(r, "parent_id")
	if parent != nil {
		contact := r.str("type") == "contact"
		if given["parent_id"] {
			e.adopt(r)
		}
		if (given["parent_id"] || given["type"]) && contact {
			e.copyAddress(parent, r)
		}
		if r.m.edition.major >= 19 {
			e.syncUp(r, parent, given, contact)
		}
	}
	e.syncDown(r, given)
}

// adopt gives a partner the commercial fields of the entity it came under. 17
// takes the empty ones over too.
func (e *env) adopt(r *record) {
	entity := e.entity(r)
	if entity == r {
		return
	}
	for _, f := range commercialFields {
		if v := entity.get(f); v != nil || r.m.edition.major < 19 {
			e.set(r, f, v)
		}
	}
	e.passOn(r, entity, commercialFields)
}

// entity is the partner that a partner's papers are made out to.
func (e *env) entity(r *record) *record {
	id, _ := commercial(e, r).(int64)
	return e.browse(r.m.name, id)
}

// syncUp is what 19 writes to the parent.
func (e *env) syncUp(r, parent *record, given map[string]bool, contact bool) {
	address := given["parent_id"] || slices.ContainsFunc(addressFields, func(f string) bool { return given[f] })
	differs := slices.ContainsFunc(addressFields, func(f string) bool { return r.get(f) != parent.get(f) })
	if contact && address && differs && hasAddress(r) {
		e.copyAddress(r, parent)
		e.touch(parent)
		e.syncPartner(parent, set(names(addressFields)))
	}
	if e.entity(r) != r && (given["parent_id"] || given["vat"]) && r.get("vat") != nil && r.get("vat") != parent.get("vat") {
		e.set(parent, "vat", r.get("vat"))
		e.touch(parent)
		e.syncPartner(parent, map[string]bool{"vat": true})
	}
}

// syncDown passes changed fields on to the children: commercial ones from the
// entity to all below it, the address to plain contacts.
func (e *env) syncDown(r *record, given map[string]bool) {
	children := e.children(r, "child_ids")
	if len(children) == 0 {
		return
	}
	if e.entity(r) == r {
		changed := slices.DeleteFunc(slices.Clone(commercialFields), func(f string) bool { return !given[f] })
		e.passOn(r, r, changed)
	}
	if !slices.ContainsFunc(addressFields, func(f string) bool { return given[f] }) {
		return
	}
	for _, child := range children {
		if child.str("type") == "contact" {
			e.copyAddress(r, child)
		}
	}
}

// passOn copies fields of an entity to everyone below a partner, companies and
// what is below them left out.
func (e *env) passOn(r, entity *record, fields []string) {
	if len(fields) == 0 {
		return
	}
	for _, child := range e.children(r, "child_ids") {
		if child.flag("is_company") {
			continue
		}
		for _, f := range fields {
			e.set(child, f, entity.get(f))
		}
		e.passOn(child, entity, fields)
	}
}

// firstContact takes the address of the first contact of a company without one
// for the company's.
func (e *env) firstContact(r *record) {
	parent := e.related(r, "parent_id")
	if parent != nil && (parent.flag("is_company") || parent.get("parent_id") == nil) && !hasAddress(parent) && len(e.kin(parent)) == 1 {
		e.copyAddress(r, parent)
	}
}

// loadedPartners synchronises partners that a load made, once all are there. A
// child takes over what its company has, the empty tax number too, and gives
// nothing back; partners made with them as sub-rows are left as they came.
func (e *env) loadedPartners(rows []freshRow) {
	for _, row := range rows {
		parent := e.related(row.r, "parent_id")
		if parent == nil {
			continue
		}
		if entity := e.entity(row.r); truthy(row.vals["parent_id"]) && entity != row.r {
			for _, f := range commercialFields {
				e.set(row.r, f, entity.get(f))
			}
		}
		if row.r.str("type") != "contact" {
			continue
		}
		for _, f := range addressFields {
			if v := parent.get(f); v != nil {
				e.set(row.r, f, v)
			}
		}
	}
	for _, row := range rows {
		given := map[string]bool{}
		for name := range row.vals {
			given[name] = true
		}
		e.syncDown(row.r, given)
		e.firstContact(row.r)
	}
}

// partnerSeller is a partner's salesperson; a person without one has the parent's.
func (e *env) partnerSeller(r *record) any {
	if parent := e.related(r, "parent_id"); r.get("user_id") == nil && !r.flag("is_company") && parent != nil {
		return parent.get("user_id")
	}
	return r.get("user_id")
}

func hasAddress(r *record) bool {
	return slices.ContainsFunc(addressFields, func(f string) bool { return r.get(f) != nil })
}

func (e *env) copyAddress(from, to *record) {
	if !hasAddress(from) {
		return
	}
	for _, f := range addressFields {
		e.set(to, f, from.get(f))
	}
}

// names are texts as JSON would bring them.
func names(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}
