package woocommercetest

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// mugs is a paid order of three mugs at 14.90 with 25.5 % in it, shipped for 5.90.
func mugs(t *testing.T, s *Store) string {
	t.Helper()
	id := s.AddOrder(Order{Status: "processing", PaymentMethod: "stripe", PricesIncludeTax: true,
		Lines: []Line{LineOf(Catalogue()[0], 3)}, ShippingLines: []ShippingLine{Parcel("5.90")}})
	require.Equal(t, "50.60", body(t, s, id, "order.updated")["total"])
	return id
}

func refundsOf(t *testing.T, s *Store, id string) []map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(ask(t, s, "GET", "orders/"+id+"/refunds?order=asc", "").text), &list))
	return list
}

func TestARefundNamesItsLinesOnlyInItsOwnList(t *testing.T) {
	for _, old := range []bool{false, true} {
		s := New(Options{BasicOverHTTP: true, Old: old})
		id := mugs(t, s)
		require.NoError(t, s.Refund(id, 0, 1))
		order := body(t, s, id, "order.updated")
		require.Equal(t, "50.60", order["total"], "a refund takes nothing off it")
		short := objects(order, "refunds")
		require.Len(t, short, 1)
		require.Equal(t, "-14.90", short[0]["total"])
		require.NotContains(t, short[0], "line_items")
		if old {
			require.NotContains(t, short[0], "total_tax")
		} else {
			require.Equal(t, "-3.03", short[0]["total_tax"])
		}
		r := refundsOf(t, s, id)[0]
		require.Equal(t, "14.90", r["amount"])
		line := objects(r, "line_items")[0]
		require.Equal(t, -1.0, line["quantity"])
		require.Equal(t, "-11.87", line["total"])
		require.Equal(t, "-3.03", line["total_tax"])
		require.Equal(t, "-3.03", objects(line, "taxes")[0]["total"])
		require.Equal(t, "_refunded_item_id", objects(line, "meta_data")[0]["key"])
		item := objects(order, "line_items")[0]
		require.Equal(t, decimal.NewFromFloat(item["id"].(float64)).String(), objects(line, "meta_data")[0]["value"])
		meta := map[any]any{}
		for _, m := range objects(item, "meta_data") {
			meta[m["key"]] = m["value"]
		}
		require.Equal(t, map[any]any{"_reduced_stock": "2", "_restock_refunded_items": "1"}, meta)
	}
}

func TestRefundsComeToTheCentAndEndTheOrder(t *testing.T) {
	s := New(Options{BasicOverHTTP: true})
	id := mugs(t, s)
	require.NoError(t, s.Refund(id, 0, 1))
	_, err := s.RefundWith(id, RefundRequest{Shipping: dec("1.00")})
	require.NoError(t, err)
	gift := dec("2.50")
	_, err = s.RefundWith(id, RefundRequest{Amount: &gift})
	require.NoError(t, err)
	now, err := s.Ledger(id)
	require.NoError(t, err)
	require.Equal(t, []string{"34.70", "2.50", "32.20", "7.05"}, []string{now.Total.StringFixed(2), now.Given.StringFixed(2), now.Paid.StringFixed(2), now.Tax.StringFixed(2)})
	require.Equal(t, 4, now.Moves)
	require.Equal(t, []LedgerLine{{ID: now.Lines[0].ID, Quantity: 2, Unsent: 2}}, now.Lines)
	require.Equal(t, "4.90", now.Shipping.StringFixed(2))
	too := dec("32.21")
	_, err = s.RefundWith(id, RefundRequest{Amount: &too})
	require.ErrorContains(t, err, "Invalid refund amount.")
	require.Error(t, s.Refund(id, 0, 3), "there are two")
	odd := ask(t, s, "POST", "orders/"+id+"/refunds", `{"amount":"99.00"}`)
	require.Equal(t, 500, odd.status)
	require.Equal(t, 500.0, odd.object(t)["data"], "a number, and no object")

	require.NoError(t, s.RefundAll(id))
	now, err = s.Ledger(id)
	require.NoError(t, err)
	require.Equal(t, "refunded", now.Status)
	require.True(t, now.Total.IsZero() && now.Given.IsZero() && now.Paid.IsZero() && now.Tax.IsZero(), "%+v", now)
	require.False(t, now.Cancelled)
}

