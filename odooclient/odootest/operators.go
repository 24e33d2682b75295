package odootest

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// test is one leaf on one field of the model itself.
func (e *env) test(m *model, f *field, op string, v any) (cond, error) {
	switch {
	case op == "child_of" || op == "parent_of":
		return e.hierarchy(m, f, op, v)
	case strings.Contains(op, "like"):
		return e.like(f, op, v)
	case f.relational():
		return e.testRelation(f, op, v)
	}
	read := e.reader(f)
	switch op {
	case "=?":
		if !truthy(v) {
			return func(*record) bool { return true }, nil
		}
		return e.test(m, f, "=", v)
	case "=", "!=", "in", "not in":
		values, isList := v.([]any)
		if !isList {
			if m.edition.major < 19 && strings.HasSuffix(op, "in") && v != nil && pyType(v) != "bool" {
				return nil, valueError("Invalid domain term %s", pyTuple([]any{f.name, op, v}))
			}
			values = []any{v}
		}
		return e.equals(f, m, read, values, op == "!=" || op == "not in")
	}
	want, err := e.literal(f, m, v)
	if err != nil {
		return nil, err
	}
	return func(r *record) bool {
		got := read(r)
		if got == nil || want == nil {
			return false
		}
		c := compare(got, want)
		return op == "<" && c < 0 || op == ">" && c > 0 || op == "<=" && c <= 0 || op == ">=" && c >= 0
	}, nil
}

// reader reads the raw value of a field, computed ones included.
func (e *env) reader(f *field) func(*record) any {
	switch {
	case f.name == "id":
		return func(r *record) any { return r.id }
	case f.compute != nil:
		return func(r *record) any { return f.compute(e, r) }
	}
	return func(r *record) any { return r.vals[f.slot] }
}

func (e *env) equals(f *field, m *model, read func(*record) any, values []any, not bool) (cond, error) {
	set := map[any]bool{}
	empty := false
	for _, v := range values {
		want, err := e.literal(f, m, v)
		if err != nil {
			return nil, err
		}
		if want == nil || want == false {
			empty = true
		}
		if want != nil {
			set[hashable(want)] = true
		}
	}
	return func(r *record) bool {
		got := read(r)
		in := got == nil && empty || got != nil && set[hashable(got)]
		return in != not
	}, nil
}

// hashable makes decimals and times comparable with ==.
func hashable(v any) any {
	switch v := v.(type) {
	case interface{ StringFixed(int32) string }:
		return v.StringFixed(12)
	case time.Time:
		return v.UnixMicro()
	}
	return v
}

// literal is the right side of a leaf in the field's own type.
func (e *env) literal(f *field, m *model, v any) (any, error) {
	if f.typ == "selection" {
		if s, ok := v.(string); ok {
			return s, nil
		}
		return nil, nil
	}
	if v == nil || v == false {
		if f.typ == "boolean" {
			return false, nil
		}
		return nil, nil // empty
	}
	if f.name == "id" {
		if n, ok := toInt(v); ok && v != false {
			return n, nil
		}
		return nil, nil
	}
	if s, ok := v.(string); ok && (f.typ == "date" || f.typ == "datetime") && s != "" {
		if t, err := time.Parse(dateTimeFormat, s); err == nil { // with its fraction
			return t, nil
		}
		t, err := parseTime(s, f.typ)
		if err != nil {
			return nil, newFault("psycopg2.errors.InvalidDatetimeFormat", "invalid input syntax for type timestamp: \"%s\"\n", s)
		}
		return t, nil
	}
	return e.decode(f, m, v)
}

func (e *env) testRelation(f *field, op string, v any) (cond, error) {
	not := op == "!=" || op == "not in"
	if op != "=" && op != "in" && !not {
		return func(*record) bool { return false }, nil
	}
	values, isList := v.([]any)
	if !isList {
		values = []any{v}
	}
	var ids []int64
	empty := false
	for _, v := range values {
		switch s := v.(type) {
		case string: // a text means the record's name
			for _, r := range e.named(e.s.models[f.relation], s, "=", 0) {
				ids = append(ids, r.id)
			}
			continue
		case nil:
			empty = true
			continue
		case bool:
			empty = empty || !s
			continue
		}
		if n, ok := toInt(v); ok {
			ids = append(ids, n)
		}
	}
	return func(r *record) bool {
		have := e.linkedIDs(r, f)
		in := empty && len(have) == 0 || slices.ContainsFunc(have, func(id int64) bool { return slices.Contains(ids, id) })
		return in != not
	}, nil
}

// like covers the pattern operators; % and _ are SQL's wildcards.
func (e *env) like(f *field, op string, v any) (cond, error) {
	not := strings.HasPrefix(op, "not ")
	pattern := toText(v)
	if (op == "like" || op == "not like") && !f.relational() && !strings.ContainsAny(pattern, `\%_`) {
		read := e.reader(f)
		return func(r *record) bool { // nothing in it stands for something else
			s, ok := read(r).(string)
			return (ok && strings.Contains(s, pattern)) != not
		}, nil
	}
	if !strings.HasPrefix(op, "=") {
		pattern = "%" + pattern + "%"
	}
	var expr strings.Builder
	if strings.Contains(op, "ilike") {
		expr.WriteString("(?is)^")
	} else {
		expr.WriteString("(?s)^")
	}
	literal := false
	for _, c := range pattern {
		if literal {
			expr.WriteString(regexp.QuoteMeta(string(c)))
			literal = false
			continue
		}
		switch c {
		case '\\':
			literal = true
		case '%':
			expr.WriteString(".*")
		case '_':
			expr.WriteString(".")
		default:
			expr.WriteString(regexp.QuoteMeta(string(c)))
		}
	}
	re, err := regexp.Compile(expr.String() + "$")
	if err != nil {
		return nil, valueError("pattern of %d bytes is too large", len(pattern))
	}
	text := func(r *record) (string, bool) {
		s, ok := e.reader(f)(r).(string)
		return s, ok
	}
	if f.relational() {
		return func(r *record) bool {
			hit := slices.ContainsFunc(e.linked(r, f), func(o *record) bool { return re.MatchString(e.displayName(o)) })
			return hit != not
		}, nil
	}
	return func(r *record) bool {
		s, ok := text(r)
		return (ok && re.MatchString(s)) != not
	}, nil
}
