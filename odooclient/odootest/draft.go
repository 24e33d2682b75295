package odootest

import (
	"slices"
	"strings"
)

// draft builds the record that create inserts: given values, defaults, then
// what the model derives; a required field left empty is refused.
func (e *env) draft(m *model, vals map[string]any) (*record, map[string]bool, error) {
	t := e.table(m.name)
	t.last++
	r := &record{m: m, id: t.last, gone: true, vals: make([]any, m.slots)}
	given := make(map[string]bool, len(vals))
	ownDefaults := e.ownDefaults()
	var written []func() // what the writable computed fields set, once all others are there
	if name := m.unknown(vals); name != "" {
		return nil, nil, m.noFieldCreate(name)
	}
	for _, f := range m.list {
		v, ok := vals[f.name]
		if !ok && ownDefaults && f.stored() {
			v, ok = e.context["default_"+f.name]
		}
		switch {
		case !ok && f.fallback != nil && f.stored():
			r.vals[f.slot] = f.fallback(e)
		case ok && f.assign != nil:
			got, err := e.decode(f, m, v)
			if err != nil {
				return nil, nil, err
			}
			given[f.key], written = true, append(written, func() { f.assign(r.put, got) })
		case !ok || !f.stored():
			given[f.key] = ok
		case f.typ == "many2many":
			ids, err := e.linkCommands(f, nil, v)
			if err != nil {
				return nil, nil, err
			}
			r.vals[f.slot], given[f.key] = ids, true
		default:
			got, err := e.decode(f, m, v)
			if err != nil {
				return nil, nil, err
			}
			r.vals[f.slot], given[f.key] = got, true
		}
	}
	for _, w := range written {
		w()
	}
	r.put("create_date", e.now)
	r.put("create_uid", e.uid)
	if m.prepare != nil {
		if err := m.prepare(e, r, given); err != nil {
			return nil, nil, err
		}
	}
	return r, given, e.required(r)
}

// ownDefaults says whether the caller's context brings defaults.
func (e *env) ownDefaults() bool {
	for key := range e.context {
		if strings.HasPrefix(key, "default_") {
			return true
		}
	}
	return false
}

// put sets a value of a record that is not in its table yet.
func (r *record) put(name string, v any) { r.vals[r.m.fields[name].slot] = v }

// unknown is the first name that is no field of the model.
func (m *model) unknown(vals map[string]any) string {
	var unknown []string
	for name := range vals {
		if m.field(name) == nil {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) == 0 {
		return ""
	}
	return slices.Min(unknown)
}

func (e *env) required(r *record) error {
	for _, f := range r.m.list {
		if f.required && f.stored() && r.vals[f.slot] == nil {
			return notNull(r.m, f)
		}
	}
	return nil
}
