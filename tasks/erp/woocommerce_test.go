package erp_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
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
	refunds       []wooRefund
}

// wooRefund is a refund as the shop tells it: the taxes of its lines are below zero.
type wooRefund struct {
	Amount    decimal.Decimal
	Lines     []wooTaxed `json:"line_items"`
	Shippings []wooTaxed `json:"shipping_lines"`
	Fees      []wooTaxed `json:"fee_lines"`
}

type wooTaxed struct {
	Total decimal.Decimal
	Taxes []struct {
		Rate  int `json:"id"`
		Total decimal.Decimal
	}
}

// divided reports whether the shop tells what the refund is about.
func (r wooRefund) divided() bool { return len(r.Lines)+len(r.Shippings)+len(r.Fees) > 0 }

// tax is that of each rate, rounded; where the money is less than the lines come to, so
// is the tax.
func (r wooRefund) tax() decimal.Decimal {
	rates, sum, worth := map[int]decimal.Decimal{}, decimal.Zero, decimal.Zero
	for _, l := range slices.Concat(r.Lines, r.Shippings, r.Fees) {
		worth = worth.Sub(l.Total)
		for _, t := range l.Taxes {
			rates[t.Rate], worth = rates[t.Rate].Sub(t.Total), worth.Sub(t.Total)
		}
	}
	for _, tax := range rates {
		if worth.Sub(r.Amount).GreaterThan(dec("0.02")) {
			tax = tax.Mul(r.Amount).Div(worth)
		}
		sum = sum.Add(tax.Round(2))
	}
	return sum
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
			Refunds []wooRefund
		}
		require.True(t, read(&shop, "orders", name))
		w := wooOrder{name: strings.TrimSuffix(name, ".json"), after: &commerce.Order{}, total: shop.Order.Total, tax: shop.Order.Tax, refunds: shop.Refunds}
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

// What comes back of an order that was booked, invoiced and paid is credited and paid
// back, to the cent and with the taxes that the shop gave back.
func TestWooCommerceRefundsAreCreditedToTheCent(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			w := wooWorld(t, version, "", true, false)
			p := &place{T: t, Books: w.books, memory: w.odoo, shop: w.shop}
			p.admin = odooclient.New(w.odoo.ConfigOf("admin"), odooclient.Options{})
			t.Cleanup(p.admin.Close)
			p.online()
			p.shop.Books.Payments.Journals["stripe"] = "Bank"
			for _, o := range wooOrders(t) {
				if o.before == nil {
					continue
				}
				out := p.book(o.before, erp.Applied{})
				require.True(t, out.Total.Amount.Equal(o.total), o.name)
				out = p.book(o.after, applied(o.before, out))
				require.Equal(t, "updated", out.Action, o.name)
				p.credited(o, out.OdooID)
				before := p.documents(o.after)
				require.Equal(t, "unchanged", p.book(o.after, applied(o.after, out)).Action, o.name)
				require.Equal(t, before, p.documents(o.after), "%s: a second look changes nothing", o.name)
			}
		})
	}
}

// credited wants a paid credit note for each refund, with the shop's amount and, where
// the shop tells it, the shop's tax.
func (p *place) credited(o wooOrder, id int64) {
	p.Helper()
	var notes []string
	for _, v := range p.invoices(id) {
		if v.Str("move_type") != "out_refund" {
			require.True(p, v.Dec("amount_total").Equal(o.total), o.name)
			continue
		}
		require.Equal(p, "posted", v.Str("state"), o.name)
		require.True(p, v.Dec("amount_residual").IsZero(), o.name)
		notes = append(notes, v.Dec("amount_total").StringFixed(2)+" tax "+v.Dec("amount_tax").StringFixed(2))
	}
	var want []string
	for _, r := range o.refunds {
		amount := r.Amount.StringFixed(2) + " tax "
		if at := slices.IndexFunc(notes, func(n string) bool { return strings.HasPrefix(n, amount) }); !r.divided() && at >= 0 {
			want = append(want, notes[at])
			continue
		}
		want = append(want, amount+r.tax().StringFixed(2))
	}
	require.ElementsMatch(p, want, notes, o.name)
	require.Contains(p, p.documents(o.after), fmt.Sprintf("%d payments of %s", 1+len(o.refunds), o.total.Add(o.refunded)), o.name)
}
