package woocommercetest

import (
	"encoding/json"
	"testing"

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
