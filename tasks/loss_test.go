package tasks

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// quiet waits until the worker has left its sign of life.
func (r *rig) quiet() {
	r.t.Helper()
	require.Eventually(r.t, func() bool { return r.rdb.Exists(context.Background(), tickKey).Val() == 1 }, time.Minute, 5*time.Millisecond)
}

// allBooked waits until orders 5000 … hold their versions 1 … n.
func (r *rig) allBooked(n int) {
	r.t.Helper()
	r.lines.wait(r.t, "all orders to be booked", func(map[string]string) bool {
		for i := range n {
			if r.books.total(fmt.Sprint(5000+i)) != i+1 {
				return false
			}
		}
		return true
	})
}

// forgotten is a rig whose shop lists all its orders, whenever they changed.
func forgotten(t *testing.T) *rig {
	r := newRig(t)
	r.shop.undated = true
	return r
}

func (r *rig) putOrders(n int) {
	for i := range n {
		r.shop.put(order(fmt.Sprint(5000+i), i+1))
	}
}

func TestARedisThatLostEverythingIsRefilledFromTheShops(t *testing.T) {
	r := forgotten(t)
	r.start()
	r.quiet()
	r.putOrders(20)
	r.redis.Flush()
	r.allBooked(20)
	require.Eventually(t, func() bool { return r.rdb.SIsMember(context.Background(), "asynq:queues", LaneLive).Val() },
		time.Minute, 5*time.Millisecond, "nobody lists the queue any more")
}

func TestARedisThatComesBackWithOldDataIsRefilledSinceThen(t *testing.T) {
	r := forgotten(t)
	r.start()
	r.quiet()
	old, err := r.rdb.Get(context.Background(), tickKey).Result()
	require.NoError(t, err)
	r.putOrders(5)
	r.redis.Restart() // without persistence; what came back is played in by hand
	require.NoError(t, r.redis.Client().Set(context.Background(), tickKey, old, 0).Err())
	r.allBooked(5)
}

func TestAWipeWhileNobodyLookedIsFilledFromTheGoLiveDate(t *testing.T) {
	r := forgotten(t)
	r.putOrders(3)
	stop := r.start()
	r.quiet()
	stop()
	require.Zero(t, r.books.total("5000"), "without a go-live date an empty Redis is a first start")

	r.redis.Flush()
	shop := r.opt.Shops["fi"]
	shop.Config.GoLive = config.Moment{Time: time.Now().Add(-30 * time.Minute)}
	r.start()
	r.allBooked(3)
	require.WithinDuration(t, time.Now().Add(-30*time.Minute), r.shop.asked(), time.Minute)
}

func TestWhatWasOnlyObservedIsAskedForWhenTheShopGoesLive(t *testing.T) {
	r := forgotten(t)
	shop := r.opt.Shops["fi"]
	shop.Config.Mode = ""
	stop := r.start()
	require.Eventually(t, func() bool { return r.rdb.Exists(context.Background(), observedKey("fi")).Val() == 1 }, time.Minute, 5*time.Millisecond)
	stop()
	r.putOrders(3)
	shop.Config.Mode = config.Live
	r.start()
	r.allBooked(3)
	require.WithinDuration(t, time.Now(), r.shop.asked(), 2*time.Minute)
	require.Zero(t, r.rdb.Exists(context.Background(), observedKey("fi")).Val())
}

func TestGoingLiveWhileARefillIsDueAsksForTheEarlierOfBoth(t *testing.T) {
	r := forgotten(t)
	ctx := context.Background()
	two := time.Now().Add(-48 * time.Hour).UnixMilli()
	require.NoError(t, r.rdb.Set(ctx, observedKey("fi"), two, 0).Err())
	require.NoError(t, NewJobs(r.rdb).BringForward(ctx, "fi", JobSweep, time.Now().Add(-time.Minute)))
	r.putOrders(2)
	r.opt.Shops["fi"].Config.Mode = config.Live
	r.start()
	r.allBooked(2)
	require.Eventually(t, func() bool { return r.shop.asked().Before(time.UnixMilli(two)) }, time.Minute, 10*time.Millisecond)
	require.WithinDuration(t, time.UnixMilli(two), r.shop.asked(), 2*time.Minute)
}

