package odooclient_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/odooclient"
)

func writeClauses() []clause {
	return []clause{
		{"records are made, changed, counted and removed", func(t *testing.T, o *odoo) {
			a, b := o.name(), o.name()
			var ids []int64
			o.must(t, odooclient.Request{Model: "res.partner", Method: "create", Context: o.context(),
				Args: map[string]any{"vals_list": []any{map[string]any{"name": a}, map[string]any{"name": b}}}}, &ids)
			require.Len(t, ids, 2)
			var one []int64
			o.must(t, odooclient.Request{Model: "res.partner", Method: "create", Args: map[string]any{"vals": map[string]any{"name": o.name()}}}, &one)
			require.Len(t, one, 1, "one record is a list too")
			var done bool
			o.must(t, odooclient.Request{Model: "res.partner", Method: "write", IDs: ids, Args: map[string]any{"vals": map[string]any{"city": "Oulu"}}}, &done)
			require.True(t, done)
			var n json.Number
			o.must(t, odooclient.Request{Model: "res.partner", Method: "search_count", Args: map[string]any{"domain": []any{[]any{"id", "in", ids}, []any{"city", "=", "Oulu"}}}}, &n)
			require.Equal(t, "2", n.String())
			var rows []odooclient.Row
			o.must(t, odooclient.Request{Model: "res.partner", Method: "read", IDs: ids[:1], Args: map[string]any{"fields": []string{"name", "city", "comment"}}}, &rows)
			require.Len(t, rows, 1)
			require.Equal(t, a, rows[0].Str("name"))
			require.Empty(t, rows[0].Str("comment"), "false is no text")
			o.must(t, odooclient.Request{Model: "res.partner", Method: "unlink", IDs: append(ids, one...)}, &done)
			require.True(t, done)
		}},
		{"a method that returns nothing succeeds", func(t *testing.T, o *odoo) {
			order := o.order(t, 1)
			o.do(t, "action_confirm", order.id)
			for _, method := range []string{"action_lock", "action_unlock"} {
				result := json.RawMessage("untouched")
				o.must(t, odooclient.Request{Model: "sale.order", Method: method, IDs: []int64{order.id}}, &result)
				require.Equal(t, "untouched", string(result))
				require.Equal(t, method == "action_lock", o.get(t, "sale.order", order.id, "locked").Bool("locked"))
			}
		}},
		{"no record is no reason to fail", func(t *testing.T, o *odoo) {
			var rows []odooclient.Row
			o.must(t, odooclient.Request{Model: "res.partner", Method: "read", IDs: []int64{}, Args: map[string]any{"fields": []string{"name"}}}, &rows)
			require.Empty(t, rows)
		}},
	}
}

