package tasks

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// refusing lets the next command of a kind fail once it is on, as a line to Redis that is
// cut.
type refusing struct {
	commandCounter
	on      atomic.Bool
	refuses func(args []any) bool
}

func (f *refusing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if f.refuses(cmd.Args()) && f.on.CompareAndSwap(true, false) {
			err := errors.New("cut off")
			cmd.SetErr(err)
			return err
		}
		return next(ctx, cmd)
	}
}

func raisesDoubt(args []any) bool { return len(args) > 2 && args[0] == "hset" && args[2] == "doubt" }

// A run that wrote beside a newer one cannot say so at once: its line to Redis is cut
// when it leaves, or when it raises the doubt.
func TestADoubtWaitsForARedisThatDoesNotTakeIt(t *testing.T) {
	for name, refuses := range map[string]func([]any) bool{"it cannot leave": leaves, "it cannot say it": raisesDoubt} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.Config.Lease = time.Minute
			cut := &refusing{refuses: refuses}
			r.rdb.AddHook(cut)
			r.shop.put(order("5001", 1))
			r.overlapping(func() { cut.on.Store(true) })
			r.accept(hint("a", "5001", 1))
			r.start()
			r.ended("doubt", Done)
			require.False(t, cut.on.Load(), "nothing was refused")
			require.Equal(t, 2, r.books.total("5001"))
			require.False(t, r.record("5001").Begun)
		})
	}
}

// What Redis was told last is what it forgets: here the doubt and the look that it asked for.
func TestADoubtIsRaisedAgainWhereRedisForgotIt(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Lease = time.Minute
	var first sync.Once
	forgets := func(context.Context, *commerce.Order, func(context.Context) error) (err error) {
		first.Do(func() {
			r.forgetsLeases()
			err = &commerce.Error{Reason: commerce.Conflict}
		})
		return err
	}
	r.shop.put(order("5001", 1))
	r.overlapping(func() { r.books.set(func(b *fakeBooks) { b.during = forgets }) })
	r.accept(hint("a", "5001", 1))
	r.start()
	r.ended("doubt", Snooze)
	require.Equal(t, 1, r.books.total("5001"), "the older state came last")
	r.ended("doubt", Done)
	require.Equal(t, 2, r.books.total("5001"))
}

// Odoo does what a dead worker had asked for after another had booked a newer state.
func TestWhatOdooDoesForADeadWorkerDoesNotStand(t *testing.T) {
	r := newRig(t)
	r.opt.Late = time.Second
	r.diedWriting(hint("dead", "5001", 1))

	old := make(chan struct{})
	r.books.set(func(b *fakeBooks) {
		b.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
			if b.total("5001") != 0 {
				<-old
			}
			return nil
		}
	})
	r.shop.put(order("5001", 2))
	r.accept(hint("b", "5001", 2))
	r.start()
	// b may find that the rescue of the dead one's record came first.
	require.Eventually(t, func() bool { return r.books.total("5001") == 2 }, time.Minute, 5*time.Millisecond)
	r.books.set(func(b *fakeBooks) { b.booked["5001"] = 1 })
	close(old)
	r.ended(lateLook, Done)
	require.Equal(t, 2, r.books.total("5001"))
	require.True(t, r.books.last.Begun, "what differs is our own")
	require.False(t, r.record("5001").Begun)
}

// diedWriting leaves an event's record as a worker does that dies when it has begun to
// write it, once its lease is over.
func (r *rig) diedWriting(e commerce.Event, tells ...any) {
	r.t.Helper()
	ctx := context.Background()
	_, err := r.queue.Accept(ctx, e)
	require.NoError(r.t, err)
	held := r.enters(50*time.Millisecond, e)
	held.close() // it beats no more
	require.NoError(r.t, NewWorker(r.opt).begins(ctx, e.Aggregate, tells...))
	require.NoError(r.t, asynq.NewInspectorFromRedisClient(r.rdb).DeleteTask(LaneLive, e.TaskID()))
	require.Eventually(r.t, func() bool {
		left, err := r.rdb.HGet(ctx, leaseKey(e.Aggregate), "until").Int64()
		now, timeErr := r.rdb.Time(ctx).Result()
		return err == nil && timeErr == nil && now.UnixMilli() > left
	}, time.Minute, 5*time.Millisecond)
}

