package odootest

import (
	"fmt"
	"slices"
)

// commands applies x2many commands to the lines of a record: [0,0,vals] makes,
// [1,id,vals] changes, [2,id] deletes, [3,id] and [5] take out, [4,id] and
// [6,0,ids] put in.
func (e *env) commands(r *record, f *field, raw any) error {
	list, ok := raw.([]any)
	if !ok {
		if truthy(raw) {
			return valueError("Wrong value for %s.%s: %s", r.m.name, f.name, toText(raw))
		}
		list = []any{[]any{int64(5)}}
	}
	m := e.s.models[f.relation]
	e.hold++
	for _, item := range list {
		op, id, arg, err := command(r.m, f, item)
		if err != nil {
			return err
		}
		if err := e.command(r, f, m, op, id, arg); err != nil {
			return err
		}
	}
	if e.hold--; e.hold > 0 || len(e.held) == 0 {
		return nil
	}
	made := e.held
	e.held = nil
	return made[0].m.batched(e, made)
}

func command(m *model, f *field, item any) (op, id int64, arg any, err error) {
	bad := valueError("Wrong value for %s.%s: %s", m.name, f.name, pyRepr(item))
	parts, ok := item.([]any)
	if !ok {
		id, ok := toInt(item) // a bare id means "put in"
		if !ok {
			return 0, 0, nil, bad
		}
		return 4, id, nil, nil
	}
	if len(parts) == 0 {
		return 0, 0, nil, bad
	}
	if op, ok = toInt(parts[0]); !ok || op < 0 || op > 6 {
		return 0, 0, nil, bad
	}
	if len(parts) > 1 {
		id, _ = toInt(parts[1])
	}
	if len(parts) > 2 {
		arg = parts[2]
	}
	return op, id, arg, nil
}

func (e *env) command(r *record, f *field, m *model, op, id int64, arg any) error {
	switch op {
	case 0:
		vals, ok := arg.(map[string]any)
		if !ok {
			return valueError("Wrong value for %s.%s: %s", r.m.name, f.name, pyRepr(arg))
		}
		if err := e.allowed(m, "c"); err != nil {
			return err
		}
		child := make(map[string]any, len(vals)+1)
		for k, v := range vals {
			child[k] = v
		}
		if child[f.inverse] = r.id; f.inverse == "res_id" && child["model"] == nil && e.fresh == r {
			return keyError(fmt.Sprint(r.id)) // beside a new record the model must be given, a default is not enough
		}
		xid, bound := child["id"].(string) // load puts the line's external id here
		if bound {
			delete(child, "id")
		}
		made, err := e.create(m, []map[string]any{child})
		if err != nil || !bound {
			return err
		}
		return e.bindChecked(xid, made[0])
	case 5, 6:
		return e.replace(r, f, m, op, arg)
	}
	child := e.browse(m.name, id)
	if child == nil {
		if op == 3 || op == 2 {
			return nil
		}
		return missingError(m, id, e.uid)
	}
	switch op {
	case 1:
		vals, ok := arg.(map[string]any)
		if !ok {
			return valueError("Wrong value for %s.%s: %s", r.m.name, f.name, pyRepr(arg))
		}
		return e.write(m, []*record{child}, vals)
	case 2:
		return e.unlink(m, []*record{child})
	case 3:
		return e.takeOut(f, m, child)
	}
	if child.num(f.inverse) == r.id {
		return nil
	}
	return e.write(m, []*record{child}, map[string]any{f.inverse: r.id})
}

// replace is [5] and [6,0,ids]: what is not listed leaves, what is listed comes.
func (e *env) replace(r *record, f *field, m *model, op int64, arg any) error {
	var keep []int64
	if op == 6 {
		list, _ := arg.([]any)
		for _, v := range list {
			if id, ok := toInt(v); ok {
				keep = append(keep, id)
			}
		}
	}
	for _, child := range e.children(r, f.name) {
		if !slices.Contains(keep, child.id) {
			if err := e.takeOut(f, m, child); err != nil {
				return err
			}
		}
	}
	for _, id := range keep {
		if err := e.command(r, f, m, 4, id, nil); err != nil {
			return err
		}
	}
	return nil
}

// takeOut removes a line from its parent; a line that cannot live alone dies.
func (e *env) takeOut(f *field, m *model, child *record) error {
	if inverse := m.fields[f.inverse]; inverse.required || inverse.cascade {
		return e.unlink(m, []*record{child})
	}
	return e.write(m, []*record{child}, map[string]any{f.inverse: false})
}

// linkCommands applies x2many commands to a list of ids.
func (e *env) linkCommands(f *field, have []int64, raw any) ([]int64, error) {
	list, ok := raw.([]any)
	if !ok {
		if truthy(raw) {
			return nil, valueError("Wrong value for %s: %s", f.name, pyRepr(raw))
		}
		return nil, nil
	}
	out := slices.Clone(have)
	if len(list) > 0 {
		if _, plain := list[0].([]any); !plain {
			out = nil // a plain list of ids replaces
		}
	}
	for _, item := range list {
		op, id, arg, err := command(e.s.models[f.relation], f, item)
		if err != nil {
			return nil, err
		}
		switch op {
		case 2, 3:
			out = slices.DeleteFunc(out, func(o int64) bool { return o == id })
		case 4:
			out = append(out, id)
		case 5:
			out = nil
		case 6:
			out = nil
			ids, _ := arg.([]any)
			for _, v := range ids {
				if id, ok := toInt(v); ok {
					out = append(out, id)
				}
			}
		}
	}
	for _, id := range out {
		if e.browse(f.relation, id) == nil {
			return nil, missingError(e.s.models[f.relation], id, e.uid)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
