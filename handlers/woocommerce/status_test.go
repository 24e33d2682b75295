package woocommerce

import (
	"testing"

	"github.com/stretchr/testify/require"

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
