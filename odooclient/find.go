package odooclient

import (
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
	Fields  []string // what is read; the key is always among them
	Domain  []any    // further conditions, all of which must hold
	Context map[string]any
}

// numeric reports whether the key holds ids: those are sent as numbers.
func (q Query) numeric() bool { return q.Field == "id" || strings.HasSuffix(q.Field, "_id") }

// Find returns every record whose key field equals value, ordered by id. The
// fields "id" and "…_id" take values like "12". Text is compared as Odoo does it:
// with upper and lower case apart. An empty value finds nothing.
func (c *Client) Find(ctx context.Context, q Query, value string) ([]Row, error) {
	if q.numeric() && value != "" {
		id, err := strconv.ParseInt(value, 10, 64)
		if err != nil || id <= 0 {
			return nil, &Fault{Kind: BadArgs, Model: q.Model, Method: "search_read", Message: "a value of " + q.Field + " is no record id"}
		}
		value = strconv.FormatInt(id, 10)
	}
	if value == "" {
		return nil, nil
	}
	key, err := shapeKey(q.Model, "search_read", q.Field, q.Fields, q.Domain, q.Context)
	if err != nil {
		return nil, err
	}
	return c.finds.join(ctx, key, c.finder(q), value, 1)
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
func (c *Client) finder(q Query) sender[string, []Row] {
	fields := q.Fields
	if !slices.Contains(fields, q.Field) {
		fields = append(slices.Clone(fields), q.Field)
	}
	return func(ctx context.Context, members []*member[string, []Row]) error {
		values := make([]any, 0, len(members))
		asked := map[string]bool{}
		for _, m := range members {
			if asked[m.in] {
				continue
			}
			asked[m.in] = true
			if q.numeric() {
				values = append(values, json.Number(m.in))
			} else {
				values = append(values, m.in)
			}
		}
		domain := append([]any{[]any{q.Field, "in", values}}, q.Domain...)
		req := Request{Model: q.Model, Method: "search_read", Context: q.Context,
			Args: map[string]any{"domain": domain, "fields": fields, "order": "id"}}
		raw, err := c.send(ctx, req, true)
		if err != nil {
			return err
		}
		var rows []Row
		if err := decode(raw, &rows, req); err != nil {
			return err
		}
		found := map[string][]Row{}
		for _, row := range rows {
			k := keyText(row[q.Field])
			found[k] = append(found[k], row)
		}
		for _, m := range members {
			m.answer(copies(found[m.in]))
		}
		return nil
	}
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
