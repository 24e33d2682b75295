package tasks

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// An order that somebody else made in Odoo and a person adopted counts as booked:
// nothing is written to it, and a change in the shop is for people.
func TestAnAdoptedOrderIsNeverWritten(t *testing.T) {
	r := newRig(t)
	there := order("5001", 3)
	r.shop.put(there)
	r.books.out, r.books.fails = &erp.Outcome{}, &commerce.Error{Op: "erp.order", Reason: commerce.Exists, Detail: "already there"}
	r.start()
	r.accept(hint("a", "5001", 3))
	r.ended("a", Parked)
	calls := 0
	r.books.set(func(b *fakeBooks) { calls = b.calls })

	adopt := func(o *commerce.Order, nonce string) {
		t.Helper()
		require.NoError(t, NewJournal(r.rdb).Adopt(context.Background(), ref("5001"), Adoption{OdooID: 77, OdooName: "S00077 by hand", Digest: o.Digest()}))
		_, err := r.queue.Ask(context.Background(), LaneOperator, ref("5001"), "adopt", nonce)
		require.NoError(t, err)
	}
	adopt(there, "1")
	r.ended("adopt", Done)
	rec := r.record("5001")
	require.Equal(t, "adopted", rec.Reason)
	require.EqualValues(t, 77, rec.OdooID)
	require.Equal(t, "S00077 by hand", rec.OdooName)
	n, err := NewJournal(r.rdb).CountParked(context.Background(), there.Ref.Shop)
	require.NoError(t, err)
	require.Zero(t, n, "nobody must look at it any more")

	r.shop.put(order("5001", 4))
	r.accept(hint("b", "5001", 4))
	r.ended("b", Parked)
	rec = r.record("5001")
	require.Equal(t, string(commerce.Diverged), rec.Reason)
	require.Contains(t, rec.Remedy, "odoogate adopt fi 5001 --yes")
	r.books.set(func(b *fakeBooks) { require.Equal(t, calls, b.calls, "the books were never asked again") })

	adopt(order("5001", 4), "2")
	require.Eventually(t, func() bool { return r.record("5001").Outcome == Done }, time.Minute, 10*time.Millisecond)
}
