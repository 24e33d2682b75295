package odootest

import (
	"fmt"
	"slices"
	"strings"
)

// AddField adds a column of a person's own to a model, as Odoo's settings do:
// its name begins with x_, its type is char, text, html, integer, float,
// boolean, date or datetime. One of product.template is a field of
// product.product too. Anything else panics.
func (s *Server) AddField(model, name, typ, label string) {
	m := s.models[model]
	types := []string{"char", "text", "html", "integer", "float", "boolean", "date", "datetime"}
	if m == nil || !strings.HasPrefix(name, "x_") || !slices.Contains(types, typ) {
		panic(fmt.Sprintf("odootest: no field %s of type %s on %s", name, typ, model))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.addField(m, col(typ, name, label))
	if model == "product.template" {
		f := col(typ, name, label)
		f.inherited = true
		s.addField(s.models["product.product"], f)
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
