package woocommercetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

type object = map[string]any

// phpJSON writes JSON as WordPress does: slashes have a backslash, and whatever is not
// ASCII is escaped.
func phpJSON(v any) ([]byte, error) {
	var plain bytes.Buffer
	enc := json.NewEncoder(&plain)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	src := bytes.TrimSpace(plain.Bytes())
	out := make([]byte, 0, len(src)+len(src)/8)
	for i := 0; i < len(src); {
		c := src[i]
		if c < utf8.RuneSelf {
			if c == '/' { // there are none outside of texts
				out = append(out, '\\')
			}
			out = append(out, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(src[i:])
		i += n
		if r >= 0x10000 {
			r -= 0x10000
			out = fmt.Appendf(out, `\u%04x\u%04x`, 0xd800+r>>10, 0xdc00+r&0x3ff)
			continue
		}
		out = fmt.Appendf(out, `\u%04x`, r)
	}
	return out, nil
}

// money is an amount with the shop's decimals.
func money(d decimal.Decimal) string {
	if d = cents(d); d.IsZero() {
		d = decimal.Zero // and not minus nothing
	}
	return d.StringFixed(2)
}

// exact is an amount with the decimals that it has.
func exact(d decimal.Decimal) string { return d.Round(micro).String() }

// stamp puts both forms of a time into a record: the shop's and GMT, without a zone.
func (s *Store) stamp(into object, key string, at time.Time) {
	const form = "2006-01-02T15:04:05"
	into[key], into[key+"_gmt"] = nil, nil
	if !at.IsZero() {
		into[key], into[key+"_gmt"] = at.In(s.opts.Zone).Format(form), at.UTC().Format(form)
	}
}

// links are where a record is in the API.
func (s *Store) links(path, id string) object {
	at := s.opts.Home + "/wp-json/wc/v3/" + path
	return object{"self": []object{{"href": at + "/" + id}}, "collection": []object{{"href": at}}}
}
