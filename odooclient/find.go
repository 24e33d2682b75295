package odooclient

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Query is what finds must have in common to share a call.
type Query struct {
	Model   string
	Field   string   // the key that records are looked up by
	Or      string   // another key for FindEither
	Fields  []string // what is read; the keys are always among them
	Domain  []any    // further conditions, all of which must hold
	Context map[string]any
}

// sought is what one caller looks for: the value of the key, and that of the other.
type sought struct{ value, other string }

// numeric reports whether a key holds ids: those are sent as numbers.
func numeric(field string) bool { return field == "id" || strings.HasSuffix(field, "_id") }

// Find returns every record whose key field equals value, ordered by id. The
// fields "id" and "…_id" take values like "12". Text is compared as Odoo does it:
// with upper and lower case apart. An empty value finds nothing.
func (c *Client) Find(ctx context.Context, q Query, value string) ([]Row, error) {
	q.Or = ""
	return c.find(ctx, q, sought{value: value})
}

// FindEither returns every record of which q.Field equals value or q.Or equals
// other, ordered by id. Both must have a value.
func (c *Client) FindEither(ctx context.Context, q Query, value, other string) ([]Row, error) {
	if other == "" {
		return c.Find(ctx, q, value)
	}
	return c.find(ctx, q, sought{value: value, other: other})
}

func (c *Client) find(ctx context.Context, q Query, s sought) ([]Row, error) {
	if numeric(q.Field) && s.value != "" {
		id, err := strconv.ParseInt(s.value, 10, 64)
		if err != nil || id <= 0 {
			return nil, &Fault{Kind: BadArgs, Model: q.Model, Method: "search_read", Message: "a value of " + q.Field + " is no record id"}
		}
		s.value = strconv.FormatInt(id, 10)
	}
	if s.value == "" {
		return nil, nil
	}
	key, err := shapeKey(q.Model, "search_read", q.Field, q.Or, q.Fields, q.Domain, q.Context)
	if err != nil {
		return nil, err
	}
	return c.finds.join(ctx, key, c.finder(q), s, 1)
}

// Get reads one record by its id, archived or not; ok is false when it does not
// exist or the user may not see it. q.Field is not used.
func (c *Client) Get(ctx context.Context, q Query, id int64) (row Row, ok bool, err error) {
	q.Field = "id"
	q.Context = maps.Clone(q.Context)
	if q.Context == nil {
		q.Context = map[string]any{}
	}
	q.Context["active_test"] = false
	rows, err := c.Find(ctx, q, strconv.FormatInt(id, 10))
	if err != nil || len(rows) == 0 {
		return nil, false, err
	}
	return rows[0], true, nil
}

// finder sends one search_read for all members.
func (c *Client) finder(q Query) sender[sought, []Row] {
	fields := slices.Clone(q.Fields)
	for _, key := range []string{q.Field, q.Or} {
		if key != "" && !slices.Contains(fields, key) {
			fields = append(fields, key)
		}
	}
	return func(ctx context.Context, members []*member[sought, []Row]) error {
		domain := []any{[]any{q.Field, "in", values(q.Field, members, func(s sought) string { return s.value })}}
		if q.Or != "" {
			domain = []any{"|", domain[0], []any{q.Or, "in", values(q.Or, members, func(s sought) string { return s.other })}}
		}
		req := Request{Model: q.Model, Method: "search_read", Context: q.Context,
			Args: map[string]any{"domain": append(domain, q.Domain...), "fields": fields, "order": "id"}}
		raw, err := c.send(ctx, req, true)
		if err != nil {
			return err
		}
		var rows []Row
		if err := decode(raw, &rows, req); err != nil {
			return err
		}
		first, second := byKey(rows, q.Field), byKey(rows, q.Or)
		for _, m := range members {
			m.answer(copies(either(first[m.in.value], second[m.in.other])))
		}
		return nil
	}
}

// values are what members ask for, each once.
func values(field string, members []*member[sought, []Row], of func(sought) string) []any {
	all := make([]any, 0, len(members))
	asked := map[string]bool{}
	for _, m := range members {
		v := of(m.in)
		switch {
		case asked[v]:
		case numeric(field):
			all = append(all, json.Number(v))
		default:
			all = append(all, v)
		}
		asked[v] = true
	}
	return all
}

// byKey sorts rows by the text of one of their fields.
func byKey(rows []Row, field string) map[string][]Row {
	found := map[string][]Row{}
	if field == "" {
		return found
	}
	for _, row := range rows {
		if k := keyText(row[field]); k != "" {
			found[k] = append(found[k], row)
		}
	}
	return found
}

// either joins what both keys found, each record once and in the order of ids.
func either(a, b []Row) []Row {
	if len(b) == 0 {
		return a
	}
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(x, y Row) int { return cmp.Compare(x.ID(), y.ID()) })
	return slices.CompactFunc(all, func(x, y Row) bool { return x.ID() == y.ID() })
}

// keyText is a key's value as callers write it; of a many2one it is the id.
func keyText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case []any:
		if len(v) > 0 {
			return keyText(v[0])
		}
	}
	return ""
}

// copies gives a caller rows of its own: two may have asked for the same record.
func copies(rows []Row) []Row {
	out := make([]Row, len(rows))
	for i, row := range rows {
		out[i] = maps.Clone(row)
	}
	return out
}
