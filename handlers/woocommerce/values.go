package woocommerce

import (
	"bytes"
	"encoding/json"
	"errors"
	"html"
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// ident is a record's id: a JSON integer or the same as text, kept as digits. The
// empty ident is null, absent, "" or 0, which stands for no record.
type ident string

// UnmarshalJSON takes an integer, its text or null.
func (i *ident) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" || text == "" || text == "0" {
		*i = ""
		return nil
	}
	if !isDigits(text) {
		return errors.New("an id is not a whole number")
	}
	*i = ident(text)
	return nil
}

// isDigits accepts what fits an unsigned 64 bit id and is not zero.
func isDigits(s string) bool {
	return s != "" && len(s) <= 20 && s[0] != '0' && strings.Trim(s, "0123456789") == ""
}

// amount is a number as text or as a JSON number. valid is false for null, absent
// and "", which stands where nothing was computed.
type amount struct {
	decimal.Decimal
	valid bool
}

// An amount is written with no more than maxAmountText bytes and maxExponent zeros:
// 1e999999999 would otherwise be expanded into memory.
const (
	maxAmountText = 40
	maxExponent   = 24
)

// UnmarshalJSON takes "404.95", 404.95, 1.0e-5 (as PHP writes small floats) and null.
func (a *amount) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" || text == "" {
		*a = amount{}
		return nil
	}
	d, err := decimal.NewFromString(text)
	if err != nil || len(text) > maxAmountText || d.Exponent() > maxExponent || d.Exponent() < -maxAmountText {
		return errors.New("an amount is not a plain decimal number")
	}
	a.Decimal, a.valid = d, true
	return nil
}

// stamp is a time of the *_gmt fields, which have no zone; zero is null.
type stamp struct{ time.Time }

// UnmarshalJSON takes 2026-11-20T10:15:00, with a Z or without, "" and null.
func (s *stamp) UnmarshalJSON(raw []byte) error {
	text := strings.Trim(string(raw), `"`)
	if text == "null" || text == "" {
		s.Time = time.Time{}
		return nil
	}
	at, err := time.Parse("2006-01-02T15:04:05", strings.TrimSuffix(text, "Z"))
	if err != nil {
		return errors.New("a time is none")
	}
	s.Time = at.UTC()
	return nil
}

// text is what people read: WordPress escapes some of it for HTML, such as &ndash;
// in the name of a variation. A number keeps its digits, and what is no text is none.
type text string

// UnmarshalJSON takes anything.
func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	if raw[0] != '"' {
		if raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9' {
			*t = text(raw)
		}
		return nil
	}
	var s string
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	*t = text(html.UnescapeString(s))
	return nil
}

// meta is one entry of meta_data. Plugins write any JSON as a value: only texts and
// numbers are kept, and only such as people could have given.
type meta struct {
	Key          string `json:"key"`
	Value        text   `json:"value"`
	DisplayKey   text   `json:"display_key"`
	DisplayValue text   `json:"display_value"`
	Truth        truth  `json:"-"` // the value where it is true or false
}

// truth is true, false or, for any other value, "".
type truth string

// UnmarshalJSON takes anything.
func (f *truth) UnmarshalJSON(raw []byte) error {
	*f = ""
	if s := truth(raw); s == "true" || s == "false" {
		*f = s
	}
	return nil
}

// metas is a list of meta data; what is no list is none.
type metas []meta

// UnmarshalJSON takes any value.
func (m *metas) UnmarshalJSON(raw []byte) error {
	*m = nil
	var loose []json.RawMessage
	if !bytes.HasPrefix(raw, []byte("[")) || json.Unmarshal(raw, &loose) != nil {
		return nil
	}
	for _, one := range loose {
		var entry meta
		if json.Unmarshal(one, &entry) == nil && entry.Key != "" {
			as := struct{ Value *truth }{&entry.Truth}
			_ = json.Unmarshal(one, &as) // it was read once
			*m = append(*m, entry)
		}
	}
	return nil
}

// get is the value under a key; "" for none.
func (m metas) get(key string) string {
	for _, one := range m {
		if one.Key == key {
			return string(one.Value)
		}
	}
	return ""
}

// has reports whether there is a key.
func (m metas) has(key string) bool {
	for _, one := range m {
		if one.Key == key {
			return true
		}
	}
	return false
}

// tags are what plugins leave around a value that is to be shown.
var tags = regexp.MustCompile(`<[^<>]*>`)

// shown is a text without tags and the space around it.
func shown(t text) string { return strings.TrimSpace(tags.ReplaceAllString(string(t), "")) }
