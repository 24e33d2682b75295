package odootest

import (
	"regexp"
	"slices"
	"strings"
)

// sort orders records by a clause such as "date_order desc, id desc".
func (e *env) sort(rs []*record, clause string) {
	if len(rs) < 2 {
		return
	}
	by := e.comparator(rs[0].m, clause, 0)
	slices.SortStableFunc(rs, by)
}

func (e *env) comparator(m *model, clause string, depth int) func(a, b *record) int {
	if clause == "" {
		clause = "id"
	}
	var terms []func(a, b *record) int
	for _, part := range strings.Split(clause, ",") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		f := m.field(words[0])
		if f.typ == "one2many" || f.typ == "many2many" || words[0] == "display_name" {
			continue // the database cannot sort by these, and the real one says nothing
		}
		desc := len(words) > 1 && strings.EqualFold(words[1], "desc")
		terms = append(terms, e.term(f, desc, depth))
	}
	return func(a, b *record) int {
		for _, t := range terms {
			if c := t(a, b); c != 0 {
				return c
			}
		}
		return 0
	}
}

// term compares by one field. A many2one sorts the way its own model does; empty
// values come last ascending and first descending, as in PostgreSQL.
func (e *env) term(f *field, desc bool, depth int) func(a, b *record) int {
	sign := 1
	if desc {
		sign = -1
	}
	read := e.reader(f)
	var inner func(a, b *record) int
	if f.typ == "many2one" && depth < 2 {
		inner = e.comparator(e.s.models[f.relation], e.s.models[f.relation].order, depth+1)
	}
	return func(a, b *record) int {
		x, y := read(a), read(b)
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return sign
		case y == nil:
			return -sign
		case inner != nil:
			if x == y {
				return 0
			}
			ra, rb := e.related(a, f.name), e.related(b, f.name)
			if ra == nil || rb == nil {
				return 0
			}
			return sign * inner(ra, rb)
		}
		return sign * compare(x, y)
	}
}

var orderClause = regexp.MustCompile(`(?i)^\s*[a-z0-9_.]+(\s+(asc|desc))?\s*(,\s*[a-z0-9_.]+(\s+(asc|desc))?\s*)*$`)

// page runs a domain and cuts the answer to offset and limit.
func (e *env) page(m *model, domain, offset, limit, order any) ([]*record, error) {
	rs, err := e.find(m, domain)
	if err != nil {
		return nil, err
	}
	clause := m.order
	if truthy(order) {
		clause = toText(order)
		if !orderClause.MatchString(clause) {
			return nil, userError("Invalid \"order\" specified (%s). A valid \"order\" specification is a comma-separated list of valid field names (optionally followed by asc/desc for the direction)", clause)
		}
		for _, part := range strings.Split(clause, ",") {
			name := strings.Fields(part)[0]
			if m.field(name) == nil {
				return nil, valueError("Invalid field '%s' on model '%s'", name, m.name)
			}
		}
	}
	e.sort(rs, clause)
	if n, ok := toInt(offset); ok && n > 0 {
		rs = rs[min(int(n), len(rs)):]
	}
	if n, ok := toInt(limit); ok && truthy(limit) && n >= 0 && int(n) < len(rs) {
		rs = rs[:n]
	}
	return rs, nil
}

// rows answers fields of records; no fields means all of them.
func (e *env) rows(m *model, rs []*record, fields any, names bool) ([]map[string]any, error) {
	cols, err := m.columns(fields)
	if err != nil {
		return nil, err
	}
	out := make([]map[string]any, 0, len(rs))
	for _, r := range rs {
		row := make(map[string]any, len(cols)+1)
		row["id"] = r.id
		for _, f := range cols {
			v := e.value(r, f)
			if pair, ok := v.([]any); ok && f.typ == "many2one" && !names {
				v = pair[0]
			}
			row[f.name] = v
		}
		out = append(out, row)
	}
	return out, nil
}

func (m *model) columns(fields any) ([]*field, error) {
	if !truthy(fields) {
		return m.list, nil
	}
	names, ok := fields.([]any)
	if !ok {
		return nil, typeError("fields must be a list, not %s", pyType(fields))
	}
	cols := make([]*field, 0, len(names))
	for _, n := range names {
		name, _ := n.(string)
		f := m.field(name)
		if f == nil {
			return nil, m.noFieldRead(toText(n))
		}
		cols = append(cols, f)
	}
	return cols, nil
}
