package odootest

// describe is one field as fields_get answers it.
func (e *env) describe(f *field) map[string]any {
	out := map[string]any{
		"name": f.name, "type": f.typ, "string": f.label, "required": f.required && f.compute == nil,
		"readonly": f.readonly, "store": f.stored() || f.typ == "one2many", "searchable": true,
		"sortable":          f.stored() && f.typ != "many2many",
		"company_dependent": f.name == "property_product_pricelist",
	}
	if f.relational() {
		out["relation"] = f.relation
		out["context"], out["domain"] = map[string]any{}, []any{}
	}
	if f.inverse != "" {
		out["relation_field"] = f.inverse
	}
	if list := e.options(f); list != nil {
		options := make([]any, len(list))
		for i, o := range list {
			options[i] = []any{o[0], o[1]}
		}
		out["selection"] = options
	}
	switch {
	case f.exact:
		out["digits"] = false
	case f.digits != "":
		out["digits"] = []any{int64(16), int64(e.digits(f.digits))}
	}
	if f.currency != "" {
		out["currency_field"] = f.currency
	}
	return out
}

func fieldsGet(e *env, c *call) (any, error) {
	wanted, attributes := set(c.args["allfields"]), set(c.args["attributes"])
	out := map[string]any{}
	for _, f := range c.m.list {
		if len(wanted) > 0 && !wanted[f.name] {
			continue
		}
		d := e.describe(f)
		for k := range d {
			if len(attributes) > 0 && !attributes[k] {
				delete(d, k)
			}
		}
		out[f.name] = d
	}
	return out, nil
}

func set(v any) map[string]bool {
	list, _ := v.([]any)
	out := map[string]bool{}
	for _, i := range list {
		if s, ok := i.(string); ok {
			out[s] = true
		}
	}
	return out
}
