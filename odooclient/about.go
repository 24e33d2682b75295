package odooclient

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// Version is which Odoo answers.
type Version struct {
	Text  string // "17.0-20240709"
	Major int    // 17; 0 when the text does not say
}

// Version asks without a login, so it tells an Odoo that is down from one that
// refuses us. It waits for no turn: as a probe it must not stand behind a long
// batch and call Odoo away.
func (c *Client) Version(ctx context.Context) (Version, error) {
	return about(ctx, c, c.odoo.version)
}

// UID is the database id of the user we are, asked for when not yet known.
func (c *Client) UID(ctx context.Context) (int64, error) {
	return about(ctx, c, c.odoo.login)
}

// Protocol is how calls go to this Odoo, "jsonrpc" or "json2"; where the
// configuration leaves it open Odoo is asked when not yet known.
func (c *Client) Protocol(ctx context.Context) (string, error) {
	return about(ctx, c, c.odoo.name)
}

// Skew is how far Odoo's clock was ahead of ours when it last answered, to the
// second; ok is false before the first answer, and where answers bear no date.
func (c *Client) Skew() (ahead time.Duration, ok bool) {
	if last := c.remote.ahead.Load(); last != nil {
		return *last, true
	}
	return 0, false
}

// about asks for something within cfg.Timeout and beside the turns.
func about[T any](ctx context.Context, c *Client, ask func(context.Context) (T, error)) (T, error) {
	var none T
	if err := c.life.enter(); err != nil {
		return none, err
	}
	defer c.life.leave()
	own, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	return ask(own)
}

// versionOf reads the major number of a series: "17.0", on Odoo's own hosting
// "saas~17.2".
func versionOf(text, series string) Version {
	major, _, _ := strings.Cut(strings.TrimPrefix(series, "saas~"), ".")
	n, _ := strconv.Atoi(major) // 0 says "unknown"
	return Version{Text: text, Major: n}
}

// Field is what Odoo says about one field.
type Field struct {
	Type     string `json:"type"`
	Relation string `json:"relation"` // the model a relation leads to
	Required bool   `json:"required"`
	ReadOnly bool   `json:"readonly"`
}

// Fields are a model's fields by name.
type Fields map[string]Field

// First is the first of the names that exists, "" when none does: names differ
// between versions of Odoo.
func (f Fields) First(names ...string) string {
	for _, name := range names {
		if _, ok := f[name]; ok {
			return name
		}
	}
	return ""
}

// Fields returns the fields of a model, asked for once in the client's life. All
// callers get the same map: do not change it.
func (c *Client) Fields(ctx context.Context, model string) (Fields, error) {
	if err := c.life.enter(); err != nil {
		return nil, err
	}
	defer c.life.leave()
	c.mu.Lock()
	known := c.fields[model]
	if known == nil {
		known = &lazy[Fields]{}
		c.fields[model] = known
	}
	c.mu.Unlock()
	own := context.WithoutCancel(ctx)
	return known.get(ctx, c.life.spawn, func() (Fields, error) {
		var fields Fields
		err := c.Call(own, Request{Model: model, Method: "fields_get",
			Args: map[string]any{"attributes": []string{"type", "relation", "required", "readonly"}}}, &fields)
		return fields, err
	})
}