func TestAnOrderThatIsCalledRefundedHasARefundWithoutLines(t *testing.T) {
	s := New(Options{BasicOverHTTP: true})
	id := mugs(t, s)
	require.NoError(t, s.Complete(id))
	require.NoError(t, s.SetStatus(id, refunded))
	r := refundsOf(t, s, id)[0]
	require.Equal(t, "50.60", r["amount"])
	require.Empty(t, r["line_items"])
	require.Equal(t, "0.00", objects(body(t, s, id, "order.updated"), "refunds")[0]["total_tax"])
	now, err := s.Ledger(id)
	require.NoError(t, err)
	require.True(t, now.Total.IsZero() && now.Paid.IsZero())
	require.Equal(t, LedgerLine{ID: now.Lines[0].ID, Kept: 3, With: 3}, now.Lines[0])
}

func TestGoodsThatAreNotPutBackAreWithTheBuyer(t *testing.T) {
	s := New(Options{})
	id := mugs(t, s)
	require.NoError(t, s.Complete(id))
	_, err := s.RefundWith(id, RefundRequest{Lines: []RefundItem{{Line: 0, Quantity: 1}}, KeepStock: true})
	require.NoError(t, err)
	require.NoError(t, s.Refund(id, 0, 1))
	now, err := s.Ledger(id)
	require.NoError(t, err)
	require.Equal(t, LedgerLine{ID: now.Lines[0].ID, Quantity: 1, Kept: 1, With: 2}, now.Lines[0])
}

func TestCouponsFallOnPricesAsTheyAreWritten(t *testing.T) {
	mug, coffee := Catalogue()[0], Catalogue()[15] // 14.90 at 25.5 %, 7.95 at 14 %
	for name, tt := range map[string]struct {
		coupons []Coupon
		want    []string // total of each line, then of the order
	}{
		"percent":              {[]Coupon{coupon("a", "percent", "10")}, []string{"10.69", "18.83", "34.88"}},
		"a sum":                {[]Coupon{coupon("a", "fixed_cart", "5")}, []string{"10.88", "17.63", "33.75"}},
		"on each piece":        {[]Coupon{coupon("a", "fixed_product", "0.30")}, []string{"11.63", "20.13", "37.55"}},
		"more than it costs":   {[]Coupon{coupon("a", "fixed_cart", "500")}, []string{"0.00", "0.00", "0.00"}},
		"a percent of it all":  {[]Coupon{coupon("a", "percent", "100")}, []string{"0.00", "0.00", "0.00"}},
		"a cent over three":    {[]Coupon{coupon("a", "fixed_cart", "0.01")}, []string{"11.87", "20.91", "38.74"}},
		"percent before a sum": {[]Coupon{coupon("a", "fixed_cart", "1"), coupon("b", "percent", "50")}, []string{"5.74", "9.81", "18.38"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := New(Options{})
			id := s.AddOrder(Order{PricesIncludeTax: true, Lines: []Line{LineOf(mug, 1), LineOf(coffee, 3)}, Coupons: tt.coupons})
			b := body(t, s, id, "order.created")
			var got []string
			for _, l := range objects(b, "line_items") {
				got = append(got, l["total"].(string))
			}
			require.Equal(t, tt.want, append(got, b["total"].(string)))
		})
	}
}

