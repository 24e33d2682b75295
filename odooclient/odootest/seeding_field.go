package odootest

import (
	"fmt"
	"slices"
	"strings"
)

// AddField adds a column of a person's own to a model, as Odoo's settings do:
// its name begins with x_, its type is char, text, html, integer, float, monetary,
// boolean, date, datetime, selection or many2one. A selection is given its keys and
// labels in turn, a many2one the model that it leads to. One of product.template is a
// field of product.product too. Anything else panics.
func (s *Server) AddField(model, name, typ, label string, more ...string) {
	m := s.models[model]
	f := columnOf(typ, name, label, more)
	if m == nil || !strings.HasPrefix(name, "x_") || f == nil || f.relational() && s.models[f.relation] == nil {
		panic(fmt.Sprintf("odootest: no field %s of type %s on %s", name, typ, model))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addField(m, f)
	if model == "product.template" {
		f := columnOf(typ, name, label, more)
		f.inherited = true
		s.addField(s.models["product.product"], f)
	}
}

// columnOf is a new field, nil for a type that people cannot add here.
func columnOf(typ, name, label string, more []string) *field {
	switch {
	case typ == "selection" && len(more) > 1:
		return sel(name, label, more...)
	case typ == "many2one" && len(more) == 1:
		return rel(typ, name, label, more[0])
	case typ == "monetary":
		return col(typ, name, label).money()
	case slices.Contains([]string{"char", "text", "html", "integer", "float", "boolean", "date", "datetime"}, typ):
		return col(typ, name, label)
	}
	return nil
}

// Refuse has every create and write of a model refused that leaves a text in a field of
// which check says no, with what check says: as a constraint does.
func (s *Server) Refuse(model, field string, check func(text string) string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.models[model]
	before := m.after
	m.after = func(e *env, rs []*record, given map[string]bool, created bool) error {
		for _, r := range rs {
			if why := check(r.str(field)); why != "" && (created || given[field]) {
				return validationError("%s", why)
			}
		}
		if before == nil {
			return nil
		}
		return before(e, rs, given, created)
	}
}

// addField gives the records that are there room for a field.
func (s *Server) addField(m *model, f *field) {
	if f.typ == "char" {
		f.index()
	}
	m.add(f)
	t := s.tables[m.name]
	for _, r := range t.rows {
		r.vals = append(r.vals, nil)
	}
	if f.indexed {
		t.idx[f.slot] = map[any][]int64{}
	}
}
