package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestABindingsFileNamesWhatIsWrongInIt(t *testing.T) {
	read := func(text string) ([]binding, error) {
		return process{in: strings.NewReader(text)}.readBindings("-")
	}
	list, err := read("\ufeffKind,ID,Odoo\nproduct,44012, MUG\ncustomer,6001,#42\nproduct,OLD,\n")
	require.NoError(t, err)
	require.Equal(t, []binding{{Row: 2, Kind: "product", ID: "44012", Odoo: "MUG"}, {Row: 3, Kind: "customer", ID: "6001", Odoo: "#42"}, {Row: 4, Kind: "product", ID: "OLD"}}, list)
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

func TestWhatBecomesOfARowOfBindings(t *testing.T) {
	cfg := config.Shop{Books: config.Books{Products: config.Products{Bind: map[string]string{"CONF": "X"}}}}
	row := binding{Row: 3, Kind: "product", ID: "A", Odoo: "MUG", OdooID: 7}
	for name, c := range map[string]struct {
		change       func(*binding)
		at           erp.Bound
		before       binding
		outcome, why string
	}{
		"new":                 {at: erp.Bound{ID: 7}, outcome: "binds"},
		"as it is":            {change: func(b *binding) { b.Was = 7 }, outcome: "same"},
		"other than it is":    {change: func(b *binding) { b.Was = 8 }, outcome: "changes", why: "bound to 8"},
		"no more":             {change: func(b *binding) { b.Was, b.OdooID = 8, 0 }, outcome: "unbinds"},
		"not in Odoo":         {at: erp.Bound{Why: "is archived in Odoo"}, outcome: "wrong", why: "MUG is archived"},
		"of no kind":          {change: func(b *binding) { b.Kind = "order" }, outcome: "wrong", why: `not "order"`},
		"nameless":            {change: func(b *binding) { b.ID = "" }, outcome: "wrong", why: "id is missing"},
		"twice, differently":  {before: binding{Row: 2, OdooID: 8, Odoo: "TEE"}, outcome: "wrong", why: "row 2 binds it to TEE"},
		"bound by the config": {change: func(b *binding) { b.ID = "CONF" }, outcome: "binds", why: "books.products.bind leads to X"},
	} {
		b := row
		if c.change != nil {
			c.change(&b)
		}
		outcome, why := b.judged(c.at, c.before, cfg)
		require.Equal(t, c.outcome, outcome, name)
		require.Contains(t, why, c.why, name)
	}
}
