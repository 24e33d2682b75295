package odooclient_test

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/odooclient"
)

func aboutClauses() []clause {
	return []clause{
		{"version, protocol and user are known", func(t *testing.T, o *odoo) {
			v, err := o.Version(t.Context())
			require.NoError(t, err)
			require.True(t, strings.HasPrefix(v.Text, strconv.Itoa(v.Major)+"."), "%v", v)
			name, err := o.Protocol(t.Context())
			require.NoError(t, err)
			if o.protocol != "" {
				require.Equal(t, o.protocol, name)
			}
			require.False(t, name == "json2" && v.Major < 19)
			uid, err := o.UID(t.Context())
			require.NoError(t, err)
			var mine odooclient.Row
			o.must(t, odooclient.Request{Model: "res.users", Method: "context_get"}, &mine)
			require.Equal(t, uid, mine.Int("uid"))
			var me []odooclient.Row
			o.must(t, odooclient.Request{Model: "res.users", Method: "read", IDs: []int64{uid}, Args: map[string]any{"fields": []string{"login", "email"}}}, &me)
			require.Len(t, me, 1, "a list of one is a list")
			require.Equal(t, o.cfg.User, me[0].Str("login"))
			require.Contains(t, me[0].Str("email"), "@")
		}},
		{"a wrong secret is refused", func(t *testing.T, o *odoo) {
			c := other(t, o, func(cfg *config.Odoo) { cfg.Password = config.NewSecret("0123456789abcdef0123456789abcdef01234567") })
			requireFault(t, odooclient.AccessDenied, c.Call(t.Context(), odooclient.Request{Model: "res.partner", Method: "search_count", Args: everything()}, nil), o.cfg.Database)
		}},
		{"an unknown database is named", func(t *testing.T, o *odoo) {
			c := other(t, o, func(cfg *config.Odoo) { cfg.Database = "no_" + o.run })
			requireFault(t, odooclient.NoDatabase, c.Call(t.Context(), odooclient.Request{Model: "res.partner", Method: "search_count", Args: everything()}, nil), "no_"+o.run)
		}},
		{"groups are asked for as a record's method from 18 on, before as the model's", func(t *testing.T, o *odoo) {
			uid, err := o.UID(t.Context())
			require.NoError(t, err)
			for xid, want := range map[string]bool{"base.group_user": true, "base.group_partner_manager": true, "base.group_system": false} {
				var has bool
				req := odooclient.Request{Model: "res.users", Method: "has_group", IDs: []int64{uid}, Args: map[string]any{"group_ext_id": xid}}
				if err := o.Call(t.Context(), req, &has); o.major < 19 {
					requireFault(t, odooclient.BadArgs, err)
					req.IDs = nil
					o.must(t, req, &has)
				} else {
					require.NoError(t, err)
				}
				require.Equal(t, want, has, xid)
			}
		}},
		{"fields have the names and types of the version", func(t *testing.T, o *odoo) {
			line, err := o.Fields(t.Context(), "sale.order.line")
			require.NoError(t, err)
			want := map[bool]string{true: "tax_ids", false: "tax_id"}[o.major >= 19]
			require.Equal(t, want, line.First("tax_ids", "tax_id"))
			require.Equal(t, odooclient.Field{Type: "many2many", Relation: "account.tax"}, line[want])
			require.Equal(t, "float", line["product_uom_qty"].Type)
			order, err := o.Fields(t.Context(), "sale.order")
			require.NoError(t, err)
			require.Equal(t, "sale.order.line", order["order_line"].Relation)
			require.True(t, order["partner_id"].Required)
			require.Equal(t, "locked", order.First("locked"))
			partner, err := o.Fields(t.Context(), "res.partner")
			require.NoError(t, err)
			require.Equal(t, "company_name", partner.First("company_name"))
			require.Equal(t, "email_normalized", partner.First("email_normalized"))
			company, err := o.Fields(t.Context(), "res.company")
			require.NoError(t, err)
			require.Equal(t, "account_fiscal_country_id", company.First("account_fiscal_country_id", "country_id"))
		}},
		{"fields tell their digits", func(t *testing.T, o *odoo) {
			var fields map[string]struct{ Digits json.RawMessage }
			o.must(t, odooclient.Request{Model: "sale.order.line", Method: "fields_get", Args: map[string]any{
				"allfields": []string{"price_unit", "discount"}, "attributes": []string{"digits"}}}, &fields)
			require.Len(t, fields, 2)
			for name, f := range fields {
				var pair []int
				require.True(t, string(f.Digits) == "false" || json.Unmarshal(f.Digits, &pair) == nil, "%s: %s", name, f.Digits)
			}
		}},
		{"fields tell their choices, where a link leads, and what cannot be written", func(t *testing.T, o *odoo) {
			type field struct {
				Type, Relation     string
				Required, ReadOnly bool
				Selection          [][2]string
			}
			asked := func(model string, names ...string) (all map[string]field) {
				o.must(t, odooclient.Request{Model: model, Method: "fields_get", Args: map[string]any{
					"allfields": names, "attributes": []string{"type", "relation", "required", "readonly", "selection"}}}, &all)
				return all
			}
			order := asked("sale.order", "picking_policy", "amount_total", "commitment_date", "team_id")
			require.Equal(t, field{Type: "selection", Required: true, Selection: order["picking_policy"].Selection}, order["picking_policy"])
			require.Equal(t, "direct", order["picking_policy"].Selection[0][0])
			require.NotEmpty(t, order["picking_policy"].Selection[0][1])
			require.Equal(t, field{Type: "monetary", ReadOnly: true}, order["amount_total"])
			require.Equal(t, field{Type: "datetime"}, order["commitment_date"])
			require.Equal(t, field{Type: "many2one", Relation: "crm.team"}, order["team_id"])
			require.Equal(t, map[string]field{"vat": {Type: "char"}}, asked("res.partner", "vat", "no_such_field"), "an unknown name is no reason to fail")
		}},
		{"a default is asked for under the version's argument", func(t *testing.T, o *odoo) {
			answered := 0
			for _, argument := range []string{"fields_list", "fields"} {
				var defaults odooclient.Row
				err := o.Call(t.Context(), odooclient.Request{Model: "sale.order", Method: "default_get", Args: map[string]any{argument: []string{"company_id"}}}, &defaults)
				if err != nil {
					requireFault(t, odooclient.BadArgs, err)
					continue
				}
				answered++
				// The one in memory knows no default company, which is allowed: a shop
				// can name its own.
				require.True(t, o.memory && defaults["company_id"] == nil || defaults.Int("company_id") > 0, "%v", defaults)
			}
			require.Equal(t, 1, answered, "which it is depends on the apps installed")
		}},
	}
}

