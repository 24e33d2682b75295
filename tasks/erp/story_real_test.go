package erp_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

func (p *place) told(o *commerce.Order) erp.Story {
	p.Helper()
	s, err := p.Story(p.Context(), p.shop, o.Ref, o.Number)
	require.NoError(p, err)
	return s
}

// apart are the differences as "what: shop | Odoo".
func (p *place) apart(o *commerce.Order) []string {
	p.Helper()
	var out []string
	for _, d := range erp.Differences(p.shop, o, p.told(o)) {
		require.NotEmpty(p, d.Next)
		out = append(out, d.What+": "+d.Shop+" | "+d.Odoo)
	}
	return out
}

func TestTheStoryOfAnOrderHoldsAllItsDocuments(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		p.goods(o, 100)
		shipped(o, "f1", "2", "TRACK1")
		paid(o, "1", "Shopify Payments", "capture", "success", "30.00")
		out := p.book(o, erp.Applied{})
		s := p.told(o)
		require.Equal(p, out.OdooID, s.Order.ID)
		require.Equal(p, out.OdooName, s.Order.Name)
		require.Equal(p, o.Number, s.Order.Reference)
		require.Equal(p, "sale", s.Order.State)
		require.Equal(p, "42.55 EUR", s.Order.Total.String())
		require.Equal(p, "8.65 EUR", s.Order.Tax.String())
		require.Len(p, s.Lines, 2)
		require.Equal(p, "ERP-GOODS", s.Lines[0].Product)
		require.Equal(p, []string{"3", "2", "3"}, []string{s.Lines[0].Quantity.String(), s.Lines[0].Delivered.String(), s.Lines[0].Invoiced.String()})
		require.Len(p, s.Transfers, 2)
		require.Equal(p, "outgoing", s.Transfers[0].Kind)
		require.Equal(p, "done", s.Transfers[0].State)
		require.Equal(p, "TRACK1", s.Transfers[0].Tracking)
		require.False(p, s.Transfers[0].Done.IsZero())
		require.Equal(p, "2", s.Transfers[0].Moves[0].Quantity.String())
		require.Equal(p, "1", s.Transfers[1].Moves[0].Quantity.String())
		require.Len(p, s.Invoices, 1)
		require.Equal(p, "posted", s.Invoices[0].State)
		require.Equal(p, "12.55 EUR", s.Invoices[0].Residual.String())
		require.Len(p, s.Payments, 1)
		require.Equal(p, "inbound", s.Payments[0].Type)
		require.Equal(p, "30.00 EUR", s.Payments[0].Amount.String())
		require.Equal(p, "Bank", s.Payments[0].Journal)
		require.Equal(p, "odoogate.fi_payment_"+o.Ref.ID+"1", s.Payments[0].XID)
		require.Empty(p, p.apart(o))

		raw, err := json.Marshal(s)
		require.NoError(p, err)
		for _, private := range []string{"Anna", "Virtanen", "example.com", "Mannerheim"} {
			require.NotContains(p, string(raw), private)
		}
	})
}

func TestTheStoryNeedsNoNumberAndFindsWhatPeopleRenamed(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		out := p.book(o, erp.Applied{})
		found, err := p.Numbered(p.Context(), p.shop, o.Number[1:])
		require.NoError(p, err)
		require.Equal(p, []commerce.Ref{o.Ref}, found)
		number := o.Number
		o.Number = ""
		require.Equal(p, out.OdooID, p.told(o).Order.ID, "by its source document")
		p.write("sale.order", out.OdooID, map[string]any{"client_order_ref": "PO " + p.run, "origin": "by phone"})
		require.Equal(p, out.OdooID, p.told(o).Order.ID, "by its external id")
		found, err = p.Numbered(p.Context(), p.shop, "PO "+p.run)
		require.NoError(p, err)
		require.Equal(p, []commerce.Ref{o.Ref}, found)
		found, err = p.Numbered(p.Context(), p.shop, number)
		require.NoError(p, err)
		require.Empty(p, found)
	})
}

