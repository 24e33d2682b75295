package erp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// wooShop is a WooCommerce shop that is asked over HTTP.
func wooShop(t *testing.T, opts woocommercetest.Options) (*woocommercetest.Store, handlers.Orders) {
	t.Helper()
	store := woocommercetest.New(opts)
	address, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	cfg, err := config.NewShop("fi", woocommerce.Name, config.Books{}, fmt.Sprintf("url: %s\nendpoint: %s\nconsumer_key: %s\nconsumer_secret: %s\nsecrets: [%q]\n",
		store.Home(), address, store.ConsumerKey(), store.ConsumerSecret(), store.Secret()))
	require.NoError(t, err)
	shop, err := woocommerce.Platform().Open(cfg, handlers.Deps{})
	require.NoError(t, err)
	return store, shop.Orders
}

// Whatever happens to an order of a WooCommerce shop, Odoo has what the shop's own
// ledger has: the total of the order, and what was credited.
func TestWooCommerceLivesEndInOdooAsTheLedgerSays(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			store, orders := wooShop(t, woocommercetest.Options{RoundAtSubtotal: version == 19})
			odoo := odootest.Start(t, odootest.Options{Version: version})
			for _, p := range woocommercetest.Catalogue() {
				odoo.AddProduct(p.SKU, p.Name, p.Price)
			}
			for _, sku := range []string{"SHIP", "FEE", "REFUND", "ROUNDING"} {
				odoo.AddProduct(sku, sku, dec("0"), odootest.Values{"detailed_type": "service"})
			}
			for _, rate := range []string{"25.5", "14"} {
				odoo.AddTax(rate+" in", rate, true, "")
				odoo.AddTax(rate+" on top", rate, false, "")
			}
			c, admin := odooclient.New(odoo.Config(), odooclient.Options{}), odooclient.New(odoo.ConfigOf("admin"), odooclient.Options{})
			t.Cleanup(c.Close)
			t.Cleanup(admin.Close)
			p := &place{T: t, Books: erp.New(c, erp.Options{}), admin: admin, memory: odoo, shop: shopOf("fi")}
			p.online()
			p.shop.Import = config.Import{Fulfilled: "import", Financial: []string{"pending", "on-hold", "processing", "completed", "refunded"}}
			p.shop.Books.EditableUntil = "always"
			p.shop.Books.Products = config.Products{Shipping: "SHIP", Fee: "FEE", Refund: "REFUND", Rounding: "ROUNDING"}
			p.shop.Books.Payments = config.Payments{Journals: map[string]string{"stripe": "Bank", "bacs": "Bank", "cod": "Bank"}}
			n, first := lives(t, 28)
			for seed := first; seed < first+uint64(n); seed++ {
				r := rand.New(rand.NewPCG(seed, uint64(version)))
				life := woocommercetest.NewLife(r, store)
				life.Plain = seed%2 == 0
				var last erp.Applied
				var stood woocommercetest.Ledger // before the order was over
				for range 3 + r.IntN(6) {
					if now := life.Now(); !now.Cancelled {
						stood = now
					}
					o, err := orders.Order(t.Context(), life.ID)
					require.NoError(t, err, "seed %d: %s", seed, life)
					out, err := p.Order(t.Context(), p.shop, o, last, yes)
					if commerce.ReasonOf(err) == commerce.Mismatch && p.byCents(o, life.Now()) {
						break
					}
					if again := !o.Cancelled() && p.settled(o).Total == "cancelled"; again { // taken out of the bin: a person decides
						require.Equal(t, commerce.Diverged, commerce.ReasonOf(err), "seed %d: %s", seed, life)
					} else {
						require.NoError(t, err, "seed %d: %s\n%s", seed, life, p.documents(o))
						require.True(t, out.Booked, "seed %d: %s", seed, life)
						last = applied(o, out)
						p.asTheLedger(o, life, stood, seed)
					}
					life.GoesOn()
				}
			}
		})
	}
}

// byCents reports whether what is invoiced is what the shop has but for a few cents,
// which documents that each round by themselves cannot always express.
func (p *place) byCents(o *commerce.Order, now woocommercetest.Ledger) bool {
	p.Helper()
	return dec(p.settled(o).Invoiced).Sub(now.Total.Sub(now.Given)).Abs().LessThanOrEqual(dec("0.05"))
}

// asTheLedger compares the order, its invoices and what is owed of it with what the shop
// has. Of an order whose goods had left before it was over all stays.
func (p *place) asTheLedger(o *commerce.Order, life *woocommercetest.Life, stood woocommercetest.Ledger, seed uint64) {
	p.Helper()
	about := func() string { return fmt.Sprintf("seed %d: %s\n%s", seed, life, p.documents(o)) }
	now := life.Now()
	if now.Cancelled && stood.Status == "completed" {
		now = stood
	}
	if life.Later {
		now.Paid = decimal.Zero
	}
	worth := now.Total.Sub(now.Given)
	want, got := stands{Invoiced: worth.StringFixed(2), Receivable: worth.Sub(now.Paid).StringFixed(2), Total: worth.StringFixed(2)}, p.settled(o)
	if now.Cancelled {
		want.Total = "cancelled"
	}
	got.Status, got.Tax = "", ""
	require.Equal(p, want, got, about())
}