func everything() map[string]any { return map[string]any{"domain": []any{}} }

// other is a client of the same Odoo with something changed.
func other(t *testing.T, o *odoo, change func(*config.Odoo)) *odooclient.Client {
	cfg := o.cfg
	change(&cfg)
	c := odooclient.New(cfg, odooclient.Options{})
	t.Cleanup(c.Close)
	return c
}

func readClauses() []clause {
	return []clause{
		{"master data is readable", func(t *testing.T, o *odoo) {
			for model, fields := range map[string][]string{
				"res.company":       {"name", "currency_id", "account_fiscal_country_id"},
				"res.currency":      {"name", "rounding"},
				"product.pricelist": {"name", "currency_id", "company_id"},
				"account.tax":       {"name", "amount", "amount_type", "price_include", "country_id", "company_id"},
				"res.country":       {"code"},
				"res.country.state": {"code", "country_id"},
				"stock.warehouse":   {"name", "company_id"},
				"res.lang":          {"code"},

				"account.tax.repartition.line": {"tax_id", "repartition_type", "account_id"},
			} {
				rows := o.search(t, model, []any{}, fields...)
				require.NotEmpty(t, rows, model)
				for _, f := range fields {
					require.Contains(t, rows[0], f, model)
				}
			}
			euro := o.search(t, "res.currency", []any{[]any{"name", "=", "EUR"}}, "rounding")
			require.Len(t, euro, 1)
			require.Equal(t, "0.01", euro[0].Dec("rounding").Round(6).String())
			for _, model := range []string{"crm.team", "account.payment.term"} { // none need be there
				var rows []odooclient.Row
				err := o.Call(t.Context(), odooclient.Request{Model: model, Method: "search_read", Args: map[string]any{"domain": []any{}, "fields": []string{"name", "company_id"}}}, &rows)
				require.Contains(t, []odooclient.Kind{"", odooclient.NoModel}, odooclient.KindOf(err), "%v", err)
			}
		}},
		{"single records are read as lists of one", func(t *testing.T, o *odoo) {
			for _, r := range []struct {
				model, field string
				id           int64
				want         []string
			}{
				{"res.company", "tax_calculation_rounding_method", o.company, []string{"round_per_line", "round_globally"}},
				{"product.product", "type", o.products[0], []string{"consu", "service", "product", "combo"}},
			} {
				var rows []odooclient.Row
				o.must(t, odooclient.Request{Model: r.model, Method: "read", IDs: []int64{r.id}, Args: map[string]any{"fields": []string{r.field}}}, &rows)
				require.Len(t, rows, 1)
				require.Equal(t, r.id, rows[0].ID())
				require.Contains(t, r.want, rows[0].Str(r.field))
			}
		}},
		{"products are found by SKU, each under its own", func(t *testing.T, o *odoo) {
			q := odooclient.Query{Model: "product.product", Field: "default_code", Fields: []string{"active", "company_id"}, Context: o.context("active_test", false)}
			for i, sku := range o.skus[:2] {
				rows, err := o.Find(t.Context(), q, sku)
				require.NoError(t, err)
				require.Equal(t, o.products[i], rows[0].ID())
				require.True(t, rows[0].Bool("active"))
			}
			rows, err := o.Find(t.Context(), q, o.name())
			require.NoError(t, err)
			require.Empty(t, rows)
			one := o.search(t, "product.product", []any{[]any{"default_code", "in", o.skus[:2]}}, "default_code")
			require.GreaterOrEqual(t, len(one), 2)
		}},
		{"contacts are found by mail and by parent, archived ones by id", func(t *testing.T, o *odoo) {
			name := o.name()
			id := o.loaded(t, "res.partner", "id name email", []any{xid(name), name, "Buyer <" + strings.ToUpper(name) + "@Example.com>"})
			rows, err := o.Find(t.Context(), odooclient.Query{Model: "res.partner", Field: "email_normalized", Fields: []string{"name", "parent_id", "country_id"}}, name+"@example.com")
			require.NoError(t, err)
			require.Len(t, rows, 1)
			require.Equal(t, id, rows[0].ID())
			parent, text := rows[0].Ref("parent_id")
			require.Zero(t, parent, "false is no record")
			require.Empty(t, text)
			child := o.name()
			childID := o.loaded(t, "res.partner", "id name type parent_id/.id", []any{xid(child), child, "delivery", strconv.FormatInt(id, 10)})
			rows, err = o.Find(t.Context(), odooclient.Query{Model: "res.partner", Field: "parent_id", Fields: []string{"name"}}, strconv.FormatInt(id, 10))
			require.NoError(t, err)
			require.Len(t, rows, 1)
			require.Equal(t, childID, rows[0].ID())
			o.must(t, odooclient.Request{Model: "res.partner", Method: "write", IDs: []int64{childID}, Args: map[string]any{"vals": map[string]any{"active": false}}}, nil)
			rows, err = o.Find(t.Context(), odooclient.Query{Model: "res.partner", Field: "parent_id", Fields: []string{"name"}}, strconv.FormatInt(id, 10))
			require.NoError(t, err)
			require.Empty(t, rows)
			require.Equal(t, child, o.get(t, "res.partner", childID, "name").Str("name"))
		}},
		{"a record that is not there is no error to read", func(t *testing.T, o *odoo) {
			_, ok, err := o.Get(t.Context(), odooclient.Query{Model: "res.partner", Fields: []string{"name"}}, gone(t, o))
			require.NoError(t, err)
			require.False(t, ok)
		}},
		{"external ids are read both ways", func(t *testing.T, o *odoo) {
			name, id := o.partner(t)
			got, err := o.ExternalID(t.Context(), "res.partner", id)
			require.NoError(t, err)
			require.Equal(t, xid(name), got)
			var ids []int64
			o.must(t, odooclient.Request{Model: "res.partner", Method: "create", Args: map[string]any{"vals_list": []any{map[string]any{"name": o.name()}}}}, &ids)
			got, err = o.ExternalID(t.Context(), "res.partner", ids[0])
			require.NoError(t, err)
			require.Empty(t, got)
			model, found, ok, err := o.Resolve(t.Context(), xid(name))
			require.NoError(t, err)
			require.True(t, ok)
			require.Equal(t, "res.partner", model)
			require.Equal(t, id, found)
			_, _, ok, err = o.Resolve(t.Context(), xid(o.name()))
			require.NoError(t, err)
			require.False(t, ok)
			o.must(t, odooclient.Request{Model: "res.partner", Method: "write", IDs: []int64{id}, Args: map[string]any{"vals": map[string]any{"active": false}}}, nil)
			_, found, ok, err = o.Resolve(t.Context(), xid(name))
			require.NoError(t, err)
			require.True(t, ok, "archived ones too")
			require.Equal(t, id, found)
		}},
	}
}

// gone is the id of a contact that is no more.
func gone(t *testing.T, o *odoo) int64 {
	t.Helper()
	_, id := o.partner(t)
	o.must(t, odooclient.Request{Model: "res.partner", Method: "unlink", IDs: []int64{id}}, nil)
	return id
}
