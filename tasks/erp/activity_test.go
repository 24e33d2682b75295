package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestAUserOfOdooIsAskedOnceOnEachOrderAndElseOnTheCompany(t *testing.T) {
	for _, version := range []int{17, 19} {
		w := worldOf(t, odootest.Options{Version: version})
		stands, absent := anna(1), anna(2)
		id := w.book(stands).OdooID
		ask := erp.Asking{Shop: w.shop, Key: "abc", Orders: []commerce.Ref{stands.Ref, absent.Ref}, User: "admin", Summary: "look", Note: []string{"5 < 6", ""}}
		for range 2 {
			require.NoError(t, w.books.Ask(t.Context(), ask))
		}
		all := w.odoo.Activities()
		require.Len(t, all, 1, "there is one an order, and none on the company's contact beside it")
		require.Equal(t, []any{"sale.order", id, "To-Do", "look", "admin", "<p>5 &lt; 6</p>", "today"},
			[]any{all[0].Model, all[0].Record, all[0].Kind, all[0].Summary, all[0].User, all[0].Note, all[0].State})

		other := ask
		other.Key, other.Orders, other.Type, other.Days = "def", []commerce.Ref{absent.Ref}, "Call", 3
		require.NoError(t, w.books.Ask(t.Context(), other))
		all = w.odoo.Activities()
		require.Len(t, all, 2)
		require.Equal(t, []string{"res.partner", "Call", "planned"}, []string{all[1].Model, all[1].Kind, all[1].State})
		require.Zero(t, w.odoo.MailsSent(), "nobody is mailed about it")

		require.NoError(t, w.books.Answered(t.Context(), ask))
		require.NoError(t, w.books.Answered(t.Context(), ask), "it is closed already")
		require.Len(t, w.odoo.Activities(), 1)
		require.NoError(t, w.books.Ask(t.Context(), ask))
		require.Len(t, w.odoo.Activities(), 2, "it is back")
		require.NoError(t, w.books.Answered(t.Context(), other))
		require.NoError(t, w.books.Answered(t.Context(), ask))
		require.Empty(t, w.odoo.Activities())
	}
}

func TestAUserWhoIsNotThereIsToldWithTheSetting(t *testing.T) {
	w := newWorld(t)
	err := w.books.Ask(t.Context(), erp.Asking{Shop: w.shop, Key: "abc", User: "nobody@example.com", Summary: "look"})
	require.Equal(t, commerce.Missing, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "alerts.targets")
}