func loadClauses() []clause {
	return []clause{
		{"a load twice is one record, the last row wins", func(t *testing.T, o *odoo) {
			name, id := o.partner(t)
			again := o.loaded(t, "res.partner", "id name street", []any{xid(name), name, "Road 1"})
			require.Equal(t, id, again)
			o.loaded(t, "res.partner", "id name city", []any{xid(name), name, "Oulu"})
			row := o.get(t, "res.partner", id, "street", "city")
			require.Equal(t, "Road 1", row.Str("street"), "a column left out keeps its value")
			require.Equal(t, "Oulu", row.Str("city"))
			o.loaded(t, "res.partner", "id name street", []any{xid(name), name, ""})
			require.Empty(t, o.get(t, "res.partner", id, "street").Str("street"), "an empty column clears it")
		}},
		{"booleans, numbers and relations are taken", func(t *testing.T, o *odoo) {
			name := o.name()
			id := o.loaded(t, "res.partner", "id name is_company country_id/id partner_latitude", []any{xid(name), name, true, "base.fi", 3.5})
			row := o.get(t, "res.partner", id, "is_company", "country_id", "partner_latitude")
			require.True(t, row.Bool("is_company"))
			require.Equal(t, "3.5", row.Dec("partner_latitude").String())
			_, country := row.Ref("country_id")
			require.Equal(t, "Finland", country)
		}},
		{"archived records are found, deleted ones made anew", func(t *testing.T, o *odoo) {
			name, id := o.partner(t)
			o.must(t, odooclient.Request{Model: "res.partner", Method: "write", IDs: []int64{id}, Args: map[string]any{"vals": map[string]any{"active": false}}}, nil)
			require.Equal(t, id, o.loaded(t, "res.partner", "id name", []any{xid(name), name}))
			o.must(t, odooclient.Request{Model: "res.partner", Method: "unlink", IDs: []int64{id}}, nil)
			require.NotEqual(t, id, o.loaded(t, "res.partner", "id name", []any{xid(name), name}))
		}},
		{"an id without a dot is kept apart", func(t *testing.T, o *odoo) {
			name := o.name()
			id := o.loaded(t, "res.partner", "id name", []any{name, name})
			got, err := o.ExternalID(t.Context(), "res.partner", id)
			require.NoError(t, err)
			require.Equal(t, "__import__."+name, got)
			_, found, ok, err := o.Resolve(t.Context(), name)
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, id, found)
		}},
		{"a reference that is not there names its row and itself", func(t *testing.T, o *odoo) {
			name := o.name()
			_, err := o.load(t, "res.partner", "id name country_id/id", []any{xid(name), name, "odoogate." + o.run + "_nowhere"})
			row := requireRow(t, err, "No matching record found for external id")
			require.True(t, row.MissingXID())
			require.Equal(t, "country_id", row.Field)
			_, err = o.load(t, "sale.order", "id partner_id/id", []any{xid(name), xid(o.name())})
			require.True(t, requireRow(t, err, "No matching record").MissingXID(), "not the required field that follows from it")
		}},
		{"a database id that is not there is a row error", func(t *testing.T, o *odoo) {
			name := o.name()
			_, err := o.load(t, "res.partner", "id name country_id/.id", []any{xid(name), name, "99999999"})
			row := requireRow(t, err, "No matching record found for database id")
			require.False(t, row.MissingXID())
		}},
		{"a bad value is a row error", func(t *testing.T, o *odoo) {
			name := o.name()
			for column, value := range map[string]string{"is_company": "maybe", "partner_latitude": "1,5", "type": "nonsense"} {
				_, err := o.load(t, "res.partner", "id name "+column, []any{xid(name), name, value})
				row := requireRow(t, err, value)
				require.Equal(t, column, row.Field)
			}
			_, _, ok, err := o.Resolve(t.Context(), xid(name))
			require.NoError(t, err)
			require.False(t, ok, "nothing was saved")
		}},
		{"a required field that is missing is a row error", func(t *testing.T, o *odoo) {
			_, err := o.load(t, "sale.order", "id client_order_ref", []any{xid(o.name()), o.name()})
			requireRow(t, err, "Missing required value for the field 'Customer'")
		}},
		{"an external id of another model, or with a blank, is a row error", func(t *testing.T, o *odoo) {
			name, _ := o.partner(t)
			_, err := o.load(t, "sale.order", "id client_order_ref", []any{xid(name), name})
			requireRow(t, err, "")
			_, err = o.load(t, "res.partner", "id name", []any{xid(o.name() + " x"), o.name()})
			requireRow(t, err, "")
		}},
		{"an unknown column fails the whole call", func(t *testing.T, o *odoo) {
			name := o.name()
			_, err := o.load(t, "res.partner", "id name no_such", []any{xid(name), name, "x"})
			requireFault(t, odooclient.BadField, err, "no_such")
		}},
		{"what the user may not make is refused by the row", func(t *testing.T, o *odoo) {
			_, err := o.load(t, "product.product", "id name", []any{xid(o.name()), o.name()})
			requireRow(t, err, "You are not allowed to create")
		}},
		{"a company that is not ours is refused", func(t *testing.T, o *odoo) {
			name := o.name()
			foreign := o.context("allowed_company_ids", []int64{99999})
			_, err := o.Load(t.Context(), odooclient.Shape{Model: "res.partner", Fields: []string{"id", "name"}, Context: foreign}, [][]any{{xid(name), name}})
			require.ErrorContains(t, err, "Access to unauthorized or invalid companies.")
			requireFault(t, odooclient.AccessError, o.Call(t.Context(), odooclient.Request{Model: "sale.order", Method: "search_read", Context: foreign,
				Args: map[string]any{"domain": []any{}, "fields": []string{"name"}, "limit": 1}}, nil), "unauthorized")
			own := o.context("allowed_company_ids", []int64{o.company}, "mode", "update", "noupdate", true)
			_, err = o.Load(t.Context(), odooclient.Shape{Model: "res.partner", Fields: []string{"id", "name"}, Context: own}, [][]any{{xid(name), name}})
			require.NoError(t, err)
		}},
	}
}
