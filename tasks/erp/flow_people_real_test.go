package erp_test

import (
	"testing"

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
