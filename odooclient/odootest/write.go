package odootest

import (
	"slices"
)

// create makes one record per set of values. It is api.create without the
// access check; nested lines come through here too.
func (e *env) create(m *model, list []map[string]any) ([]*record, error) {
	out := make([]*record, 0, len(list))
	for _, vals := range list {
		r, given, err := e.draft(m, vals)
		if err != nil {
			return nil, err
		}
		e.insert(r)
		e.touch(r)
		outer := e.fresh
		e.fresh = r
		for _, f := range m.list {
			if v, ok := vals[f.name]; ok && f.typ == "one2many" {
				if err := e.commands(r, f, v); err != nil {
					return nil, err
				}
			}
		}
		e.fresh = outer
		if m.after != nil {
			if err := m.after(e, []*record{r}, given, true); err != nil {
				return nil, err
			}
		}
		e.created(r)
		e.assigned(r, given)
		out = append(out, r)
	}
	if m.batched == nil || e.loading {
		return out, nil
	}
	if e.hold > 0 {
		e.held = append(e.held, out...)
		return out, nil
	}
	return out, m.batched(e, out)
}

// write changes records; every one of them is stamped, changed or not.
func (e *env) write(m *model, rs []*record, vals map[string]any) error {
	if name := m.unknown(vals); name != "" {
		return m.noFieldWrite(name)
	}
	if m.before != nil {
		if err := m.before(e, rs, vals); err != nil {
			return err
		}
	}
	given := make(map[string]bool, len(vals))
	for name := range vals {
		given[m.fields[name].key] = true
	}
	before := make([]int64, len(rs)) // salespersons
	for i, r := range rs {
		before[i] = r.num("user_id")
		old := r.vals
		if m.onlyChanged {
			old = slices.Clone(r.vals)
		}
		if err := e.assign(r, vals); err != nil {
			return err
		}
		if m.onlyChanged {
			if err := m.after(e, []*record{r}, r.changed(old, given), false); err != nil {
				return err
			}
		}
	}
	if m.after != nil && !m.onlyChanged && len(rs) > 0 {
		if err := m.after(e, rs, given, false); err != nil {
			return err
		}
	}
	if m.thread && given["user_id"] {
		for i, r := range rs {
			if r.num("user_id") != before[i] {
				e.assigned(r, given)
			}
		}
	}
	return nil
}

// changed are the given fields whose stored value is another one now.
func (r *record) changed(old []any, given map[string]bool) map[string]bool {
	out := make(map[string]bool, len(given))
	for name := range given {
		f := r.m.fields[name]
		out[name] = !f.stored() || f.typ == "many2many" || old[f.slot] != r.vals[f.slot]
	}
	return out
}

func (e *env) assign(r *record, vals map[string]any) error {
	for _, f := range r.m.list {
		v, ok := vals[f.name]
		if ok && f.assign != nil {
			got, err := e.decode(f, r.m, v)
			if err != nil {
				return err
			}
			f.assign(func(name string, v any) { e.set(r, name, v) }, got)
			continue
		}
		if !ok || !f.stored() || f.name == "id" {
			continue
		}
		var got any
		var err error
		if f.typ == "many2many" {
			got, err = e.linkCommands(f, r.ids(f.name), v)
		} else {
			got, err = e.decode(f, r.m, v)
		}
		if err != nil {
			return err
		}
		e.set(r, f.name, got)
	}
	e.touch(r)
	if err := e.required(r); err != nil {
		return err
	}
	for _, f := range r.m.list {
		if v, ok := vals[f.name]; ok && f.typ == "one2many" {
			if err := e.commands(r, f, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// unlink deletes records with what belongs to them and their external ids.
func (e *env) unlink(m *model, rs []*record) error {
	if m.refuse != nil {
		if err := m.refuse(e, rs); err != nil {
			return err
		}
	}
	for _, r := range rs {
		if r.gone {
			continue
		}
		for _, other := range e.s.models {
			if err := e.release(r, other); err != nil {
				return err
			}
		}
		e.touch(r)
		e.unbind(m.name, r.id)
		e.remove(r)
	}
	if m.deleted != nil {
		m.deleted(e, rs)
	}
	return nil
}

// release deals with the records that point at one which is going away: owned
// ones go with it, required links forbid it, others are emptied.
func (e *env) release(r *record, other *model) error {
	for _, f := range other.list {
		if f.typ != "many2one" || f.relation != r.m.name || !f.stored() || f.name == "create_uid" || f.name == "write_uid" {
			continue
		}
		users := e.users(r, other, f)
		switch {
		case len(users) == 0:
		case f.cascade:
			if err := e.unlink(other, users); err != nil {
				return err
			}
		case f.required:
			return foreignKey(other, f)
		default:
			for _, o := range users {
				e.set(o, f.name, nil)
			}
		}
	}
	return nil
}

// users are the records whose many2one f points at r, by id.
func (e *env) users(r *record, other *model, f *field) []*record {
	t := e.table(other.name)
	var out []*record
	if f.indexed {
		for _, id := range t.idx[f.slot][r.id] {
			if id != r.id || other != r.m {
				out = append(out, t.rows[id])
			}
		}
		return out
	}
	for _, id := range t.ids {
		if o := t.rows[id]; o.num(f.name) == r.id && o != r {
			out = append(out, o)
		}
	}
	return out
}
