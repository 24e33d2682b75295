package odootest

import (
	"fmt"
	"net/http"
	"slices"
)

// edition is what one major version says and spells in its own way.
type edition struct {
	major      int
	release    string
	rounding   string          // the default of a new company
	errorCode  int             // error.code of a JSON-RPC envelope
	controller string          // class named when the envelope lacks its parameters
	private    map[string]bool // methods without underscore that cannot be called
	spelling   map[string]spelling
	groups     []group
}

// spelling is how a model's fields differ from 17's.
type spelling struct {
	renamed map[string]string
	removed []string
}

func editionOf(major int) *edition {
	switch major {
	case 17:
		return &edition{major: 17, release: "17.0-20240709", rounding: "round_per_line", errorCode: 200, controller: "RPC", groups: groupTable(17)}
	case 19:
		e := &edition{major: 19, release: "19.0", rounding: "round_globally", controller: "JSONRPC", private: map[string]bool{}, spelling: spelling19(), groups: groupTable(19)}
		for _, name := range []string{
			"browse", "check_access", "concat", "ensure_one", "exists", "fetch", "filtered", "filtered_domain", "flush_model", "flush_recordset",
			"grouped", "init", "invalidate_model", "invalidate_recordset", "lock_for_update", "mapped", "modified", "new", "search_fetch", "sorted",
			"sudo", "try_lock_for_update", "union", "update", "with_company", "with_context", "with_env", "with_prefetch", "with_user",
		} {
			e.private[name] = true
		}
		return e
	}
	return nil
}

// spelling19 is the one table of names that changed up to 19, for the fields
// that are held here. What 19 added is declared beside the model.
func spelling19() map[string]spelling {
	product := spelling{removed: []string{"detailed_type"}}
	return map[string]spelling{
		"res.users":         {renamed: map[string]string{"groups_id": "group_ids"}},
		"res.partner":       {removed: []string{"mobile", "date"}},
		"product.template":  product,
		"product.product":   product,
		"product.pricelist": {removed: []string{"discount_policy"}},
		"sale.order.line":   {renamed: map[string]string{"tax_id": "tax_ids", "product_uom": "product_uom_id"}},
		"stock.move":        {removed: []string{"name", "group_id", "scrapped"}},
		"account.payment":   {renamed: map[string]string{"ref": "memo"}},
		"account.move":      {renamed: map[string]string{"payment_id": "origin_payment_id"}},
		"stock.picking":     {removed: []string{"move_ids_without_package", "group_id"}},
		"stock.location":    {removed: []string{"scrap_location"}},
		"sale.order":        {removed: []string{"procurement_group_id"}},
	}
}

// spell gives a field the name it has in this edition; false: it is gone.
func (d *edition) spell(model string, f *field) bool {
	f.key = f.name
	s := d.spelling[model]
	if slices.Contains(s.removed, f.name) {
		return false
	}
	if name := s.renamed[f.name]; name != "" {
		f.name = name
	}
	if d.major >= 19 && f.digits == "Product Price" {
		f.digits, f.exact = "", true // the precision only says how many digits are shown
	}
	return true
}

func (d *edition) info() []any   { return []any{d.major, 0, 0, "final", 0, ""} }
func (d *edition) serie() string { return fmt.Sprintf("%d.0", d.major) }

// wrongType refuses a JSON-RPC request that is not declared as JSON.
func (d *edition) wrongType(w http.ResponseWriter) {
	if d.major < 19 {
		page(w, http.StatusBadRequest, "<!doctype html>\n<html lang=en>\n<title>400 Bad Request</title>\n<h1>Bad Request</h1>\n"+
			"<p>Request inferred type is compatible with [&#39;http&#39;] but &#39;/jsonrpc&#39; is type=&#39;json&#39;.</p>\n")
		return
	}
	page(w, http.StatusUnsupportedMediaType, "<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n"+
		"<p>Request inferred type is compatible with [&#39;http&#39;] but &#39;/jsonrpc&#39; is type=&#39;jsonrpc&#39;."+
		"<br><br>Please verify the Content-Type request header and try again.</p>\n")
}

// callable is a method as refusals name it.
func (d *edition) callable(m *model, name string) string {
	if d.major < 19 {
		return name
	}
	return "'" + m.name + "." + name + "'"
}

func (d *edition) noMethod(m *model, name string) *fault {
	if d.major < 19 {
		return attributeError("The method '%s' does not exist on the model '%s'", name, m.name)
	}
	return attributeError("The method '%s.%s' does not exist", m.name, name)
}

// badColumn is load's refusal of an unknown column.
func (d *edition) badColumn(name string) *fault {
	if d.major < 19 {
		return keyError(name)
	}
	return valueError("Invalid field name '%s'", name)
}

// malformed refuses a domain with too few leaves for its operators.
func (d *edition) malformed(list []any) *fault {
	if d.major < 19 {
		return valueError("Domain %s is syntactically not correct.", pyRepr(list))
	}
	return valueError("Domain() malformed domain %s", pyRepr(list))
}

// noDomain refuses what is no list.
func (d *edition) noDomain(raw any) *fault {
	if d.major < 19 {
		return newFault("builtins.AssertionError", "Domains to normalize must have a 'domain' form: a list or tuple of domain components")
	}
	return typeError("Domain() invalid argument type for domain: %s", pyRepr(raw))
}

// noLeaf refuses what is no condition of a domain.
func (d *edition) noLeaf(item any) *fault {
	if d.major >= 19 {
		return valueError("Domain() invalid item in domain: %s", pyRepr(item))
	}
	parts, ok := item.([]any)
	switch {
	case !ok && pyType(item) == "str":
		return indexError("string")
	case !ok:
		return typeError("'%s' object is not subscriptable", pyType(item))
	case len(parts) == 0:
		return indexError("tuple")
	case len(parts) < 3:
		return valueError("not enough values to unpack (expected 3, got %d)", len(parts))
	case len(parts) > 3:
		return valueError("too many values to unpack (expected 3)")
	}
	return valueError("Invalid leaf %s", pyTuple(parts))
}

func (d *edition) noOperator(parts []any) *fault {
	if d.major < 19 {
		return valueError("Invalid leaf %s", pyTuple(parts))
	}
	return valueError("Invalid operator in condition %s", pyTuple(parts))
}

// leafWord is what a part of a domain is called in refusals.
func (d *edition) leafWord() string {
	if d.major < 19 {
		return "leaf"
	}
	return "condition"
}

// The three ways to name an unknown field.
func (m *model) noFieldRead(name string) *fault {
	if m.edition.major < 19 {
		return valueError("Invalid field '%s' on model '%s'", name, m.name)
	}
	return valueError("Invalid field '%s' on '%s'", name, m.name)
}

func (m *model) noFieldCreate(name string) *fault {
	if m.edition.major < 19 {
		return m.noFieldRead(name)
	}
	return valueError("Invalid field '%s' in '%s'", name, m.name)
}

func (m *model) noFieldWrite(name string) *fault {
	if m.edition.major < 19 {
		return m.noFieldRead(name)
	}
	return keyError(name)
}

// field is a field by the name that clients use; nil when there is none.
func (m *model) field(name string) *field {
	if f := m.fields[name]; f != nil && f.name == name {
		return f
	}
	return nil
}