func TestTheStoryOfAnOrderThatOdooDoesNotHave(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		require.Nil(p, p.told(o).Order)
		require.Equal(p, []string{"order: there | none"}, p.apart(o))
		buyer := p.rows("res.partner", []string{"name"})[0].ID()
		p.call("sale.order", "create", map[string]any{"vals_list": []any{map[string]any{"partner_id": buyer, "client_order_ref": o.Number}}})
		require.Contains(p, p.apart(o)[0], " has its number")
	})
}

func TestEachDifferenceBetweenBothSidesIsTold(t *testing.T) {
	everywhere(t, func(p *place) {
		o := p.order()
		out := p.book(o, erp.Applied{})
		require.Empty(p, p.apart(o))
		line := p.rows("sale.order.line", []string{"product_id"}, []any{"order_id", "=", out.OdooID}, []any{"product_id.default_code", "=", "ERP-MUG"})[0]
		p.write("sale.order.line", line.ID(), map[string]any{"product_uom_qty": 1, "price_unit": 12.55})
		product, _ := line.Ref("product_id")
		p.call("sale.order.line", "create", map[string]any{"vals_list": []any{map[string]any{"order_id": out.OdooID, "product_id": product, "product_uom_qty": 4, "price_unit": 0}}})
		shipped(o, "f1", "2")
		o.Lines[0].NeedsShipping = true
		require.Equal(p, []string{"total: 30.00 EUR | 17.45 EUR", "tax: 6.10 EUR | 3.55 EUR", "line ERP-MUG: 2 | 1", "line ERP-MUG: none | 4",
			"shipped ERP-MUG: 2 | 0"}, p.apart(o))
		o.CancelledAt, o.Shipments = time.Now(), nil
		require.Equal(p, "state: cancelled | sale", p.apart(o)[0])
	})
}

// A return and a credit note in Odoo are what a refund in the shop is.
func TestWhatWasCreditedIsTakenOff(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		p.goods(o, 100)
		shipped(o, "f1", "3")
		paid(o, "1", "Shopify Payments", "capture", "success", "42.55")
		out := p.book(o, erp.Applied{})
		require.Empty(p, p.apart(o))
		bill := p.told(o).Invoices[0]
		p.creditOne(bill.ID)
		require.Contains(p, p.apart(o), "total: 42.55 EUR | 30.00 EUR after credit notes")

		mugsOf(o, "2", "25.10", "5.10", "30.00", "6.10") // as the shop tells it after a refund of one
		o.Refunds = []commerce.Refund{{ID: "9", Amount: euro("12.55"), Lines: []commerce.RefundLine{{LineID: o.Lines[0].ID, Quantity: dec("1"),
			Restock: commerce.RestockReturn, Amount: euro("12.55"), Tax: euro("2.55")}}}}
		require.Equal(p, []string{"refunded: 12.55 EUR | 0.00 EUR"}, p.apart(o))
		require.Len(p, p.told(o).Invoices, 2)
		require.Equal(p, out.OdooID, p.told(o).Order.ID)
	})
}

// creditOne makes the credit note of one of the goods on an invoice, as people do:
// the whole of it, less what stays.
func (p *place) creditOne(bill int64) {
	p.Helper()
	c := map[string]any{"active_model": "account.move", "active_ids": []int64{bill}}
	journal, _ := p.rows("account.move", []string{"journal_id"}, []any{"id", "=", bill})[0].Ref("journal_id")
	var made []int64
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "account.move.reversal", Method: "create", Context: c,
		Args: map[string]any{"vals_list": []any{map[string]any{"journal_id": journal, "reason": "one came back"}}}}, &made))
	var action map[string]any
	require.NoError(p, p.admin.Call(p.Context(), odooclient.Request{Model: "account.move.reversal", Method: "reverse_moves", IDs: made, Context: c}, &action))
	note := p.rows("account.move", []string{"name"}, []any{"reversed_entry_id", "=", bill})[0].ID()
	var commands []any
	for _, l := range p.rows("account.move.line", []string{"product_id"}, []any{"move_id", "=", note}, []any{"display_type", "=", "product"}) {
		quantity := 0.0
		if _, name := l.Ref("product_id"); name == "[ERP-GOODS] Goods" {
			quantity = 1
		}
		commands = append(commands, []any{1, l.ID(), map[string]any{"quantity": quantity}})
	}
	p.write("account.move", note, map[string]any{"invoice_line_ids": commands})
}
