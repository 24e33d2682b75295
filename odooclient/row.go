package odooclient

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"
)

// Row is one record as Odoo answered it, numbers as json.Number. Odoo writes
// false for "no value" in every type; the accessors turn it, and whatever they
// cannot read, into their type's zero.
type Row map[string]any

// ID is the record's database id.
func (r Row) ID() int64 { return r.Int("id") }

// Int is an integer field.
func (r Row) Int(f string) int64 { return number(r[f]) }

// Str is a text field; of a number it is the text Odoo sent.
func (r Row) Str(f string) string {
	switch v := r[f].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	}
	return ""
}

// Bool is a boolean field.
func (r Row) Bool(f string) bool {
	v, _ := r[f].(bool)
	return v
}

// Dec is a number exactly as its digits stand in the answer. Odoo computes in
// binary floats and may send 279.45000000000005: round to the currency.
func (r Row) Dec(f string) decimal.Decimal { return exact(r.Str(f)) }

// Ref is a many2one: id and display name.
func (r Row) Ref(f string) (id int64, name string) {
	pair, ok := r[f].([]any)
	if !ok {
		return number(r[f]), "" // some reads give the bare id
	}
	if len(pair) > 0 {
		id = number(pair[0])
	}
	if len(pair) > 1 {
		name, _ = pair[1].(string)
	}
	return id, name
}

// IDs is a one2many or many2many.
func (r Row) IDs(f string) []int64 {
	list, _ := r[f].([]any)
	ids := make([]int64, 0, len(list))
	for _, v := range list {
		ids = append(ids, number(v))
	}
	return ids
}

// Time is a date or datetime, which Odoo keeps in UTC.
func (r Row) Time(f string) time.Time {
	for _, layout := range []string{time.DateTime, time.DateOnly} {
		if t, err := time.Parse(layout, r.Str(f)); err == nil {
			return t
		}
	}
	return time.Time{}
}

func number(v any) int64 {
	n, ok := v.(json.Number)
	if !ok {
		return 0
	}
	if i, err := n.Int64(); err == nil {
		return i
	}
	return exact(n.String()).IntPart() // 3.0
}

// exact parses digits. A double ends at 1e308: exponents beyond are no number of
// Odoo's, and working with them would take all memory there is.
func exact(text string) decimal.Decimal {
	const largest = 400
	if len(text) > largest {
		return decimal.Zero
	}
	d, err := decimal.NewFromString(text)
	if err != nil || d.Exponent() > largest || d.Exponent() < -2*largest {
		return decimal.Zero
	}
	return d
}
