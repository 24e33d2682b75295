package shopifytest

import (
	"encoding/json"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

func bodyOf(t *testing.T, s *Store, id string) map[string]any {
	ds, err := s.Deliveries(id, "orders/updated")
	require.NoError(t, err)
	var b map[string]any
	require.NoError(t, json.Unmarshal(ds[0].Body, &b))
	return b
}

// checkAfter: what an order comes to now is what it came to less its refunds.
func checkAfter(t *testing.T, b map[string]any, side string) {
	total, tax := set(b, "total_price_set", side), set(b, "total_tax_set", side)
	for _, r := range objects(b, "refunds") {
		less := func(parts, amount, of string) {
			for _, l := range objects(r, parts) {
				total, tax = total.Sub(set(l, amount, side)), tax.Sub(set(l, of, side))
				if b["taxes_included"] == false {
					total = total.Sub(set(l, of, side))
				}
			}
		}
		less("refund_line_items", "subtotal_set", "total_tax_set")
		less("refund_shipping_lines", "subtotal_amount_set", "tax_amount_set")
	}
	require.Equal(t, total.StringFixed(2), set(b, "current_total_price_set", side).StringFixed(2), "%s", b["name"])
	require.Equal(t, tax.StringFixed(2), set(b, "current_total_tax_set", side).StringFixed(2), "%s", b["name"])
	for _, l := range objects(b, "shipping_lines") {
		require.False(t, set(l, "current_discounted_price_set", side).IsNegative())
	}
}

func TestWhatBecomesOfOrdersAddsUp(t *testing.T) {
	s := New(Options{})
	rng := rand.New(rand.NewPCG(3, 1))
	some := func() decimal.Decimal { return decimal.New(int64(rng.IntN(300)), -2) }
	for _, id := range s.Generate(5, 3*Scenarios) {
		for range 8 { // many are refused, as there is not so much
			line, n := rng.IntN(3), 1+rng.IntN(2)
			items := []RefundItem{{Line: line, Quantity: n, Restock: []string{"RETURN", "CANCEL", "NO_RESTOCK"}[rng.IntN(3)]}}
			var err error
			switch rng.IntN(8) {
			case 0:
				err = s.Refund(id, line, n)
			case 1:
				_, err = s.RefundWith(id, RefundRequest{Lines: items, Shipping: some()})
			case 2:
				_, err = s.RefundWith(id, RefundRequest{Amount: new(some())})
			case 3:
				_, err = s.RefundWith(id, RefundRequest{Lines: items, Pending: true})
			case 4:
				err = s.RemoveFromLine(id, line, n)
			case 5:
				err = s.RaiseLine(id, line, n)
			case 6:
				_, err = s.AddLine(id, Line{SKU: "NEW", Title: "New", Quantity: n, Price: some(), Taxes: []TaxRate{standardRate()}})
			case 7:
				_, err = s.RefundWith(id, RefundRequest{FullShipping: true})
			}
			if err != nil {
				require.Contains(t, err.Error(), "order #", "what is refused names the order")
			}
			for _, side := range []string{"shop_money", "presentment_money"} {
				checkAfter(t, bodyOf(t, s, id), side)
			}
		}
		_, err := s.CancelAndRefund(id)
		require.NoError(t, err)
		b := bodyOf(t, s, id)
		require.Equal(t, "0.00", b["current_total_price"])
		require.Equal(t, "0.00", b["current_total_tax"])
	}
}

func TestWhatIsRefusedChangesNothing(t *testing.T) {
	s := New(Options{Now: func() time.Time { return time.Unix(1795309200, 0) }})
	id := s.Generate(1, 1)[0]
	before := bodyOf(t, s, id)
	much := decimal.NewFromInt(100_000)
	for name, do := range map[string]func() error{
		"more pieces than there are": func() error { return s.Refund(id, 0, 100) },
		"a line that is not there":   func() error { return s.Refund(id, 9, 1) },
		"more than was paid":         func() error { _, err := s.RefundWith(id, RefundRequest{Amount: &much}); return err },
		"more shipping than it cost": func() error { _, err := s.RefundWith(id, RefundRequest{Shipping: much}); return err },
		"a return that is not there": func() error { _, err := s.RefundWith(id, RefundRequest{Return: "1"}); return err },
		"money that does not wait":   func() error { return s.SettleRefund(id, "1") },
		"goods that never left":      func() error { _, err := s.RequestReturn(id, map[int]int{0: 1}); return err },
		"a return of nothing":        func() error { return s.CloseReturn(id, "1") },
		"an edit to less":            func() error { return s.RaiseLine(id, 0, -1) },
	} {
		require.Error(t, do(), name)
		require.Equal(t, before, bodyOf(t, s, id), name)
	}
}

func TestAnOrderUnpaidIsRefundedWithoutMoney(t *testing.T) {
	s := New(Options{})
	id := s.AddOrder(Order{Gateway: "Bank Deposit", Manual: true, Lines: []Line{{SKU: "A", Title: "A", Quantity: 2, Current: 2, Price: dec("10")}}})
	require.NoError(t, s.Refund(id, 0, 1))
	b := bodyOf(t, s, id)
	require.Equal(t, "10.00", b["total_outstanding"])
	require.Empty(t, objects(objects(b, "refunds")[0], "transactions"))
	require.NoError(t, s.Pay(id))
	require.Equal(t, "0.00", bodyOf(t, s, id)["total_outstanding"])
}

func TestWhatCameBackIsNotMissingInTheNextParcel(t *testing.T) {
	s := New(Options{})
	id := s.AddOrder(Order{Gateway: "cash", Lines: []Line{{SKU: "A", Title: "A", Quantity: 5, Current: 5, Price: dec("10")}}})
	require.NoError(t, s.FulfillLines(id, "Posti", "1", map[int]int{0: 3}))
	require.NoError(t, s.Refund(id, 0, 1))
	require.Error(t, s.FulfillLines(id, "Posti", "2", map[int]int{0: 3}))
	require.NoError(t, s.FulfillLines(id, "Posti", "2", map[int]int{0: 2}))
	require.EqualValues(t, 0, objects(bodyOf(t, s, id), "line_items")[0]["fulfillable_quantity"])
}
