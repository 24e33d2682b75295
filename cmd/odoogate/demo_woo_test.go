package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// What the demo says of its WooCommerce shop is what a proof says, and it sees what is
// wrong.
func TestTheDemosWooCommerceShopIsEqualAndADifferenceIsTold(t *testing.T) {
	s := openStand(t)
	ctx := t.Context()
	require.NoError(t, s.calm(ctx))
	s.wooOpens(1)
	require.NoError(t, s.wooStands(ctx))
	require.NoError(t, s.wooGoesOn(ctx))
	p := s.equal(demoWoo)
	require.Equal(t, woocommercetest.Scenarios+len(wooTales()), p.Orders.Equal)
	require.Positive(t, s.woo.net.lost.Load())
	for _, id := range []string{"5001", "5028"} {
		posted, err := s.odoogate("events", "ls", demoWoo, "--record", "order/"+id)
		require.NoError(t, err)
		require.Contains(t, posted, "order.created", "odoogate's webhooks bring it")
	}
	posted, err := s.odoogate("events", "ls", demoWoo, "--record", "order/7004")
	require.NoError(t, err)
	require.Contains(t, posted, "sweep")
	require.NotContains(t, posted, "order.created", "its deliveries were lost")

	// Somebody in Odoo changes the price of a line.
	order := s.inOdoo(demoWoo, "5001")
	s.person("sale.order.line", "write", []int64{order.Lines[0].ID}, map[string]any{"vals": map[string]any{"price_unit": 1}})
	wrong := s.wooWrong()
	require.Len(t, wrong, 1)
	require.ErrorContains(t, wrong[0], "order 5001 of woo is ")
	a := s.proof(demoWoo).Apart
	require.Len(t, a, 1)
	require.Equal(t, "5001", a[0].ID)
}
