package odootest

import (
	"fmt"
	"strings"
	"time"
)

// cellError is a cell that cannot be taken. text holds one %s for the field's
// label; info is merged into the message.
type cellError struct {
	text string
	info map[string]any
	bare bool // the message goes without field_name
}

func (c *cellError) Error() string { return c.text }

// convert turns one extracted record into values and puts it in the batch. Every
// bad cell is reported; the record is still tried, so that a missing partner is
// named twice, as by the real one. A returned error ends the whole call.
func (l *loading) convert(index int, r extracted) error {
	info := map[string]any{"rows": map[string]any{"from": r.from, "to": r.to}}
	row := loadRow{}
	if v, ok := r.cells[".id"]; ok {
		row.dbid = l.databaseID(v, index, info)
	}
	if v := r.cells["id"]; truthy(v) {
		s, ok := v.(string)
		if !ok {
			return typeError("argument of type '%s' is not iterable", pyType(v))
		}
		if row.xid = s; !strings.Contains(s, ".") {
			row.xid = "__import__." + s
		}
	}
	vals, err := l.values(l.m, r, func(f *field) {
		l.warn = func(text string) { l.warning(index, info, f, text) }
	}, func(f *field, e *cellError) *cellError {
		l.message(index, info, f, e)
		return nil
	})
	if err != nil {
		return err
	}
	row.vals = vals
	row.info = map[string]any{"rows": info["rows"], "record": index}
	if row.xid != "" {
		l.names[row.xid] = true
	}
	l.batch = append(l.batch, row)
	return nil
}

func (l *loading) databaseID(v any, index int, info map[string]any) int64 {
	id, _ := toInt(v)
	if r := l.e.browse(l.m.name, id); r != nil && l.e.visible(r) && (l.m.fields["active"] == nil || r.flag("active") || l.e.activeTestOff()) {
		return id
	}
	l.messages = append(l.messages, map[string]any{
		"rows": info["rows"], "type": "error", "record": index, "field": ".id",
		"message": fmt.Sprintf("Unknown database identifier '%s'", toText(v)),
	})
	l.failed = true
	return 0
}

func (l *loading) message(index int, info map[string]any, f *field, e *cellError) {
	msg := map[string]any{
		"rows": info["rows"], "type": "error", "record": index, "field": f.name,
		"message": strings.ReplaceAll(e.text, fieldMark, f.label),
	}
	if !e.bare {
		msg["field_name"] = f.label
	}
	for k, v := range e.info {
		msg[k] = v
	}
	l.messages = append(l.messages, msg)
	l.failed = true
}

func (l *loading) warning(index int, info map[string]any, f *field, text string) {
	l.messages = append(l.messages, map[string]any{
		"rows": info["rows"], "type": "warning", "record": index, "field": f.name, "message": strings.ReplaceAll(text, fieldMark, f.label),
	})
}

// fieldMark stands in a text for the label of the field.
const fieldMark = "\x00field\x00"

// values converts the cells of one record. next is told of every cell; bad decides what a bad cell means: at
// the top it is reported and skipped, in a sub-record it fails the line.
func (l *loading) values(m *model, r extracted, next func(*field), bad func(*field, *cellError) *cellError) (map[string]any, error) {
	vals := map[string]any{}
	for _, name := range r.order {
		if name == "id" || name == ".id" || name == byName {
			continue
		}
		f, cell := m.fields[name], r.cells[name]
		next(f)
		if subs, ok := cell.([]extracted); ok && len(subs) == 0 || !ok && !truthy(cell) {
			vals[name] = false
			continue
		}
		v, err := l.cell(f, cell)
		if err == nil {
			vals[name] = v
			continue
		}
		ce, ok := err.(*cellError) //nolint:errorlint // cell returns it unwrapped
		if !ok {
			return nil, err
		}
		if ce = bad(f, ce); ce != nil {
			return nil, ce
		}
		if f.typ == "boolean" { // an unknown word is reported and taken for yes
			vals[name] = true
		}
	}
	return vals, nil
}

func (l *loading) cell(f *field, v any) (any, error) {
	quoted := func(format string, more map[string]any) error {
		return &cellError{text: fmt.Sprintf(format, toText(v), fieldMark), info: more}
	}
	switch f.typ {
	case "boolean":
		return yesNo(v, quoted)
	case "integer":
		if _, ok := toInt(v); !ok {
			return nil, quoted("'%s' does not seem to be an integer for field '%s'", nil)
		}
		return v, nil
	case "float", "monetary":
		if _, ok := toDecimal(v); !ok {
			return nil, quoted("'%s' does not seem to be a number for field '%s'", nil)
		}
		return v, nil
	case "selection":
		return choose(l.e.options(f), v, quoted)
	case "date", "datetime":
		return l.moment(f, v, quoted)
	case "many2one", "many2many", "one2many":
		subs, _ := v.([]extracted)
		switch f.typ {
		case "many2one":
			return l.one(f, subs)
		case "many2many":
			return l.many(f, subs)
		}
		return l.lines(f, subs)
	}
	if s, ok := v.(string); ok {
		return s, nil
	}
	return toText(v), nil
}

// yesNo reads a boolean cell. A JSON true is not a text, and the real one falls
// over it.
func yesNo(v any, quoted func(string, map[string]any) error) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, attributeError("'%s' object has no attribute 'lower'", pyType(v))
	}
	switch strings.ToLower(s) {
	case "1", "true", "yes":
		return true, nil
	case "", "0", "false", "no":
		return false, nil
	}
	return nil, quoted("Unknown value '%s' for boolean field '%s'", map[string]any{"moreinfo": "Use '1' for yes and '0' for no"})
}

func choose(options [][2]string, v any, quoted func(string, map[string]any) error) (any, error) {
	s, ok := v.(string)
	if !ok {
		return nil, attributeError("'%s' object has no attribute 'lower'", pyType(v))
	}
	labels := make([]any, len(options))
	for i, o := range options {
		if strings.EqualFold(s, o[0]) || strings.EqualFold(s, o[1]) {
			return o[0], nil
		}
		labels[i] = o[1]
	}
	return nil, quoted("Value '%s' not found in selection field '%s'", map[string]any{"moreinfo": labels})
}

// moment reads a date or datetime cell. Datetimes are in the context's tz, and
// without one in the user's own.
func (l *loading) moment(f *field, v any, quoted func(string, map[string]any) error) (any, error) {
	t, err := parseTime(v, f.typ)
	if err != nil {
		if _, isText := v.(string); !isText {
			return nil, err
		}
		if f.typ == "date" {
			return nil, quoted("'%s' does not seem to be a valid date for field '%s'", map[string]any{"moreinfo": "Use the format '2012-12-31'"})
		}
		return nil, quoted("'%s' does not seem to be a valid datetime for field '%s'", map[string]any{"moreinfo": "Use the format '2012-12-31 23:59:59'"})
	}
	if zone := l.e.zone(); f.typ == "datetime" && zone != time.UTC {
		t = time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone).UTC()
	}
	return t, nil
}

// zone is the time zone that an import reads datetimes in.
func (e *env) zone() *time.Location {
	names := []string{"", ""}
	names[0], _ = e.context["tz"].(string)
	if u := e.browse("res.users", e.uid); u != nil {
		names[1] = u.str("tz")
	}
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return time.UTC
}
