package woocommerce

import (
	"errors"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// sold is a store with an order that is paid: so many mugs and, at the other rate, as
// many bags of coffee.
func sold(t *testing.T, pieces int) (store *woocommercetest.Store, id string) {
	t.Helper()
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	store = woocommercetest.New(woocommercetest.Options{BasicOverHTTP: true, Now: func() time.Time {
		now = now.Add(time.Second)
		return now
	}})
	o := woocommercetest.Order{Status: "processing", PricesIncludeTax: true, PaymentMethod: "stripe", ShippingLines: []woocommercetest.ShippingLine{woocommercetest.Parcel("5.90")}}
	for _, p := range woocommercetest.Catalogue() {
		if p.SKU == "MUG-001" || p.SKU == "COFFEE-1K" {
			o.Lines = append(o.Lines, woocommercetest.LineOf(p, pieces))
		}
	}
	return store, store.AddOrder(o)
}

// back is a refund of pieces of a line, which are put back into the stock or not.
func back(line, pieces int, kept bool) woocommercetest.RefundRequest {
	return woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: line, Quantity: pieces}}, KeepStock: kept}
}

// refunding makes refunds one after the other.
func refunding(t *testing.T, store *woocommercetest.Store, id string, all ...woocommercetest.RefundRequest) {
	t.Helper()
	for _, r := range all {
		_, err := store.RefundWith(id, r)
		require.NoError(t, err)
	}
}

func TestPiecesThatCameBackAreCountedOverAllRefunds(t *testing.T) {
	for name, tc := range map[string]struct {
		before, after  []woocommercetest.RefundRequest
		returned, kept int64
	}{
		"put back before it left, kept after": {[]woocommercetest.RefundRequest{back(0, 2, false)}, []woocommercetest.RefundRequest{back(0, 1, true)}, 0, 1},
		"all put back after it left":          {nil, []woocommercetest.RefundRequest{back(0, 1, false), back(0, 2, false)}, 3, 0},
		"one kept, the next two put back":     {nil, []woocommercetest.RefundRequest{back(0, 1, true), back(0, 2, false)}, 2, 1},
		"two put back, the next one kept":     {nil, []woocommercetest.RefundRequest{back(0, 2, false), back(0, 1, true)}, 2, 1},
		"one not put back before it left":     {[]woocommercetest.RefundRequest{back(0, 1, true)}, []woocommercetest.RefundRequest{back(0, 2, false)}, 2, 0},
		"so, and one kept after it left":      {[]woocommercetest.RefundRequest{back(0, 2, true)}, []woocommercetest.RefundRequest{back(0, 1, true), back(0, 1, false)}, 1, 1},
	} {
		store, id := sold(t, 4)
		refunding(t, store, id, tc.before...)
		require.NoError(t, store.Complete(id))
		refunding(t, store, id, tc.after...)
		o, rec := mappedFrom(t, store, id)
		money(t, name, o, rec)
		pieces := map[string]int64{}
		for _, r := range o.Refunds {
			worth := decimal.Zero
			for _, l := range r.Lines {
				pieces[l.Restock] += l.Quantity.IntPart()
				worth = worth.Add(l.Amount.Amount)
			}
			require.True(t, worth.Equal(r.Amount.Amount), "%s: its pieces come to %s of %s", name, worth, r.Amount)
		}
		require.Equal(t, tc.returned, pieces[commerce.RestockReturn], name)
		require.Equal(t, tc.kept, pieces[commerce.RestockNone], name)
	}
}

func eur(text string) *decimal.Decimal {
	d := decimal.RequireFromString(text)
	return &d
}

// forALine is money for a line of which nothing comes back.
func forALine(line int, gross string) woocommercetest.RefundRequest {
	return woocommercetest.RefundRequest{Lines: []woocommercetest.RefundItem{{Line: line, Money: *eur(gross)}}}
}

func TestMoneyForALineIsToldOnceWhereSomeOfItsPriceIsKeptToo(t *testing.T) {
	store, id := sold(t, 2)
	fee := back(0, 2, false)
	fee.Amount = eur("20.00")
	refunding(t, store, id, forALine(0, "0.80"), fee)
	o, rec := mappedFrom(t, store, id)
	money(t, "fee", o, rec)
	require.Len(t, o.Refunds[1].Beyond, 1)
	require.Equal(t, "-9.80", o.Refunds[1].Beyond[0].Amount.Amount.StringFixed(2), "29.80 for the mugs, of which 0.80 was given before and 20.00 now")
	require.Equal(t, "-1.99", o.Refunds[1].Beyond[0].Tax.Amount.StringFixed(2))
}

// ended wants nothing of an order to be left, and all that its refunds gave and kept
// beyond lines to be even, line by line.
func ended(t *testing.T, store *woocommercetest.Store, id string) *commerce.Order {
	t.Helper()
	o, rec := mappedFrom(t, store, id)
	money(t, "ended", o, rec)
	require.True(t, o.Total.IsZero() && o.TotalTax.IsZero() && beyond(o).IsZero(), "%s with %s, and %s beyond", o.Total, o.TotalTax, beyond(o))
	for _, l := range o.Lines {
		require.True(t, l.Kind != commerce.LineProduct || l.Quantity.IsZero(), "%s of %s are left", l.Quantity, l.SKU)
		amount, tax := decimal.Zero, decimal.Zero
		for _, r := range o.Refunds {
			for _, b := range r.Beyond {
				if b.LineID == l.ID {
					amount, tax = amount.Add(b.Amount.Amount), tax.Add(b.Tax.Amount)
				}
			}
		}
		require.True(t, amount.IsZero() && tax.IsZero(), "%s with %s are given for %s in the end", amount, tax, l.SKU)
	}
	return o
}

