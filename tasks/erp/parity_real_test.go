package erp_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Orders of Finnish shops are equal in whichever Odoo is at hand, with whatever
// method its company rounds.
func TestGeneratedOrdersAreEqualEverywhere(t *testing.T) {
	everywhere(t, func(p *place) {
		for _, sku := range []string{"MUG", "TEE"} {
			if p.count("product.product", []any{"default_code", "=", sku}) == 0 {
				p.call("product.product", "create", map[string]any{"vals_list": []any{map[string]any{"name": sku, "default_code": sku}}})
			}
		}
		cents := p.made("CENTS", p.service())
		for _, rate := range []string{"25.5", "14", "10"} {
			for name, included := range map[string]bool{rate + "% X": false, rate + "% X incl": true} {
				if p.count("account.tax", []any{"amount", "=", dec(rate).InexactFloat64()}, []any{"price_include", "=", included}, []any{"type_tax_use", "=", "sale"}) == 0 {
					require.NotNil(p, p.memory, "a real Odoo needs sales taxes of %s %%, on top and included", rate)
					p.memory.AddTax(name, rate, included, "")
				}
			}
		}
		p.Refresh()
		p.shop.Books.Products = config.Products{Shipping: "ERP-POST", Rounding: cents}
		for _, r := range regimes()[:3] {
			shop := till{Rand: rand.New(rand.NewPCG(7, 7)), regime: r, levies: r.levies(), digits: 2}
			orders, errs := make([]*commerce.Order, 40), make([]error, 40)
			outs := make([]erp.Outcome, 40)
			var all sync.WaitGroup
			for i := range orders {
				o := shop.order(int(p.number)*100 + i)
				o.Number = fmt.Sprintf("#E%s", o.Ref.ID)
				orders[i] = o
				all.Go(func() { outs[i], errs[i] = p.Order(p.Context(), p.shop, o, erp.Applied{}, yes) })
			}
			p.number += 100
			all.Wait()
			for i, o := range orders {
				require.NoError(p, errs[i], r.name)
				row := p.rows("sale.order", []string{"state", "amount_total", "amount_tax"}, []any{"id", "=", outs[i].OdooID})[0]
				require.Equal(p, "sale", row.Str("state"))
				require.True(p, row.Dec("amount_total").Round(2).Equal(o.Total.Amount), "%s: %s of %s", r.name, row.Str("amount_total"), o.Total)
				require.True(p, row.Dec("amount_tax").Round(2).Equal(o.TotalTax.Amount), "%s: %s of %s", r.name, row.Str("amount_tax"), o.TotalTax)
			}
		}
	})
}
