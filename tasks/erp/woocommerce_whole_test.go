package erp_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// An order is given back piece by piece, in random parts and with money between, until
// nothing is left: its credit notes come to its invoice, of each tax too, however many
// digits the refunds' taxes have, and whether the shop rounds each line or in the end.
func TestManyRefundsOfAllComeToTheInvoiceTaxByTax(t *testing.T) {
	for _, version := range []int{17, 19} {
		for _, inTheEnd := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d, rounded in the end %t", version, inTheEnd), func(t *testing.T) {
				n, first := lives(t, 5)
				w := openWoo(t, version, woocommercetest.Options{RoundAtSubtotal: inTheEnd})
				for seed := first; seed < first+uint64(n); seed++ {
					r := rand.New(rand.NewPCG(seed, uint64(version)))
					w.ahead.Store(0) // signed calls need a clock like ours
					w.within(fmt.Sprint(seed), func(w *wooPlace) { w.givesAllBack(r, seed) })
				}
			})
		}
	}
}

// What a shop that rounds in the end has of an order, and of its tax, is a cent less or
// more than its lines, each rounded. The cent is no gift, and with the last of the order
// it is gone.
func TestACentThatTheShopRoundsInTheEndGoesWithTheOrder(t *testing.T) {
	money := func(line int, gross string) woocommercetest.RefundRequest {
		return woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: line, Money: dec(gross)}}}
	}
	gift := dec("0.01")
	for name, story := range map[string]struct {
		lines   map[string]int
		coupons []woocommercetest.Coupon
		between []woocommercetest.RefundRequest
	}{
		"a tax of 6.28 on lines of 6.29, and nothing between": {lines: map[string]int{"PEN-BLK": 5, "CANDLE-S": 3}},
		"money for a line, of which the tax is that cent":     {map[string]int{"PEN-BLK": 5, "CANDLE-S": 3}, nil, []woocommercetest.RefundRequest{money(0, "0.06")}},
		"a gift of a cent":                     {map[string]int{"PEN-BLK": 5, "CANDLE-S": 3}, nil, []woocommercetest.RefundRequest{{Amount: &gift}}},
		"a total of 123.86 on lines of 123.85": {lines: map[string]int{"LAMP-10": 1, "COFFEE-250": 2}, coupons: []woocommercetest.Coupon{{Code: "ten", Kind: "percent", Amount: dec("10")}}},
	} {
		for _, version := range []int{17, 19} {
			for _, byStatus := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%d, by status %t", name, version, byStatus), func(t *testing.T) {
					w := openWoo(t, version, woocommercetest.Options{RoundAtSubtotal: true})
					o := woocommercetest.Order{Status: "processing", PaymentMethod: "stripe", Coupons: story.coupons, ShippingLines: []woocommercetest.ShippingLine{woocommercetest.Parcel("5.90")}}
					for _, product := range woocommercetest.Catalogue() {
						if n := story.lines[product.SKU]; n > 0 {
							o.Lines = append(o.Lines, woocommercetest.LineOf(product, n))
						}
					}
					life, last := woocommercetest.LifeOf(nil, w.store, w.store.AddOrder(o)), erp.Applied{}
					require.True(t, w.looksAt(life, &last, life.Now(), 0))
					for _, r := range story.between {
						_, err := w.store.RefundWith(life.ID, r)
						require.NoError(t, err)
						require.True(t, w.looksAt(life, &last, life.Now(), 0))
					}
					if byStatus {
						require.NoError(t, w.store.SetStatus(life.ID, "refunded"))
					} else {
						require.NoError(t, w.store.RefundAll(life.ID))
					}
					require.True(t, w.looksAt(life, &last, life.Now(), 0))
					w.nothingLeft(life)
				})
			}
		}
	}
}

// givesAllBack is such an order.
func (w *wooPlace) givesAllBack(r *rand.Rand, seed uint64) {
	w.Helper()
	goods := woocommercetest.Catalogue()
	o := woocommercetest.Order{Status: "processing", PricesIncludeTax: r.IntN(2) == 0, PaymentMethod: "stripe",
		ShippingLines: []woocommercetest.ShippingLine{woocommercetest.Parcel("5.90")}}
	for range 1 + r.IntN(3) {
		o.Lines = append(o.Lines, woocommercetest.LineOf(goods[r.IntN(len(goods))], 2+r.IntN(6)))
	}
	life, last := woocommercetest.LifeOf(nil, w.store, w.store.AddOrder(o)), erp.Applied{}
	require.True(w, w.looksAt(life, &last, life.Now(), seed))
	left := func() (line, pieces int) {
		for i, l := range life.Now().Lines {
			if l.Quantity > pieces {
				line, pieces = i, l.Quantity
			}
		}
		return line, pieces
	}
	for line, pieces := left(); pieces > 1; line, pieces = left() {
		back := woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: line, Quantity: 1 + r.IntN(min(pieces-1, 3))}}, Unrounded: r.IntN(2) == 0}
		if r.IntN(4) == 0 {
			back.Lines = []woocommercetest.RefundItem{{Line: line, Money: decimal.New(1+r.Int64N(9), -2)}}
		}
		_, err := w.store.RefundWith(life.ID, back)
		require.NoError(w, err)
		require.True(w, w.looksAt(life, &last, life.Now(), seed), "%v", back.Lines)
	}
	require.NoError(w, w.store.RefundAll(life.ID))
	require.True(w, w.looksAt(life, &last, life.Now(), seed))
	w.nothingLeft(life)
}

// nothingLeft wants an order's credit notes to come to its invoice, of each tax too.
func (w *wooPlace) nothingLeft(life *woocommercetest.Life) {
	w.Helper()
	shop, err := w.orders.Order(w.Context(), life.ID)
	require.NoError(w, err)
	order := w.rows("sale.order", []string{"state"}, []any{"client_order_ref", "=", shop.Number})[0].ID()
	total, taxes := decimal.Zero, map[string]decimal.Decimal{}
	for _, v := range w.invoices(order) {
		sign := decimal.NewFromInt(1)
		if v.Str("move_type") == "out_refund" {
			sign = sign.Neg()
		}
		total = total.Add(v.Dec("amount_total").Mul(sign))
		for _, l := range w.rows("account.move.line", []string{"balance", "tax_line_id"}, []any{"move_id", "=", v.ID()}, []any{"tax_line_id", "!=", false}) {
			_, tax := l.Ref("tax_line_id")
			taxes[tax] = taxes[tax].Add(l.Dec("balance"))
		}
	}
	require.Equal(w, "0.00", total.StringFixed(2), w.documents(shop))
	require.NotEmpty(w, taxes)
	for name, tax := range taxes {
		require.True(w, tax.IsZero(), "%s of %s is left\n%s", tax, name, w.documents(shop))
	}
}