func TestTheRefundThatEndsAnOrderTakesBackWhatEarlierOnesGaveAndKept(t *testing.T) {
	fee := back(1, 1, false)
	fee.Amount = eur("20.00")
	for name, tc := range map[string]struct {
		before []woocommercetest.RefundRequest
		told   int // for how many lines the last one does
	}{
		"a gift, which is for no line":    {[]woocommercetest.RefundRequest{{Amount: eur("3.33")}}, 0},
		"a kept fee":                      {[]woocommercetest.RefundRequest{fee}, 1},
		"money for a line, a fee, a gift": {[]woocommercetest.RefundRequest{forALine(0, "0.80"), fee, {Amount: eur("3.33")}}, 2},
	} {
		for how, end := range map[string]func(*woocommercetest.Store, string) error{
			"staff clicks all of it": (*woocommercetest.Store).RefundAll,
			"staff sets it so":       func(s *woocommercetest.Store, id string) error { return s.SetStatus(id, "refunded") },
			"staff sets it when gone": func(s *woocommercetest.Store, id string) error {
				return errors.Join(s.Complete(id), s.SetStatus(id, "refunded"))
			},
		} {
			t.Run(name+": "+how, func(t *testing.T) {
				store, id := sold(t, 2)
				refunding(t, store, id, tc.before...)
				require.NoError(t, end(store, id))
				o := ended(t, store, id)
				require.Len(t, o.Refunds[len(o.Refunds)-1].Beyond, tc.told)
			})
		}
	}
}

// A refund puts back all of its pieces or none. Where that tells nothing, the oldest have
// what was put back.
func TestPiecesArePutBackWithWholeRefunds(t *testing.T) {
	for _, tc := range []struct {
		pieces []int64
		all    int64
		want   []int64
	}{
		{[]int64{1, 2}, 2, []int64{0, 2}}, {[]int64{2, 1}, 1, []int64{0, 1}}, {[]int64{1, 2, 3}, 3, []int64{1, 2, 0}}, {[]int64{4, 3, 2}, 5, []int64{0, 3, 2}},
		{[]int64{2, 2}, 2, []int64{2, 0}}, {[]int64{0, 1}, 1, []int64{0, 1}}, {[]int64{2}, 3, []int64{2}}, {[]int64{3, 3}, 4, []int64{3, 1}}, {[]int64{1}, 0, []int64{0}}, {nil, 2, []int64{}},
	} {
		var pieces []decimal.Decimal
		for _, n := range tc.pieces {
			pieces = append(pieces, decimal.NewFromInt(n))
		}
		got := []int64{}
		for _, n := range putBack(pieces, decimal.NewFromInt(tc.all)) {
			got = append(got, n.IntPart())
		}
		require.Equal(t, tc.want, got, "%d of %v", tc.all, tc.pieces)
	}
}

// Of more refunds than are tried in every way, the same ones have the pieces each time: an
// order that nobody changed is to stay as it is.
func TestPiecesOfManyRefundsAreAlwaysOfTheSame(t *testing.T) {
	var pieces []decimal.Decimal
	for i := range 14 {
		pieces = append(pieces, decimal.NewFromInt(1<<i))
	}
	first := putBack(pieces, decimal.NewFromInt(10_936))
	for range 20 {
		require.Equal(t, first, putBack(pieces, decimal.NewFromInt(10_936)))
	}
}

// Staff types amounts for all lines and no pieces: the order is refunded, and the shop
// sends no more of it. What had left is with the buyer.
func TestAnOrderOfWhichAllMoneyWasGivenBackHasNothingLeft(t *testing.T) {
	typed := []woocommercetest.RefundRequest{forALine(0, "5.00"), {Lines: []woocommercetest.RefundItem{{Line: 0, Money: *eur("24.80")}, {Line: 1, Money: *eur("53.80")}}, FullShipping: true}}
	for name, tc := range map[string]struct {
		before, after []woocommercetest.RefundRequest
		want          string
	}{
		"before it left":   {typed, nil, commerce.RestockCancel},
		"after it left":    {nil, typed, commerce.RestockNone},
		"part of it after": {typed[:1], typed[1:], commerce.RestockNone},
	} {
		store, id := sold(t, 2)
		refunding(t, store, id, tc.before...)
		if tc.after != nil {
			require.NoError(t, store.Complete(id))
			refunding(t, store, id, tc.after...)
		}
		o := ended(t, store, id)
		require.Equal(t, "refunded", o.Financial, name)
		require.Empty(t, o.Refunds[0].Lines, name)
		require.Len(t, o.Refunds[1].Lines, 2, name)
		for _, l := range o.Refunds[1].Lines {
			require.Equal(t, []string{"2", tc.want}, []string{l.Quantity.String(), l.Restock}, name)
		}
	}
}
