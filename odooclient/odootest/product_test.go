package odootest

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func TestOnlyAProductManagerMakesProducts(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		columns, rows := []string{"id", "name", "default_code", "barcode", "list_price"}, [][]any{{"t.p", "New", "NEW1", "4006381333931", "3.5"}}
		_, messages := c.load("product.product", columns, rows, nil)
		text := messages[0]["message"].(string)
		require.Contains(t, text, "You are not allowed to create 'Product Variant' (product.product) records.\n\n"+
			"This operation is allowed for the following groups:\n\t- ")
		group := "sales_team.group_sale_manager"
		if s.edition.major >= 19 {
			group = "product.group_product_manager"
		}
		s.AddUser("boss", "boss", group)
		boss := newClient(t, s, "boss", "boss")
		ids, messages := boss.load("product.product", columns, rows, nil)
		require.Empty(t, messages)
		got := c.one("product.product", ids[0], "default_code", "type", "sale_ok", "invoice_policy", "product_tmpl_id")
		require.Equal(t, []any{"NEW1", "consu", true, "order"}, []any{got["default_code"], got["type"], got["sale_ok"], got["invoice_policy"]})
		require.Equal(t, "[NEW1] New", got["product_tmpl_id"].([]any)[1])
		again, messages := boss.load("product.product", columns, rows, nil)
		require.Empty(t, messages)
		require.Equal(t, ids, again)
		joint := map[int]string{17: ", ", 19: " and "}[s.edition.major]
		_, messages = boss.load("product.product", columns[:4], [][]any{{"t.q", "Y", "", "4006381333931"}}, nil)
		require.Equal(t, "Barcode(s) already assigned:\n\n- Barcode \"4006381333931\" already assigned to product(s): [NEW1] New"+joint+"Y\n\n"+
			"Note: products that you don't have access to will not be shown above.", messages[0]["message"])
		require.Len(t, c.must("product.product", "search", []any{[]any{"barcode", "in", []any{"4006381333931"}}}), 1)
	})
}

func TestVariantsShareTheirTemplate(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		red := s.AddProduct("RED", "Shirt", decimal.NewFromInt(10), Values{"barcode": "1"})
		template := toInt64(t, c.one("product.product", red, "product_tmpl_id")["product_tmpl_id"].([]any)[0])
		require.Equal(t, "RED", c.one("product.template", template, "default_code")["default_code"])
		blue := s.AddProduct("BLUE", "Shirt", decimal.NewFromInt(10), Values{"barcode": "2", "product_tmpl_id": template})
		s.Set("product.product", blue, Values{"list_price": 12, "name": "Top"})
		for id, sku := range map[int64]string{red: "RED", blue: "BLUE"} {
			got := c.one("product.product", id, "name", "default_code", "list_price")
			require.Equal(t, []string{"Top", sku, "12.0"}, []string{got["name"].(string), got["default_code"].(string), toText(got["list_price"])})
		}
		got := c.one("product.template", template, "default_code", "barcode", "product_variant_count")
		require.Equal(t, []any{false, false, "2"}, []any{got["default_code"], got["barcode"], toText(got["product_variant_count"])})
	})
}

func TestAFieldOfOnesOwnIsSearchedLikeAnyOther(t *testing.T) {
	both(t, func(t *testing.T, s *Server, c *client) {
		old := s.AddProduct("OLD", "Old", decimal.NewFromInt(1))
		s.AddField("product.template", "x_shop_sku", "char", "Shop SKU")
		s.AddField("product.product", "x_bin", "char", "Bin")
		mug := s.AddProduct("MUG", "Mug", decimal.NewFromInt(1), Values{"x_shop_sku": "S-1", "x_bin": "B7"})
		s.Set("product.product", old, Values{"x_shop_sku": "S-2"})
		for _, domain := range [][]any{{"x_shop_sku", "in", []any{"S-1", "none"}}, {"x_bin", "=", "B7"}, {"x_shop_sku", "=ilike", "s-1"}} {
			found := c.must("product.product", "search_read", []any{domain}, []any{"x_shop_sku"}).([]any)
			require.Len(t, found, 1)
			require.Equal(t, toText(mug), toText(found[0].(map[string]any)["id"]))
		}
		template := c.must("product.template", "search_read", []any{[]any{"x_shop_sku", "=", "S-2"}}, []any{"name"}).([]any)
		require.Equal(t, "Old", template[0].(map[string]any)["name"])
		require.Contains(t, c.must("product.product", "fields_get", []any{"x_shop_sku"}, []any{"type"}), "x_shop_sku")
		_, fault := c.try("product.template", "search", []any{[]any{[]any{"x_bin", "=", "B7"}}}, nil)
		require.Contains(t, fault["message"], "Invalid field product.template.x_bin")
	})
}
