package erp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

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
			n, first := lives(t, 12)
			for seed := first; seed < first+uint64(n); seed++ {
				r := rand.New(rand.NewPCG(seed, uint64(version)))
				life := woocommercetest.NewLife(r, store)
				life.Plain = seed%2 == 0
				var last erp.Applied
				for range 2 + r.IntN(6) {
					if now := life.Now(); now.Cancelled || now.Gone {
						break
					}
					o, err := orders.Order(t.Context(), life.ID)
					require.NoError(t, err, "seed %d: %s", seed, life)
					out, err := p.Order(t.Context(), p.shop, o, last, yes)
					require.NoError(t, err, "seed %d: %s\n%s", seed, life, p.documents(o))
					if out.Booked && out.Action != "skipped" {
						last = applied(o, out)
						p.asTheLedger(o, life, seed)
					}
					life.GoesOn()
				}
			}
		})
	}
}

// asTheLedger compares the order and its invoices with what the shop has.
func (p *place) asTheLedger(o *commerce.Order, life *woocommercetest.Life, seed uint64) {
	p.Helper()
	now := life.Now()
	about := func() string { return fmt.Sprintf("seed %d: %s\n%s", seed, life, p.documents(o)) }
	found := p.rows("sale.order", []string{"amount_total", "state"}, []any{"client_order_ref", "=", o.Number})
	require.Len(p, found, 1, about())
	want := now.Total.Sub(now.Given)
	require.True(p, found[0].Dec("amount_total").Equal(want), "the shop has %s\n%s", want, about())
	billed := want.Sub(want)
	for _, v := range p.invoices(found[0].ID()) {
		if v.Str("state") != "posted" {
			continue
		}
		if v.Str("move_type") == "out_refund" {
			billed = billed.Sub(v.Dec("amount_total"))
		} else {
			billed = billed.Add(v.Dec("amount_total"))
		}
	}
	require.True(p, billed.Equal(want) || billed.IsZero(), "the shop has %s, and %s is invoiced\n%s", want, billed, about())
}
