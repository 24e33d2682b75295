package main

import (
	"errors"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

var update = flag.Bool("update", false, "rewrite golden files")

func euros(s string) commerce.Money {
	return commerce.Money{Amount: decimal.RequireFromString(s), Currency: "EUR"}
}

func number(n int64) decimal.Decimal { return decimal.NewFromInt(n) }

// returned is an order of which one mug came back: the shop refunded it, and Odoo
// holds the return and no credit note yet.
func returned() *tasks.Looked {
	at := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	due := euros("0.00")
	home := commerce.Address{FirstName: "Anna", LastName: "Virtanen", Street: "Mannerheimintie 1", City: "Helsinki", Country: "FI"}
	o := &commerce.Order{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: "5001"}, Number: "#1001", Channel: "web", Currency: "EUR",
		CreatedAt: at, UpdatedAt: at.Add(50 * time.Hour), Financial: "partially_refunded", Fulfilment: "fulfilled", Outstanding: &due,
		Customer: commerce.Party{Email: "anna@example.com", FirstName: "Anna"}, Billing: &home, Shipping: &home, Note: "ring twice", PricesIncludeTax: true,
		Lines: []commerce.Line{
			{ID: "1", Kind: commerce.LineProduct, SKU: "MUG", Title: "For Anna", Quantity: number(1), UnitPrice: euros("12.55"), Total: euros("12.55"), NeedsShipping: true},
			{ID: "2", Kind: commerce.LineShipping, Code: "posti", Title: "Posti", Quantity: number(1), UnitPrice: euros("4.90"), Total: euros("4.90")}},
		Total: euros("17.45"), TotalTax: euros("3.55"),
		Payments:  []commerce.Payment{{ID: "71", Gateway: "card", Kind: "sale", Status: "success", Amount: euros("30.00")}},
		Shipments: []commerce.Shipment{{ID: "f1", Status: "success", Carrier: "Posti", Tracking: []string{"JJFI1"}, At: at.Add(24 * time.Hour), Lines: map[string]decimal.Decimal{"1": number(2)}}},
		Refunds: []commerce.Refund{{ID: "9", At: at.Add(49 * time.Hour), Amount: euros("12.55"), Pending: euros("0.00"),
			Lines: []commerce.RefundLine{{LineID: "1", Quantity: number(1), Restock: commerce.RestockReturn, Amount: euros("12.55"), Tax: euros("2.55")}}}},
		Returns: []commerce.Return{{ID: "r1", Status: commerce.ReturnClosed, Lines: []commerce.ReturnLine{{LineID: "1", Quantity: number(1)}},
			Received: []commerce.Received{{LineID: "1", Quantity: number(1)}}}}}
	story := erp.Story{
		Order: &erp.StoryOrder{ID: 7, Name: "S00007", Reference: "#1001", State: "sale", Locked: true, Date: at, Invoicing: "invoiced", Total: euros("30.00"), Tax: euros("6.10")},
		Lines: []erp.StoryLine{
			{ID: 70, XID: "odoogate.fi_line_1_0", Product: "MUG", Quantity: number(2), Delivered: number(1), Invoiced: number(2)},
			{ID: 71, XID: "odoogate.fi_shipping_2_0", Product: "SHIP", Quantity: number(1), Invoiced: number(1)},
			{ID: 72, Product: "CARD", Quantity: number(1)}},
		Transfers: []erp.StoryTransfer{
			{ID: 1, Name: "WH/OUT/00001", Kind: "outgoing", State: "done", Done: at.Add(25 * time.Hour), Tracking: "JJFI1", Moves: []erp.StoryMove{{Product: "MUG", Line: 70, State: "done", Quantity: number(2)}}},
			{ID: 2, Name: "WH/IN/00001", Kind: "incoming", State: "done", Done: at.Add(48 * time.Hour), Moves: []erp.StoryMove{{Product: "MUG", Line: 70, State: "done", Quantity: number(1), Refunded: true}}}},
		Invoices: []erp.StoryInvoice{{ID: 1, Name: "INV/2026/00001", Type: "out_invoice", State: "posted", Paid: "paid", Date: at, Total: euros("30.00"), Tax: euros("6.10"), Residual: euros("0.00")}},
		Payments: []erp.StoryPayment{{ID: 1, XID: "odoogate.fi_payment_71", Name: "PBNK1/2026/00001", Type: "inbound", State: "posted", Date: at, Amount: euros("30.00"), Journal: "Bank"}},
	}
	rec := tasks.Record{Ref: o.Ref, Outcome: tasks.Parked, Reason: string(commerce.Diverged), Detail: "the order was edited in the shop and S00007 is locked in Odoo (lines: 1 changed)",
		Remedy: "unlock the order in Odoo and replay it", Needs: []string{"unlocked/fi/7"}, At: at.Add(51 * time.Hour), Attempts: 2, Writes: 11, Forced: "x"}
	return &tasks.Looked{Ref: o.Ref, Order: o, Known: true, Record: rec, Story: story, Shop: config.Shop{ID: "fi", Mode: config.Live}}
}

func shown(t *testing.T, l *tasks.Looked) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, writeOrder(&b, l.View()))
	for _, private := range []string{"Anna", "Virtanen", "example.com", "Mannerheim", "ring twice"} {
		require.NotContains(t, b.String(), private)
	}
	lines := strings.Split(b.String(), "\n")
	require.LessOrEqual(t, len(lines), 45)
	for _, line := range lines {
		require.LessOrEqual(t, len([]rune(line)), screenWidth, line)
	}
	return b.String()
}

func TestAnOrdersStoryFitsOnOneScreen(t *testing.T) {
	const path = "testdata/order_show.golden"
	got := shown(t, returned())
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("screen (-want +got):\n%s", diff)
	}
}

func TestALongOrderIsCutAndASideThatIsAwayIsNamed(t *testing.T) {
	l := returned()
	for range 20 {
		l.Order.Lines = append(l.Order.Lines, l.Order.Lines[0])
	}
	l.Story, l.OdooErr = erp.Story{}, &commerce.Error{Ref: l.Ref, Reason: commerce.Unavailable, Detail: "Odoo cannot be reached"}
	text := shown(t, l)
	require.Contains(t, text, "… and 14 more; --json tells all")
	require.Contains(t, text, "Odoo          cannot be read: Odoo cannot be reached")
	require.Contains(t, text, "Both sides    cannot be compared")
	require.EqualError(t, l.Silent(), "could not be read: Odoo")
	l.JournalErr = errors.New("away")
	require.EqualError(t, l.Silent(), "could not be read: Odoo, the journal")
}