func TestAnOrderObservedWhileTheShopGoesLiveIsAskedForAgain(t *testing.T) {
	r := forgotten(t)
	r.opt.Shops["fi"].Config.Mode = config.Live
	r.start()
	r.quiet()
	r.putOrders(1)
	// What a process does that still observes.
	w := NewWorker(Options{Redis: r.rdb, Books: r.books, Config: r.opt.Config})
	require.NoError(t, w.observedSince(context.Background(), "fi", at(1)))
	r.allBooked(1)
	require.Eventually(t, func() bool { return r.rdb.Exists(context.Background(), observedKey("fi")).Val() == 0 }, time.Minute, 10*time.Millisecond)
}

func TestAShopThatRefusesDoesNotKeepTheOthersFromBeingRefilled(t *testing.T) {
	r := forgotten(t)
	broken := *r.opt.Shops["fi"]
	broken.ID, broken.Config.ID, broken.Orders = "se", "se", &fakeShop{listErr: &commerce.Error{Reason: commerce.Denied}}
	r.opt.Shops["se"] = &broken
	r.start()
	r.quiet()
	r.putOrders(3)
	r.redis.Flush()
	r.allBooked(3)
	require.Eventually(t, func() bool { return r.job("fi", JobSweep).Outcome == "ok" }, time.Minute, 10*time.Millisecond)
	require.Zero(t, r.job("fi", JobSweep).Since)
	require.Eventually(t, func() bool { return r.job("se", JobSweep).Outcome == "failed" }, time.Minute, 10*time.Millisecond)
	refused := r.job("se", JobSweep)
	cur, err := NewCursors(r.rdb).Get(context.Background(), "se")
	require.NoError(t, err)
	require.True(t, cur.Open, "the refusing shop's refill is still due")
	require.WithinDuration(t, time.Now().Add(-r.opt.Config.Lookback), cur.At, 15*time.Minute)
	require.Greater(t, time.Until(refused.Next), 10*time.Second, "and waits for its pause")
}

func TestAnUpdateThatCameDuringARunSurvivesAFailingSecondRound(t *testing.T) {
	r := newRig(t)
	begun, release := make(chan struct{}), make(chan struct{})
	n := 0
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		switch n++; n {
		case 1:
			close(begun)
			<-release
		case 2:
			return &commerce.Error{Reason: commerce.Conflict}
		}
		return nil
	}
	r.shop.put(order("5001", 9))
	r.start()
	r.accept(hint("a", "5001", 1))
	<-begun
	r.accept(hint("b", "5001", 2))
	r.ended("b", Coalesced)
	close(release)
	r.ended("a", Retry)
	r.ended("a", Done)
	require.Equal(t, 9, r.books.total("5001"))
}

// Runs fail after the order itself was booked, the second of a state that is newer than
// the event which they are for: that event comes again and finishes the work.
func TestAnEventThatIsOlderThanWhatItsRunReadFinishesItsWork(t *testing.T) {
	r := newRig(t)
	r.follows()
	r.books.out, r.books.fails = booked(), &commerce.Error{Reason: commerce.Conflict}
	r.shop.put(order("5001", 9))
	r.start()
	r.accept(hint("a", "5001", 1))
	require.Eventually(t, func() bool { return r.record("5001").UpdatedAt.Equal(at(9)) }, time.Minute, 5*time.Millisecond)
	require.Equal(t, Retry, r.record("5001").Outcome)
	r.books.set(func(b *fakeBooks) { b.fails = nil })
	require.Eventually(t, func() bool { return r.record("5001").Outcome == Done }, time.Minute, 5*time.Millisecond)
}

// What came during a run that then fails is done, also where the run's own task cannot
// come again because Redis forgot it.
func TestWhatCameDuringAFailingRunDoesNotHangOnItsTask(t *testing.T) {
	r := newRig(t)
	begun, release := make(chan struct{}), make(chan struct{})
	n := 0
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		if n++; n > 1 {
			return nil
		}
		close(begun)
		<-release
		return &commerce.Error{Reason: commerce.Conflict}
	}
	r.shop.put(order("5001", 9))
	r.start()
	r.accept(hint("a", "5001", 1))
	<-begun
	deleted, err := r.rdb.Del(context.Background(), "asynq:{"+LaneLive+"}:t:"+hint("a", "5001", 1).TaskID()).Result()
	require.NoError(t, err)
	require.EqualValues(t, 1, deleted)
	r.accept(hint("b", "5001", 2))
	r.ended("b", Coalesced)
	close(release)
	r.ended("more", Done)
	require.Equal(t, 9, r.books.total("5001"))
}

