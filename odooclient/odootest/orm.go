package odootest

import (
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// field is one column of a model. Stored values are held in Go types: nil
// (Odoo's false), bool, int64 (also many2one), decimal.Decimal, string,
// time.Time (date, datetime) and []int64 (many2many). One2many fields are read
// through the inverse's index and store nothing.
type field struct {
	name, typ, label string
	key              string    // the name in 17, by which this package knows it
	relation         string    // the other model of a relation
	inverse          string    // one2many: the many2one over there
	only             [2]string // one2many: a field over there and the texts it may have, between bars
	live             bool      // one2many: archived records are never shown
	selection        [][2]string
	languages        bool   // a selection of the active languages
	digits           string // the decimal.precision record that rounds it
	exact            bool   // kept with every digit it was given
	currency         string // monetary: the field that holds the currency
	required         bool   // NOT NULL
	readonly         bool
	indexed          bool
	cascade          bool // many2one: deleted together with the target
	fallback         func(e *env) any
	inherited        bool                               // a product's field that its template holds, added by AddField
	checked          bool                               // many2one whose target is read before it is stored
	compute          func(e *env, r *record) any        // not stored; computed when read
	whenEmpty        func(e *env, r *record) any        // read instead of an empty stored value
	assign           func(put func(string, any), v any) // a computed field that can be written sets others
	slot             int                                // place in record.vals, -1 when not stored
}

func col(typ, name, label string) *field { return &field{typ: typ, name: name, label: label} }

func rel(typ, name, label, relation string) *field {
	return &field{typ: typ, name: name, label: label, relation: relation}
}

func o2m(name, label, relation, inverse string) *field {
	return &field{typ: "one2many", name: name, label: label, relation: relation, inverse: inverse}
}

func sel(name, label string, options ...string) *field {
	f := &field{typ: "selection", name: name, label: label}
	for i := 0; i+1 < len(options); i += 2 {
		f.selection = append(f.selection, [2]string{options[i], options[i+1]})
	}
	return f
}

// lang is a field that takes the codes of the active languages.
func lang() *field {
	f := &field{typ: "selection", name: "lang", label: "Language", languages: true}
	return f.def("en_US")
}

func (f *field) must() *field                  { f.required = true; return f }
func (f *field) ro() *field                    { f.readonly = true; return f }
func (f *field) index() *field                 { f.indexed = true; return f }
func (f *field) owned() *field                 { f.cascade = true; return f }
func (f *field) prec(digits string) *field     { f.digits = digits; return f }
func (f *field) money() *field                 { f.currency = "currency_id"; return f }
func (f *field) def(v any) *field              { f.fallback = func(*env) any { return v }; return f }
func (f *field) eager() *field                 { f.checked = true; return f }
func (f *field) defFn(v func(*env) any) *field { f.fallback = v; return f }
func (f *field) orElse(v func(*env, *record) any) *field {
	f.whenEmpty = v
	return f
}
func (f *field) calc(c func(*env, *record) any) *field {
	f.compute, f.readonly = c, true
	return f
}

func (f *field) where(name, text string) *field {
	f.only = [2]string{name, text}
	return f
}

// sets makes a computed field writable: what it was given goes to other fields.
func (f *field) sets(assign func(put func(string, any), v any)) *field {
	f.assign, f.readonly = assign, false
	return f
}

// holds says whether a one2many shows a record: its text is one of those wanted.
func (f *field) holds(r *record) bool {
	if f.live && r.m.fields["active"] != nil && !r.flag("active") {
		return false
	}
	return f.only[0] == "" || slices.Contains(strings.Split(f.only[1], "|"), r.str(f.only[0]))
}

func (f *field) stored() bool     { return f.slot >= 0 }
func (f *field) relational() bool { return f.relation != "" }

// model is a table of fields with the hooks that make it more than a table.
type model struct {
	name, label string
	edition     *edition
	order       string // default order, "id" when empty
	recName     string // field behind display_name, "name" when empty
	parent      string // many2one that makes a tree, "parent_id" when empty
	search      []string
	fields      map[string]*field // by name and by key
	list        []*field          // in declaration order, which is also PostgreSQL's order of NOT NULL checks
	methods     map[string]*method
	rule        rule                // which records a user sees, by company
	thread      bool                // messages are posted beside its records
	rights      map[string][]string // by right (r, w, c, u): the groups that have it
	slots       int

	display func(e *env, r *record) string
	// prepare fills a record that is being created from what was given.
	prepare func(e *env, r *record, given map[string]bool) error
	// before may refuse a write; vals are decoded JSON.
	before func(e *env, rs []*record, vals map[string]any) error
	// after keeps stored computed fields right and checks constraints.
	after func(e *env, rs []*record, given map[string]bool, created bool) error
	// batched follows the creation of all records that were made together.
	batched func(e *env, rs []*record) error
	// onlyChanged keeps from after what a write gave and did not change.
	onlyChanged bool
	// refuse may forbid a deletion, deleted follows it.
	refuse  func(e *env, rs []*record) error
	deleted func(e *env, rs []*record)
}

func (m *model) sqlName() string { return strings.ReplaceAll(m.name, ".", "_") }

// add declares fields.
func (m *model) add(fields ...*field) *model {
	for _, f := range fields {
		if !m.edition.spell(m.name, f) {
			continue
		}
		f.slot = -1
		if f.compute == nil && f.typ != "one2many" {
			f.slot = m.slots
			m.slots++
		}
		m.fields[f.name], m.fields[f.key] = f, f
		m.list = append(m.list, f)
	}
	return m
}

// record is one row. Only env changes it, so that every change can be undone.
type record struct {
	m    *model
	id   int64
	gone bool
	vals []any
}

func (r *record) get(name string) any {
	if f := r.m.fields[name]; f != nil && f.slot >= 0 {
		return r.vals[f.slot]
	}
	return nil
}

func (r *record) str(name string) string   { s, _ := r.get(name).(string); return s }
func (r *record) flag(name string) bool    { b, _ := r.get(name).(bool); return b }
func (r *record) num(name string) int64    { n, _ := r.get(name).(int64); return n }
func (r *record) ids(name string) []int64  { n, _ := r.get(name).([]int64); return n }
func (r *record) at(name string) time.Time { t, _ := r.get(name).(time.Time); return t }
func (r *record) dec(name string) decimal.Decimal {
	d, _ := r.get(name).(decimal.Decimal)
	return d
}

// table holds the rows of a model with equality indexes on chosen fields.
type table struct {
	m    *model
	rows map[int64]*record
	ids  []int64 // ascending
	last int64   // like a PostgreSQL sequence, never goes back
	idx  map[int]map[any][]int64
}

func newTable(m *model) *table {
	t := &table{m: m, rows: map[int64]*record{}, idx: map[int]map[any][]int64{}}
	for _, f := range m.list {
		if f.stored() && f.indexed {
			t.idx[f.slot] = map[any][]int64{}
		}
	}
	return t
}

func (t *table) insert(r *record) {
	t.rows[r.id] = r
	r.gone = false
	if n := len(t.ids); n == 0 || t.ids[n-1] < r.id {
		t.ids = append(t.ids, r.id)
	} else if i, found := slices.BinarySearch(t.ids, r.id); !found {
		t.ids = slices.Insert(t.ids, i, r.id)
	}
	for slot := range t.idx {
		t.link(slot, r.vals[slot], r.id)
	}
}

func (t *table) remove(r *record) {
	delete(t.rows, r.id)
	r.gone = true
	if i, found := slices.BinarySearch(t.ids, r.id); found {
		t.ids = slices.Delete(t.ids, i, i+1)
	}
	for slot := range t.idx {
		t.unlink(slot, r.vals[slot], r.id)
	}
}

func (t *table) put(r *record, slot int, v any) {
	if _, indexed := t.idx[slot]; indexed && !r.gone {
		t.unlink(slot, r.vals[slot], r.id)
		t.link(slot, v, r.id)
	}
	r.vals[slot] = v
}

func (t *table) link(slot int, v any, id int64) {
	if v == nil {
		return
	}
	ids := t.idx[slot][v]
	if n := len(ids); n == 0 || ids[n-1] < id {
		t.idx[slot][v] = append(ids, id)
	} else if i, found := slices.BinarySearch(ids, id); !found {
		t.idx[slot][v] = slices.Insert(ids, i, id)
	}
}

func (t *table) unlink(slot int, v any, id int64) {
	if v == nil {
		return
	}
	ids := t.idx[slot][v]
	if i, found := slices.BinarySearch(ids, id); found {
		if ids = slices.Delete(ids, i, i+1); len(ids) == 0 {
			delete(t.idx[slot], v)
			return
		}
		t.idx[slot][v] = ids
	}
}
