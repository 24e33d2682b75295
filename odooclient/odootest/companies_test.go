package odootest

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// twoCompanies has a second company in kronor with a tax of its own; the gateway's
// user may work in both.
func twoCompanies(t *testing.T) (*Server, *client, int64, int64) {
	t.Helper()
	s, c := shop(t, Options{})
	second := s.AddCompany("Second", "SEK", "SE")
	return s, c, second, s.AddTaxDef(TaxDef{Name: "25% SE", Amount: "25", Company: second})
}

func TestTheFirstAllowedCompanyIsTheOrders(t *testing.T) {
	s, c, second, tax := twoCompanies(t)
	row := orderRow(s, "1")
	row[9] = toText(tax)
	in := func(ids ...int64) map[string]any { return map[string]any{"allowed_company_ids": ids} }
	ids, messages := c.load("sale.order", orderFields, [][]any{row}, in(second))
	require.Empty(t, messages)
	o := s.Orders()[0]
	require.Equal(t, []string{"SEK", "31.375"}, []string{o.Currency, o.Untaxed.Mul(decimal.RequireFromString("1.25")).String()})
	require.Equal(t, "31.38", o.Total.String())
	got := c.must("sale.order", "read", ids, []any{"company_id", "warehouse_id", "pricelist_id"}).([]any)[0].(map[string]any)
	for _, f := range []string{"company_id", "warehouse_id"} {
		require.Equal(t, "Second", got[f].([]any)[1])
	}
	row[0], row[4], row[2] = "odoogate.o2", "odoogate.l2", "#2"
	_, messages = c.load("sale.order", append([]string{"company_id/.id"}, orderFields...), [][]any{append([]any{toText(second)}, row...)}, in(1, second))
	require.Empty(t, messages)
	require.Equal(t, "SEK", s.Orders()[1].Currency)
	row[0], row[4], row[2] = "odoogate.o3", "odoogate.l3", "#3"
	_, messages = c.load("sale.order", orderFields, [][]any{row}, in(1, second))
	require.Contains(t, messages[0]["message"], "Incompatible companies on records:")
	require.Len(t, s.Orders(), 2)
}

func TestAnOrderOfAnotherCompanyIsNotSeen(t *testing.T) {
	s, c, second, tax := twoCompanies(t)
	row := orderRow(s, "1")
	row[9] = toText(tax)
	ids, _ := c.load("sale.order", orderFields, [][]any{row}, map[string]any{"allowed_company_ids": []int64{second}})
	first := map[string]any{"context": map[string]any{"allowed_company_ids": []int64{1}}}
	count := func(kwargs map[string]any) any {
		n, fault := c.try("sale.order", "search_count", []any{[]any{}}, kwargs)
		require.Nil(t, fault)
		return toText(n)
	}
	require.Equal(t, "0", count(first))
	require.Equal(t, "1", count(nil), "without a context all companies of the user are at hand")
	_, fault := c.try("sale.order", "read", []any{ids, []any{"name"}}, first)
	require.Contains(t, fault["message"], "Due to security restrictions, you are not allowed to access 'Sales Order' (sale.order) records.")
	_, messages := c.load("sale.order", orderFields[:3], [][]any{row[:3]}, map[string]any{"allowed_company_ids": []int64{1}})
	require.Contains(t, messages[0]["message"], "not allowed to modify 'Sales Order'")
	for _, model := range []string{"res.company", "stock.warehouse"} {
		require.Len(t, c.must(model, "search", []any{}), 2)
	}
	require.Len(t, newClient(t, s, "low", "low").must("res.company", "search", []any{}), 1)
}

func TestTheCompanyOfANewOrderIsAskedFor(t *testing.T) {
	_, c, second, _ := twoCompanies(t)
	ask := func(context map[string]any) (any, map[string]any) {
		return c.try("sale.order", "default_get", []any{[]any{"company_id", "currency_id", "user_id"}}, map[string]any{"context": context})
	}
	for want, context := range map[int64]map[string]any{1: {}, second: {"allowed_company_ids": []int64{second, 1}}} {
		got, fault := ask(context)
		require.Nil(t, fault)
		require.Len(t, got, 1, "only what has a default of its own")
		require.Equal(t, toText(want), toText(got.(map[string]any)["company_id"]))
	}
	_, fault := ask(map[string]any{"allowed_company_ids": []int64{7}})
	require.Equal(t, "Access to unauthorized or invalid companies.", fault["message"])
}

func TestTheSummaryIsRoundedByTheUsersOwnCompany(t *testing.T) {
	s, c, second, tax := twoCompanies(t)
	s.Set("res.company", second, Values{"currency_id": s.ID("res.currency", "name", "KWD"), "tax_calculation_rounding_method": "round_globally"})
	s.Set("account.tax", tax, Values{"amount": "10"})
	s.Set("product.pricelist", s.ID("product.pricelist", "name", "Second SEK"), Values{"currency_id": s.ID("res.currency", "name", "KWD")})
	row := orderRow(s, "1")
	row[7], row[8], row[9] = 1, "20.06", toText(tax)
	context := map[string]any{"allowed_company_ids": []int64{second}}
	_, messages := c.load("sale.order", orderFields, [][]any{row}, context)
	require.Empty(t, messages)
	require.Equal(t, "2.006", s.Orders()[0].Tax.String(), "the own company rounds per line")
	s.Set("res.company", 1, Values{"tax_calculation_rounding_method": "round_globally"})
	row[0], row[4], row[2] = "odoogate.o2", "odoogate.l2", "#2"
	_, messages = c.load("sale.order", orderFields, [][]any{row}, context)
	require.Empty(t, messages)
	require.Equal(t, "2.01", s.Orders()[1].Tax.String(), "the own company cuts to its cents")
}

func TestANoteComesInWithItsOrder(t *testing.T) {
	s, c := shop(t, Options{})
	note := c.must("ir.model.data", "check_object_reference", "mail", "mt_note").([]any)[1]
	fields := append([]string{"message_ids/id", "message_ids/model", "message_ids/body", "message_ids/message_type", "message_ids/is_internal", "message_ids/subtype_id/.id"}, orderFields...)
	ids, messages := c.load("sale.order", fields, [][]any{append([]any{"odoogate.o1_note", "sale.order", "<p>Ring twice</p>", "comment", "1", toText(note)}, orderRow(s, "1")...)}, nil)
	require.Empty(t, messages)
	got := c.must("sale.order", "read", ids, []any{"message_ids"}).([]any)[0].(map[string]any)
	require.Len(t, got["message_ids"], 2, "the note and that the order was created")
	require.Equal(t, "<p>Ring twice</p>", s.Messages()[0].Body)
	require.Empty(t, s.Mails())
	row := append([]any{"odoogate.o2_note", "<p>Again</p>"}, orderRow(s, "2")...)
	_, messages = c.load("sale.order", append([]string{"message_ids/id", "message_ids/body"}, orderFields...), [][]any{row}, map[string]any{"default_model": "sale.order"})
	require.Contains(t, messages[0]["message"], "Unknown error during import: <class 'KeyError'>: ")
	row[2], row[6] = orderRow(s, "1")[0], orderRow(s, "1")[4]
	_, messages = c.load("sale.order", append([]string{"message_ids/id", "message_ids/body"}, orderFields...), [][]any{row}, map[string]any{"default_model": "sale.order"})
	require.Empty(t, messages, "beside an order that is there the context may say it")
}
