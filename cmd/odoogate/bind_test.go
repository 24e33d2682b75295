package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks"
)

func TestABindingsFileNamesWhatIsWrongInIt(t *testing.T) {
	read := func(text string) ([]tasks.Binding, error) {
		return process{in: strings.NewReader(text)}.readBindings("-")
	}
	list, err := read("\ufeffKind,ID,Odoo\nproduct,44012, MUG\ncustomer,6001,#42\nproduct,OLD,\n")
	require.NoError(t, err)
	require.Equal(t, []tasks.Binding{{Row: 2, Kind: "product", ID: "44012", Odoo: "MUG"}, {Row: 3, Kind: "customer", ID: "6001", Odoo: "#42"}, {Row: 4, Kind: "product", ID: "OLD"}}, list)
	for text, want := range map[string]string{
		"":                          "first row must be kind,id,odoo",
		"sku,id\na,b\n":             "first row must be kind,id,odoo",
		"kind,id,odoo\n":            "no rows",
		"kind,id,odoo\nproduct,1\n": "wrong number of fields",
	} {
		_, err := read(text)
		require.ErrorContains(t, err, want)
	}
}
