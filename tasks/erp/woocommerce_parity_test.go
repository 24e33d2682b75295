package erp_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// wooPerCell is how many orders a shop makes up for each kind of Odoo.
const wooPerCell = 60

// Orders as a WooCommerce shop makes them up, whichever way it rounds, are equal in total
// and tax in an Odoo of either version and either method, and a second look changes nothing.
func TestMadeUpWooCommerceOrdersAreEqualInEveryOdoo(t *testing.T) {
	cell := 0
	for _, version := range []int{17, 19} {
		for _, method := range []string{"round_per_line", "round_globally"} {
			for _, subtotal := range []bool{false, true} {
				cell++
				t.Run(fmt.Sprintf("%d %s, the shop rounds at the subtotal %t", version, method, subtotal), func(t *testing.T) {
					t.Parallel()
					w := openWooIn(t, odootest.Options{Version: version, Rounding: method}, woocommercetest.Options{RoundAtSubtotal: subtotal})
					w.shop.Import.Cancelled = "quotation"
					w.shop.Books.Payments.Journals[""] = "Bank" // of orders that staff makes
					var all sync.WaitGroup
					for _, id := range w.store.Generate(uint64(cell), wooPerCell) {
						o, err := w.orders.Order(t.Context(), id)
						require.NoError(t, err)
						all.Go(func() { w.isEqual(o) })
					}
					all.Wait()
				})
			}
		}
	}
}

// isEqual books an order and wants what the shop says of it in Odoo.
func (w *wooPlace) isEqual(o *commerce.Order) {
	out, err := w.Order(w.Context(), w.shop, o, erp.Applied{}, yes)
	if !assertOK(w, err == nil && out.OdooID != 0, "%s (%s): %s, %v", o.Number, o.Financial, out.Reason, err) {
		return
	}
	booked, _ := w.memory.Order(out.OdooID)
	assertOK(w, o.Cancelled() || booked.Total.Equal(o.Total.Amount) && booked.Tax.Equal(o.TotalTax.Amount),
		"%s: Odoo %s with tax %s, the shop %s with tax %s", o.Number, booked.Total, booked.Tax, o.Total, o.TotalTax)
	before := w.documents(o)
	again, err := w.Order(w.Context(), w.shop, o, applied(o, out), yes)
	assertOK(w, err == nil && again.Action == "unchanged" && w.documents(o) == before, "%s, a second time: %s, %v", o.Number, again.Action, err)
}

// assertOK may be called by any goroutine.
func assertOK(w *wooPlace, ok bool, format string, args ...any) bool {
	if !ok {
		w.Errorf(format, args...)
	}
	return ok
}
