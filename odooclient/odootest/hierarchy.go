package odootest

import "slices"

// above is the many2one to a record's parent.
func (m *model) above() string {
	if m.parent != "" {
		return m.parent
	}
	return "parent_id"
}

// hierarchy follows the parents upwards; child_of and parent_of include the record.
func (e *env) hierarchy(m *model, f *field, op string, v any) (cond, error) {
	target := m
	if f.relational() && f.name != m.above() { // on the parent field the record itself counts
		target = e.s.models[f.relation]
	}
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	roots := map[int64]bool{}
	for _, v := range values {
		if s, ok := v.(string); ok {
			for _, r := range e.named(target, s, "ilike", 0) {
				roots[r.id] = true
			}
		} else if n, ok := toInt(v); ok {
			roots[n] = true
		}
	}
	if op == "parent_of" {
		up := map[int64]bool{}
		for id := range roots {
			for _, a := range e.ancestry(target, id) {
				up[a] = true
			}
		}
		roots = up
	}
	within := func(id int64) bool {
		if op == "parent_of" {
			return roots[id]
		}
		return slices.ContainsFunc(e.ancestry(target, id), func(a int64) bool { return roots[a] })
	}
	if target == m && (!f.relational() || f.name == m.above()) {
		return func(r *record) bool { return within(r.id) }, nil
	}
	return func(r *record) bool { return slices.ContainsFunc(e.linkedIDs(r, f), within) }, nil
}

// ancestry is the record and everything above it.
func (e *env) ancestry(m *model, id int64) []int64 {
	var out []int64
	for id != 0 && !slices.Contains(out, id) {
		r := e.browse(m.name, id)
		if r == nil {
			break
		}
		out = append(out, id)
		id = r.num(m.above())
	}
	return out
}
