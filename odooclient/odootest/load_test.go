package odootest

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestTheSameExternalIDsUpdateTheSameRecords(t *testing.T) {
	s, c := shop(t, Options{})
	rows := [][]any{orderRow(s, "1"), orderRow(s, "2")}
	first, messages := c.load("sale.order", orderFields, rows, nil)
	require.Empty(t, messages)
	rows[0][8] = "13.00"
	again, messages := c.load("sale.order", orderFields, rows, nil)
	require.Empty(t, messages)
	require.Equal(t, first, again)
	orders := s.Orders()
	require.Len(t, orders, 2)
	require.Len(t, orders[0].Lines, 1)
	require.Equal(t, "26", orders[0].Total.String())
	require.Equal(t, []string{"odoogate.o1", "odoogate.l1", "#1", "MUG"},
		[]string{orders[0].XID, orders[0].Lines[0].XID, orders[0].Ref, orders[0].Lines[0].SKU})
	require.Equal(t, 2, orders[0].Writes)
}

func TestOneBadRecordSavesNothingAndEveryErrorIsNamed(t *testing.T) {
	s, c := shop(t, Options{})
	bad, lost := orderRow(s, "2"), orderRow(s, "4")
	bad[5], lost[1] = "999999", "odoogate.nobody"
	ids, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1"), bad, orderRow(s, "3"), lost}, nil)
	require.Nil(t, ids)
	require.Empty(t, s.Orders())
	var got []string
	for _, m := range messages {
		got = append(got, m["record"].(json.Number).String()+" "+m["message"].(string))
	}
	want := []string{
		"1 No matching record found for database id '999999' in field 'Order Lines/Product'",
		"3 No matching record found for external id 'odoogate.nobody' in field 'Customer'",
		"3 Missing required value for the field 'Customer' (partner_id)",
	}
	require.Empty(t, cmp.Diff(want, got))
	_, fault := c.try("ir.model.data", "check_object_reference", []any{"odoogate", "o1"}, nil)
	require.Equal(t, "External ID not found in the system: odoogate.o1", fault["message"])
}

func TestFollowingRowsBelongToTheRecordAboveThem(t *testing.T) {
	s, c := shop(t, Options{})
	more := orderRow(s, "1b")
	more[0], more[1], more[2], more[3] = "", "", "", ""
	_, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1"), more, orderRow(s, "2")}, nil)
	require.Empty(t, messages)
	orders := s.Orders()
	require.Len(t, orders, 2)
	require.Len(t, orders[0].Lines, 2)
	_, messages = c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	require.Empty(t, messages)
	require.Len(t, s.Orders()[0].Lines, 2, "a line left out is kept")
}

func TestAQuantityWithoutAPriceResetsThePrice(t *testing.T) {
	s, c := shop(t, Options{})
	_, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, nil)
	require.Empty(t, messages)
	_, messages = c.load("sale.order", []string{"id", "order_line/id", "order_line/product_uom_qty"}, [][]any{{"odoogate.o1", "odoogate.l1", 2}}, nil)
	require.Empty(t, messages)
	require.Equal(t, "10", s.Orders()[0].Lines[0].Price.String())
}

