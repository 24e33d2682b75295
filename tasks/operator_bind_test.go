package tasks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestWhatBecomesOfARowOfBindings(t *testing.T) {
	cfg := config.Shop{Books: config.Books{Products: config.Products{Bind: map[string]string{"CONF": "X"}}}}
	row := Binding{Row: 3, Kind: "product", ID: "A", Odoo: "MUG", OdooID: 7}
	for name, c := range map[string]struct {
		change       func(*Binding)
		at           erp.Bound
		before       Binding
		outcome, why string
	}{
		"new":                 {at: erp.Bound{ID: 7}, outcome: "binds"},
		"as it is":            {change: func(b *Binding) { b.Was = 7 }, outcome: "same"},
		"other than it is":    {change: func(b *Binding) { b.Was = 8 }, outcome: "changes", why: "bound to 8"},
		"no more":             {change: func(b *Binding) { b.Was, b.OdooID = 8, 0 }, outcome: "unbinds"},
		"not in Odoo":         {at: erp.Bound{Why: "is archived in Odoo"}, outcome: "wrong", why: "MUG is archived"},
		"of no kind":          {change: func(b *Binding) { b.Kind = "order" }, outcome: "wrong", why: `not "order"`},
		"nameless":            {change: func(b *Binding) { b.ID = "" }, outcome: "wrong", why: "id is missing"},
		"twice, differently":  {before: Binding{Row: 2, OdooID: 8, Odoo: "TEE"}, outcome: "wrong", why: "row 2 binds it to TEE"},
		"bound by the config": {change: func(b *Binding) { b.ID = "CONF" }, outcome: "binds", why: "books.products.bind leads to X"},
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
