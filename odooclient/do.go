package odooclient

import (
	"context"
	"slices"
	"strconv"
	"strings"
)

// Action is what calls of a method on single records must have in common to share a call.
type Action struct {
	Model, Method string
	Context       map[string]any
	// Alone keeps two calls from running beside each other: what books stock changes
	// the same rows for the same products, and Odoo would do the one that loses all
	// over again, up to five times and with pauses of seconds (measured on 17 with
	// two workers: 9 orders a second instead of 18).
	Alone bool
}

// Do runs a method on one record. Ids of concurrent callers go in one call; when
// Odoo refuses it the group is halved until the culprits stand alone, and only
// they get the *Fault. An outcome that is not known is every member's: read
// before doing it again. What the method returns is dropped, for it says little:
// a wizard's action instead of true can mean that nothing was done. Read back.
func (c *Client) Do(ctx context.Context, a Action, id int64) error {
	if id <= 0 {
		return noID(a.Model, a.Method, id)
	}
	key, err := shapeKey(a.Model, a.Method, a.Context)
	if err != nil {
		return err
	}
	_, err = c.acts.joinAs(ctx, key, a.Alone, func(ctx context.Context, members []*member[int64, struct{}]) error {
		req := Request{Model: a.Model, Method: a.Method, IDs: distinct(members), Context: a.Context}
		if _, err := c.send(ctx, req, false); err != nil {
			return err
		}
		for _, m := range members {
			m.answer(struct{}{})
		}
		return nil
	}, id, 1)
	return err
}

// ExternalID is the external id of a record, "" when it has none. Of several
// Odoo names one; [Client.Resolve] asks for a certain one.
func (c *Client) ExternalID(ctx context.Context, model string, id int64) (string, error) {
	const method = "get_external_id"
	if id <= 0 {
		return "", noID(model, method, id)
	}
	key, err := shapeKey(model, method)
	if err != nil {
		return "", err
	}
	return c.xids.join(ctx, key, func(ctx context.Context, members []*member[int64, string]) error {
		req := Request{Model: model, Method: method, IDs: distinct(members)}
		raw, err := c.send(ctx, req, true)
		if err != nil {
			return err
		}
		var names Row // its keys are the ids, as text
		if err := decode(raw, &names, req); err != nil {
			return err
		}
		for _, m := range members {
			m.answer(names.Str(strconv.FormatInt(m.in, 10)))
		}
		return nil
	}, id, 1)
}

// Resolve finds the record, archived or not, that an external id names; ok is
// false when Odoo knows no such record that the user may see. Odoo answers alike
// for a record that is hidden from us and for one whose load was rolled back: its
// cache of external ids is not. A load tells the two apart.
func (c *Client) Resolve(ctx context.Context, xid string) (model string, id int64, ok bool, err error) {
	module, name, found := strings.Cut(xid, ".")
	if !found {
		module, name = "__import__", xid // where load puts such ids
	}
	req := Request{Model: "ir.model.data", Method: "check_object_reference",
		Args:    map[string]any{"module": module, "xml_id": name},
		Context: map[string]any{"active_test": false}}
	var pair []any
	err = c.Call(ctx, req, &pair)
	if f := faultOf(err); f != nil && f.Name == "builtins.ValueError" && strings.Contains(f.Message, name) {
		return "", 0, false, nil
	}
	if err != nil {
		return "", 0, false, err
	}
	if len(pair) == 2 {
		model, _ = pair[0].(string)
		id = Row{"id": pair[1]}.ID()
	}
	if model == "" || id == 0 {
		return "", 0, false, nil
	}
	return model, id, true, nil
}

// distinct are the members' ids, each once.
func distinct[Out any](members []*member[int64, Out]) []int64 {
	ids := make([]int64, 0, len(members))
	for _, m := range members {
		if !slices.Contains(ids, m.in) {
			ids = append(ids, m.in)
		}
	}
	return ids
}

func noID(model, method string, id int64) error {
	return &Fault{Kind: BadArgs, Model: model, Method: method, Message: strconv.FormatInt(id, 10) + " is no record id"}
}
