package erp_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

func forced(last erp.Applied) erp.Applied {
	last.Forced = true
	return last
}

// A forced run takes back what people changed, also where nothing is remembered,
// and is shown before it is made.
func TestAForcedRunMakesAConfirmedOrderEqualAgain(t *testing.T) {
	everywhere(t, func(p *place) {
		for _, remembered := range []bool{true, false} {
			o := p.order()
			last := applied(o, p.book(o, erp.Applied{}))
			line := p.rows("sale.order.line", []string{"name"}, []any{"order_id", "=", last.OdooID}, []any{"product_id.default_code", "=", "ERP-MUG"})[0]
			p.write("sale.order.line", line.ID(), map[string]any{"product_uom_qty": 5, "price_unit": 11})
			require.Equal(p, "unchanged", p.book(o, last).Action, "people's work stays")
			if !remembered {
				last = erp.Applied{}
			}
			p.shop.Mode = "observe"
			out := p.book(o, forced(last))
			require.Equal(p, "observed", out.Action)
			require.Equal(p, "updated", out.Would)
			require.Contains(p, out.Plan[0], "line 2 × ERP-MUG at 12.55")
			p.shop.Mode = config.Live
			require.NotEmpty(p, p.apart(o), "observing wrote nothing")

			require.Equal(p, "updated", p.book(o, forced(last)).Action)
			require.Empty(p, p.apart(o))
			require.Equal(p, "unchanged", p.book(o, forced(last)).Action)
		}
	})
}

// What would be unsafe is refused as it always is.
func TestAForcedRunKeepsToWhatOdooAllows(t *testing.T) {
	everywhere(t, func(p *place) {
		refused := func(o *commerce.Order, last erp.Applied) error {
			_, err := p.Order(p.Context(), p.shop, o, forced(last), yes)
			require.Equal(p, commerce.Diverged, commerce.ReasonOf(err))
			return err
		}
		o := p.order()
		last := applied(o, p.book(o, erp.Applied{}))
		p.do("sale.order", "action_cancel", last.OdooID)
		require.ErrorContains(p, refused(o, last), "cancelled in Odoo and open in the shop")

		o = p.order()
		last = applied(o, p.book(o, erp.Applied{}))
		line := p.rows("sale.order.line", []string{"name"}, []any{"order_id", "=", last.OdooID}, []any{"product_id.default_code", "=", "ERP-MUG"})[0]
		p.write("sale.order.line", line.ID(), map[string]any{"product_uom_qty": 5, "price_unit": 12.55})
		p.do("sale.order", "action_lock", last.OdooID)
		require.ErrorContains(p, refused(o, last), "locked in Odoo")
	})
}

func (p *place) do(model, method string, id int64) {
	p.Helper()
	require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: model, Method: method,
		Context: map[string]any{"disable_cancel_warning": true}}, id))
}

func TestAStoryCostsFewCalls(t *testing.T) {
	w := newWorld(t)
	o := anna(1)
	for n := range 20 {
		o.Lines = append(o.Lines, item("7"+string(rune('a'+n)), "TEE", "1", "0.00", "0.00", "0.00"))
	}
	w.book(o)
	before := w.odoo.CallCount()
	s, err := w.books.Story(t.Context(), w.shop, o.Ref, o.Number)
	require.NoError(t, err)
	require.Len(t, s.Lines, 22)
	// Nine at best; on a busy machine those of one moment go in more calls than one.
	require.LessOrEqual(t, w.odoo.CallCount()-before, 20, "%v", w.odoo.Calls())

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.books.Story(ctx, w.shop, o.Ref, o.Number)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	_, err = w.books.Numbered(ctx, w.shop, o.Number)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
}