// What a run that ended beside another had written of an account is told with the doubt:
// what stands in its record is the other's.
func TestADoubtAboutAnAccountSaysWhatWasWritten(t *testing.T) {
	for name, refuses := range map[string]func([]any) bool{"Redis takes it": func([]any) bool { return false }, "Redis does not take it at once": raisesDoubt} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.Config.Lease = time.Minute
			cut := &refusing{refuses: refuses}
			r.rdb.AddHook(cut)
			shop := r.followed()
			shop.put(customer("7", 1))
			var first sync.Once
			r.books.contacts.writing = func(c *commerce.Customer) {
				if c.UpdatedAt.Equal(at(2)) {
					return
				}
				first.Do(func() {
					r.forgetsLeases()
					shop.put(customer("7", 2))
					r.accept(accountHint("b", "7", 2))
					r.ended("b", Done)
					cut.on.Store(true)
				})
			}
			r.accept(accountHint("a", "7", 1))
			r.start()
			r.ended("doubt", Done)
			require.Equal(t, at(2), r.books.contact("7"))
			r.books.set(func(b *fakeBooks) {
				require.True(t, b.contacts.last.Begun)
				require.Subset(t, b.contacts.last.Tried, []string{contactMark(customer("7", 1)), contactMark(customer("7", 2))})
			})
			rec := r.customerRecord("7")
			require.Equal(t, []any{Done, false, ""}, []any{rec.Outcome, rec.Begun, rec.Doubt})
		})
	}
}

func TestWhatADeadWorkerWroteOfAnAccountIsKnownToTheLateLook(t *testing.T) {
	r := newRig(t)
	r.opt.Late = time.Second
	r.diedWriting(accountHint("dead", "7", 1), "tried", "mdead")
	r.followed().put(customer("7", 2))
	r.accept(accountHint("b", "7", 2))
	r.start()
	r.ended(lateLook, Done)
	r.books.set(func(b *fakeBooks) {
		require.True(t, b.contacts.last.Begun)
		require.Equal(t, []string{contactMark(customer("7", 2)), "mdead"}, b.contacts.last.Tried)
	})
}

func TestWhatWasWrittenIsKeptOnceAndTheLatestOfIt(t *testing.T) {
	require.Equal(t, []string{"c", "a", "b"}, tried([]string{"c", "a"}, []string{"a", "b", "c"}))
	var many []string
	for i := range 2 * mostTried {
		many = tried([]string{strconv.Itoa(i)}, many)
	}
	require.Len(t, many, mostTried)
	require.Equal(t, strconv.Itoa(2*mostTried-1), many[0])
}

func TestARunThatIsStoppedWhileItWritesIsLookedAtLater(t *testing.T) {
	r := newRig(t)
	r.opt.Late, r.opt.Grace = time.Hour, time.Second
	r.shop.put(order("5001", 1))
	begun := make(chan struct{})
	r.books.set(func(b *fakeBooks) {
		b.out, b.fails = &erp.Outcome{Writes: 1}, context.Canceled
		b.during = func(ctx context.Context, _ *commerce.Order, _ func(context.Context) error) error {
			close(begun)
			<-ctx.Done()
			return nil
		}
	})
	r.accept(hint("a", "5001", 1))
	stop := r.start()
	<-begun
	stop()
	require.True(t, r.record("5001").Begun)
	later, err := asynq.NewInspectorFromRedisClient(r.rdb).ListScheduledTasks(LaneLive)
	require.NoError(t, err)
	require.Len(t, later, 1)
	require.WithinDuration(t, time.Now().Add(time.Hour), later[0].NextProcessAt, time.Minute)
}
