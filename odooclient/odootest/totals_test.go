package odootest

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// A real 17 answered this for one line of 3 at 9.99 less 10 % and one of 1249.50
// with its tax inside, the hairs behind the cents included.
const totals17 = `{"amount_untaxed": 1123.02, "amount_total": 1283.3500000000001, "formatted_amount_total": "1,283.35\u00a0\u20ac",
"formatted_amount_untaxed": "1,123.02\u00a0\u20ac", "groups_by_subtotal": {"Untaxed Amount": [
{"group_key": $g1, "tax_group_id": $g1, "tax_group_name": "VAT 25.5%", "tax_group_amount": 6.88, "tax_group_base_amount": 26.97,
"formatted_tax_group_amount": "6.88\u00a0\u20ac", "formatted_tax_group_base_amount": "26.97\u00a0\u20ac", "hide_base_amount": false},
{"group_key": $g2, "tax_group_id": $g2, "tax_group_name": "VAT 14%", "tax_group_amount": 153.45000000000002, "tax_group_base_amount": 1096.05,
"formatted_tax_group_amount": "153.45\u00a0\u20ac", "formatted_tax_group_base_amount": "1,096.05\u00a0\u20ac", "hide_base_amount": false}]},
"subtotals": [{"name": "Untaxed Amount", "amount": 1123.02, "formatted_amount": "1,123.02\u00a0\u20ac"}],
"subtotals_order": ["Untaxed Amount"], "display_tax_base": true}`

// And a real 19 this, with 0 % on the first line and 25.5 % inside the second.
const totals19 = `{"currency_id": $eur, "currency_pd": 0.01, "company_currency_id": $eur, "company_currency_pd": 0.01, "has_tax_groups": true,
"subtotals": [{"tax_groups": [
{"id": $g1, "involved_tax_ids": [$t1], "tax_amount_currency": 0.0, "tax_amount": 0.0, "base_amount_currency": 26.97, "base_amount": 26.97,
"display_base_amount_currency": 26.97, "display_base_amount": 26.97, "group_name": "Tax 0%", "group_label": false},
{"id": $g2, "involved_tax_ids": [$t2], "tax_amount_currency": 253.88, "tax_amount": 253.88, "base_amount_currency": 995.62, "base_amount": 995.62,
"display_base_amount_currency": 995.62, "display_base_amount": 995.62, "group_name": "VAT 25.5%", "group_label": false}],
"tax_amount_currency": 253.88, "tax_amount": 253.88, "base_amount_currency": 1022.59, "base_amount": 1022.59, "name": "Untaxed Amount"}],
"base_amount_currency": 1022.59, "base_amount": 1022.59, "tax_amount_currency": 253.88, "tax_amount": 253.88, "same_tax_base": false,
"total_amount_currency": 1276.47, "total_amount": 1276.47}`

func TestTheTaxTotalsHaveTheShapeOfTheVersion(t *testing.T) {
	for version, want := range map[int]string{17: totals17, 19: totals19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			s := Start(t, Options{Version: version})
			c := newClient(t, s, "api", "api")
			names, rates := [2]string{"VAT 25.5%", "VAT 14%"}, [2]string{"25.5", "14"}
			if version == 19 {
				names, rates = [2]string{"Tax 0%", "VAT 25.5%"}, [2]string{"0", "25.5"}
			}
			var groups, taxes [2]int64
			for i := range groups {
				groups[i] = s.AddTaxGroup(names[i])
				taxes[i] = s.AddTaxDef(TaxDef{Name: names[i], Amount: rates[i], Included: i == 1, Group: groups[i]})
			}
			field := s.models["sale.order.line"].fields["tax_id"].name
			product := s.AddProduct("MUG", "Mug", decimal.NewFromInt(10))
			line := func(qty, price, discount string, taxes ...any) []any {
				return []any{0, 0, map[string]any{"product_id": product, "product_uom_qty": json.Number(qty), "price_unit": json.Number(price),
					"discount": json.Number(discount), field: []any{[]any{6, 0, taxes}}}}
			}
			read := func(lines ...any) string {
				id := c.must("sale.order", "create", map[string]any{"partner_id": s.AddPartner(map[string]any{"name": "Ann"}), "order_line": lines})
				raw, err := json.Marshal(c.must("sale.order", "read", id, []any{"tax_totals"}).([]any)[0].(map[string]any)["tax_totals"])
				require.NoError(t, err)
				return string(raw)
			}
			ids := strings.NewReplacer("$g1", fmt.Sprint(groups[0]), "$g2", fmt.Sprint(groups[1]), "$t1", fmt.Sprint(taxes[0]), "$t2", fmt.Sprint(taxes[1]),
				"$eur", fmt.Sprint(s.ID("res.currency", "name", "EUR")))
			require.JSONEq(t, ids.Replace(want), read(line("3", "9.99", "10", taxes[0]), line("1", "1249.5", "0", taxes[1])))
			none := read(line("3", "9.99", "0"))
			require.Contains(t, none, map[int]string{17: `"groups_by_subtotal":{}`, 19: `"has_tax_groups":false`}[version])
		})
	}
}
