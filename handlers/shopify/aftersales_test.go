package shopify

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func amountOf(s string) *decimal.Decimal { return new(decimal.RequireFromString(s)) }

// sold is an order of 3 × 3.33 less 1.00 with 25.5 %, 2 × 10.00 with 14 % and
// shipping at 5.90, paid: 34.89 in the store's money.
func sold() shopifytest.Order {
	rate := func(s string) []shopifytest.TaxRate {
		return []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString(s)}}
	}
	return shopifytest.Order{TaxesIncluded: true, Gateway: "shopify_payments", Presentment: "USD", Rate: decimal.RequireFromString("1.0837"),
		Lines: []shopifytest.Line{
			{SKU: "A", Title: "A", Quantity: 3, Current: 3, Price: decimal.RequireFromString("3.33"), Taxes: rate("0.255")},
			{SKU: "B", Title: "B", Quantity: 2, Current: 2, Price: decimal.NewFromInt(10), Taxes: rate("0.14")},
		},
		ShippingLines: []shopifytest.ShippingLine{{Code: "post", Title: "Post", Price: decimal.RequireFromString("5.90"), Taxes: rate("0.255")}},
		Discounts:     []shopifytest.Discount{{Kind: "discount_code", Title: "ONE", Fixed: decimal.NewFromInt(1), Only: []int{0}, Across: true}},
	}
}

// outcome is what a test wants to see of an order, line by line.
func outcome(o *commerce.Order) []string {
	names := map[string]string{}
	var out []string
	for _, l := range o.Lines {
		name := either(l.SKU, string(l.Kind))
		names[l.ID] = name
		tax := decimal.Zero
		for _, t := range l.Taxes {
			tax = tax.Add(t.Amount.Amount)
		}
		out = append(out, fmt.Sprintf("%s × %s = %s, tax %s", l.Quantity, name, l.Total.Amount.StringFixed(2), tax.StringFixed(2)))
	}
	for _, r := range o.Refunds {
		refund := fmt.Sprintf("refund %s, pending %s", r.Amount.Amount.StringFixed(2), r.Pending.Amount.StringFixed(2))
		if r.Apart {
			refund += ", apart from its lines"
		}
		out = append(out, refund)
		for _, l := range r.Lines {
			out = append(out, fmt.Sprintf("  %s × %s %s %s= %s, tax %s", l.Quantity, names[l.LineID], l.Restock,
				strings.TrimPrefix(l.Location+" ", " "), l.Amount.Amount.StringFixed(2), l.Tax.Amount.StringFixed(2)))
		}
		for _, s := range r.Shipping {
			out = append(out, fmt.Sprintf("  %s = %s, tax %s", names[s.LineID], s.Amount.Amount.StringFixed(2), s.Tax.Amount.StringFixed(2)))
		}
	}
	return append(out, fmt.Sprintf("%s, outstanding %s, %s", o.Total.Amount.StringFixed(2), o.Outstanding.Amount.StringFixed(2), o.Financial))
}

