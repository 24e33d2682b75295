package erp_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Two runs write at once, and what the older one asked of Odoo is done last. Its values are
// nobody's change; those that people gave meanwhile are.
func TestWhatTwoRunsWroteAtOnceIsNotTakenForPeoplesWork(t *testing.T) {
	everywhere(t, func(p *place) {
		a := p.bought(p.registered())
		id := a.last.OdooID
		p.ship(id)
		older := &account{Customer: new(commerce.Customer), last: a.last}
		*older.Customer = *a.Customer
		older.Phone, older.LastName = "+358 50 1111111", "Vanha"
		p.moves(older, "Late 1")
		busy := errors.New("Odoo keeps it waiting")
		older.last.Begins = func(ctx context.Context, tries []string) error { return errors.Join(older.begins(ctx, tries), busy) }
		_, err := p.Customer(p.Context(), p.shop, older.Customer, older.last, yes)
		require.ErrorIs(p, err, busy)
		require.Len(p, older.last.Tried, 3)
		require.NotContains(p, fmt.Sprint(older.last.Tried), "Vanha")

		a.Phone, a.LastName = "", "Uusi"
		p.moves(a, "Aleksanterinkatu 2")
		require.Equal(p, "updated", p.tellAccount(a).Action)
		late := map[string]any{"phone": older.Phone, "name": "Anna Vanha", "street": "Late 1"}
		p.change(id, late)
		require.Equal(p, "unchanged", p.tellAccount(a).Action, "nobody knows of it")
		a.last.Begun, a.last.Tried = true, older.last.Tried
		out := p.tellAccount(a)
		require.Equal(p, "updated", out.Action)
		require.Equal(p, 1, out.Writes)
		require.Empty(p, out.Notices)
		p.contactHas(id, "Anna Uusi", "", "Aleksanterinkatu 2")

		p.change(id, late)
		p.change(id, map[string]any{"name": "By hand"})
		a.last.Begun, a.last.Tried = true, older.last.Tried
		out = p.tellAccount(a)
		require.Equal(p, []string{fmt.Sprintf("contact %d keeps its name: it was changed in Odoo, or it is not known who changed it", id)}, out.Notices)
		p.contactHas(id, "By hand", "", "Aleksanterinkatu 2")
	})
}
