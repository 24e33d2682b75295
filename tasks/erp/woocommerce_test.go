package erp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// wooOrder is an order that handlers/woocommerce makes of one of its fixtures, as its
// golden files show it, and what the shop itself says that it comes to.
type wooOrder struct {
	name          string
	before, after *commerce.Order // before: as it was placed; nil where nothing came after that
	total, tax    decimal.Decimal // as it was placed
	refunded      decimal.Decimal
}

func wooOrders(t *testing.T) (all []wooOrder) {
	t.Helper()
	dir := filepath.Join("..", "..", "handlers", "woocommerce", "testdata")
	read := func(into any, name ...string) bool {
		raw, err := os.ReadFile(filepath.Join(append([]string{dir}, name...)...))
		if os.IsNotExist(err) {
			return false
		}
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(raw, into), name)
		return true
	}
	files, err := filepath.Glob(filepath.Join(dir, "orders", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range files {
		name := filepath.Base(path)
		var shop struct {
			Order struct {
				Total decimal.Decimal
				Tax   decimal.Decimal `json:"total_tax"`
			}
			Refunds []struct{ Amount decimal.Decimal }
		}
		require.True(t, read(&shop, "orders", name))
		w := wooOrder{name: strings.TrimSuffix(name, ".json"), after: &commerce.Order{}, total: shop.Order.Total, tax: shop.Order.Tax}
		require.True(t, read(w.after, "golden", name), "%s has no golden file", name)
		if placed := (&commerce.Order{}); read(placed, "golden", "before", name) {
			w.before = placed
		}
		for _, r := range shop.Refunds {
			w.refunded = w.refunded.Add(r.Amount)
		}
		all = append(all, w)
	}
	return all
}

// wooWorld is an Odoo with the taxes that the orders have: in the price, on top of it,
// or both.
func wooWorld(t *testing.T, version int, rounding string, kinds ...bool) *world {
	t.Helper()
	w := &world{t: t, odoo: odootest.Start(t, odootest.Options{Version: version, Rounding: rounding})}
	for _, sku := range []string{"TEE", "BOOK", "MUG", "CLOTH"} {
		w.odoo.AddProduct(sku, sku, dec("10.00"))
	}
	for _, sku := range []string{"SHIP", "FEE", "REFUND", "ROUNDING"} {
		w.odoo.AddProduct(sku, sku, dec("0"), odootest.Values{"detailed_type": "service"})
	}
	for _, currency := range []string{"GBP", "CAD", "JPY"} {
		w.odoo.AddPricelist(currency, currency)
	}
	for _, included := range kinds {
		for i, rate := range []string{"19", "7", "20", "6.25", "1", "5", "9.975", "10"} {
			w.odoo.AddTaxDef(odootest.TaxDef{Name: fmt.Sprintf("%s%% %t", rate, included), Amount: rate, Included: included, Sequence: i,
				RaisesBase: rate == "5"}) // the tax of Quebec is on top of the federal one
		}
	}
	w.shop = shopOf("fi")
	w.shop.Import = config.Import{Fulfilled: "import", Cancelled: "quotation", Financial: nil}
	w.shop.Books.Products = config.Products{Shipping: "SHIP", Fee: "FEE", Refund: "REFUND", Rounding: "ROUNDING"}
	w.books = w.open(w.odoo.Config())
	return w
}

// Every WooCommerce order comes to the cent in Odoo, whatever kind of taxes it has
// there and however it rounds.
func TestWooCommerceOrdersComeToTheCent(t *testing.T) {
	for _, version := range []int{17, 19} {
		for _, rounding := range []string{"round_per_line", "round_globally"} {
			for name, kinds := range map[string][]bool{"taxes in the price": {true}, "taxes on top": {false}, "taxes of both kinds": {true, false}} {
				t.Run(fmt.Sprint(version, " ", rounding, " ", name), func(t *testing.T) {
					w := wooWorld(t, version, rounding, kinds...)
					for _, o := range wooOrders(t) {
						if o.after.Cancelled() || o.after.Financial == "refunded" {
							continue // these are not booked anew
						}
						out, err := w.books.Order(t.Context(), w.shop, o.after, erp.Applied{}, yes)
						require.NoError(t, err, o.name)
						require.Equal(t, "created", out.Action, o.name)
						want := o.total.Sub(o.refunded)
						require.True(t, out.Total.Amount.Equal(want), "%s: %s in Odoo, %s in the shop", o.name, out.Total, want)
						order, found := w.odoo.Order(out.OdooID)
						require.True(t, found)
						if o.refunded.IsZero() {
							require.True(t, order.Tax.Equal(o.tax), "%s: tax of %s in Odoo, %s in the shop", o.name, order.Tax, o.tax)
						}
					}
				})
			}
		}
	}
}
