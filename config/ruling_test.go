package config

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"
)

func TestARulingSaysOfEachRuleWhyItDoesNotApply(t *testing.T) {
	shop := ruled()
	shop.Risk.Hold = []string{"high"}
	got := shop.Rule(Facts{Channel: "web", Financial: "pending", Gateways: []string{"paypal"}, Tags: []string{"new", "B2B"}, Risk: "high"})
	want := Ruling{Held: true, Rules: []RuleLine{
		{Place: "rules[0]", Name: "cards", Asked: true, Unmet: []Condition{{Key: "financial", Want: []string{"Paid", "authorized"}, Have: []string{"pending"}}}},
		{Place: "rules[1]", Name: "wholesale", Asked: true, Applies: true},
		{Place: "rules[2]", Name: "cash", Asked: true, Unmet: []Condition{
			{Key: "gateways", Want: []string{"cash on delivery"}, Have: []string{"paypal"}},
			{Key: "fulfilment", Want: []string{"unfulfilled"}}, {Key: "risk", Want: []string{"none", "low"}, Have: []string{"high"}}}},
	}}
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("ruling (-want +got):\n%s", diff)
	}
	require.Equal(t, "financial: wants Paid or authorized, the order has pending", got.Rules[0].Unmet[0].String())
	require.Equal(t, "tags: wants b2b, the order has none", Condition{Key: "tags", Want: []string{"b2b"}}.String())
}

// A rule that is met applies, also where an earlier one gave the settings already
// and it names no workflow.
func TestEveryRuleThatIsMetApplies(t *testing.T) {
	shop := Shop{Workflows: []Workflow{{Name: "online"}}, Rules: []Rule{
		{Name: "first"}, {Name: "second"}, {Name: "wholesale", Workflow: "online", When: When{Tags: []string{"b2b"}}}, {Name: "rest", Workflow: "online"}, {Name: "after"},
	}}
	var applies, asked []bool
	for _, line := range shop.Rule(Facts{}).Rules {
		applies, asked = append(applies, line.Applies), append(asked, line.Asked)
	}
	require.Equal(t, []bool{true, true, false, true, false}, applies)
	require.Equal(t, []bool{true, true, true, true, false}, asked)
}

// A refund changes the shop's word for the payment, and not which orders are paid ones.
func TestAnOrderThatWasPaidStaysPaidForTheRules(t *testing.T) {
	shop := ruled()
	for _, word := range []string{"paid", "partially_refunded", "refunded"} {
		got := shop.Rule(Facts{Financial: word, Paid: true, Gateways: []string{"paypal"}})
		require.Equal(t, "rules[0].workflow", got.From, word)
	}
	back := Facts{Financial: "partially_refunded", Paid: true}
	require.Contains(t, back.Settings(), Setting{Key: "financial", Value: "partially_refunded, paid"})
	require.Contains(t, Facts{Financial: "paid", Paid: true}.Settings(), Setting{Key: "financial", Value: "paid"})
	require.True(t, When{Financial: []string{"Partially refunded", "partially_refunded"}}.applies(back), "its own word counts too")
	require.False(t, When{Financial: []string{"pending"}}.applies(back))
	require.False(t, When{Financial: []string{"paid"}}.applies(Facts{Financial: "partially_paid"}))
}

func TestARulingNamesTheWorkflowAndItsSteps(t *testing.T) {
	shop := ruled()
	got := shop.Rule(Facts{Financial: "paid", Gateways: []string{"paypal"}})
	require.Equal(t, "online", got.Workflow)
	require.Equal(t, "rules[0].workflow", got.From)
	require.Equal(t, []string{"confirm it", "post its invoice, dated the day of the order"}, got.Steps)
	require.False(t, got.Held)

	shop.Books.Draft = new(true)
	require.Equal(t, []string{"leave it a quotation for people to confirm (books.draft)", "post its invoice, dated the day of the order"},
		shop.Rule(Facts{Financial: "paid", Gateways: []string{"paypal"}}).Steps)

	got = Shop{}.Rule(Facts{})
	require.Empty(t, got.Workflow)
	require.Equal(t, "default", got.From)
	require.Equal(t, []string{"confirm it"}, got.Steps)
	require.Empty(t, got.Rules)

	require.Equal(t, []string{"leave it a quotation"}, Workflow{Confirm: new(false)}.Steps())
	require.Equal(t, []string{"confirm it", "validate deliveries of what was shipped elsewhere", "make its invoice as a draft, dated today"},
		Workflow{Deliver: "shipped", Invoice: "draft", InvoiceDate: "today"}.Steps())
	require.Equal(t, "register its payments", Workflow{Invoice: "post", Pay: new(true)}.Steps()[2])
}
