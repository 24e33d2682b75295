package erp_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Money for a line is a part of what the line costs: when the order is called off, what
// refunds kept stays with its tax, before the money and after it, and no more goes back
// than was paid.
func TestMoneyForALineThatIsCalledOffGoesBackOnce(t *testing.T) {
	money := func(amount string) woocommercetest.RefundRequest {
		return woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: 0, Money: dec(amount)}}}
	}
	back := func(line, pieces int, amount string) woocommercetest.RefundRequest {
		paid := dec(amount)
		return woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: line, Quantity: pieces}}, Amount: &paid}
	}
	fee := back(0, 1, "0.12")
	cases := map[string]struct {
		refunds []woocommercetest.RefundRequest
		rate    string          // of what is kept
		cents   decimal.Decimal // that its tax may be off: each credit note is rounded by itself
	}{
		"a kept fee, then money":          {[]woocommercetest.RefundRequest{fee, money("0.21")}, "25.5", dec("0.01")},
		"money, then a kept fee":          {[]woocommercetest.RefundRequest{money("0.21"), fee}, "25.5", dec("0.01")},
		"money on both sides":             {[]woocommercetest.RefundRequest{money("0.21"), fee, money("0.33"), fee}, "25.5", dec("0.02")},
		"more money than a piece costs":   {[]woocommercetest.RefundRequest{money("25.00"), fee}, "25.5", dec("0.01")},
		"all of the line, less a fee":     {[]woocommercetest.RefundRequest{money("0.21"), back(0, 3, "7.00")}, "25.5", dec("0.01")},
		"a fee of a line of another rate": {[]woocommercetest.RefundRequest{money("9.21"), back(1, 2, "0.12"), money("0.33")}, "14", dec("0.02")},
		"nothing is kept":                 {[]woocommercetest.RefundRequest{money("9.21")}, "0", dec("0")},
	}
	for version, end := range map[int]func(*woocommercetest.Store, string) error{17: (*woocommercetest.Store).TrashOrder, 19: (*woocommercetest.Store).CancelOrder} {
		for _, included := range []bool{true, false} {
			w := openWoo(t, version, woocommercetest.Options{})
			for name, c := range cases {
				w.within(fmt.Sprint(name, version, included), func(w *wooPlace) {
					life, last := w.parcel(included), erp.Applied{}
					require.True(w, w.looksAt(life, &last, life.Now(), 0))
					for _, r := range c.refunds {
						_, err := w.store.RefundWith(life.ID, r)
						require.NoError(w, err)
						require.True(w, w.looksAt(life, &last, life.Now(), 0))
					}
					require.NoError(w, end(w.store, life.ID))
					require.True(w, w.looksAt(life, &last, life.Now(), 0))
					o, err := w.orders.Order(w.Context(), life.ID)
					require.NoError(w, err)
					rate, got := dec(c.rate), w.settled(o)
					off := dec(got.Invoiced).Mul(rate).DivRound(rate.Add(dec("100")), 2).Sub(dec(got.Tax)).Abs()
					require.True(w, off.LessThanOrEqual(c.cents), "%s of %s\n%s", got.Tax, got.Invoiced, w.documents(o))
				})
			}
		}
	}
}

// parcel is the life of an order of two lines of two rates that is paid.
func (w *wooPlace) parcel(included bool) *woocommercetest.Life {
	o := woocommercetest.Order{Status: "processing", PricesIncludeTax: included, PaymentMethod: "stripe", ShippingLines: []woocommercetest.ShippingLine{woocommercetest.Parcel("5.90")}}
	for _, product := range woocommercetest.Catalogue() {
		switch product.SKU {
		case "MUG-001":
			o.Lines = append(o.Lines, woocommercetest.LineOf(product, 3))
		case "COFFEE-250":
			o.Lines = append(o.Lines, woocommercetest.LineOf(product, 2))
		}
	}
	return woocommercetest.LifeOf(nil, w.store, w.store.AddOrder(o))
}

// All money of an order was given back for its lines and for no pieces: nothing of it is
// sold, and what had not left is not sent.
func TestAnOrderOfWhichAmountsAloneWereGivenBackIsNotSent(t *testing.T) {
	for _, version := range []int{17, 19} {
		w := openWoo(t, version, woocommercetest.Options{})
		for _, left := range []bool{false, true} {
			life, last := w.parcel(true), erp.Applied{}
			require.True(t, w.looksAt(life, &last, life.Now(), 0))
			if left {
				require.NoError(t, w.store.Complete(life.ID))
				require.True(t, w.looksAt(life, &last, life.Now(), 0))
			}
			_, err := w.store.RefundWith(life.ID, woocommercetest.RefundRequest{FullShipping: true,
				Lines: []woocommercetest.RefundItem{{Line: 0, Money: dec("44.70")}, {Line: 1, Money: dec("15.90")}}})
			require.NoError(t, err)
			require.Equal(t, "refunded", life.Now().Status)
			require.True(t, w.looksAt(life, &last, life.Now(), 0))
			o, err := w.orders.Order(t.Context(), life.ID)
			require.NoError(t, err)
			require.Equal(t, []string{"0.00", "0.00"}, []string{w.settled(o).Invoiced, w.settled(o).Tax}, w.documents(o))
			for _, l := range life.Now().Lines {
				moves := w.rows("stock.move", []string{"state"}, []any{"sale_line_id", "=", w.rowsOf(l.ID)[0].ID()})
				require.NotEmpty(t, moves)
				for _, m := range moves {
					require.Equal(t, map[bool]string{false: "cancel", true: "done"}[left], m.Str("state"))
				}
			}
		}
	}
}
