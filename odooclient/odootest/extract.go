package odootest

import (
	"slices"
	"strings"
)

// columns splits "order_line/product_id/.id" into paths and checks the names.
func (l *loading) columns(fields, data any) ([][]any, error) {
	list, ok := fields.([]any)
	if !ok {
		return nil, typeError("'%s' object is not iterable", pyType(fields))
	}
	for _, f := range list {
		name, ok := f.(string)
		if !ok {
			return nil, typeError("expected string or bytes-like object, got '%s'", pyType(f))
		}
		// country_id:id and country_id.id are older spellings of the same
		name = strings.ReplaceAll(strings.ReplaceAll(name, ":id", "/id"), ":.id", "/.id")
		path := strings.Split(name, "/")
		if err := l.check(path); err != nil {
			return nil, err
		}
		l.paths = append(l.paths, path)
	}
	matrix, ok := data.([]any)
	if !ok {
		return nil, typeError("object of type '%s' has no len()", pyType(data))
	}
	rows := make([][]any, len(matrix))
	for i, raw := range matrix {
		row, ok := raw.([]any)
		if !ok {
			return nil, typeError("'%s' object is not subscriptable", pyType(raw))
		}
		if len(row) < len(l.paths) {
			return nil, indexError("list")
		}
		rows[i] = row
	}
	return rows, nil
}

func (l *loading) check(path []string) error {
	m := l.m
	for _, name := range path {
		if name == "id" || name == ".id" {
			return nil
		}
		f := m.field(name)
		if f == nil {
			return m.edition.badColumn(name)
		}
		if f.typ != "one2many" {
			if len(path) > 0 && !f.relational() {
				return nil
			}
		} else {
			l.creates[f.relation] = true
		}
		if m = l.e.s.models[f.relation]; m == nil {
			return keyError(f.relation)
		}
	}
	return nil
}

// extracted is one record of the table: cells by field, sub-records as lists.
type extracted struct {
	order    []string // fields in column order
	cells    map[string]any
	from, to int
}

// extract groups rows into records: a row with only one2many cells continues the
// record above it.
func (l *loading) extract(m *model, paths [][]string, rows [][]any, limit int) ([]extracted, error) {
	isLines := make([]bool, len(paths))
	for i, p := range paths {
		f := m.fields[p[0]]
		isLines[i] = f != nil && f.typ == "one2many"
	}
	var out []extracted
	for i := 0; i < len(rows) && i < limit; {
		to := i + 1
		for to < len(rows) && continues(rows[to], isLines) {
			to++
		}
		r := extracted{cells: map[string]any{}, from: i, to: to - 1}
		for n, p := range paths {
			f := m.fields[p[0]]
			if f == nil || !f.relational() || p[0] == "id" || p[0] == ".id" {
				if p[0] != ".id" && f == nil {
					return nil, keyError(p[0])
				}
				r.add(p[0], rows[i][n])
				continue
			}
			if _, done := r.cells[p[0]]; done {
				continue
			}
			subs, err := l.sub(l.e.s.models[f.relation], paths, p[0], rows[i:to])
			if err != nil {
				return nil, err
			}
			r.add(p[0], subs)
		}
		out = append(out, r)
		i = to
	}
	return out, nil
}

func (r *extracted) add(name string, v any) {
	if _, again := r.cells[name]; !again {
		r.order = append(r.order, name)
	}
	r.cells[name] = v
}

func continues(row []any, isLines []bool) bool {
	lines := false
	for i, sub := range isLines {
		if !truthy(row[i]) {
			continue
		}
		if !sub {
			return false
		}
		lines = true
	}
	return lines
}

// sub extracts the sub-records of one relational field from the rows of a record.
func (l *loading) sub(m *model, paths [][]string, name string, rows [][]any) ([]extracted, error) {
	var at []int
	var inner [][]string
	for i, p := range paths {
		if p[0] != name {
			continue
		}
		at = append(at, i)
		if len(p) > 1 {
			inner = append(inner, p[1:])
		} else {
			inner = append(inner, []string{byName})
		}
	}
	var cells [][]any
	for _, row := range rows {
		cut := make([]any, len(at))
		for i, n := range at {
			cut[i] = row[n]
		}
		if slices.ContainsFunc(cut, truthy) {
			cells = append(cells, cut)
		}
	}
	if slices.ContainsFunc(inner, func(p []string) bool { return p[0] == byName }) {
		return named(inner, cells), nil
	}
	return l.extract(m, inner, cells, len(cells))
}

// byName is the path of a bare relation: the record is meant by its name.
const byName = "\x00name"

func named(inner [][]string, cells [][]any) []extracted {
	out := make([]extracted, len(cells))
	for i, row := range cells {
		out[i] = extracted{cells: map[string]any{}, from: i, to: i}
		for n, p := range inner {
			out[i].add(p[0], row[n])
		}
	}
	return out
}
