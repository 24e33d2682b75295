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
// nothing is left: where the shop and Odoo round each line, its credit notes come to its
// invoice, of each tax too, however many digits the refunds' taxes have.
func TestManyRefundsOfAllComeToTheInvoiceTaxByTax(t *testing.T) {
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			n, first := lives(t, 5)
			w := openWoo(t, version, woocommercetest.Options{})
			for seed := first; seed < first+uint64(n); seed++ {
				r := rand.New(rand.NewPCG(seed, uint64(version)))
				w.ahead.Store(0) // signed calls need a clock like ours
				w.within(fmt.Sprint(seed), func(w *wooPlace) { w.givesAllBack(r, seed) })
			}
		})
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
