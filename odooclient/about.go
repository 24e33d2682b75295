package odooclient

import (
	"context"
	"strconv"
	"strings"
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
	if err := c.life.enter(); err != nil {
		return Version{}, err
	}
	defer c.life.leave()
	own, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	raw, err := c.odoo.version(own)
	if err != nil {
		return Version{}, err
	}
	var about struct {
		Text  string `json:"server_version"`
		Serie string `json:"server_serie"` // "17.0", on Odoo's own hosting "saas~17.2"
	}
	if err := decode(raw, &about, Request{Method: "version"}); err != nil {
		return Version{}, err
	}
	serie, _, _ := strings.Cut(strings.TrimPrefix(about.Serie, "saas~"), ".")
	major, _ := strconv.Atoi(serie) // 0 says "unknown"
	return Version{Text: about.Text, Major: major}, nil
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
