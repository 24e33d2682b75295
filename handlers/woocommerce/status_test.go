package woocommerce

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// openAt opens a shop on a store that listens for the test.
func openAt(t *testing.T, store *woocommercetest.Store) *handlers.Shop {
	t.Helper()
	endpoint, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	conf, err := config.NewShop("fi", Name, config.Books{}, fmt.Sprintf("url: %q\nendpoint: %q\nconsumer_key: %q\nconsumer_secret: %q\nsecrets: [%q]\n",
		store.Home(), endpoint, store.ConsumerKey(), store.ConsumerSecret(), store.Secret()))
	require.NoError(t, err)
	shop, err := open(conf, handlers.Deps{})
	require.NoError(t, err)
	return shop
}

func TestAStatusIsSetOnceAndNeverOnAnOrderThatIsOver(t *testing.T) {
	store := woocommercetest.New(woocommercetest.Options{})
	shop := openAt(t, store)
	setter := shop.Orders.(handlers.StatusSetter)
	status := func(id string) string {
		o, err := shop.Orders.Order(t.Context(), id)
		require.NoError(t, err)
		return o.Financial
	}
	ids := store.Generate(1, 4)
	require.NoError(t, store.SetStatus(ids[0], "processing"))
	for _, first := range []bool{true, false} {
		set, err := setter.SetStatus(t.Context(), ids[0], "completed")
		require.NoError(t, err)
		require.Equal(t, first, set)
		require.Equal(t, "completed", status(ids[0]))
	}
	require.NoError(t, store.CancelOrder(ids[1]))
	set, err := setter.SetStatus(t.Context(), ids[1], "completed")
	require.NoError(t, err)
	require.False(t, set)
	require.Equal(t, "cancelled", status(ids[1]))

	require.NoError(t, store.SetStatus(ids[2], "on-hold"))
	_, err = setter.SetStatus(t.Context(), ids[2], "delivered-by-elves")
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Remedy, "write_back.delivered")

	_, err = setter.SetStatus(t.Context(), "99999999", "completed")
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
}

func TestAKeyThatMayOnlyReadSetsNoStatus(t *testing.T) {
	store := woocommercetest.New(woocommercetest.Options{Permissions: "read"})
	shop := openAt(t, store)
	id := store.Generate(1, 1)[0]
	require.NoError(t, store.SetStatus(id, "processing"))
	_, err := shop.Orders.(handlers.StatusSetter).SetStatus(t.Context(), id, "completed")
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Remedy, "Read/Write")
}
