package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func layered() Shop {
	return Shop{ID: "fi",
		Books: Books{Team: "Web", Warehouse: "Main", Carriers: map[string]string{"posti": "Post", "dhl": "DHL"},
			Taxes: []TaxRule{{Rate: "24", Tax: "far"}}, Products: Products{Unknown: "create", Match: []string{"sku"}}, Draft: new(true)},
		Channels: []Channel{
			{Names: []string{"pos", "till"}, Books: Books{Team: "Shop", Carriers: map[string]string{"dhl": "DHL Express"}, Draft: new(false)}},
			{Names: []string{"POS"}, Books: Books{Team: "never"}},
		},
		Rules: []Rule{
			{Name: "b2b", When: When{Tags: []string{"B2B"}, Countries: []string{"SE", "FI"}},
				Books: Books{Taxes: []TaxRule{{Rate: "0", Tax: "near"}}, Products: Products{Match: []string{"barcode"}}}},
			{Name: "rest", Books: Books{Salesperson: "Eeva"}},
		}}
}

func TestTheNearestSettingWinsKeyByKey(t *testing.T) {
	shop := layered()
	b, from := shop.For(Facts{Channel: " Pos ", Country: "FI", Tags: []string{"b2b"}})
	require.Equal(t, "Shop", b.Team)
	require.Equal(t, "Main", b.Warehouse)
	require.Equal(t, map[string]string{"posti": "Post", "dhl": "DHL Express"}, b.Carriers)
	require.Equal(t, []TaxRule{{Rate: "0", Tax: "near"}, {Rate: "24", Tax: "far"}}, b.Taxes)
	require.Equal(t, Products{Unknown: "create", Match: []string{"barcode"}, Bundles: "explode", RoundingMost: new(20)}, b.Products)
	require.False(t, b.Quotations(), "false is said too")
	require.Empty(t, b.Salesperson, "only the first rule that applies holds")
	for _, s := range b.Settings(from) {
		if from[s.Key] == byDefault || s.From == "" {
			delete(from, s.Key)
		}
	}
	require.Equal(t, Origins{
		"team": "channels[0].books.team", "warehouse": "books.warehouse", "carriers[posti]": "books.carriers[posti]",
		"carriers[dhl]": "channels[0].books.carriers[dhl]", "taxes": "rules[0].books.taxes, then books.taxes",
		"products.unknown": "books.products.unknown", "products.match": "rules[0].books.products.match", "draft": "channels[0].books.draft",
	}, from)

	b, _ = shop.For(Facts{Channel: "web", Country: "FI"})
	require.Equal(t, "Web", b.Team)
	require.Equal(t, "Eeva", b.Salesperson)
	require.True(t, b.Quotations())
	require.Equal(t, layered(), shop, "nothing of the configuration is changed")
}

func TestSettingsAreListedWithTheirOrigins(t *testing.T) {
	b, from := layered().For(Facts{Channel: "pos"})
	var lines []string
	for _, s := range b.Settings(from) {
		if s.From != "" {
			lines = append(lines, s.Key+" = "+s.Value+" ("+s.From+")")
		}
	}
	require.Equal(t, []string{"warehouse = Main (books.warehouse)", "carriers[dhl] = DHL Express (channels[0].books.carriers[dhl])",
		"carriers[posti] = Post (books.carriers[posti])", "unknown_carrier = default (default)", "team = Shop (channels[0].books.team)",
		"salesperson = Eeva (rules[1].books.salesperson)", `taxes = {rate: "24", tax: "far"} (books.taxes)`, "products.match = sku (books.products.match)",
		"products.unknown = create (books.products.unknown)", "products.bundles = explode (default)", "products.rounding_most = 20 (default)",
		"customers.match = vat, email (default)", "customers.duplicates = oldest (default)", "customers.guests = own (default)", "customers.accounts = known (default)",
		"customers.main_address = billing (default)", "draft = false (channels[0].books.draft)",
		"editable_until = delivered (default)", "refunds.amount_tax = order (default)"}, lines)
}

func TestAChannelIsKnownWhereItIsNamedOrNoneIs(t *testing.T) {
	shop := layered()
	require.True(t, shop.KnowsChannel("Till"))
	require.False(t, shop.KnowsChannel("amazon"))
	require.True(t, Shop{}.KnowsChannel("amazon"))
}

func TestTheNamesThatAShopsSettingsAskForAreThoseOfAllItsPlaces(t *testing.T) {
	shop := Shop{Books: Books{Customers: Customers{VATAttributes: []string{"VAT number"}},
		Fields: []FieldRule{{From: "_gift", On: OnOrder, Field: "x_gift"}, {From: "_date", On: OnOrder, Field: "commitment_date"}}},
		Channels: []Channel{{Books: Books{Fields: []FieldRule{{From: "_Gift", On: OnCustomer, Field: "x_gift"}, {From: "desk", On: OnOrder, Field: "x_desk"}}}}},
		Rules:    []Rule{{Books: Books{Customers: Customers{VATAttributes: []string{"_vat"}}}}}}
	require.Equal(t, []string{"_gift", "_date", "VAT number", "desk", "_vat"}, shop.MetaNames())
	require.True(t, shop.WantsMeta(" vatnumber "))
	require.False(t, shop.WantsMeta("gift"))
	require.Empty(t, Shop{}.MetaNames())
}

func TestFieldsOfANearerPlaceAreAskedFirst(t *testing.T) {
	near, far := FieldRule{From: "b", On: OnOrder, Field: "x_gift"}, FieldRule{From: "a", On: OnOrder, Field: "x_gift"}
	shop := Shop{Books: Books{Fields: []FieldRule{far}}, Rules: []Rule{{Books: Books{Fields: []FieldRule{near}}}}}
	b, from := shop.For(Facts{})
	require.Equal(t, []FieldRule{near, far}, b.Fields)
	require.Equal(t, "rules[0].books.fields, then books.fields", from["fields"])
	require.Contains(t, b.Settings(from), Setting{Key: "fields", From: from["fields"],
		Value: `{from: "b", on: order, field: x_gift}, {from: "a", on: order, field: x_gift}`})
}

func TestAccountsAreFollowedWhereAnyPlaceSaysSo(t *testing.T) {
	shop := Shop{ID: "fi"}
	require.True(t, shop.FollowsAccounts(), "contacts that are there follow by default")
	shop.Books.Customers.Accounts = "orders"
	require.False(t, shop.FollowsAccounts())
	shop.Rules = []Rule{{Name: "home", When: When{Countries: []string{"FI"}}, Books: Books{Customers: Customers{Accounts: "all"}}}}
	require.True(t, shop.FollowsAccounts())
}