func TestTaxesOfSeveralRatesAndRoundingInTheEnd(t *testing.T) {
	gst, pst := TaxRate{ID: 5, Label: "GST", Percent: dec("5")}, TaxRate{ID: 6, Label: "PST", Percent: dec("9.975"), Compound: true}
	line := Line{Product: 1, SKU: "A", Name: "A", Quantity: 3, Price: dec("9.99"), Taxes: []TaxRate{gst, pst}}
	s := New(Options{})
	taxes := func(b map[string]any) []string {
		var out []string
		for _, t := range objects(objects(b, "line_items")[0], "taxes") {
			out = append(out, t["total"].(string))
		}
		return append(out, b["total_tax"].(string), b["total"].(string))
	}
	onTop := body(t, s, s.AddOrder(Order{Lines: []Line{line}}), "order.created")
	require.Equal(t, []string{"1.4985", "3.138983", "4.64", "34.61"}, taxes(onTop), "29.97 at 5 %, and 31.4685 at 9.975 %")
	within := body(t, s, s.AddOrder(Order{Lines: []Line{line}, PricesIncludeTax: true}), "order.created")
	require.Equal(t, []string{"1.297698", "2.718352", "4.02", "29.97"}, taxes(within))

	three := []Line{line, line, line}
	for i := range three {
		three[i].Quantity, three[i].Taxes = 1, []TaxRate{{ID: 7, Label: "VAT", Percent: dec("10.05")}}
	}
	byLine := body(t, s, s.AddOrder(Order{Lines: three}), "order.created")
	inTheEnd := body(t, s, s.AddOrder(Order{Lines: three, RoundAtSubtotal: true}), "order.created")
	require.Equal(t, []any{"3.00", "32.97"}, []any{byLine["total_tax"], byLine["total"]}, "three times 1.00")
	require.Equal(t, []any{"3.01", "32.98"}, []any{inTheEnd["total_tax"], inTheEnd["total"]}, "3.011985")
}

func TestStatusesDoWhatFollowsFromThem(t *testing.T) {
	c := newClock()
	s := New(Options{Now: c.now})
	for name, tt := range map[string]struct {
		method    string
		statuses  []string
		paid, out bool
	}{
		"card at the checkout":      {"stripe", []string{"processing"}, true, false},
		"bank, waiting":             {"bacs", []string{"on-hold"}, false, false},
		"bank, arrived":             {"bacs", []string{"on-hold", "processing"}, true, false},
		"cash on delivery":          {"cod", []string{"processing"}, false, false},
		"cash, delivered":           {"cod", []string{"processing", "completed"}, true, true},
		"completed at once":         {"bacs", []string{"on-hold", "completed"}, true, true},
		"paid, then back to hold":   {"stripe", []string{"processing", "on-hold"}, true, false},
		"cancelled after it's paid": {"stripe", []string{"processing", "cancelled"}, true, false},
	} {
		id := s.AddOrder(Order{PaymentMethod: tt.method, Lines: []Line{LineOf(Catalogue()[0], 1)}})
		for _, status := range tt.statuses {
			require.NoError(t, s.SetStatus(id, status))
		}
		b := body(t, s, id, "order.updated")
		require.Equal(t, tt.paid, b["date_paid_gmt"] != nil, name)
		require.Equal(t, tt.out, b["date_completed_gmt"] != nil, name)
	}
	id := s.AddOrder(Order{Status: "on-hold", Lines: []Line{LineOf(Catalogue()[0], 1)}})
	require.Error(t, s.SetStatus(id, "sold"))
	require.NoError(t, s.TrashOrder(id))
	require.Error(t, s.TrashOrder(id))
	require.NoError(t, s.RestoreOrder(id))
	require.Equal(t, "on-hold", body(t, s, id, "order.updated")["status"])
	require.NoError(t, s.DeleteOrder(id))
	now, err := s.Ledger(id)
	require.NoError(t, err, "a judge may still ask")
	require.True(t, now.Gone)
	require.Error(t, s.CancelOrder(id))
}

