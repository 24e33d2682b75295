package erp

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// storyFrom is what Odoo holds of Anna's order once it was paid.
func storyFrom(o *commerce.Order) Story {
	return Story{
		Order: &StoryOrder{ID: 7, Name: "S00007", State: "sale", Total: o.Total, Tax: o.TotalTax},
		Lines: []StoryLine{{ID: 70, XID: lineXID(o, 0, 0), Product: "MUG", Quantity: dec("2"), Invoiced: dec("2")},
			{ID: 71, XID: lineXID(o, 1, 0), Product: "SHIP", Quantity: dec("1"), Invoiced: dec("1")}},
		Invoices: []StoryInvoice{{Type: "out_invoice", State: "posted", Total: o.Total, Tax: o.TotalTax, Residual: eur("0")}},
		Payments: []StoryPayment{{Type: "inbound", State: "paid", Amount: o.Total}},
	}
}

func TestDifferencesAreToldWithWhatComesNext(t *testing.T) {
	online := func(s *config.Shop) {
		s.Workflows, s.Workflow = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true), Deliver: "shipped"}}, "online"
	}
	left := func(n string) []commerce.Shipment {
		return []commerce.Shipment{{Status: "success", Lines: map[string]decimal.Decimal{"1": dec(n)}}}
	}
	for _, c := range []struct {
		name  string
		shop  func(*config.Shop)
		order func(*commerce.Order)
		story func(*Story)
		want  []Difference
	}{
		{name: "equal"},
		{name: "a line in two rows, and cents on another", story: func(s *Story) {
			s.Lines[0].Quantity = dec("1")
			s.Lines = append(s.Lines, StoryLine{XID: "odoogate.fi_line_1_1", Quantity: dec("1")}, StoryLine{XID: "odoogate.fi_rounding_5001_0", Quantity: dec("1")})
		}},
		{name: "a line that the shop has no more", story: func(s *Story) {
			s.Lines = append(s.Lines, StoryLine{XID: "odoogate.fi_line_8_0", Product: "TEE", Quantity: dec("1")})
		}, want: []Difference{{"line TEE", "0", "1", "what people change in Odoo stays; odoogate order reimport fi 5001 shows what would make it equal", ByReimport}}},
		{name: "a quotation", story: func(s *Story) { s.Order.State, s.Order.Total = "draft", eur("31.00") }, want: []Difference{
			{"state", "open", "a quotation", "a run confirms it, unless the journal says what it waits for", ByRun},
			{"total", "30.00 EUR", "31.00 EUR", "a run makes the quotation equal", ByRun}}},
		{name: "cancelled in Odoo", story: func(s *Story) { s.Order.State, s.Order.Total = "cancel", eur("0") }, want: []Difference{
			{"state", "open", "cancelled", "cancel the order in the shop, or set S00007 back to quotation in Odoo and reimport it", ByPerson}}},
		{name: "cancelled on both sides", order: func(o *commerce.Order) { o.CancelledAt = time.Now() },
			story: func(s *Story) { s.Order.State, s.Order.Total = "cancel", eur("0") }},
		{name: "another currency", story: func(s *Story) { s.Order.Total.Currency = "USD" }, want: []Difference{
			{"currency", "EUR", "USD", "what people change in Odoo stays; odoogate order reimport fi 5001 shows what would make it equal", ByReimport}}},
		{name: "money that came in and is not registered", shop: online, story: func(s *Story) { s.Payments[0].State = "canceled" }, want: []Difference{
			{"received", "30.00 EUR", "0.00 EUR", "a run registers it once the invoice is posted, unless the journal says what it waits for", ByRun}}},
		{name: "money that people are to register", story: func(s *Story) { s.Payments = nil }},
		{name: "more money than the shop knows of", story: func(s *Story) { s.Payments[0].Amount = eur("31.00") }, want: []Difference{
			{"received", "30.00 EUR", "31.00 EUR", "Odoo has more: compare its payments with the shop's", ByPerson}}},
		{name: "money that stays open", shop: func(s *config.Shop) { online(s); s.Books.Payments.Open = []string{"cod"} },
			order: func(o *commerce.Order) { o.Payments[0].Gateway = "COD" }, story: func(s *Story) { s.Payments = nil }},
		{name: "given back in Odoo alone", story: func(s *Story) {
			s.Payments = append(s.Payments, StoryPayment{Type: "outbound", State: "posted", Amount: eur("5.00")})
		}, want: []Difference{{"refunded", "0.00 EUR", "5.00 EUR", "Odoo gave back more: compare its payments with the shop's refunds", ByPerson}}},
		{name: "left the shop, and people deliver", order: func(o *commerce.Order) { o.Shipments = left("2") }, want: []Difference{
			{"shipped MUG", "2", "0", "the workflow leaves deliveries to people: validate it in Odoo", ByPerson}}},
		{name: "left the shop, and a run delivers", shop: online, order: func(o *commerce.Order) { o.Shipments = left("2") }, want: []Difference{
			{"shipped MUG", "2", "0", "a run validates the delivery in Odoo, unless the journal says what it waits for", ByRun}}},
		{name: "left in Odoo", story: func(s *Story) { s.Lines[0].Delivered = dec("2") }, want: []Difference{
			{"shipped MUG", "0", "2", "it left in Odoo, and the shop does not say so: fulfil it there", ByPerson}}},
		{name: "left and came back", order: func(o *commerce.Order) { o.Shipments = left("2") }, story: func(s *Story) {
			s.Lines[0].Delivered = dec("1")
			s.Transfers = []StoryTransfer{{Kind: "incoming", State: "done", Moves: []StoryMove{{Line: 70, State: "done", Quantity: dec("1"), Refunded: true}}}}
		}},
		{name: "left and came back before Odoo heard of it", order: func(o *commerce.Order) {
			o.Shipments = left("2")
			o.Returns = []commerce.Return{{ID: "r", Received: []commerce.Received{{LineID: "1", Quantity: dec("1")}}}}
		}, story: func(s *Story) { s.Lines[0].Delivered = dec("1") }},
		{name: "left, and less of it in Odoo than is with the buyer", shop: online, order: func(o *commerce.Order) {
			o.Shipments = left("2")
			o.Returns = []commerce.Return{{ID: "r", Received: []commerce.Received{{LineID: "1", Quantity: dec("1")}}}}
		}, want: []Difference{
			{"shipped MUG", "2", "0", "a run validates the delivery in Odoo, unless the journal says what it waits for", ByRun}}},
		{name: "not there, and the shop only observes", shop: func(s *config.Shop) { s.Mode = "observe" }, story: func(s *Story) { *s = Story{} }, want: []Difference{
			{"order", "there", "none", "the shop only observes; in mode live a run makes it", ByPerson}}},
		{name: "not there, and kept out", order: func(o *commerce.Order) { o.Test = true }, story: func(s *Story) { *s = Story{} }, want: []Difference{
			{"order", "there", "none", "it stays out: test order (import.test is skip)", ByNobody}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o, shop := order(), config.Shop{ID: "fi", Mode: config.Live}
			o.Payments = []commerce.Payment{{ID: "p", Gateway: "card", Kind: "sale", Status: "success", Amount: o.Total}}
			s := storyFrom(o)
			if c.shop != nil {
				c.shop(&shop)
			}
			if c.order != nil {
				c.order(o)
			}
			if c.story != nil {
				c.story(&s)
			}
			if diff := cmp.Diff(c.want, Differences(shop, o, s)); diff != "" {
				t.Errorf("differences (-want +got):\n%s", diff)
			}
		})
	}
}
