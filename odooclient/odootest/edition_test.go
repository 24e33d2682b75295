package odootest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestARecordMadeWithNoupdateIsShieldedInUpdateMode(t *testing.T) {
	quiet := map[string]any{"mode": "update", "noupdate": true}
	for _, version := range []int{17, 19} {
		_, c := shop(t, Options{Version: version})
		load := func(xid, name string, context map[string]any) string {
			ids, messages := c.load("res.partner", []string{"id", "name"}, [][]any{{xid, name}}, context)
			require.Empty(t, messages)
			return c.must("res.partner", "read", ids, []any{"name"}).([]any)[0].(map[string]any)["name"].(string)
		}
		require.Equal(t, "first", load("og.a", "first", quiet))
		require.Equal(t, "first", load("og.a", "second", quiet), "answered, not written")
		require.Equal(t, "first", load("og.a", "second", map[string]any{"mode": "update"}))
		require.Equal(t, "third", load("og.a", "third", nil), "other modes write")
		require.Equal(t, "third", load("og.a", "fourth", quiet), "and leave the mark")
		load("og.b", "plain", nil)
		require.Equal(t, "changed", load("og.b", "changed", quiet), "the mark is set with the external id only")
		_, messages := c.load("res.partner", []string{"id", "country_id/id"}, [][]any{{"og.a", "base.nosuch"}}, quiet)
		require.Len(t, messages, 1, "cells are checked all the same")
	}
}

func Test19TakesATextForALineAndAsksForAProductOnConfirming(t *testing.T) {
	s, c := shop(t, Options{Version: 19})
	row := orderRow(s, "1")
	row[5] = ""
	ids, messages := c.load("sale.order", s.names19(orderFields), [][]any{row}, nil)
	require.Empty(t, messages)
	require.Equal(t, "25.1", s.Orders()[0].Total.String(), "the tax is in the price")
	_, fault := c.try("sale.order", "action_confirm", []any{ids}, nil)
	require.Contains(t, fault["message"], "Some order lines are missing a product")
}

func Test19CancelsAtOnceAndKeepsTheProductOfAConfirmedLine(t *testing.T) {
	s, c := shop(t, Options{Version: 19})
	other := s.AddProduct("TEE", "Tee", one)
	ids, messages := c.load("sale.order", s.names19(orderFields), [][]any{orderRow(s, "1")}, nil)
	require.Empty(t, messages)
	c.must("sale.order", "action_confirm", ids)
	_, fault := c.try("sale.order.line", "write", []any{s.Orders()[0].Lines[0].ID, map[string]any{"product_id": other}}, nil)
	require.Equal(t, "You cannot modify the product of this order line.", fault["message"])
	require.Equal(t, true, c.must("sale.order", "action_cancel", ids))
	require.Equal(t, "cancel", s.Orders()[0].State)
}

func Test19KeepsEveryDigitOfAPrice(t *testing.T) {
	for version, want := range map[int][2]string{17: {"3.34", "4.11"}, 19: {"3.335", "4.1"}} {
		s, c := shop(t, Options{Version: version})
		s.Set("account.tax", s.ID("account.tax", "name", "25.5%"), Values{"amount": "0"})
		fields := s.names19(orderFields)
		if version == 17 {
			fields = orderFields
		}
		row := orderRow(s, "1")
		row[7], row[8] = "1.2345", "3.335"
		_, messages := c.load("sale.order", fields, [][]any{row}, nil)
		require.Empty(t, messages)
		line := s.Orders()[0].Lines[0]
		require.Equal(t, want, [2]string{line.Price.String(), line.Subtotal.String()})
		digits := c.must("sale.order.line", "fields_get", []any{"price_unit", "discount"}).(map[string]any)
		require.Equal(t, version == 19, digits["price_unit"].(map[string]any)["digits"] == false)
		require.NotEqual(t, false, digits["discount"].(map[string]any)["digits"])
	}
}

func Test19HasItsOwnNames(t *testing.T) {
	s, c := shop(t, Options{Version: 19})
	for model, names := range map[string][2]string{
		"sale.order.line": {"tax_ids", "tax_id"}, "product.product": {"is_storable", "detailed_type"}, "res.users": {"group_ids", "groups_id"},
		"account.tax": {"price_include_override", ""}, "stock.move": {"product_id", "name"}, "res.partner": {"phone", "mobile"},
	} {
		fields := c.must(model, "fields_get").(map[string]any)
		require.Contains(t, fields, names[0])
		require.NotContains(t, fields, names[1])
	}
	_, fault := c.try("sale.order", "search", []any{[]any{[]any{"order_line.tax_id", "=", 1}}}, nil)
	require.Equal(t, "Invalid field sale.order.line.tax_id in condition ('tax_id', '=', 1)", fault["message"])
	_, fault = c.try("res.partner", "load", []any{[]any{"id", "mobile"}, []any{}}, nil)
	require.Equal(t, "Invalid field name 'mobile'", fault["message"])
	_, fault = c.try("res.partner", "write", []any{1, map[string]any{"mobile": "1"}}, nil)
	require.Equal(t, "builtins.KeyError", fault["name"])
	included := s.AddTax("14% in", "14", true, "")
	got := c.must("account.tax", "read", []any{included}, []any{"price_include", "price_include_override"}).([]any)[0].(map[string]any)
	require.Equal(t, []any{true, "tax_included"}, []any{got["price_include"], got["price_include_override"]})
	s.Set("account.tax", included, Values{"price_include_override": false})
	s.Set("res.company", 1, Values{"account_price_include": "tax_included"})
	require.Len(t, c.must("account.tax", "search", []any{[]any{"price_include", "=", true}}), 2, "the company speaks where the tax does not")
}