func TestWhatBecomesOfAnOrderIsTold(t *testing.T) {
	const a, b, ship = "3 × A = 8.99, tax 1.83", "2 × B = 20.00, tax 2.46", "1 × shipping = 5.90, tax 1.20"
	refund := func(r shopifytest.RefundRequest) func(*shopifytest.Store, string) error {
		return func(s *shopifytest.Store, id string) error {
			_, err := s.RefundWith(id, r)
			return err
		}
	}
	one := []shopifytest.RefundItem{{Line: 1, Quantity: 1}}
	for _, tc := range []struct {
		name string
		do   func(*shopifytest.Store, string) error
		want []string
	}{
		{"two pieces one by one leave what they did not take", func(s *shopifytest.Store, id string) error {
			_ = s.Refund(id, 0, 1)
			return s.Refund(id, 0, 1)
		}, []string{"1 × A = 2.99, tax 0.61", b, ship, "refund 3.00, pending 0.00", "  1 × A return = 3.00, tax 0.61",
			"refund 3.00, pending 0.00", "  1 × A return = 3.00, tax 0.61", "28.89, outstanding 0.00, partially_refunded"}},
		{"pieces that never left, and half the shipping", refund(shopifytest.RefundRequest{Shipping: decimal.RequireFromString("2.95"),
			Lines: []shopifytest.RefundItem{{Line: 1, Quantity: 2, Restock: "CANCEL"}}}),
			[]string{a, "0 × B = 0.00, tax 0.00", "1 × shipping = 2.95, tax 0.60", "refund 22.95, pending 0.00", "  2 × B cancel = 20.00, tax 2.46", "  shipping = 2.95, tax 0.60",
				"11.94, outstanding 0.00, partially_refunded"}},
		{"all of the shipping", refund(shopifytest.RefundRequest{FullShipping: true}),
			[]string{a, b, "1 × shipping = 0.00, tax 0.00", "refund 5.90, pending 0.00", "  shipping = 5.90, tax 1.20", "28.99, outstanding 0.00, partially_refunded"}},
		{"goodwill", refund(shopifytest.RefundRequest{Amount: amountOf("4.00")}),
			[]string{a, b, ship, "refund 4.00, pending 0.00", "34.89, outstanding 0.00, partially_refunded"}},
		{"a fee is kept", refund(shopifytest.RefundRequest{Lines: one, Amount: amountOf("8.50")}),
			[]string{a, "1 × B = 10.00, tax 1.23", ship, "refund 8.50, pending 0.00", "  1 × B return = 10.00, tax 1.23", "24.89, outstanding 0.00, partially_refunded"}},
		{"the money is under way", refund(shopifytest.RefundRequest{Lines: one, Pending: true}),
			[]string{a, "1 × B = 10.00, tax 1.23", ship, "refund 0.00, pending 10.00", "  1 × B return = 10.00, tax 1.23", "24.89, outstanding -10.00, paid"}},
		{"the money was under way and arrived", func(s *shopifytest.Store, id string) error {
			made, err := s.RefundWith(id, shopifytest.RefundRequest{Lines: one, Pending: true})
			if err != nil {
				return err
			}
			return s.SettleRefund(id, made)
		}, []string{a, "1 × B = 10.00, tax 1.23", ship, "refund 10.00, pending 0.00", "  1 × B return = 10.00, tax 1.23", "24.89, outstanding 0.00, partially_refunded"}},
		{"an edit removes, and nothing is paid yet", func(s *shopifytest.Store, id string) error { return s.RemoveFromLine(id, 1, 1) },
			[]string{a, "1 × B = 10.00, tax 1.23", ship, "refund 0.00, pending 0.00, apart from its lines", "  1 × B cancel = 10.00, tax 1.23", "24.89, outstanding -10.00, paid"}},
		{"a sum pays for what an edit removed", func(s *shopifytest.Store, id string) error {
			_ = s.RemoveFromLine(id, 1, 1)
			return refund(shopifytest.RefundRequest{Amount: amountOf("10.00")})(s, id)
		}, []string{a, "1 × B = 10.00, tax 1.23", ship, "refund 0.00, pending 0.00, apart from its lines", "  1 × B cancel = 10.00, tax 1.23", "refund 10.00, pending 0.00, apart from its lines",
			"24.89, outstanding 0.00, partially_refunded"}},
		{"one refund pays for itself and for what an edit removed", func(s *shopifytest.Store, id string) error {
			_ = s.RemoveFromLine(id, 1, 1)
			return s.Refund(id, 0, 1)
		}, []string{"2 × A = 5.99, tax 1.22", "1 × B = 10.00, tax 1.23", ship, "refund 0.00, pending 0.00, apart from its lines", "  1 × B cancel = 10.00, tax 1.23",
			"refund 13.00, pending 0.00, apart from its lines", "  1 × A return = 3.00, tax 0.61", "21.89, outstanding 0.00, partially_refunded"}},
		{"what comes back pays for what is new", func(s *shopifytest.Store, id string) error {
			_ = s.RaiseLine(id, 0, 1)
			return s.Refund(id, 1, 1)
		}, []string{"4 × A = 12.32, tax 2.50", "1 × B = 10.00, tax 1.23", ship, "refund 6.67, pending 0.00, apart from its lines", "  1 × B return = 10.00, tax 1.23",
			"28.22, outstanding 0.00, partially_refunded"}},
		{"an edit raises and adds", func(s *shopifytest.Store, id string) error {
			_ = s.RaiseLine(id, 1, 1)
			_, err := s.AddLine(id, shopifytest.Line{SKU: "C", Title: "C", Quantity: 2, Price: decimal.NewFromInt(7)})
			return err
		}, []string{a, "3 × B = 30.00, tax 3.68", "2 × C = 14.00, tax 0.00", ship, "58.89, outstanding 24.00, partially_paid"}},
		{"cancelled, and everything is given back", func(s *shopifytest.Store, id string) error {
			_, err := s.CancelAndRefund(id)
			return err
		}, []string{"0 × A = 0.00, tax 0.00", "0 × B = 0.00, tax 0.00", "1 × shipping = 0.00, tax 0.00", "refund 34.89, pending 0.00",
			"  3 × A cancel = 8.99, tax 1.83", "  2 × B cancel = 20.00, tax 2.46",
			"  shipping = 5.90, tax 1.20", "0.00, outstanding 0.00, refunded"}},
		{"cancelled, and nothing is given back", func(s *shopifytest.Store, id string) error { return s.CancelOrder(id) },
			[]string{a, b, ship, "34.89, outstanding 0.00, paid"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
			id := store.AddOrder(sold())
			require.NoError(t, tc.do(store, id))
			o, err := shop.Orders.Order(t.Context(), id)
			require.NoError(t, err)
			if diff := cmp.Diff(tc.want, outcome(o)); diff != "" {
				t.Errorf("order (-want +got):\n%s", diff)
			}
			_, err = shop.Orders.Decode(delivered(t, store, id, "orders/updated").Body)
			if len(o.Refunds) > 0 {
				require.ErrorIs(t, err, handlers.ErrPartial)
			} else {
				require.NoError(t, err)
			}
		})
	}
}

