package odootest

import (
	"fmt"
	"strings"
)

// ofTemplate are the fields that all variants of a template share. The code and
// the barcode are a variant's own, and the template's while it has only one.
var (
	ofTemplate = []string{"name", "list_price", "detailed_type", "type", "is_storable", "uom_id", "taxes_id", "sale_ok", "invoice_policy", "company_id"}
	ofVariant  = []string{"default_code", "barcode", "standard_price", "weight"}
)

// shared are the fields of a list that the model stores in this version.
func (m *model) shared(list []string) []*field {
	var out []*field
	for _, name := range list {
		if f := m.fields[name]; f != nil && f.stored() {
			out = append(out, f)
		}
	}
	return out
}

// templated are what a product has from its template; fields that were added to
// the template are among them.
func (m *model) templated() []*field {
	out := m.shared(ofTemplate)
	for _, f := range m.list {
		if f.inherited {
			out = append(out, f)
		}
	}
	return out
}

// withTemplate makes the template that a variant cannot be without, or takes
// what is not its own from the one it is given.
func withTemplate(e *env, r *record, given map[string]bool) error {
	if t := e.related(r, "product_tmpl_id"); t != nil {
		for _, f := range r.m.templated() {
			if !given[f.key] && t.m.fields[f.key] != nil {
				r.put(f.name, t.get(f.name))
			}
		}
		return nil
	}
	if r.get("name") == nil {
		return nil
	}
	m := e.s.models["product.template"]
	t, _, err := e.draft(m, map[string]any{"name": r.str("name")})
	if err != nil {
		return err
	}
	e.insert(t)
	e.touch(t)
	r.put("product_tmpl_id", t.id)
	return nil
}

func firstVariant(e *env, r *record) any {
	if variants := e.children(r, "product_variant_ids"); len(variants) > 0 {
		return variants[0].id
	}
	return nil
}

// afterTemplate gives a new template its variant and passes changes on.
func afterTemplate(e *env, rs []*record, given map[string]bool, created bool) error {
	product := e.s.models["product.product"]
	for _, t := range rs {
		variants := e.children(t, "product_variant_ids")
		if created && len(variants) == 0 {
			v, _, err := e.draft(product, map[string]any{"name": t.str("name"), "product_tmpl_id": t.id})
			if err != nil {
				return err
			}
			e.insert(v)
			e.touch(v)
			variants = []*record{v}
		}
		for _, v := range variants {
			for _, f := range product.templated() {
				if created || given[f.key] {
					e.set(v, f.name, t.get(f.name))
				}
			}
			for _, f := range product.shared(ofVariant) {
				if len(variants) == 1 && (created || given[f.key]) {
					e.set(v, f.name, t.get(f.name))
				}
			}
			if given["active"] {
				e.set(v, "active", t.get("active"))
			}
			if err := e.uniqueBarcode(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// afterVariant passes on to the template, and to its other variants, what is
// not a variant's own.
func afterVariant(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		t := e.related(r, "product_tmpl_id")
		variants := e.children(t, "product_variant_ids")
		single := len(variants) == 1
		for _, f := range r.m.templated() {
			if !given[f.key] && (!created || !single) {
				continue
			}
			e.set(t, f.name, r.get(f.name))
			for _, v := range variants {
				if v != r {
					e.set(v, f.name, r.get(f.name))
				}
			}
		}
		for _, f := range r.m.shared(ofVariant) {
			if single {
				e.set(t, f.name, r.get(f.name))
			} else {
				e.set(t, f.name, nil)
			}
		}
		if single {
			e.set(t, "active", r.get("active"))
		}
		if created || given["barcode"] {
			if err := e.uniqueBarcode(r); err != nil {
				return err
			}
		}
	}
	return nil
}

// uniqueBarcode refuses a barcode that another active product has, of the same
// company or of none.
func (e *env) uniqueBarcode(r *record) error {
	code := r.str("barcode")
	if code == "" {
		return nil
	}
	t := e.table(r.m.name)
	var same []*record
	for _, id := range t.idx[r.m.fields["barcode"].slot][code] {
		o := t.rows[id]
		if o == r || o.flag("active") && (r.num("company_id") == 0 || o.num("company_id") == 0 || o.num("company_id") == r.num("company_id")) {
			same = append(same, o)
		}
	}
	if len(same) < 2 {
		return nil
	}
	e.sort(same, r.m.order)
	names := make([]string, len(same))
	for i, o := range same {
		names[i] = e.displayName(o)
	}
	list := strings.Join(names, ", ")
	if n := len(names); r.m.edition.major >= 19 {
		if list = strings.Join(names[:n-1], ", ") + " and " + names[n-1]; n > 2 {
			list = strings.Join(names[:n-1], ", ") + ", and " + names[n-1]
		}
	}
	return validationError("%s", fmt.Sprintf("Barcode(s) already assigned:\n\n- Barcode \"%s\" already assigned to product(s): %s\n\n"+
		"Note: products that you don't have access to will not be shown above.", code, list))
}
