package odootest

import (
	"fmt"
	"strings"
)

// lookup finds the record that a cell names: by external id, by database id or
// by name. Records that wait in the same call's batch are written first, so that
// a row can refer to one above it.
func (l *loading) lookup(f *field, how string, v any) (any, error) {
	switch how {
	case ".id":
		return l.byID(f, v)
	case "id":
		return l.byXID(f, v)
	}
	if v == "" {
		return false, nil
	}
	if l.creates[f.relation] {
		l.flush()
	}
	found := l.e.named(l.e.s.models[f.relation], toText(v), "=", 100)
	if len(found) == 0 {
		return nil, l.noMatch(f, "name", v, false)
	}
	if len(found) > 1 {
		l.warn(fmt.Sprintf("Found multiple matches for value %s in field '%s' (%d matches)", pyString(toText(v)), fieldMark, len(found)))
	}
	return found[0].id, nil
}

func (l *loading) byID(f *field, v any) (any, error) {
	if s, ok := v.(string); ok {
		switch strings.ToLower(s) {
		case "", "0", "false", "no":
			return false, nil
		}
	}
	id, ok := toInt(v)
	if !ok {
		return nil, &cellError{
			text: fmt.Sprintf("Invalid database id '%s' for the field '%s'", toText(v), fieldMark),
			info: map[string]any{"moreinfo": l.possibleValues(f, true)},
		}
	}
	if r := l.e.browse(f.relation, id); r == nil || !l.e.visible(r) {
		return nil, l.noMatch(f, "database id", v, true)
	}
	return id, nil
}

func (l *loading) byXID(f *field, v any) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, attributeError("'%s' object has no attribute 'lower'", pyType(v))
	}
	switch strings.ToLower(s) {
	case "", "0", "false", "no":
		return false, nil
	}
	if !strings.Contains(s, ".") {
		s = "__import__." + s
	}
	if l.names[s] {
		l.flush()
	}
	x, ok := l.e.s.xids[s]
	// The real one joins the model's own table on the id, so an external id of
	// another model is either not found or named as the wrong model.
	if !ok || l.e.browse(f.relation, x.id) == nil {
		return nil, l.noMatch(f, "external id", v, true)
	}
	if x.model != f.relation {
		return nil, &cellError{text: fmt.Sprintf("Invalid external ID %s: expected model '%s', found '%s'", s, f.relation, x.model), bare: true}
	}
	return x.id, nil
}

func (l *loading) noMatch(f *field, kind string, v any, data bool) error {
	return &cellError{
		text: fmt.Sprintf("No matching record found for %s '%s' in field '%s'", kind, toText(v), fieldMark),
		info: map[string]any{"moreinfo": l.possibleValues(f, data)},
	}
}

// possibleValues is the action the import screen would offer.
func (l *loading) possibleValues(f *field, data bool) map[string]any {
	mode := "tree,form"
	if l.m.edition.major >= 19 {
		mode = "list,form"
	}
	out := map[string]any{
		"name": "Possible Values", "type": "ir.actions.act_window", "target": "new", "view_mode": mode,
		"views":   []any{[]any{false, "list"}, []any{false, "form"}},
		"context": map[string]any{"create": false}, "help": "See all possible values", "res_model": f.relation,
	}
	if data {
		out["res_model"], out["domain"] = "ir.model.data", []any{[]any{"model", "=", f.relation}}
	}
	return out
}