// A call that Odoo did and did not answer is done again at once: what it wrote is not
// taken for people's work.
func TestTheSecondTryKnowsThatTheFirstWrote(t *testing.T) {
	r := newRig(t)
	tries := 0
	r.books.out, r.books.fails = &erp.Outcome{OdooID: 7, Writes: 1}, &commerce.Error{Reason: commerce.Unavailable}
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		tries++
		require.Equal(t, tries > 1, r.applied().Begun)
		if tries > 1 {
			r.books.set(func(b *fakeBooks) { b.out, b.fails = booked(), nil })
		}
		return nil
	}
	r.shop.put(order("5001", 1))
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	require.Equal(t, 2, tries)
}

// failing lets the next HGETALL fail.
type failing struct {
	commandCounter
	once sync.Once
}

func (f *failing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if cmd.Name() == "hgetall" {
			f.once.Do(func() { err = errors.New("cut off"); cmd.SetErr(err) })
		}
		return err
	}
}

func TestARecordThatCannotBeReadIsNotOverwritten(t *testing.T) {
	r := newRig(t)
	stop := r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	before := r.record("5001")
	stop()
	r.rdb.AddHook(&failing{})
	r.shop.put(order("5001", 2))
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		return &commerce.Error{Reason: commerce.Conflict} // so that nothing better is written
	}
	r.start()
	r.accept(hint("b", "5001", 2))
	line := r.ended("b", Retry)
	require.Equal(t, "unavailable", line["reason"])
	after := r.record("5001")
	require.Equal(t, before.Digest, after.Digest)
	require.Equal(t, before.OdooID, after.OdooID)
}

func TestRunWaitsForAHandlerThatOutlivesTheGrace(t *testing.T) {
	r := newRig(t)
	r.opt.Grace = time.Second
	begun := make(chan struct{})
	r.books.during = func(ctx context.Context, _ *commerce.Order, _ func(context.Context) error) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	}
	stop := r.start()
	r.accept(hint("a", "5001", 1))
	<-begun
	stop()
	require.Zero(t, r.rdb.Exists(context.Background(), leaseKey(ref("5001"))).Val(), "the lease was not given back")
}

func TestWhatFailsForHoursIsShownToAPersonAndStillTried(t *testing.T) {
	late := ending{verdict: verdict(&commerce.Error{Reason: commerce.Denied, Remedy: "give the right"}, maxAttempts), rec: Record{Attempts: maxAttempts}}
	require.Equal(t, Retry, late.verdict.Outcome)
	require.True(t, late.parked())
	late.rec.Attempts = 3
	require.False(t, late.parked())
}

func TestWorkersThatStartTogetherOnAnEmptyRedisMissNothing(t *testing.T) {
	r := newRig(t)
	var all []*carer
	for range 8 {
		all = append(all, &carer{Worker: NewWorker(Options{Redis: r.rdb, Shops: r.opt.Shops, Books: r.books, Config: r.opt.Config, Log: r.opt.Log})})
	}
	for range 3 {
		var looks sync.WaitGroup
		for _, c := range all {
			looks.Go(func() { require.NoError(t, c.refill(context.Background())) })
		}
		looks.Wait()
	}
	r.lines.mu.Lock()
	defer r.lines.mu.Unlock()
	require.Empty(t, r.lines.lines, "nothing was lost")
}

// forgetsLeases wipes a Redis of which a worker asks first that has just begun, so that
// leases are given at once.
func (r *rig) forgetsLeases() {
	ctx := context.Background()
	given, err := r.rdb.Get(ctx, leasesFromKey).Result()
	require.NoError(r.t, err)
	pipe := r.rdb.TxPipeline()
	pipe.FlushAll(ctx)
	pipe.Set(ctx, leasesFromKey, given, 0)
	_, err = pipe.Exec(ctx)
	require.NoError(r.t, err)
}

