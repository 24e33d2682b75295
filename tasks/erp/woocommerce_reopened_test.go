package erp_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// An order that was cancelled in the shop, and is open there again, is so in Odoo where
// we cancelled it and nobody touched it since. Whatever else happened to it is for a person.
func TestAnOrderThatIsOpenAgainIsSetBackWhereWeCancelledIt(t *testing.T) {
	ends := map[string][2]func(*woocommercetest.Store, string) error{
		"out of the bin": {(*woocommercetest.Store).TrashOrder, (*woocommercetest.Store).RestoreOrder},
		"paid after it failed": {func(s *woocommercetest.Store, id string) error { return s.SetStatus(id, "failed") },
			func(s *woocommercetest.Store, id string) error { return s.SetStatus(id, "processing") }},
	}
	type at struct {
		before, between func(w *wooPlace, id int64) // the shop cancels, and opens it again
		forgotten       bool
	}
	cases := map[string]struct {
		at
		parked bool
	}{
		"we cancelled it":                   {at{}, false},
		"somebody cancelled it before us":   {at{before: func(w *wooPlace, id int64) { w.do("sale.order", "action_cancel", id) }}, true},
		"somebody wrote to it since":        {at{between: func(w *wooPlace, id int64) { w.write("sale.order", id, map[string]any{"note": "not theirs any more"}) }}, true},
		"nobody remembers who cancelled it": {at{forgotten: true}, true},
		"it was set back and cancelled anew": {at{between: func(w *wooPlace, id int64) {
			w.do("sale.order", "action_draft", id)
			w.do("sale.order", "action_cancel", id)
		}}, true},
	}
	for _, version := range []int{17, 19} {
		w := openWoo(t, version, woocommercetest.Options{})
		w.shop.Workflow = "" // nothing is invoiced
		for how, turn := range ends {
			for name, c := range cases {
				w.within(how+", "+name, func(w *wooPlace) {
					life := w.parcel(true)
					require.NoError(w, w.store.SetStatus(life.ID, "on-hold"))
					look := func(last erp.Applied) (*commerce.Order, erp.Outcome, error) {
						w.ahead.Add(1)
						o, err := w.orders.Order(w.Context(), life.ID)
						require.NoError(w, err)
						out, err := w.Order(w.Context(), w.shop, o, last, yes)
						return o, out, err
					}
					o, out, err := look(erp.Applied{})
					require.NoError(w, err)
					last := applied(o, out)
					if c.before != nil {
						c.before(w, last.OdooID)
					}
					require.NoError(w, turn[0](w.store, life.ID))
					o, out, err = look(last)
					require.NoError(w, err)
					last = applied(o, out)
					if c.between != nil {
						c.between(w, last.OdooID)
					}
					if c.forgotten {
						last = erp.Applied{}
					}
					require.NoError(w, turn[1](w.store, life.ID))
					o, out, err = look(last)
					if c.parked {
						require.Equal(w, commerce.Diverged, commerce.ReasonOf(err))
						require.ErrorContains(w, err, "odoogate pull orders --shop fi --ids "+life.ID)
						return
					}
					require.NoError(w, err)
					require.Equal(w, "confirmed", out.Action)
					for range 2 {
						rows := w.rows("sale.order", []string{"state", "amount_total"}, []any{"id", "=", out.OdooID})
						require.Equal(w, []string{"sale", o.Total.Amount.StringFixed(2)}, []string{rows[0].Str("state"), rows[0].Dec("amount_total").StringFixed(2)})
						moves := w.rows("stock.move", []string{"state"}, []any{"sale_line_id", "=", w.rowsOf(o.Lines[0].ID)[0].ID()}, []any{"state", "!=", "cancel"})
						require.Len(w, moves, 1)
						o, out, err = look(applied(o, out))
						require.NoError(w, err)
						require.Equal(w, "unchanged", out.Action)
					}
				})
			}
		}
	}
}
