package tasks

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Only an order that agrees with the shop's to the cent is adopted.
func TestWhatAnOrderMustBeToBeAdopted(t *testing.T) {
	euros := func(text string) commerce.Money {
		return commerce.Money{Amount: decimal.RequireFromString(text), Currency: "EUR"}
	}
	o := &commerce.Order{Number: "#1001", Currency: "EUR", Total: euros("17.45"), TotalTax: euros("3.55")}
	other := func(change func(*erp.StoryOrder)) erp.Story {
		there := &erp.StoryOrder{ID: 9, Name: "S00009", Reference: "#1001", State: "sale", Total: o.Total, Tax: o.TotalTax}
		change(there)
		return erp.Story{Foreign: there.Name, Other: there}
	}
	for why, s := range map[string]erp.Story{
		"":                                  other(func(*erp.StoryOrder) {}),
		"made by us":                        {Order: &erp.StoryOrder{Name: "S00001"}},
		"Odoo has no order":                 {},
		"one side is cancelled":             other(func(s *erp.StoryOrder) { s.State = "cancel" }),
		"S00009 is in USD, the shop's in E": other(func(s *erp.StoryOrder) { s.Total.Currency = "USD" }),
		"the totals differ":                 other(func(s *erp.StoryOrder) { s.Total = euros("17.46") }),
		"the taxes differ (3.55 EUR":        other(func(s *erp.StoryOrder) { s.Tax = commerce.Money{Currency: "EUR"} }),
	} {
		got := unadoptable(o, s)
		require.Contains(t, got, why)
		require.Equal(t, why == "", got == "", got)
	}
}
