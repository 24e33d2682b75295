package woocommercetest

import (
	"testing"

	"github.com/stretchr/testify/require"
)

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
