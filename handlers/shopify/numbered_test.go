package shopify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func TestAnOrderIsFoundByItsNumberAndNoOtherWithIt(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	id := store.Generate(3, 1)[0]
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.NoError(t, store.UpdateOrder(store.Generate(4, 1)[0], func(other *shopifytest.Order) { other.Number = 10010 }))
	find := shop.Orders.(handlers.OrderSearcher).Numbered
	for _, number := range []string{o.Number, strings.TrimPrefix(o.Number, "#"), " " + o.Number} {
		got, err := find(t.Context(), number)
		require.NoError(t, err)
		require.Equal(t, []string{id}, got, number)
	}
	before := store.Requests()
	for _, number := range []string{"", "#", "1' OR name:'2", `1\`} {
		got, err := find(t.Context(), number)
		require.NoError(t, err)
		require.Empty(t, got, number)
	}
	require.Equal(t, before, store.Requests(), "nothing is asked for")
	got, err := find(t.Context(), "9999")
	require.NoError(t, err)
	require.Empty(t, got)
	store.Script(shopifytest.AccessDenied())
	_, err = find(t.Context(), "1001")
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
}
