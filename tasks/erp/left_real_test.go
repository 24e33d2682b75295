package erp_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp"
)

// An order of which the shop is to be told that it was delivered waits for all of it.
func TestAnOrderIsToldOfOnceAllOfItLeft(t *testing.T) {
	everywhere(t, func(p *place) {
		p.online()
		p.shop.WriteBack.Delivered = "completed"
		o := p.order()
		p.goods(o, 100) // three of them
		out := p.book(o, erp.Applied{})
		waits := fmt.Sprintf("delivered/fi/%d", out.OdooID)
		met := func(want ...string) {
			p.Helper()
			got, err := p.Met(p.Context(), p.shop, []string{waits})
			require.NoError(p, err)
			require.Equal(p, want, append([]string(nil), got...))
		}
		require.Contains(p, out.Needs, waits)
		require.False(p, out.Delivered)
		met()

		shipped(o, "f1", "2", "TRACK1")
		out = p.book(o, applied(o, out))
		require.Contains(p, out.Needs, waits)
		require.False(p, out.Delivered)
		met()

		shipped(o, "f2", "1", "TRACK2")
		out = p.book(o, applied(o, out))
		require.NotContains(p, out.Needs, waits)
		require.True(p, out.Delivered)
		met(waits)

		p.shop.WriteBack.Delivered = ""
		out = p.book(o, applied(o, out))
		require.False(p, out.Delivered, "nobody is told")
		p.discard(out.OdooID)
	})
}