// Whatever happens to orders, what the API tells of them adds up to what the ledger
// says.
func TestLivesAddUp(t *testing.T) {
	c := newClock()
	for _, plain := range []bool{true, false} {
		s := New(Options{BasicOverHTTP: true, Now: c.now})
		r := rand.New(rand.NewPCG(7, 1))
		seen := map[string]int{}
		for range 150 {
			l := NewLife(r, s)
			l.Plain, l.Deletes = plain, !plain
			for range 1 + r.IntN(8) {
				c.passes(time.Duration(r.IntN(3)) * time.Second)
				l.GoesOn()
			}
			now := l.Now()
			seen[now.Status]++
			if now.Gone {
				seen["gone"]++
				require.Equal(t, 404, ask(t, s, "GET", "orders/"+l.ID, "").status)
				continue
			}
			order, back, taken := body(t, s, l.ID, "order.updated"), decimal.Zero, decimal.Zero
			for _, one := range refundsOf(t, s, l.ID) {
				back = back.Add(amount(t, one, "amount"))
				for _, kind := range []string{"line_items", "shipping_lines", "fee_lines"} {
					for _, line := range objects(one, kind) {
						taken = taken.Sub(amount(t, line, "total")).Sub(amount(t, line, "total_tax"))
					}
				}
			}
			total := amount(t, order, "total")
			require.False(t, total.Sub(back).IsNegative(), l)
			if order["date_paid_gmt"] != nil {
				require.Equal(t, total.Sub(back).StringFixed(2), now.Paid.StringFixed(2), l)
			}
			if !now.Cancelled && now.Status != refunded {
				require.Equal(t, total.Sub(taken).StringFixed(2), now.Total.StringFixed(2), l)
				require.Equal(t, back.Sub(taken).StringFixed(2), now.Given.StringFixed(2), l)
			}
			if plain {
				require.True(t, now.Given.IsZero(), "%s\n%+v", l, now)
			}
		}
		for _, status := range []string{"processing", completed, refunded, "cancelled", trash} {
			require.NotZero(t, seen[status], "no life ends %s: %v", status, seen)
		}
		require.Equal(t, plain, seen["gone"] == 0, seen)
	}
}

func TestLivesFollowFromTheirRandomNumbers(t *testing.T) {
	story := func() (out string) {
		c := newClock()
		s := New(Options{Now: c.now})
		r := rand.New(rand.NewPCG(3, 4))
		for range 20 {
			l := NewLife(r, s)
			for range 6 {
				l.GoesOn()
			}
			out += l.String() + "\n"
		}
		return out
	}
	require.Equal(t, story(), story())
}

func TestAnEditLeavesTheSharesOfCouponsAsTheyAre(t *testing.T) {
	s := New(Options{})
	id := s.AddOrder(Order{PricesIncludeTax: true, Lines: []Line{LineOf(Catalogue()[0], 2), LineOf(Catalogue()[5], 1)}, Coupons: []Coupon{coupon("two", "fixed_cart", "2.10")}})
	totals := func() (out []string) {
		b := body(t, s, id, "order.updated")
		for _, l := range objects(b, "line_items") {
			out = append(out, amount(t, l, "total").Add(amount(t, l, "total_tax")).StringFixed(2))
		}
		return append(out, b["total"].(string))
	}
	require.Equal(t, []string{"28.40", "89.29", "117.69"}, totals(), "0.70 off each of three")
	require.NoError(t, s.UpdateOrder(id, func(o *Order) {
		o.Lines[0].Quantity = 3
		o.Lines = append(o.Lines, LineOf(Catalogue()[1], 1))
	}))
	require.Equal(t, []string{"42.60", "89.29", "14.90", "146.79"}, totals())
	require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Lines[1].Quantity = 0 }))
	require.Equal(t, []string{"42.60", "14.90", "57.50"}, totals())
	now, err := s.Ledger(id)
	require.NoError(t, err)
	require.Len(t, now.Lines, 3)
	require.Zero(t, now.Lines[2].Quantity, "what was dropped has none")
	require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Coupons = nil }))
	require.Equal(t, []string{"44.70", "14.90", "59.60"}, totals())
}
