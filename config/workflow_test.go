package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func ruled() Shop {
	return Shop{ID: "fi", Workflows: []Workflow{{Name: "online", Invoice: "post"}, {Name: "offline"}},
		Rules: []Rule{
			{Name: "cards", When: When{Financial: []string{"Paid", "authorized"}, Gateways: []string{"Shopify Payments", "paypal"}}, Workflow: "online"},
			{Name: "wholesale", When: When{Tags: []string{"b2b"}}, Books: Books{Team: "Wholesale"}},
			{Name: "cash", When: When{Gateways: []string{"cash on delivery"}, Risk: []string{"none", "low"}, Fulfilment: []string{"unfulfilled"}}, Workflow: "offline"},
		}}
}

func TestTheFirstRuleThatAppliesChoosesTheWorkflow(t *testing.T) {
	for _, c := range []struct {
		name     string
		facts    Facts
		workflow string
		place    string
		chosen   bool
		rule     int
	}{
		{"words are compared without case and spaces", Facts{Financial: "paid", Gateways: []string{"shopifyPayments"}}, "online", "rules[0].workflow", true, 0},
		{"one of several payment methods is enough", Facts{Financial: "AUTHORIZED", Gateways: []string{"gift_card", "paypal"}}, "online", "rules[0].workflow", true, 0},
		{"every condition must hold", Facts{Financial: "pending", Gateways: []string{"paypal"}}, "", "", false, -1},
		{"a rule without a workflow leaves the shop's", Facts{Financial: "pending", Tags: []string{"b2b"}, Gateways: []string{"cash on delivery"}}, "", "", false, 1},
		{"a rule with books alone leaves the choice to the next", Facts{Tags: []string{"b2b"}, Gateways: []string{"cash on delivery"}, Risk: "none", Fulfilment: "unfulfilled"}, "offline", "rules[2].workflow", true, 1},
		{"risk and fulfilment count", Facts{Gateways: []string{"Cash on  delivery"}, Risk: "low", Fulfilment: "unfulfilled"}, "offline", "rules[2].workflow", true, 2},
		{"a risk that is not listed", Facts{Gateways: []string{"cash on delivery"}, Risk: "high", Fulfilment: "unfulfilled"}, "", "", false, -1},
	} {
		shop := ruled()
		w, place, ok := shop.WorkflowFor(c.facts)
		require.Equal(t, c.chosen, ok, c.name)
		require.Equal(t, c.workflow, w.Name, c.name)
		require.Equal(t, c.place, place, c.name)
		require.Equal(t, c.rule, shop.RuleFor(c.facts), c.name)
		if !ok {
			shop.Workflow = "offline"
			w, place, ok = shop.WorkflowFor(c.facts)
			require.True(t, ok, c.name)
			require.Equal(t, "offline", w.Name, "the shop's own is for the rest")
			require.Equal(t, "workflow", place)
		}
	}
}

func TestAShopWithoutWorkflowsConfirms(t *testing.T) {
	w, place, ok := Shop{Rules: []Rule{{Name: "b2b", Books: Books{Team: "x"}}}}.WorkflowFor(Facts{})
	require.True(t, ok)
	require.Equal(t, "default", place)
	require.True(t, w.Confirms())
	require.False(t, w.Invoices() || w.Posts() || w.Pays() || w.Delivers())
}

func TestOrdersAreReadWholeWhereTransactionsOrRiskDecide(t *testing.T) {
	require.False(t, Shop{Workflows: []Workflow{{Invoice: "post"}}}.WholeOrders())
	for _, s := range []Shop{{Workflows: []Workflow{{Pay: new(true)}}}, {Workflows: []Workflow{{Deliver: "shipped"}}}, {Risk: Risk{Hold: []string{"high"}}},
		{Rules: []Rule{{When: When{Risk: []string{"low"}}}}}} {
		require.True(t, s.WholeOrders(), "%+v", s)
	}
}

func TestPaymentMethodsAreFoundWithoutCaseAndSpaces(t *testing.T) {
	p := Payments{Journals: map[string]string{"Shopify Payments": "Bank"}, Methods: map[string]string{"KLARNA": "Manual"}, Open: []string{"Cash on Delivery"}}
	require.Equal(t, "Bank", p.Journal("shopifypayments"))
	require.Empty(t, p.Journal("paypal"))
	require.Equal(t, "Manual", p.Method(" klarna "))
	require.True(t, p.StaysOpen("cash ON delivery"))
	require.False(t, p.StaysOpen("cash"))
}

func TestALocationDecidesWhereverWarehousesAreMapped(t *testing.T) {
	mapped := Books{Warehouses: map[string]string{"68014080299": "Helsinki"}}
	require.False(t, Shop{}.Locates())
	require.True(t, Shop{Books: mapped}.Locates())
	require.True(t, Shop{Channels: []Channel{{Books: mapped}}}.Locates())
	require.True(t, Shop{Rules: []Rule{{Books: mapped}}}.Locates())
}