// parts are, by line, what an order comes to with its refunds, and its taxes.
func parts(o *commerce.Order) map[string]string {
	amounts, taxes := map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, l := range o.Lines {
		amounts[l.ID] = amounts[l.ID].Add(l.Total.Amount)
		for _, tax := range l.Taxes {
			taxes[l.ID] = taxes[l.ID].Add(tax.Amount.Amount)
		}
	}
	for _, r := range o.Refunds {
		for _, l := range r.Lines {
			amounts[l.LineID], taxes[l.LineID] = amounts[l.LineID].Add(l.Amount.Amount), taxes[l.LineID].Add(l.Tax.Amount)
		}
		for _, l := range r.Shipping {
			amounts[l.LineID], taxes[l.LineID] = amounts[l.LineID].Add(l.Amount.Amount), taxes[l.LineID].Add(l.Tax.Amount)
		}
	}
	out := map[string]string{}
	for id, d := range amounts {
		out[id] = d.StringFixed(2) + ", tax " + taxes[id].StringFixed(2)
	}
	return out
}

// TestPresentAndRefundedAreTheCheckout takes orders of every kind apart at random.
func TestPresentAndRefundedAreTheCheckout(t *testing.T) {
	for _, money := range []string{"shop", "presentment"} {
		store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, money)
		rng, refunds := rand.New(rand.NewPCG(7, 7)), 0
		for _, id := range store.Generate(21, 3*shopifytest.Scenarios) {
			before, err := shop.Orders.Order(t.Context(), id)
			require.NoError(t, err)
			for range 6 {
				r := shopifytest.RefundRequest{Lines: []shopifytest.RefundItem{{Line: rng.IntN(3), Quantity: 1 + rng.IntN(3)}}}
				if rng.IntN(3) == 0 {
					r.Shipping = decimal.New(int64(rng.IntN(200)), -2)
				}
				_, _ = store.RefundWith(id, r) // some ask for more than there is
			}
			after, err := shop.Orders.Order(t.Context(), id)
			require.NoError(t, err)
			taxes := decimal.Zero
			for _, tax := range after.Taxes {
				taxes = taxes.Add(tax.Amount.Amount)
			}
			require.True(t, addUp(after).Equal(after.Total.Amount), "%s: lines give %s, the order says %s", after.Number, addUp(after), after.Total)
			require.True(t, taxes.Equal(after.TotalTax.Amount), "%s: taxes give %s, the order says %s", after.Number, taxes, after.TotalTax)
			require.True(t, after.Outstanding.IsZero() || !before.Paid, "%s: %s is outstanding", after.Number, after.Outstanding)
			want, got := parts(before), parts(after)
			for _, l := range before.Lines { // one that was taken apart is none any more
				if _, whole := got[l.ID]; l.Kind == commerce.LineBundle && !whole {
					delete(want, l.ID)
				}
			}
			refunds += len(after.Refunds)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s in %s: present and refunded are not the checkout (-want +got):\n%s", after.Number, after.Currency, diff)
			}
		}
		require.Greater(t, refunds, 100)
	}
}

func TestRefundedShippingHoldsTheTaxWherePricesDo(t *testing.T) {
	euro := func(s string) commerce.Money {
		return commerce.Money{Amount: decimal.RequireFromString(s), Currency: "EUR"}
	}
	for name, tc := range map[string]struct {
		included   bool
		told, left string
		want       string
		tax        string
	}{
		"told with it":                    {true, "4.90", "1.00", "4.90 EUR", "0.16"},
		"told without it":                 {true, "4.12", "1.00", "4.90 EUR", "0.16"},
		"prices hold none":                {false, "4.90", "1.00", "4.90 EUR", "0.16"},
		"something else made it cheaper":  {true, "4.12", "2.00", "4.12 EUR", "0.32"},
		"everything, and told without it": {true, "5.12", "0.00", "5.90 EUR", "0.16"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &record{currency: "EUR", included: tc.included,
				shippings: []item{{id: "1", unit: decimal.RequireFromString("5.90"), discounted: decimal.RequireFromString("5.90"),
					left: decimal.RequireFromString(tc.left), taxes: []levy{{title: "ALV", amount: decimal.RequireFromString("0.94")}}}},
				refunds: []commerce.Refund{{Shipping: []commerce.RefundShipping{{LineID: "1", Amount: euro(tc.told), Tax: euro("0.78")}}}}}
			r.grossShipping()
			require.Equal(t, tc.want, r.refunds[0].Shipping[0].Amount.String())
			require.Equal(t, tc.tax, r.order("fi", "").Lines[0].Taxes[0].Amount.Amount.String())
		})
	}
}
