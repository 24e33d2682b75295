package erp_test

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// After a lost lease or an emptied Redis two runs may be at one order at once.
func TestTwoRunsOfOneOrderAtOnceBothEndWell(t *testing.T) {
	w := newWorld(t)
	for n := 1; n <= 20; n++ {
		o := anna(n)
		var both sync.WaitGroup
		var errs [2]error
		for i := range errs {
			both.Go(func() {
				// What changed under our hands is planned anew, as the queue does.
				for range 3 {
					_, errs[i] = w.books.Order(context.Background(), w.shop, o, erp.Applied{}, yes)
					if commerce.ReasonOf(errs[i]) != commerce.Conflict {
						return
					}
				}
			})
		}
		both.Wait()
		require.NoError(t, errs[0], "order %d", n)
		require.NoError(t, errs[1], "order %d", n)
	}
	orders := w.odoo.Orders()
	require.Len(t, orders, 20)
	for _, o := range orders {
		require.Equal(t, "sale", o.State)
		require.Len(t, o.Lines, len(orders[0].Lines), "lines of %s are doubled", o.Name)
	}
}