func TestCellsThatLoadRefusesOrTakes(t *testing.T) {
	for _, tt := range []struct {
		name    string
		fields  []string
		row     []any
		message string
		fault   string
	}{
		{"a JSON true in a boolean", []string{"id", "name", "is_company"}, []any{"og.a", "A", true}, "", "'bool' object has no attribute 'lower'"},
		{"an unknown column", []string{"id", "nosuch"}, []any{"og.a", "A"}, "", "nosuch"},
		{"too few cells", []string{"id", "name"}, []any{"og.a"}, "", "list index out of range"},
		{"a text in a boolean", []string{"id", "name", "is_company"}, []any{"og.a", "A", "1"}, "", ""},
		{"a decimal comma", []string{"id", "name", "partner_latitude"}, []any{"og.a", "A", "1,5"}, "'1,5' does not seem to be a number for field 'Geo Latitude'", ""},
		{"a space in the id", []string{"id", "name"}, []any{"og.a b", "A"}, `ir_model_data_name_nospaces`, ""},
		{"no name", []string{"id", "name"}, []any{"og.a", ""}, "'Contacts require a name'", ""},
		{"an external id of another model", []string{"id", "name"}, []any{"base.fi", "A"}, "found record of different model res.country", ""},
		{"an unknown database id", []string{".id", "name"}, []any{"999999", "A"}, "Unknown database identifier '999999'", ""},
		{"a country by code", []string{"id", "name", "country_id"}, []any{"og.a", "A", "fi"}, "", ""},
		{"a country nobody knows", []string{"id", "name", "country_id"}, []any{"og.a", "A", "Atlantis"}, "No matching record found for name 'Atlantis' in field 'Country'", ""},
		{"fields of another record", []string{"id", "name", "country_id/name"}, []any{"og.a", "A", "x"}, "Can not create Many-To-One records indirectly", ""},
		{"an impossible date", []string{"id", "name", "date"}, []any{"og.a", "A", "2026-02-30"}, "does not seem to be a valid date for field 'Date'", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, c := shop(t, Options{})
			got, fault := c.try("res.partner", "load", []any{tt.fields, []any{tt.row}}, nil)
			if tt.fault != "" {
				require.Equal(t, tt.fault, fault["message"])
				return
			}
			require.Nil(t, fault)
			messages := got.(map[string]any)["messages"].([]any)
			if tt.message == "" {
				require.Empty(t, messages)
				return
			}
			require.Len(t, messages, 1)
			require.Contains(t, messages[0].(map[string]any)["message"], tt.message)
			require.Equal(t, false, got.(map[string]any)["ids"])
		})
	}
}

func TestLoadFindsArchivedRecordsAndRemakesDeletedOnes(t *testing.T) {
	s, c := shop(t, Options{})
	ids, _ := c.load("res.partner", []string{"id", "name"}, [][]any{{"odoogate.bob", "Bob"}}, nil)
	c.must("res.partner", "write", ids, map[string]any{"active": false})
	same, _ := c.load("res.partner", []string{"id", "name"}, [][]any{{"odoogate.bob", "Bob B"}}, nil)
	require.Equal(t, ids, same)
	c.must("res.partner", "unlink", ids)
	fresh, _ := c.load("res.partner", []string{"id", "name"}, [][]any{{"odoogate.bob", "Bob"}, {"odoogate.bob", "Bobby"}}, nil)
	require.Equal(t, []int64{fresh[0], fresh[0]}, fresh, "the same id twice is one record")
	require.NotEqual(t, ids[0], fresh[0])
	partners := s.Partners()
	require.Equal(t, "Bobby", partners[len(partners)-1].Name)
}

func TestANameThatTwoHaveIsTakenWithAWarning(t *testing.T) {
	s, c := shop(t, Options{})
	s.AddPartner(map[string]any{"name": "Twin"})
	s.AddPartner(map[string]any{"name": "Twin"})
	ids, messages := c.load("sale.order", []string{"id", "partner_id"}, [][]any{{"odoogate.o", "Twin"}}, nil)
	require.Len(t, ids, 1)
	require.Len(t, messages, 1)
	require.Equal(t, "warning", messages[0]["type"])
	require.Equal(t, "Found multiple matches for value 'Twin' in field 'Customer' (2 matches)", messages[0]["message"])
}

func TestAnImportLimitCutsAndSaysWhereToGoOn(t *testing.T) {
	_, c := shop(t, Options{})
	rows := []any{[]any{"og.a", "A"}, []any{"og.b", "B"}, []any{"og.c", "C"}}
	got, fault := c.try("res.partner", "load", []any{[]string{"id", "name"}, rows}, map[string]any{"context": map[string]any{"_import_limit": 2}})
	require.Nil(t, fault)
	require.Len(t, got.(map[string]any)["ids"], 2)
	require.Equal(t, json.Number("2"), got.(map[string]any)["nextrow"])
}

func TestATimeZoneInTheContextShiftsDates(t *testing.T) {
	s, c := shop(t, Options{})
	_, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1")}, map[string]any{"tz": "Europe/Helsinki"})
	require.Empty(t, messages)
	require.Equal(t, "2026-11-01 08:00:00", s.Orders()[0].DateOrder.Format(dateTimeFormat))
}
