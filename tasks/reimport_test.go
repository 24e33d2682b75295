package tasks

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

func (r *rig) reimport(id, name string) {
	r.t.Helper()
	require.NoError(r.t, NewJournal(r.rdb).Force(context.Background(), ref(id), name))
	_, err := r.queue.Ask(context.Background(), LaneLive, ref(id), "reimport", name)
	require.NoError(r.t, err)
}

func TestAReimportReachesTheBooksUntilARunEndsWell(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 3))
	r.start()
	r.accept(hint("a", "5001", 3))
	r.ended("a", Done)
	require.False(t, r.applied().Forced)

	r.books.set(func(b *fakeBooks) {
		b.out, b.fails = &erp.Outcome{}, &commerce.Error{Op: "erp.order", Reason: commerce.Diverged, Detail: "locked"}
	})
	r.reimport("5001", "one")
	r.ended("reimport", Parked)
	require.True(t, r.applied().Forced)
	rec := r.record("5001")
	require.Equal(t, "one", rec.Forced, "it is still to be done")
	require.Equal(t, "one", rec.Reimported)

	// The remedy was done, and any event lets it go on: the same version, read anew.
	r.books.set(func(b *fakeBooks) { b.out, b.fails = nil, nil })
	reads := r.shop.readCount()
	r.accept(hint("b", "5001", 3))
	r.ended("b", Done)
	require.True(t, r.applied().Forced)
	require.Equal(t, reads+1, r.shop.readCount())
	require.Empty(t, r.record("5001").Forced)

	r.shop.put(order("5001", 4))
	r.accept(hint("c", "5001", 4))
	r.ended("c", Done)
	require.False(t, r.applied().Forced, "it was done once")
	require.Equal(t, "one", r.record("5001").Reimported)
}

// What is asked for while a run is under way is not taken for done by that run.
func TestAReimportThatIsAskedForMeanwhileIsDoneByTheNextRound(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 3))
	begun, goOn := make(chan bool), make(chan bool)
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		begun <- true
		<-goOn
		return nil
	}
	r.start()
	r.accept(hint("a", "5001", 3))
	<-begun
	r.reimport("5001", "two")
	r.ended("reimport", Coalesced)
	goOn <- true
	<-begun
	require.True(t, r.applied().Forced)
	require.Equal(t, "two", r.record("5001").Forced)
	goOn <- true
	r.ended("a", Done)
	require.Empty(t, r.record("5001").Forced)
}
