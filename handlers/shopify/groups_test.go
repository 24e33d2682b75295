package shopify

import (
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// boxes is an order of two boxes, each of two mugs and a coffee, and of one mug more.
func boxes() shopifytest.Order {
	line := func(sku string, n, bundle int) shopifytest.Line {
		return shopifytest.Line{SKU: sku, Title: "A " + sku, Variant: 44, Barcode: "640", Quantity: n, Current: n, Price: decimal.NewFromInt(5), Bundle: bundle}
	}
	return shopifytest.Order{Gateway: "cash", Bundles: []shopifytest.Bundle{{Variant: 45, SKU: "BOX", Title: "Box", Quantity: 2}},
		Lines: []shopifytest.Line{line("MUG", 4, 1), line("COFFEE", 2, 1), line("MUG", 1, 0)}}
}

// told are an order's lines with the bundles that they are in.
func told(o *commerce.Order) []string {
	var out []string
	for _, l := range o.Lines {
		text := string(l.Kind) + " " + l.SKU + " × " + l.Quantity.String() + " " + l.Total.Amount.String()
		if l.Bundle != "" {
			text += " in " + l.Bundle
		}
		out = append(out, text)
	}
	return out
}

func TestABundleComesBeforeItsParts(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{}, "shop")
	id := store.AddOrder(boxes())
	read := func() []string {
		o, err := shop.Orders.Order(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, o.Total.Amount.String(), addUp(o).String())
		return told(o)
	}
	all := read()
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	group := o.Lines[0].ID
	require.Equal(t, []string{"bundle BOX × 2 0", "product MUG × 4 20 in " + group, "product COFFEE × 2 10 in " + group, "product MUG × 1 5"}, all)
	require.Equal(t, "45", o.Lines[0].VariantID)
	require.Empty(t, o.Lines[1].VariantID, "what needs another scope is not asked for")

	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Lines[0].Current, o.Lines[1].Current = 2, 1 }))
	require.Equal(t, []string{"bundle BOX × 1 0", "product MUG × 2 10 in " + group, "product COFFEE × 1 5 in " + group, "product MUG × 1 5"}, read())
	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Lines[0].Current = 1 }))
	require.Equal(t, []string{"product MUG × 1 5", "product COFFEE × 1 5", "product MUG × 1 5"}, read(), "one that was taken apart is none any more")
	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Lines[0].Current, o.Lines[1].Current = 0, 0 }))
	require.Equal(t, []string{"product MUG × 0 0", "product COFFEE × 0 0", "product MUG × 1 5"}, read())
}

func TestVariantsAreReadWhereTheSettingsSaySo(t *testing.T) {
	store, plain := serving(t, shopifytest.Options{Scopes: []string{"read_orders", "read_products"}}, "shop")
	id := store.AddOrder(boxes())
	set, err := config.NewShop("fi", Name, config.Books{}, "domain: "+store.Domain()+"\naccess_token: "+store.Token()+
		"\nsecrets: [x]\nvariants: true\nendpoint: "+plain.Orders.(*orders).set.Endpoint)
	require.NoError(t, err)
	shop, err := Platform().Open(set, handlers.Deps{})
	require.NoError(t, err)
	t.Cleanup(shop.Orders.(*orders).client.http.CloseIdle)
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "44", o.Lines[1].VariantID)
	require.Equal(t, "640", o.Lines[1].Barcode)
	_, err = shop.Orders.Decode(delivered(t, store, store.Generate(1, 1)[0], "orders/create").Body)
	require.ErrorIs(t, err, handlers.ErrPartial, "a body has no barcodes")
}
