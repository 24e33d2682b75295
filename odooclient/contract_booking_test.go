package odooclient_test

import (
	"encoding/json"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// bookingClauses are what an order is booked with beside its lines.
func bookingClauses() []clause {
	return []clause{
		{"an order keeps the name and the shipping policy it is given", func(t *testing.T, o *odoo) {
			ref, partner := o.partner(t)
			id := o.loaded(t, "sale.order", "id name client_order_ref partner_id/.id picking_policy", []any{xid(ref) + "_order", ref, ref, strconv.FormatInt(partner, 10), "one"})
			row := o.get(t, "sale.order", id, "name", "picking_policy", "user_id", "fiscal_position_id", "carrier_id")
			require.Equal(t, []string{ref, "one"}, []string{row.Str("name"), row.Str("picking_policy")})
			uid, err := o.UID(t.Context())
			require.NoError(t, err)
			seller, _ := row.Ref("user_id")
			require.Equal(t, uid, seller, "who sells is the salesperson")
		}},
		{"papers go to the company's addresses when none is named", func(t *testing.T, o *odoo) {
			name := o.name()
			firm := o.loaded(t, "res.partner", "id name is_company child_ids/id child_ids/name child_ids/type",
				[]any{xid(name), name, "1", xid(name) + "_i", name + " bills", "invoice"}, []any{"", "", "", xid(name) + "_d", name + " door", "delivery"})
			kid := o.loaded(t, "res.partner", "id name parent_id/id", []any{xid(name) + "_k", name + " kid", xid(name)})
			id := o.loaded(t, "sale.order", "id client_order_ref partner_id/.id", []any{xid(name) + "_order", name, strconv.FormatInt(kid, 10)})
			row := o.get(t, "sale.order", id, "partner_invoice_id", "partner_shipping_id")
			for field, kind := range map[string]string{"partner_invoice_id": "invoice", "partner_shipping_id": "delivery"} {
				got, _ := row.Ref(field)
				child := o.get(t, "res.partner", got, "type", "parent_id")
				parent, _ := child.Ref("parent_id")
				require.Equal(t, kind, child.Str("type"), field)
				require.Equal(t, firm, parent, field)
			}
		}},
		{"the tax totals add up to the order", func(t *testing.T, o *odoo) {
			b := o.order(t, 2)
			taxes := o.search(t, "account.tax", []any{[]any{"type_tax_use", "=", "sale"}, []any{"company_id", "=", o.company}, []any{"amount_type", "=", "percent"}}, "tax_group_id")
			require.NotEmpty(t, taxes)
			row := append([]any{xid(b.ref) + "_order"}, o.lineRow(b, 0, "3", "9.99")...)
			row[len(row)-1] = strconv.FormatInt(taxes[0].ID(), 10)
			o.loaded(t, "sale.order", "id "+o.lineColumns(), row)
			got := o.get(t, "sale.order", b.id, "tax_totals", "amount_untaxed", "amount_tax", "amount_total")
			raw, err := json.Marshal(got["tax_totals"])
			require.NoError(t, err)
			untaxed, sum, total := taxTotals(t, raw)
			require.Equal(t, got.Dec("amount_untaxed").Round(2).String(), untaxed.Round(2).String())
			require.Equal(t, got.Dec("amount_tax").Round(2).String(), sum.Round(2).String())
			require.Equal(t, got.Dec("amount_total").Round(2).String(), total.Round(2).String())
		}},
		{"dates are kept as they are sent", func(t *testing.T, o *odoo) {
			ref, partner := o.partner(t)
			id := o.loaded(t, "sale.order", "id client_order_ref partner_id/.id date_order commitment_date",
				[]any{xid(ref) + "_order", ref, strconv.FormatInt(partner, 10), "2026-11-01 10:00:00", "2026-11-02 12:00:00"})
			row := o.get(t, "sale.order", id, "date_order", "commitment_date")
			require.Equal(t, time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC), row.Time("date_order"))
			require.Equal(t, time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC), row.Time("commitment_date"))
		}},
		{"a transfer's place is changed by a load, and its moves follow", func(t *testing.T, o *odoo) {
			b := o.order(t, 1)
			o.do(t, "action_confirm", b.id)
			pickings := o.search(t, "stock.picking", []any{[]any{"sale_id", "=", b.id}}, "location_id", "move_type")
			if len(pickings) == 0 {
				t.Skip("the database's products are services")
			}
			require.Equal(t, "direct", pickings[0].Str("move_type"))
			from, _ := pickings[0].Ref("location_id")
			for _, to := range o.ids(t, "stock.location", []any{[]any{"usage", "=", "internal"}, []any{"id", "!=", from}, []any{"company_id", "=", o.company}, []any{"active", "in", []any{true, false}}})[:1] {
				o.loaded(t, "stock.picking", ".id location_id/.id", []any{strconv.FormatInt(pickings[0].ID(), 10), strconv.FormatInt(to, 10)})
				for _, move := range o.search(t, "stock.move", []any{[]any{"picking_id", "=", pickings[0].ID()}}, "location_id") {
					got, _ := move.Ref("location_id")
					require.Equal(t, to, got)
				}
			}
		}},
	}
}

// taxTotals reads either version's summary.
func taxTotals(t *testing.T, raw []byte) (untaxed, tax, total decimal.Decimal) {
	t.Helper()
	var shown struct {
		Untaxed17 *decimal.Decimal `json:"amount_untaxed"`
		Total17   decimal.Decimal  `json:"amount_total"`
		Groups17  map[string][]struct {
			Amount decimal.Decimal `json:"tax_group_amount"`
		} `json:"groups_by_subtotal"`
		Untaxed19 decimal.Decimal `json:"base_amount_currency"`
		Tax19     decimal.Decimal `json:"tax_amount_currency"`
		Total19   decimal.Decimal `json:"total_amount_currency"`
	}
	require.NoError(t, json.Unmarshal(raw, &shown), "%s", raw)
	if shown.Untaxed17 == nil {
		return shown.Untaxed19, shown.Tax19, shown.Total19
	}
	for _, groups := range shown.Groups17 {
		for _, g := range groups {
			tax = tax.Add(g.Amount)
		}
	}
	return *shown.Untaxed17, tax, shown.Total17
}
