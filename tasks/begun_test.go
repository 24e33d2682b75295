package tasks

import (
	"context"
	"errors"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func leaves(args []any) bool {
	return len(args) > 1 && (args[1] == leaveScript.Hash() || args[1] == leaveLua)
}

// silenced does not let a worker say how its run ended, nor what it doubts of it, as one
// that was killed after its last write.
type silenced struct{ commandCounter }

func (s *silenced) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if args := cmd.Args(); leaves(args) || raisesDoubt(args) {
			err := errors.New("cut off")
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

// dies has another worker look at an order and end before it said how that went.
func (l *lives) dies(one *lived) {
	l.Helper()
	o := l.opt
	o.Redis = redis.NewClient(l.opt.Redis.Options())
	defer func() { _ = o.Redis.Close() }()
	o.Redis.AddHook(&silenced{})
	ref := one.ref
	require.Error(l, NewWorker(o).importOrder(l.Context(), commerce.Event{ID: "dies", Topic: "orders/updated", Hint: commerce.HintOrder, Ref: ref, Aggregate: ref}))
	require.NoError(l, l.w.rdb.Del(l.Context(), leaseKey(ref)).Err()) // its time is over
}

// Nobody in Odoo changed an order that a worker booked and died over: what the shop
// changes meanwhile is written.
func TestWhatADeadWorkerWroteIsNotTakenForPeoplesWork(t *testing.T) {
	change := map[string]step{
		"edited":    func(s *shopifytest.Store, id string) error { return s.RaiseLine(id, 0, 1) },
		"cancelled": func(s *shopifytest.Store, id string) error { _, err := s.CancelAndRefund(id); return err },
	}
	for name, happens := range change {
		t.Run(name, func(t *testing.T) {
			l := openLives(t, 17, 1)
			one := l.lives(shopifytest.LifeOf(nil, l.store, l.store.AddOrder(twoLines("a@example.com"))))
			l.dies(one)
			require.Len(t, l.odoo.Orders(), 1)
			require.NoError(t, happens(l.store, one.ref.ID))
			l.look(one)
			want, got := l.compare(one, l.booked(), l.odoo.Payments())
			require.Equal(t, want, got, "died over the first booking")

			require.NoError(t, l.store.RaiseLine(one.ref.ID, 1, 2))
			l.dies(one)
			require.NoError(t, l.store.RemoveFromLine(one.ref.ID, 1, 2)) // as it was
			l.look(one)
			want, got = l.compare(one, l.booked(), l.odoo.Payments())
			require.Equal(t, want, got, "died over an edit that was taken back")
		})
	}
}

// A fault of ours in the midst of writing is followed by a run that knows whose the
// difference in Odoo is.
func TestARunThatPanicsInTheMidstOfWritingIsRememberedAsBegun(t *testing.T) {
	r := newRig(t)
	n := 0
	r.books.during = func(ctx context.Context, _ *commerce.Order, _ func(context.Context) error) error {
		if n++; n > 1 {
			return nil
		}
		require.NoError(t, r.applied().Begins(ctx))
		panic("a fault")
	}
	r.shop.put(order("5001", 1))
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Retry)
	r.ended("a", Done)
	require.True(t, r.applied().Begun)
	require.False(t, r.record("5001").Begun)
}
