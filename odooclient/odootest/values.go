package odootest

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

const (
	dateTimeFormat = "2006-01-02 15:04:05"
	dateFormat     = "2006-01-02"
)

// decode turns a decoded JSON value into what the field stores. Relations with
// many records are commands and are applied elsewhere.
func (e *env) decode(f *field, m *model, v any) (any, error) {
	if v == nil || v == false {
		switch f.typ {
		case "boolean":
			return false, nil
		case "integer": // a cleared number is stored as zero
			return int64(0), nil
		case "float", "monetary":
			return decimal.Zero, nil
		}
		return nil, nil
	}
	switch f.typ {
	case "boolean":
		return truthy(v), nil
	case "integer":
		n, ok := toInt(v)
		if !ok {
			return nil, badNumber("int", v)
		}
		return n, nil
	case "float", "monetary":
		d, ok := toDecimal(v)
		if !ok {
			return nil, badNumber("float", v)
		}
		return e.round(f, d), nil
	case "many2one":
		id, ok := toInt(v)
		if !ok {
			return nil, newFault("psycopg2.errors.InvalidTextRepresentation", "invalid input syntax for type integer: \"%s\"\n", toText(v))
		}
		if e.browse(f.relation, id) == nil && e.s.tables[f.relation] != nil {
			if f.checked {
				return nil, missingError(e.s.models[f.relation], id, e.uid)
			}
			return nil, foreignKey(m, f)
		}
		return id, nil
	case "selection":
		s, _ := v.(string)
		if !slices.ContainsFunc(e.options(f), func(o [2]string) bool { return o[0] == s }) {
			return nil, valueError("Wrong value for %s.%s: %s", m.name, f.name, pyRepr(v))
		}
		return s, nil
	case "date", "datetime":
		t, err := parseTime(v, f.typ)
		if err != nil {
			return nil, err
		}
		return t, nil
	}
	return toText(v), nil
}

// options are what a selection offers.
func (e *env) options(f *field) [][2]string {
	if !f.languages {
		return f.selection
	}
	var out [][2]string
	t := e.table("res.lang")
	for _, id := range t.ids {
		if r := t.rows[id]; r.flag("active") {
			out = append(out, [2]string{r.str("code"), r.str("name")})
		}
	}
	return out
}

func badNumber(class string, v any) error {
	if s, ok := v.(string); ok {
		if class == "int" {
			return valueError("invalid literal for int() with base 10: %s", pyRepr(s))
		}
		return valueError("could not convert string to float: %s", pyRepr(s))
	}
	return typeError("%s() argument must be a string or a real number, not '%s'", class, pyType(v))
}

func toText(v any) string {
	if s, ok := v.(string); ok {
		// PostgreSQL cannot hold a NUL and psycopg2 refuses it; nothing of ours sends one.
		return strings.ReplaceAll(s, "\x00", "")
	}
	return pyRepr(v)
}

// parseTime reads Odoo's date and datetime texts. A fraction of a second is
// refused, except in domains, which reach the database as they are.
func parseTime(v any, typ string) (time.Time, error) {
	if t, ok := v.(time.Time); ok {
		return t, nil
	}
	s, ok := v.(string)
	if !ok {
		return time.Time{}, typeError("strptime() argument 1 must be str, not %s", pyType(v))
	}
	if typ == "date" {
		if len(s) > len(dateFormat) {
			s = s[:len(dateFormat)]
		}
		if t, err := time.Parse(dateFormat, s); err == nil {
			return t, nil
		}
		return time.Time{}, valueError("time data %s does not match format '%%Y-%%m-%%d'", pyRepr(s))
	}
	for _, layout := range []string{dateTimeFormat, dateFormat} {
		if t, err := time.Parse(layout, s); err == nil && len(s) <= len(layout) {
			return t, nil
		}
	}
	// The real one cuts the format to the length of the text.
	if len(s) > len(dateTimeFormat) {
		if _, err := time.Parse(dateTimeFormat, s[:len(dateTimeFormat)]); err == nil {
			return time.Time{}, valueError("unconverted data remains: %s", s[len(dateTimeFormat):])
		}
	}
	const format = "%Y-%m-%d %H:%M:%S"
	return time.Time{}, valueError("time data %s does not match format '%s'", pyRepr(s), format[:max(0, min(len(format), len(s)-2))])
}

// round cuts a float to the digits that its decimal.precision record asks for.
func (e *env) round(f *field, d decimal.Decimal) decimal.Decimal {
	if f.digits == "" {
		return d
	}
	return d.Round(e.digits(f.digits))
}

func (e *env) digits(name string) int32 {
	for _, r := range e.table("decimal.precision").rows {
		if r.str("name") == name {
			return int32(r.num("digits"))
		}
	}
	return 2
}

// value is a field as read() answers it.
func (e *env) value(r *record, f *field) any {
	if f.typ == "one2many" {
		return e.childIDs(r, f)
	}
	var v any
	switch {
	case f.compute != nil:
		v = f.compute(e, r)
	case f.name == "id":
		return r.id
	default:
		v = r.vals[f.slot]
	}
	if v == nil && f.whenEmpty != nil {
		v = f.whenEmpty(e, r)
	}
	switch f.typ {
	case "boolean":
		b, _ := v.(bool)
		return b
	case "integer":
		n, _ := v.(int64)
		return n
	case "float", "monetary":
		d, _ := v.(decimal.Decimal)
		return pyFloat{d}
	case "many2many":
		ids, _ := v.([]int64)
		return slices.Clone(append([]int64{}, ids...))
	case "many2one":
		if id, _ := v.(int64); id != 0 {
			return []any{id, e.nameOf(f.relation, id)}
		}
		return false
	}
	if t, ok := v.(time.Time); ok {
		if t.IsZero() {
			return false
		}
		if f.typ == "date" {
			return t.Format(dateFormat)
		}
		return t.Format(dateTimeFormat)
	}
	if v == nil || v == "" {
		return false
	}
	return v
}

func (e *env) childIDs(r *record, f *field) []int64 {
	kids := e.children(r, f.name)
	if active := e.s.models[f.relation].fields["active"]; active != nil && !e.activeTestOff() {
		kids = slices.DeleteFunc(kids, func(k *record) bool { return !k.flag("active") })
	}
	e.sort(kids, e.s.models[f.relation].order)
	ids := make([]int64, len(kids))
	for i, k := range kids {
		ids[i] = k.id
	}
	return ids
}

func (e *env) activeTestOff() bool {
	v, given := e.context["active_test"]
	return given && !truthy(v)
}

// nameOf is the display name behind a many2one.
func (e *env) nameOf(model string, id int64) string {
	if r := e.browse(model, id); r != nil {
		return e.displayName(r)
	}
	return model + "," + json.Number(pyRepr(id)).String()
}

func (e *env) displayName(r *record) string {
	if r.m.display != nil {
		return r.m.display(e, r)
	}
	name := r.m.recName
	if name == "" {
		name = "name"
	}
	if s := r.str(name); s != "" {
		return s
	}
	return r.m.name + "," + pyRepr(r.id)
}
