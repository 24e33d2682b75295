package tasks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/erp"
)

// An order that was kept out, or only observed, comes in once the settings or the
// order let it: with the same digest, from the same state, even by the same event.
func TestWhatWasSkippedIsLookedAtAgain(t *testing.T) {
	for name, out := range map[string]erp.Outcome{
		"kept out": {Action: "skipped", Reason: "not paid yet (import.unpaid is skip)"},
		"observed": {Action: "observed", Plan: []string{"create quotation #5001", "confirm #5001"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.books.out = &out
			r.shop.put(order("5001", 3))
			r.start()
			first := hint("a", "5001", 3)
			r.accept(first)
			line := r.ended("a", Skipped)
			rec := r.record("5001")
			require.Equal(t, Skipped, rec.Outcome)
			require.Empty(t, rec.Digest, "nothing was applied")
			require.True(t, rec.UpdatedAt.IsZero())
			require.Zero(t, r.rdb.Exists(context.Background(), seenKey(first)).Val(), "the event may come again")
			if name == "observed" {
				require.Equal(t, "observed", rec.Reason)
				require.Equal(t, "create quotation #5001\nconfirm #5001", rec.Detail)
				require.Equal(t, rec.Detail, line["detail"])
			} else {
				require.Equal(t, out.Reason, rec.Reason)
			}

			r.books.set(func(b *fakeBooks) { b.out = nil })
			r.accept(hint("b", "5001", 3))
			r.ended("b", Done)
			require.Equal(t, 3, r.books.total("5001"))
			require.NotEmpty(t, r.record("5001").Digest)
		})
	}
}
