package shopify

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
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
			if errors.Is(err, handlers.ErrPartial) {
				require.Equal(t, "bundle-with-a-code", shopifytest.ScenarioName(i))
				continue
			}
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

func TestBodiesDoNotSufficeWhereTransactionsOrRiskDecide(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{})
	body := delivered(t, store, store.Generate(1, 1)[0], "orders/create").Body
	for name, tc := range map[string]struct {
		shop config.Shop
		want error
	}{
		"payments are registered": {config.Shop{Workflows: []config.Workflow{{Invoice: "post", Pay: new(true)}}}, handlers.ErrPartial},
		"shipments are delivered": {config.Shop{Workflows: []config.Workflow{{Deliver: "shipped"}}}, handlers.ErrPartial},
		"risk holds orders":       {config.Shop{Risk: config.Risk{Hold: []string{"high"}}}, handlers.ErrPartial},
		"a rule asks for risk":    {config.Shop{Rules: []config.Rule{{When: config.When{Risk: []string{"none"}}}}}, handlers.ErrPartial},
		"orders are only invoiced, and rules ask for what bodies tell": {config.Shop{Workflows: []config.Workflow{{Invoice: "post"}},
			Rules: []config.Rule{{When: config.When{Financial: []string{"paid"}, Fulfilment: []string{"unfulfilled"}}}}}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			tc.shop.ID = "fi"
			_, err := newOrders(tc.shop, Settings{Money: "shop"}, handlers.Deps{}).Decode(body)
			require.ErrorIs(t, err, tc.want)
		})
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
		{"product", "GONE", "0.00 EUR", ""},
		{"shipping", "", "5.00 EUR", "half the postage 5.00 EUR;"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	require.Equal(t, "66.63 EUR", o.Total.String())
	require.Equal(t, commerce.Tax{Title: "ALV", Rate: o.Taxes[0].Rate, Amount: o.TotalTax}, o.Taxes[0])
	require.Equal(t, "25.5", o.Taxes[0].Rate.String())
}

// rewritten takes a generated body apart, lets change work on it and puts it back.
func rewritten(t testing.TB, change func(map[string]any)) []byte {
	store := shopifytest.New(shopifytest.Options{})
	var body map[string]any
	dec := json.NewDecoder(bytes.NewReader(delivered(t, store, store.Generate(1, 3)[2], "orders/create").Body))
	dec.UseNumber()
	require.NoError(t, dec.Decode(&body))
	change(body)
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	return raw
}

func TestDecodeTakesWhatBodiesReallyHold(t *testing.T) {
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), "", "shop")
	line := func(body map[string]any) map[string]any { return body["line_items"].([]any)[0].(map[string]any) }
	for name, change := range map[string]func(map[string]any){
		"money as a number": func(b map[string]any) {
			b["current_total_price_set"], b["current_total_price"] = nil, json.Number("44.55")
		},
		"no sets, as in old versions": func(b map[string]any) { delete(b, "current_total_tax_set"); delete(line(b), "price_set") },
		"no product any more":         func(b map[string]any) { line(b)["product_id"], line(b)["sku"] = nil, nil },
		"a property that is a list": func(b map[string]any) {
			line(b)["properties"] = []any{map[string]any{"name": "x", "value": []any{1, 2}}}
		},
		"no current quantity":          func(b map[string]any) { delete(line(b), "current_quantity") },
		"a discount without its title": func(b map[string]any) { b["discount_applications"] = nil },
		"no phone, no locale, no tags": func(b map[string]any) { b["phone"], b["customer_locale"], b["tags"] = nil, nil, nil },
		"no buyer at all":              func(b map[string]any) { delete(b, "customer"); b["billing_address"], b["shipping_address"] = nil, nil },
		"a tax without a rate":         func(b map[string]any) { line(b)["tax_lines"].([]any)[0].(map[string]any)["rate"] = nil },
	} {
		o, err := shop.Orders.Decode(rewritten(t, change))
		require.NoError(t, err, name)
		require.NotEmpty(t, o.Lines, name)
	}
}

func TestDecodeSaysWhenTheBodyIsNotTheWholeOrder(t *testing.T) {
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), "", "shop")
	for _, key := range []string{"line_items", "taxes_included", "name", "currency", "updated_at"} {
		_, err := shop.Orders.Decode(rewritten(t, func(b map[string]any) { delete(b, key) }))
		require.ErrorIs(t, err, handlers.ErrPartial, key)
	}
	buyer := openShop(t, shopifytest.New(shopifytest.Options{}), "", "presentment")
	_, err := buyer.Orders.Decode(rewritten(t, func(b map[string]any) {
		b["presentment_currency"] = "USD"
		delete(b, "current_total_price_set")
	}))
	require.ErrorIs(t, err, handlers.ErrPartial, "the plain amount is in the store's currency")
}

func TestDecodeRefusesWhatIsNoOrder(t *testing.T) {
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), "", "shop")
	for name, change := range map[string]func(map[string]any){
		"an amount that is a word":         func(b map[string]any) { b["current_total_price"] = "a lot" },
		"an amount with an exponent":       func(b map[string]any) { b["current_total_price"] = json.Number("1e999999999") },
		"an amount that is an object":      func(b map[string]any) { b["current_total_price"] = map[string]any{} },
		"a set in a foreign currency":      func(b map[string]any) { b["currency"] = "SEK" },
		"a line without an id":             func(b map[string]any) { delete(b["line_items"].([]any)[0].(map[string]any), "id") },
		"lines that are an object":         func(b map[string]any) { b["line_items"] = map[string]any{} },
		"a time that is none":              func(b map[string]any) { b["created_at"] = "yesterday" },
		"an id that is a fraction":         func(b map[string]any) { b["id"] = json.Number("1.5") },
		"an id beyond any that they give":  func(b map[string]any) { b["id"] = strings.Repeat("9", 40) },
		"no id":                            func(b map[string]any) { delete(b, "id") },
		"a personal word in a wrong place": func(b map[string]any) { b["test"] = "kaisa@example.com" },
	} {
		_, err := shop.Orders.Decode(rewritten(t, change))
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), "%s: %v", name, err)
		require.NotContains(t, err.Error(), "example.com")
	}
}

func FuzzDecode(f *testing.F) {
	store := shopifytest.New(shopifytest.Options{})
	for _, id := range store.Generate(1, shopifytest.Scenarios) {
		f.Add(delivered(f, store, id, "orders/create").Body)
	}
	f.Add([]byte(`{"id":1,"name":"#1","currency":"EUR","taxes_included":true,"updated_at":"2026-11-20T10:15:02Z","line_items":[],"current_total_price":1,"current_total_tax":"0"}`))
	shop := openShop(f, store, "", "shop")
	f.Fuzz(func(t *testing.T, body []byte) {
		o, err := shop.Orders.Decode(body)
		if err != nil {
			if r := commerce.ReasonOf(err); r != commerce.Invalid && !errors.Is(err, handlers.ErrPartial) {
				t.Fatalf("reason %s: %v", r, err)
			}
			return
		}
		if o.Ref.ID == "" || o.Currency == "" || o.Digest() == "" {
			t.Fatalf("%s gave %+v", body, o)
		}
		again, err := shop.Orders.Decode(body)
		if err != nil || again.Digest() != o.Digest() {
			t.Fatalf("decoded twice, differently: %v", err)
		}
	})
}

func BenchmarkDecode(b *testing.B) {
	store := shopifytest.New(shopifytest.Options{})
	body := delivered(b, store, store.Generate(1, 5)[4], "orders/create").Body
	shop := openShop(b, store, "", "shop")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := shop.Orders.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