// overlapping holds the first write of version 1 until meanwhile is over, in which Redis
// forgets that anybody is at the order and version 2 is booked.
func (r *rig) overlapping(meanwhile func()) {
	var first sync.Once
	r.books.during = func(_ context.Context, o *commerce.Order, _ func(context.Context) error) error {
		if o.UpdatedAt.Equal(at(1)) {
			first.Do(func() {
				r.forgetsLeases()
				r.shop.put(order("5001", 2))
				r.accept(hint("b", "5001", 2))
				r.ended("b", Done)
				meanwhile()
			})
		}
		return nil
	}
}

func TestARunThatWroteBesideANewerOneDoesNotHaveTheLastWord(t *testing.T) {
	for name, beats := range map[string]bool{"it never knew": false, "its heartbeat took the lease again": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.opt.Config.Lease = time.Minute
			if beats {
				r.opt.Config.Lease = 16 * time.Second // so that b is done before the next beat
			}
			r.shop.put(order("5001", 1))
			r.overlapping(func() {
				if beats {
					require.Eventually(t, func() bool { return r.rdb.Exists(context.Background(), leaseKey(ref("5001"))).Val() == 1 }, time.Minute, 5*time.Millisecond)
				}
			})
			r.accept(hint("a", "5001", 1))
			r.start()
			r.ended("doubt", Done)
			require.Equal(t, 2, r.books.total("5001"))
			require.True(t, r.books.last.Begun, "what differs is our own")
			rec := r.record("5001")
			require.Equal(t, []any{Done, false, ""}, []any{rec.Outcome, rec.Begun, rec.Doubt})
		})
	}
}

// lateLapse lets a run be told late that its lease was gone, as over a slow line: Redis
// has given it again by then.
type lateLapse struct{ commandCounter }

func (l *lateLapse) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		if c, ok := cmd.(*redis.Cmd); ok && c.Val() == string(leaseLapsed) {
			<-time.After(200 * time.Millisecond)
		}
		return err
	}
}

// A run takes its lease again after another one was at the order: what that one wrote down
// stands, and the event of the first comes again.
func TestARunThatWasOvertakenDoesNotWriteItsRecordOverTheNewerOne(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Lease = 16 * time.Second // so that b is done before the next beat
	r.rdb.AddHook(&lateLapse{})
	var first sync.Once
	r.shop.put(order("5001", 1))
	r.books.during = func(_ context.Context, o *commerce.Order, _ func(context.Context) error) (err error) {
		if o.UpdatedAt.Equal(at(2)) {
			return nil
		}
		first.Do(func() {
			r.forgetsLeases()
			r.shop.put(order("5001", 2))
			r.accept(hint("b", "5001", 2))
			r.ended("b", Done)
			require.Eventually(t, func() bool { return r.rdb.Exists(context.Background(), leaseKey(ref("5001"))).Val() == 1 }, time.Minute, 5*time.Millisecond)
			err = &commerce.Error{Reason: commerce.Missing}
		})
		return err
	}
	a := hint("a", "5001", 1)
	r.accept(a)
	r.start()
	r.ended("a", Snooze)
	r.lines.wait(t, "what it found to be said", func(m map[string]string) bool {
		return m["msg"] == "a run beside another found what needs a person" && m["reason"] == string(commerce.Missing)
	})
	require.Equal(t, Done, r.record("5001").Outcome)
	require.Equal(t, Snooze, r.event(a).State, "it comes again, though its task is forgotten")
	require.Zero(t, r.rdb.Exists(context.Background(), leaseKey(ref("5001"))).Val())
}

// Whoever holds the record while a doubt is raised ends without having known of it.
func TestADoubtOutlivesTheRunThatDidNotKnowOfIt(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.shop.put(order("5001", 1))
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		return r.rdb.HSet(ctx, recordKey(ref("5001")), "doubt", "another").Err()
	}
	r.accept(hint("a", "5001", 1))
	stop := r.start()
	r.ended("a", Done)
	stop()
	require.True(t, r.record("5001").Begun)
	r.books.set(func(b *fakeBooks) { b.during = nil })
	_, err := r.queue.Ask(ctx, LaneLive, ref("5001"), "later", "1")
	require.NoError(t, err)
	r.start()
	r.ended("later", Done)
	require.False(t, r.record("5001").Begun)
}
