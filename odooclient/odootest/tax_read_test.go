package odootest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheGatewayReadsHowTaxesAreComputed(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		group := s.AddTaxGroup("VAT 21%")
		low := s.AddTax("Low", "5", false, "", Values{"include_base_amount": true, "sequence": 7, "tax_group_id": group})
		high := s.AddTaxDef(TaxDef{Name: "Back", Amount: "21", Repartition: []string{"100", "-100"}, Group: group}, Values{"is_base_affected": false})
		both := s.AddTaxDef(TaxDef{Name: "Both", Kind: "group", Children: []int64{low, high}, Included: true})
		fields := []any{"name", "amount", "amount_type", "sequence", "include_base_amount", "is_base_affected", "price_include", "children_tax_ids",
			"tax_group_id", "invoice_repartition_line_ids", "refund_repartition_line_ids"}
		rows := c.must("account.tax", "search_read", []any{[]any{"id", "in", []any{low, high, both}}}, fields).([]any)
		require.Len(t, rows, 3)
		byName := map[string]map[string]any{}
		for _, row := range rows {
			r := row.(map[string]any)
			byName[r["name"].(string)] = r
		}
		require.Equal(t, []any{"7", true, true, false}, []any{toText(byName["Low"]["sequence"]), byName["Low"]["include_base_amount"],
			byName["Low"]["is_base_affected"], byName["Low"]["price_include"]})
		require.Equal(t, false, byName["Back"]["is_base_affected"])
		require.Equal(t, "VAT 21%", byName["Back"]["tax_group_id"].([]any)[1])
		require.Equal(t, []any{"group", true}, []any{byName["Both"]["amount_type"], byName["Both"]["price_include"]})
		require.Len(t, byName["Both"]["children_tax_ids"], 2)
		lines := c.must("account.tax.repartition.line", "search_read", []any{[]any{"id", "in", byName["Back"]["invoice_repartition_line_ids"]}},
			[]any{"repartition_type", "factor_percent", "document_type"}).([]any)
		var got []string
		for _, l := range lines {
			r := l.(map[string]any)
			got = append(got, r["document_type"].(string)+" "+r["repartition_type"].(string)+" "+toText(r["factor_percent"]))
		}
		require.Equal(t, []string{"invoice base 100.0", "invoice tax 100.0", "invoice tax -100.0"}, got)
		require.Len(t, byName["Low"]["refund_repartition_line_ids"], 2)
		require.Contains(t, []any{"round_per_line", "round_globally"},
			c.one("res.company", 1, "tax_calculation_rounding_method")["tax_calculation_rounding_method"])
		_, fault := c.try("account.tax", "write", []any{[]int64{low}, map[string]any{"amount": 1}}, nil)
		require.Contains(t, fault["message"], "You are not allowed to modify 'Tax' (account.tax) records.")
	})
}
