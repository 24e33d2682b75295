package odooclient_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

// refusal is a call that Odoo refuses in one way.
type refusal struct {
	name string
	kind odooclient.Kind
	told string
	req  func(t *testing.T, o *odoo) odooclient.Request
}

func faultClauses() []clause {
	var all []clause
	for _, r := range refusals() {
		all = append(all, clause{r.name, func(t *testing.T, o *odoo) {
			requireFault(t, r.kind, o.Call(t.Context(), r.req(t, o), nil), r.told)
		}})
	}
	return append(all, clause{"the user reads neither external ids nor precisions, but resolves", func(t *testing.T, o *odoo) {
		for _, model := range []string{"ir.model.data", "decimal.precision"} {
			requireFault(t, odooclient.AccessError, o.Call(t.Context(), odooclient.Request{Model: model, Method: "search_read", Args: everything()}, nil), "You are not allowed to access")
		}
		var may bool
		o.must(t, odooclient.Request{Model: "sale.order", Method: "check_access_rights", Args: map[string]any{"operation": "create", "raise_exception": false}}, &may)
		require.True(t, may)
		o.must(t, odooclient.Request{Model: "product.product", Method: "check_access_rights", Args: map[string]any{"operation": "create", "raise_exception": false}}, &may)
		require.False(t, may)
	}})
}

func refusals() []refusal {
	onPartner := func(method string, args map[string]any) func(*testing.T, *odoo) odooclient.Request {
		return func(t *testing.T, o *odoo) odooclient.Request {
			_, id := o.partner(t)
			return odooclient.Request{Model: "res.partner", Method: method, IDs: []int64{id}, Args: args}
		}
	}
	of := func(req odooclient.Request) func(*testing.T, *odoo) odooclient.Request {
		return func(*testing.T, *odoo) odooclient.Request { return req }
	}
	vals := func(name string, value any) map[string]any {
		return map[string]any{"vals": map[string]any{name: value}}
	}
	return []refusal{
		{"what is confirmed cannot be confirmed", odooclient.UserError, "not in a state requiring confirmation", func(t *testing.T, o *odoo) odooclient.Request {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			return odooclient.Request{Model: "sale.order", Method: "action_confirm", IDs: []int64{b.id}}
		}},
		{"a contact is not its own parent", odooclient.ValidationError, "recursive", func(t *testing.T, o *odoo) odooclient.Request {
			_, id := o.partner(t)
			return odooclient.Request{Model: "res.partner", Method: "write", IDs: []int64{id}, Args: vals("parent_id", id)}
		}},
		{"a required field is asked for", odooclient.ValidationError, "Customer",
			of(odooclient.Request{Model: "sale.order", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{}}}})},
		{"a relation to nothing is refused", odooclient.ValidationError, "The operation cannot be completed",
			of(odooclient.Request{Model: "res.partner", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{"name": "x", "country_id": 99999999}}}})},
		{"a selection knows its values", odooclient.ValidationError, "Wrong value for res.partner.type", onPartner("write", vals("type", "nonsense"))},
		{"the user may not make products", odooclient.AccessError, "You are not allowed to create",
			of(odooclient.Request{Model: "product.product", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{"name": "x"}}}})},
		{"private methods are refused", odooclient.AccessError, "cannot be called remotely", onPartner("_compute_display_name", nil)},
		{"what is gone cannot be written", odooclient.MissingRecord, "does not exist", func(t *testing.T, o *odoo) odooclient.Request {
			return odooclient.Request{Model: "res.partner", Method: "write", IDs: []int64{gone(t, o)}, Args: vals("name", "x")}
		}},
		{"nor can it be confirmed", odooclient.MissingRecord, "does not exist",
			of(odooclient.Request{Model: "sale.order", Method: "action_confirm", IDs: []int64{99999999}})},
		{"an unknown field is not written", odooclient.BadField, "no_such", onPartner("write", vals("no_such", 1))},
		{"an unknown field is not created", odooclient.BadField, "no_such",
			of(odooclient.Request{Model: "res.partner", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{"name": "x", "no_such": 1}}}})},
		{"an unknown field is not read", odooclient.BadField, "no_such", onPartner("read", map[string]any{"fields": []string{"no_such"}})},
		{"an unknown field is not searched and read", odooclient.BadField, "no_such",
			of(odooclient.Request{Model: "res.partner", Method: "search_read", Args: map[string]any{"domain": []any{}, "fields": []string{"no_such"}, "limit": 1}})},
		{"an unknown field is not searched for", odooclient.BadField, "no_such",
			of(odooclient.Request{Model: "res.partner", Method: "search_count", Args: map[string]any{"domain": []any{[]any{"no_such", "=", 1}}}})},
		{"an unknown method is named", odooclient.NoMethod, "no_such", onPartner("no_such", nil)},
		{"an unknown model is named", odooclient.NoModel, "no.such", of(odooclient.Request{Model: "no.such", Method: "search_count", Args: everything()})},
		{"a missing argument is named", odooclient.BadArgs, "vals", onPartner("write", nil)},
		{"an unknown argument is refused", odooclient.BadArgs, "no_such",
			of(odooclient.Request{Model: "res.partner", Method: "search_count", Args: map[string]any{"domain": []any{}, "no_such": 1}})},
	}
}
