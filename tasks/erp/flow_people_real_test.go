package erp_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp"
)

// payments are those of an order, as Odoo holds them.
func (p *place) payments(o *commerce.Order) []odooclient.Row {
	p.Helper()
	fields, err := p.admin.Fields(p.Context(), "account.payment")
	require.NoError(p, err)
	return p.rows("account.payment", []string{"amount", "state", "date", "currency_id", "reconciled_invoice_ids"}, []any{fields.First("memo", "ref"), "like", o.Number + " "})
}

func (p *place) act(model, method string, id int64) {
	p.Helper()
	require.NoError(p, p.admin.Do(p.Context(), odooclient.Action{Model: model, Method: method}, id))
}

// A payment that people cancelled in Odoo stays cancelled, and what comes in later
// is registered all the same.
func TestAPaymentThatPeopleCancelledStaysCancelled(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		paid(o, "1", "Shopify Payments", "sale", "success", "20.00")
		out := p.book(o, erp.Applied{})
		last := applied(o, out)
		one := p.payments(o)[0]
		p.act("account.payment", "action_draft", one.ID())
		p.act("account.payment", "action_cancel", one.ID())
		paid(o, "2", "Shopify Payments", "sale", "success", "10.00")
		p.book(o, last)
		p.book(o, last)
		require.Len(p, p.payments(o), 2)
		bill := p.invoices(out.OdooID)[0]
		require.Equal(p, "20", bill.Dec("amount_residual").Round(2).String())
	})
}

// A payment in a currency that Odoo does not have is no payment in the company's.
func TestAPaymentInACurrencyOdooDoesNotHaveIsParked(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		paid(o, "1", "Shopify Payments", "sale", "success", "330.00")
		o.Payments[0].Amount.Currency = "THB"
		e := p.fails(o, commerce.Missing)
		require.Equal(p, []string{"currency/fi/THB"}, e.Needs)
		require.Empty(p, p.payments(o))
	})
}

// An order that was confirmed under one rule and that no rule applies to any more is
// parked with the line to add, as a new one is.
func TestAConfirmedOrderThatNoRuleChoosesForIsParked(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Workflow = ""
		p.shop.Workflows = append(p.shop.Workflows, config.Workflow{Name: "confirm"})
		p.shop.Rules = []config.Rule{
			{Name: "pending", When: config.When{Financial: []string{"pending"}}, Workflow: "confirm"},
			{Name: "paid by card", When: config.When{Financial: []string{"paid"}, Gateways: []string{"card"}}, Workflow: "online"},
		}
		o := p.order()
		o.Financial, o.Gateways = "pending", []string{"Klarna"}
		out := p.book(o, erp.Applied{})
		o.Financial = "paid"
		_, err := p.Order(p.Context(), p.shop, o, applied(o, out), yes)
		require.Equal(p, commerce.Missing, commerce.ReasonOf(err))
		require.ErrorContains(p, err, "Klarna")
	})
}

// The day of an invoice that was posted before its period was closed is its own.
func TestOnlyAnInvoiceThatIsDatedElsewhereIsToldOf(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		out := p.book(o, erp.Applied{})
		company := p.rows("res.company", []string{"name"})[0].ID()
		lock := func(day any) {
			_, err := p.admin.Load(p.Context(), odooclient.Shape{Model: "res.company", Fields: []string{".id", "fiscalyear_lock_date"}}, [][]any{{fmt.Sprint(company), day}})
			require.NoError(p, err)
			p.Refresh()
		}
		lock("2026-11-21")
		defer lock("")
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		out = p.book(o, applied(o, out))
		require.Empty(p, out.Notices)
		require.Equal(p, "2026-11-20", p.invoices(out.OdooID)[0].Str("invoice_date"))
	})
}

// Days begin at midnight where the shop is.
func TestTheDayOfAnInvoiceIsThatOfTheShopsZone(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Books.TimeZone = "Europe/Helsinki"
		o := p.order()
		o.CreatedAt = time.Date(2026, 11, 20, 22, 30, 0, 0, time.UTC)
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		out := p.book(o, erp.Applied{})
		require.Equal(p, "2026-11-21", p.invoices(out.OdooID)[0].Str("invoice_date"))
		require.Equal(p, "2026-11-21", p.payments(o)[0].Str("date"))
	})
}

// A draft that people dated keeps their day.
func TestADraftKeepsTheDayThatPeopleGaveIt(t *testing.T) {
	everywhere(t, func(p *place) {
		p.shop.Workflows, p.shop.Workflow = []config.Workflow{{Name: "draft", Invoice: "draft"}}, "draft"
		o := p.order()
		out := p.book(o, erp.Applied{})
		bill := p.invoices(out.OdooID)[0]
		require.Equal(p, "2026-11-20", bill.Str("invoice_date"))
		p.write("account.move", bill.ID(), map[string]any{"invoice_date": "2026-11-24"})
		o.Tags = []string{"vip"}
		p.book(o, applied(o, out))
		require.Equal(p, "2026-11-24", p.invoices(out.OdooID)[0].Str("invoice_date"))
		p.discard(out.OdooID)
	})
}

// What is paid for an order that was edited after its invoice is registered, though
// the edit itself is left to people.
func TestAnEditThatIsLeftToPeopleDoesNotHoldThePaymentBack(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		o := p.order()
		out := p.book(o, erp.Applied{})
		last := applied(o, out)
		mugs(o, "3", "37.65", "7.65", "42.55", "8.65")
		o.Lines[0].SKU = "ERP-MUG"
		paid(o, "1", "Shopify Payments", "sale", "success", "30.00")
		require.Equal(p, "skipped", p.book(o, last).Action)
		require.Len(p, p.payments(o), 1)
		require.True(p, p.invoices(out.OdooID)[0].Dec("amount_residual").Round(2).IsZero())
	})
}

// The waiting for the rest of an invoice ends with nothing that is there already.
func TestADraftForAPartIsNotWaitedForAgainAndAgain(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Workflows[0].Invoice, p.shop.Workflows[0].Pay = "draft", nil
		o := p.order()
		p.goods(o, 100)
		p.byDelivery(o)
		shipped(o, "f1", "1", "T1")
		out := p.book(o, erp.Applied{})
		last := applied(o, out)
		shipped(o, "f2", "1", "T2")
		out = p.book(o, last)
		met, err := p.Met(p.Context(), p.shop, out.Needs)
		require.NoError(p, err)
		require.Empty(p, met)
		require.Len(p, p.invoices(out.OdooID), 2)
		p.discard(out.OdooID)
	})
}

// discard cancels the order's drafts: a period with drafts cannot be closed.
func (p *place) discard(order int64) {
	p.Helper()
	for _, v := range p.invoices(order) {
		p.act("account.move", "button_cancel", v.ID())
	}
}

// byDelivery makes the order's goods products that are invoiced once delivered.
func (p *place) byDelivery(o *commerce.Order) {
	p.Helper()
	id := p.rows("product.product", []string{"name"}, []any{"default_code", "=", o.Lines[0].SKU})[0].ID()
	p.write("product.product", id, map[string]any{"invoice_policy": "delivery"})
	p.Cleanup(func() {
		var done any
		_ = p.admin.Call(context.Background(), odooclient.Request{Model: "product.product", Method: "write", IDs: []int64{id},
			Args: map[string]any{"vals": map[string]any{"invoice_policy": "order"}}}, &done)
	})
}
