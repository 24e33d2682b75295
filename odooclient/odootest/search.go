package odootest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// hint uses the id or an index for "=" and "in".
func (e *env) hint(m *model, f *field, op string, v any, d *domain) {
	values, isList := v.([]any)
	switch {
	case op == "=" && !isList && truthy(v):
		values = []any{v}
	case op != "in" || !isList:
		return
	}
	t := e.table(m.name)
	var ids []int64
	for _, v := range values {
		switch {
		case f.name == "id":
			if n, ok := toInt(v); ok && t.rows[n] != nil {
				ids = append(ids, n)
			}
		case f.stored() && f.indexed && (f.typ == "char" || f.typ == "many2one"):
			if f.typ == "char" {
				s, ok := v.(string)
				if !ok {
					return // false in the list means empty: no index for that
				}
				ids = append(ids, t.idx[f.slot][s]...)
				continue
			}
			n, ok := v.(json.Number)
			if !ok {
				return
			}
			id, _ := toInt(n)
			ids = append(ids, t.idx[f.slot][id]...)
		default:
			return
		}
	}
	slices.Sort(ids)
	d.hint, d.hinted = slices.Compact(ids), true
}

// find runs a domain: archived records are left out unless asked for.
func (e *env) find(m *model, raw any) ([]*record, error) {
	d, err := e.compile(m, raw)
	if err != nil {
		return nil, err
	}
	t := e.table(m.name)
	ids := t.ids
	if d.hinted {
		ids = d.hint
	}
	hide := m.fields["active"] != nil && !d.fields["active"] && !e.activeTestOff()
	var out []*record
	for _, id := range ids {
		r := t.rows[id]
		if hide && !r.flag("active") {
			continue
		}
		if e.visible(r) && d.match(r) {
			out = append(out, r)
		}
	}
	return out, nil
}

// compare orders two stored values of one field; nil is told apart before.
func compare(a, b any) int {
	switch a := a.(type) {
	case string:
		b, _ := b.(string)
		return strings.Compare(a, b)
	case int64:
		b, _ := b.(int64)
		switch {
		case a < b:
			return -1
		case a > b:
			return 1
		}
		return 0
	case decimal.Decimal:
		b, _ := b.(decimal.Decimal)
		return a.Cmp(b)
	case time.Time:
		b, _ := b.(time.Time)
		return a.Compare(b)
	case bool:
		b, _ := b.(bool)
		if a == b {
			return 0
		}
		if b {
			return -1
		}
		return 1
	}
	return 0
}

// named is name_search: records whose name (or code, or e-mail) fits.
func (e *env) named(m *model, text, op string, limit int) []*record {
	names := m.search
	if names == nil {
		name := m.recName
		if name == "" {
			name = "name"
		}
		names = []string{name}
	}
	var out []*record
	for _, name := range names {
		if m.fields[name] == nil {
			continue
		}
		how := op
		if op == "=" && name == "code" { // country and state codes are found in any case
			how = "=ilike"
		}
		found, err := e.find(m, []any{[]any{name, how, text}})
		if err != nil {
			continue
		}
		e.sort(found, m.order)
		for _, r := range found {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	if len(out) == 0 && op == "=" && m.display != nil { // "[W1] Widget", "EUR (EUR)"
		out, _ = e.find(m, []any{})
		out = slices.DeleteFunc(out, func(r *record) bool { return e.displayName(r) != text })
	}
	if limit > 0 && len(out) > limit {
		out = out[:limit]
	}
	return out
}
