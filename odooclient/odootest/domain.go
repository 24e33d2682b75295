package odootest

import (
	"slices"
	"strings"
)

// cond is a compiled domain: whether a record is in it.
type cond func(r *record) bool

// domain is a search condition with the records an index already offers.
type domain struct {
	match  cond
	hint   []int64 // candidates, when hinted
	hinted bool
	fields map[string]bool // first path elements that are asked for
}

var domainOperators = []string{
	"=", "!=", "<=", "<", ">", ">=", "=?", "=like", "=ilike", "like", "not like",
	"ilike", "not ilike", "in", "not in", "child_of", "parent_of", "<>",
}

// compile reads a domain in prefix notation: leaves and the operators &, |, !.
// Leaves that stand beside each other are joined by an implicit &.
func (e *env) compile(m *model, raw any) (*domain, error) {
	list, ok := raw.([]any)
	if !ok {
		if !truthy(raw) {
			return &domain{match: func(*record) bool { return true }, fields: map[string]bool{}}, nil
		}
		return nil, m.edition.noDomain(raw)
	}
	if len(list) > 10_000 { // a match recurses as deep as the domain is nested
		return nil, newFault("builtins.RecursionError", "maximum recursion depth exceeded")
	}
	d := &domain{fields: map[string]bool{}}
	var stack []cond
	conjunction := !slices.ContainsFunc(list, func(v any) bool { return v == "|" || v == "!" })
	for _, item := range slices.Backward(list) {
		switch item {
		case "!", "&", "|":
			if len(stack) < 2 && (item != "!" || len(stack) < 1) {
				return nil, m.edition.malformed(list)
			}
			top := stack[len(stack)-1]
			if item == "!" {
				stack[len(stack)-1] = func(r *record) bool { return !top(r) }
				continue
			}
			next := stack[len(stack)-2]
			stack = stack[:len(stack)-1]
			if item == "&" {
				stack[len(stack)-1] = func(r *record) bool { return top(r) && next(r) }
			} else {
				stack[len(stack)-1] = func(r *record) bool { return top(r) || next(r) }
			}
			continue
		}
		leaf, err := e.leaf(m, item, d, conjunction)
		if err != nil {
			return nil, err
		}
		stack = append(stack, leaf)
	}
	slices.Reverse(stack)
	d.match = func(r *record) bool {
		for _, c := range stack {
			if !c(r) {
				return false
			}
		}
		return true
	}
	return d, nil
}

func (e *env) leaf(m *model, item any, d *domain, conjunction bool) (cond, error) {
	parts, ok := item.([]any)
	if !ok || len(parts) != 3 {
		return nil, m.edition.noLeaf(item)
	}
	op, _ := parts[1].(string)
	path, isText := parts[0].(string)
	if !isText { // (1, '=', 1) and (0, '=', 1) are the true and the false leaf
		n, isNum := toInt(parts[0])
		if one, _ := toInt(parts[2]); isNum && op == "=" && one == 1 && (n == 0 || n == 1) {
			return func(*record) bool { return n == 1 }, nil
		}
		return nil, m.edition.noLeaf(item)
	}
	if !slices.Contains(domainOperators, strings.ToLower(op)) {
		return nil, m.edition.noOperator(parts)
	}
	op = strings.ToLower(op)
	if op == "<>" {
		op = "!="
	}
	head, rest, dotted := strings.Cut(path, ".")
	f := m.field(head)
	if f == nil || dotted && !f.relational() {
		return nil, valueError("Invalid field %s.%s in %s %s", m.name, head, m.edition.leafWord(), pyTuple(parts))
	}
	d.fields[head] = true
	if dotted {
		return e.dotted(f, rest, op, parts[2])
	}
	if conjunction && !d.hinted {
		e.hint(m, f, op, parts[2], d)
	}
	return e.test(m, f, op, parts[2])
}

// dotted is true when any related record satisfies the rest of the path.
func (e *env) dotted(f *field, rest, op string, v any) (cond, error) {
	inner, err := e.leaf(e.s.models[f.relation], []any{rest, op, v}, &domain{fields: map[string]bool{}}, false)
	if err != nil {
		return nil, err
	}
	return func(r *record) bool {
		return slices.ContainsFunc(e.linked(r, f), inner)
	}, nil
}

// linked are the records a relation points at.
func (e *env) linked(r *record, f *field) []*record {
	if f.typ == "one2many" {
		return e.children(r, f.name)
	}
	var out []*record
	for _, id := range e.linkedIDs(r, f) {
		if o := e.browse(f.relation, id); o != nil {
			out = append(out, o)
		}
	}
	return out
}

func (e *env) linkedIDs(r *record, f *field) []int64 {
	var v any
	switch {
	case f.typ == "one2many":
		var ids []int64
		for _, k := range e.children(r, f.name) {
			ids = append(ids, k.id)
		}
		return ids
	case f.compute != nil:
		v = f.compute(e, r)
	default:
		v = r.vals[f.slot]
	}
	switch v := v.(type) {
	case int64:
		if v != 0 {
			return []int64{v}
		}
	case []int64:
		return v
	}
	return nil
}
