package shopify

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// openShop opens a shop on a fake store.
func openShop(t testing.TB, store *shopifytest.Store, endpoint, money string) *handlers.Shop {
	block := "domain: " + store.Domain() + "\naccess_token: " + store.Token() + "\nsecrets: [" + store.Secret() + "]\nmoney: " + money + "\n"
	if endpoint != "" {
		block += "endpoint: " + endpoint + "\n"
	}
	shop, err := config.NewShop("fi", Name, config.Books{}, block)
	require.NoError(t, err)
	opened, err := Platform().Open(shop, handlers.Deps{})
	require.NoError(t, err)
	return opened
}

func delivered(t testing.TB, store *shopifytest.Store, order, topic string) handlers.Delivery {
	ds, err := store.Deliveries(order, topic)
	require.NoError(t, err)
	return handlers.Delivery{Header: ds[0].Header(), Body: ds[0].Body}
}

func TestDecodedOrdersAddUp(t *testing.T) {
	for _, money := range []string{"shop", "presentment"} {
		store := shopifytest.New(shopifytest.Options{Presentment: money == "presentment"})
		shop := openShop(t, store, "", money)
		ids := store.Generate(1, 4*shopifytest.Scenarios)
		require.NoError(t, store.UpdateOrder(ids[2], func(o *shopifytest.Order) { o.Lines[0].Current-- }))
		for i, want := range store.Orders() {
			o, err := shop.Orders.Decode(delivered(t, store, ids[i], "orders/updated").Body)
			require.NoError(t, err)
			require.Equal(t, ids[i], o.Ref.ID)
			require.Equal(t, want.Currency, o.Currency)
			require.True(t, want.Total.Equal(o.Total.Amount), "%s: got %s, want %s", want.Number, o.Total, want.Total)
			require.True(t, addUp(o).Equal(o.Total.Amount), "%s: lines give %s, the order says %s", want.Number, addUp(o), o.Total)
			var tax decimal.Decimal
			for _, line := range o.Taxes {
				tax = tax.Add(line.Amount.Amount)
			}
			require.True(t, tax.Equal(o.TotalTax.Amount), "%s: taxes give %s, the order says %s", want.Number, tax, o.TotalTax)
			require.True(t, tax.Equal(want.TotalTax))
		}
	}
}

// addUp is what the lines of an order come to.
func addUp(o *commerce.Order) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range o.Lines {
		sum = sum.Add(l.Total.Amount)
		if o.PricesIncludeTax {
			continue
		}
		for _, tax := range l.Taxes {
			sum = sum.Add(tax.Amount.Amount)
		}
	}
	return sum
}

func TestDecodeReadsEveryPartOfTheMoney(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{})
	shop := openShop(t, store, "", "shop")
	id := store.AddOrder(shopifytest.Order{
		TaxesIncluded: true, Gateway: "cash",
		Lines: []shopifytest.Line{
			{SKU: "A", Title: "A thing", Quantity: 3, Current: 3, Price: decimal.RequireFromString("3.33"),
				Taxes: []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}},
			{Title: "Gift card", SKU: "GIFT", Quantity: 1, Current: 1, Price: decimal.NewFromInt(50), GiftCard: true},
			{Title: "Tip", Quantity: 1, Current: 1, Price: decimal.NewFromInt(2), Tip: true},
			{SKU: "GONE", Title: "Removed in an edit", Quantity: 2, Price: decimal.NewFromInt(9)},
		},
		ShippingLines: []shopifytest.ShippingLine{
			{Code: "post", Title: "Post", Price: decimal.NewFromInt(10)},
			{Code: "x", Title: "Removed", Price: decimal.NewFromInt(99), Removed: true},
		},
		Discounts: []shopifytest.Discount{
			{Kind: "discount_code", Title: "ONE", Fixed: decimal.NewFromInt(1), Across: true},
			{Kind: "manual", Title: "half the postage", Percent: decimal.NewFromInt(50), Shipping: true},
		},
	})
	o, err := shop.Orders.Decode(delivered(t, store, id, "orders/create").Body)
	require.NoError(t, err)

	type line struct{ Kind, SKU, Total, Discounts string }
	var got []line
	for _, l := range o.Lines {
		off := ""
		for _, d := range l.Discounts {
			off += d.Title + " " + d.Amount.String() + ";"
		}
		got = append(got, line{string(l.Kind), l.SKU, l.Total.String(), off})
	}
	want := []line{
		{"product", "A", "9.63 EUR", "ONE 0.36 EUR;"},
		{"gift_card", "GIFT", "50.00 EUR", ""},
		{"tip", "", "2.00 EUR", ""},
		{"shipping", "", "5.00 EUR", "half the postage 5.00 EUR;"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	require.Equal(t, "66.63 EUR", o.Total.String())
	require.Equal(t, commerce.Tax{Title: "ALV", Rate: o.Taxes[0].Rate, Amount: o.TotalTax}, o.Taxes[0])
	require.Equal(t, "25.5", o.Taxes[0].Rate.String())
}
