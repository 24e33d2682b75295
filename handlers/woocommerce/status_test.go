package woocommerce

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

func TestAStatusIsSetOnceAndNeverOnAnOrderThatIsOver(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
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
	store, shop := serving(t, woocommercetest.Options{Permissions: "read"})
	id := store.Generate(1, 1)[0]
	require.NoError(t, store.SetStatus(id, "processing"))
	_, err := shop.Orders.(handlers.StatusSetter).SetStatus(t.Context(), id, "completed")
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Remedy, "Read/Write")
}

// WooCommerce notes a day of payment when an order is completed, whoever completes it.
func TestAnOrderThatNobodyPaidIsNotCalledPaid(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	sells := func(method string) string {
		return store.AddOrder(woocommercetest.Order{PaymentMethod: method, Status: "on-hold", Lines: []woocommercetest.Line{woocommercetest.LineOf(woocommercetest.Catalogue()[0], 1)}})
	}
	set := func(shop *handlers.Shop, id, status string) (bool, error) {
		return shop.Orders.(handlers.StatusSetter).SetStatus(t.Context(), id, status)
	}
	id := sells("pay_by_invoice")
	did, err := set(shop, id, "completed")
	require.False(t, did)
	require.ErrorIs(t, err, handlers.ErrNotYet)
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Contains(t, e.Remedy, `"pay_by_invoice" under books.payments.open of shop`)
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, []any{"on-hold", false}, []any{o.Financial, o.Paid})

	require.NoError(t, store.Pay(id))
	did, err = set(shop, id, "completed")
	require.NoError(t, err)
	require.True(t, did)

	did, err = set(shop, sells("bacs"), "completed")
	require.NoError(t, err)
	require.True(t, did, "that money is not registered, whatever day the shop notes")

	open := config.Books{Payments: config.Payments{Open: []string{"Pay_by_invoice"}}}
	for _, of := range []config.Shop{{Books: open}, {Rules: []config.Rule{{Name: "firms", Books: open}}}} {
		shop.Orders.(*orders).open = staysOpen(of)
		did, err = set(shop, sells("pay_by_invoice"), "completed")
		require.NoError(t, err)
		require.True(t, did)
	}
}
