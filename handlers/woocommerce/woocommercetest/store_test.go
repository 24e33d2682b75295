package woocommercetest

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// body is a delivery's body, numbers as they are written.
func body(t *testing.T, s *Store, order, topic string) map[string]any {
	t.Helper()
	d, err := s.Deliveries(order, topic)
	require.NoError(t, err)
	var b map[string]any
	require.NoError(t, json.Unmarshal(d[0].Body, &b))
	return b
}

func amount(t *testing.T, o map[string]any, key string) decimal.Decimal {
	t.Helper()
	text, ok := o[key].(string)
	require.True(t, ok, "%s is %v", key, o[key])
	return decimal.RequireFromString(text)
}

func objects(o map[string]any, key string) []map[string]any {
	var out []map[string]any
	for _, one := range o[key].([]any) {
		out = append(out, one.(map[string]any))
	}
	return out
}

// TestGeneratedOrdersAddUp works every amount out a second time, from the body alone
// and in words of its own.
func TestGeneratedOrdersAddUp(t *testing.T) {
	for name, opts := range map[string]Options{"prices with tax": {}, "prices without": {TaxOnTop: true}, "old": {Old: true}} {
		t.Run(name, func(t *testing.T) {
			opts.UnknownSKU = "NOBODY-KNOWS"
			s := New(opts)
			ids := s.Generate(42, 8*Scenarios)
			bodies := map[string]bool{}
			for i, id := range ids {
				d, err := s.Deliveries(id, "order.created")
				require.NoError(t, err)
				bodies[string(d[0].Body)] = true
				checkBody(t, ScenarioName(i), body(t, s, id, "order.created"), ScenarioName(i) == "taxes-rounded-in-the-end")
			}
			require.Len(t, bodies, len(ids), "all orders differ")
			known := map[string]bool{}
			for _, p := range Catalogue() {
				known[p.SKU] = true
			}
			var unknown []string
			for _, o := range s.Orders() {
				for _, sku := range o.SKUs {
					if !known[sku] {
						unknown = append(unknown, o.ID+" "+sku)
					}
				}
			}
			require.Equal(t, []string{ids[len(ids)-1] + " NOBODY-KNOWS"}, unknown)
		})
	}
}

// checkBody: a tax is its rate of the net amount to six decimals; line, rate and order
// sums are of what each line rounds, unless all is rounded in the end.
func checkBody(t *testing.T, name string, b map[string]any, inTheEnd bool) {
	t.Helper()
	rates, percents := map[float64]decimal.Decimal{}, map[float64]decimal.Decimal{}
	for _, r := range objects(b, "tax_lines") {
		percents[r["rate_id"].(float64)] = decimal.NewFromFloat(r["rate_percent"].(float64))
	}
	net, before := decimal.Zero, decimal.Zero
	line := func(l map[string]any, sign string) {
		total, sum := amount(t, l, "total"), decimal.Zero
		for _, tax := range objects(l, "taxes") {
			id, one := tax["id"].(float64), amount(t, tax, "total")
			require.LessOrEqual(t, -one.Exponent(), int32(6), "%s: %s", name, one)
			off := total.Mul(percents[id]).Shift(-2).Sub(one).Abs()
			require.True(t, sign == "-" || off.LessThanOrEqual(decimal.New(2, -3)), "%s: %s %% of %s is not %s", name, percents[id], total, one)
			sum, rates[id] = sum.Add(one), rates[id].Add(one)
		}
		near(t, sum, amount(t, l, "total_tax"), decimal.New(5, -3).Mul(decimal.NewFromInt(int64(len(objects(l, "taxes"))))).String(), name)
		net = net.Add(total)
	}
	for _, l := range objects(b, "line_items") {
		line(l, "")
		before = before.Add(amount(t, l, "subtotal"))
		price := decimal.NewFromFloat(l["price"].(float64)).Mul(decimal.NewFromFloat(l["quantity"].(float64)))
		near(t, price, amount(t, l, "total"), "0.0051", name)
	}
	near(t, before.Sub(net), amount(t, b, "discount_total"), "0.01", name)
	coupons := decimal.Zero
	for _, c := range objects(b, "coupon_lines") {
		coupons = coupons.Add(amount(t, c, "discount"))
	}
	near(t, before.Sub(net), coupons, "0.04", name)
	for _, l := range objects(b, "fee_lines") {
		line(l, amount(t, l, "total").StringFixed(2)[:1])
	}
	for _, l := range objects(b, "shipping_lines") {
		line(l, "")
	}
	taxes := decimal.Zero
	for _, r := range objects(b, "tax_lines") {
		sum := amount(t, r, "tax_total").Add(amount(t, r, "shipping_tax_total"))
		near(t, rates[r["rate_id"].(float64)], sum, "0.05", name)
		taxes = taxes.Add(sum)
	}
	require.Equal(t, taxes.StringFixed(2), b["total_tax"], name)
	require.Equal(t, amount(t, b, "cart_tax").Add(amount(t, b, "shipping_tax")).StringFixed(2), b["total_tax"], name)
	if inTheEnd {
		near(t, net.Add(taxes), amount(t, b, "total"), "0.02", name)
		return
	}
	near(t, net.Add(taxes), amount(t, b, "total"), "0.00", name)
}

func near(t *testing.T, a, b decimal.Decimal, within, name string) {
	t.Helper()
	require.True(t, a.Sub(b).Abs().LessThanOrEqual(decimal.RequireFromString(within)), "%s: %s and %s", name, a, b)
}

func TestTheSameSeedGivesTheSameOrders(t *testing.T) {
	now := func() time.Time { return time.Unix(1795309200, 0) }
	a, b := New(Options{Now: now}), New(Options{Now: now})
	a.Generate(9, 60)
	b.Generate(9, 60)
	require.Equal(t, a.Orders(), b.Orders())
	a.Generate(10, 5)
	require.Len(t, a.Orders(), 65)
}
