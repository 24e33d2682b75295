package erp_test

import (
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

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

// wooPlace is a WooCommerce shop, and an Odoo that has what it sells.
type wooPlace struct {
	*place
	store  *woocommercetest.Store
	orders handlers.Orders
	ahead  atomic.Int64 // of the shop's clock, in seconds
}

func openWoo(t *testing.T, version int, opts woocommercetest.Options) *wooPlace {
	t.Helper()
	return openWooIn(t, odootest.Options{Version: version}, opts)
}

func openWooIn(t *testing.T, in odootest.Options, opts woocommercetest.Options) *wooPlace {
	t.Helper()
	w := &wooPlace{}
	opts.Now = func() time.Time { return time.Now().Add(time.Duration(w.ahead.Load()) * time.Second) }
	w.store, w.orders = wooShop(t, opts)
	odoo := odootest.Start(t, in)
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
	direct := odooclient.Options{Transport: odoo.Direct()}
	c, admin := odooclient.New(odoo.Config(), direct), odooclient.New(odoo.ConfigOf("admin"), direct)
	t.Cleanup(c.Close)
	t.Cleanup(admin.Close)
	w.place = &place{T: t, Books: erp.New(c, erp.Options{}), admin: admin, memory: odoo, shop: shopOf("fi")}
	w.online()
	w.shop.Import = config.Import{Fulfilled: "import", Financial: []string{"pending", "on-hold", "processing", "completed", "refunded"}}
	w.shop.Books.EditableUntil = "always"
	w.shop.Books.Products = config.Products{Shipping: "SHIP", Fee: "FEE", Refund: "REFUND", Rounding: "ROUNDING"}
	w.shop.Books.Payments = config.Payments{Journals: map[string]string{"stripe": "Bank", "bacs": "Bank", "cod": "Bank"}}
	return w
}

// within runs a test of its own at the place.
func (w *wooPlace) within(name string, test func(w *wooPlace)) {
	w.place.within(name, func(p *place) {
		outer := w.place
		defer func() { w.place = outer }()
		w.place = p
		test(w)
	})
}

// Whatever happens to an order of a WooCommerce shop, Odoo has what the shop's own
// ledger has: the total of the order, what was credited, and where the goods are.
func TestWooCommerceLivesEndInOdooAsTheLedgerSays(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			w := openWoo(t, version, woocommercetest.Options{RoundAtSubtotal: version == 19})
			n, first := lives(t, 28)
			for seed := first; seed < first+uint64(n); seed++ {
				w.ahead.Store(0) // signed calls need a clock like ours
				r := rand.New(rand.NewPCG(seed, uint64(version)))
				life := woocommercetest.NewLife(r, w.store)
				life.Plain = seed%4 == 0
				var last erp.Applied
				var stood woocommercetest.Ledger // before the order was over
				for range 3 + r.IntN(6) {
					if now := life.Now(); !now.Cancelled {
						stood = now
					}
					if !w.looksAt(life, &last, stood, seed) {
						break
					}
					life.GoesOn()
				}
			}
		})
	}
}

// looksAt books the order of a life as it stands, and wants it to stand in Odoo as in the
// shop; false where cents are left. What happens next is a second later.
func (w *wooPlace) looksAt(life *woocommercetest.Life, last *erp.Applied, stood woocommercetest.Ledger, seed uint64) bool {
	w.Helper()
	w.ahead.Add(1)
	o, err := w.orders.Order(w.Context(), life.ID)
	require.NoError(w, err, "seed %d: %s", seed, life)
	out, err := w.Order(w.Context(), w.shop, o, *last, yes)
	if commerce.ReasonOf(err) == commerce.Mismatch && w.byCents(o, life.Now()) {
		return false
	}
	if again := !o.Cancelled() && w.settled(o).Total == "cancelled"; again { // taken out of the bin: a person decides where it was invoiced
		require.Contains(w, w.documents(o), "out_invoice", "seed %d: %s", seed, life)
		require.Equal(w, commerce.Diverged, commerce.ReasonOf(err), "seed %d: %s", seed, life)
		return true
	}
	require.NoError(w, err, "seed %d: %s\n%s", seed, life, w.documents(o))
	require.True(w, out.Booked, "seed %d: %s", seed, life)
	*last = applied(o, out)
	w.asTheLedger(o, life, stood, seed)
	return true
}

// Each gift is rounded by itself, with its tax. What takes them all back in the end
// leaves no cent of tax for a person to look at.
func TestGiftsThatAreTakenBackLeaveNoCentOfTax(t *testing.T) {
	for _, version := range []int{17, 19} {
		w := openWoo(t, version, woocommercetest.Options{})
		o := woocommercetest.Order{Status: "processing", PricesIncludeTax: true, PaymentMethod: "stripe", ShippingLines: []woocommercetest.ShippingLine{woocommercetest.Parcel("5.90")}}
		for _, product := range woocommercetest.Catalogue() {
			if product.SKU == "COFFEE-250" {
				o.Lines = append(o.Lines, woocommercetest.LineOf(product, 1))
			}
		}
		for n, gifts := range [][]string{{"2.55", "2.49"}, {"0.77", "1.11", "2.22"}, {"0.05", "0.06", "0.07", "0.08"}} {
			life, last := woocommercetest.LifeOf(nil, w.store, w.store.AddOrder(o)), erp.Applied{}
			require.True(t, w.looksAt(life, &last, life.Now(), uint64(n)))
			for _, gift := range gifts {
				amount := dec(gift)
				_, err := w.store.RefundWith(life.ID, woocommercetest.RefundRequest{Amount: &amount})
				require.NoError(t, err)
				require.True(t, w.looksAt(life, &last, life.Now(), uint64(n)))
			}
			require.NoError(t, w.store.SetStatus(life.ID, "refunded"))
			require.True(t, w.looksAt(life, &last, life.Now(), uint64(n)))
		}
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
	for i, l := range now.Lines {
		quantity, with := decimal.Zero, decimal.Zero
		for _, row := range p.rowsOf(l.ID) {
			quantity, with = quantity.Add(row.Dec("product_uom_qty")), with.Add(row.Dec("qty_delivered"))
		}
		require.True(p, now.Cancelled || quantity.Equal(decimal.NewFromInt(int64(l.Quantity+l.Kept))), "%s of line %d\n%s", quantity, i, about())
		require.True(p, with.Equal(decimal.NewFromInt(int64(l.With))), "%s of line %d are with the buyer\n%s", with, i, about())
	}
}
