package tasks

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// uninstalled is what a shop says when it removes our app.
func uninstalled(event string) commerce.Event {
	shop := commerce.Ref{Shop: "fi", Kind: commerce.KindShop, ID: "1"}
	return commerce.Event{ID: event, Topic: "app/uninstalled", Hint: commerce.HintUninstalled, Ref: shop, Aggregate: shop, Received: time.Now()}
}

func (r *rig) pauses() *Pauses { return NewPauses(r.rdb) }

func (r *rig) paused() (Pause, bool) {
	r.t.Helper()
	p, ok, err := r.pauses().Get(context.Background(), "fi")
	require.NoError(r.t, err)
	return p, ok
}

// taskState waits until the queue holds a task in that state.
func (r *rig) taskState(id, state string) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		return r.rdb.HGet(context.Background(), "asynq:{live}:t:"+id, "state").Val() == state
	}, time.Minute, 5*time.Millisecond, "%s in state %s", id, state)
}

func TestAnUninstalledShopWaitsAndLosesNothing(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Retry = time.Second
	r.shop.put(order("5001", 3))
	r.start()
	r.accept(uninstalled("gone"))
	r.ended("gone", Done)
	p, ok := r.paused()
	require.True(t, ok)
	require.WithinDuration(t, time.Now(), p.Uninstalled, time.Minute)

	e := hint("a", "5001", 3)
	r.accept(e)
	r.taskState(e.TaskID(), "retry")
	asked, err := r.queue.Ask(context.Background(), LaneLive, ref("5001"), "needs", "1")
	require.NoError(t, err)
	require.True(t, asked)
	r.taskState("fi/needs/order/5001/needs/1", "retry")
	require.Zero(t, r.shop.readCount(), "a dead token was used")
	require.Zero(t, r.books.callCount())
	info, err := NewWorker(Options{Redis: r.rdb, Books: r.books}).inspector.GetTaskInfo(LaneLive, e.TaskID())
	require.NoError(t, err)
	require.Zero(t, info.Retried, "waiting costs no attempt")
	require.Equal(t, Record{Ref: ref("5001")}, r.record("5001"), "nothing was decided about it")

	_, ok, err = r.pauses().Resume(context.Background(), "fi")
	require.NoError(t, err)
	require.True(t, ok)
	r.lines.wait(t, "the order to be booked", func(map[string]string) bool { return r.books.total("5001") == 3 })
}

func TestAResumedShopIsAskedForWhatChangedSinceThePause(t *testing.T) {
	r := forgotten(t)
	ctx := context.Background()
	require.NoError(t, r.pauses().Pause(ctx, "fi", "stocktaking"))
	first, _ := r.paused()
	require.NoError(t, r.pauses().Pause(ctx, "fi", "still stocktaking"))
	p, _ := r.paused()
	require.Equal(t, Pause{Since: first.Since, Why: "still stocktaking"}, p, "the beginning stays")
	r.putOrders(3)
	r.start()
	r.quiet()
	require.Zero(t, r.shop.asked(), "a paused shop is not asked")

	_, ok, err := r.pauses().Resume(ctx, "fi")
	require.NoError(t, err)
	require.True(t, ok)
	r.allBooked(3)
	require.WithinDuration(t, first.Since.Add(-refillOverlap), r.shop.asked(), time.Second)
	_, ok, err = r.pauses().Resume(ctx, "fi")
	require.NoError(t, err)
	require.False(t, ok, "it was not paused any more")
}

func TestAPausedShopIsNotAskedAgainAfterALoss(t *testing.T) {
	r := forgotten(t)
	ctx := context.Background()
	require.NoError(t, r.pauses().Pause(ctx, "fi", "stocktaking"))
	require.NoError(t, NewJobs(r.rdb).BringForward(ctx, "fi", JobSweep, time.Now()))
	r.putOrders(1)
	c := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, c.refill(ctx))
	require.NoError(t, c.runJobs(ctx))
	c.runners.wg.Wait()
	require.Zero(t, r.shop.asked())
	require.Equal(t, "shop paused", r.job("fi", JobSweep).State)
	require.NotZero(t, r.job("fi", JobSweep).Since, "it is asked once it is resumed")

	require.NoError(t, c.count(ctx))
	require.EqualValues(t, 1, r.gauge("odoogate_shop_paused", "fi"))
	_, _, err := r.pauses().Resume(ctx, "fi")
	require.NoError(t, err)
	require.NoError(t, c.count(ctx))
	require.EqualValues(t, 0, r.gauge("odoogate_shop_paused", "fi"))
}

func TestALateRepeatDoesNotPauseAShopThatWasResumed(t *testing.T) {
	r := newRig(t)
	r.start()
	e := uninstalled("gone")
	r.accept(e)
	r.ended("gone", Done)
	_, _, err := r.pauses().Resume(context.Background(), "fi")
	require.NoError(t, err)
	r.taskState(e.TaskID(), "completed")
	require.NoError(t, r.rdb.Del(context.Background(), "asynq:{live}:t:"+e.TaskID()).Err())
	require.False(t, r.accept(e))
	r.ended("gone", Duplicate)
	_, ok := r.paused()
	require.False(t, ok)
}

func TestARecordWhoseWorkerDiedIsNotRescuedWhileItsShopIsPaused(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	w := NewWorker(r.opt)
	_, _, err := leases{rdb: r.rdb, ttl: time.Millisecond}.enterSilently(ref("5001"))
	require.NoError(t, err)
	require.NoError(t, r.pauses().Pause(ctx, "fi", "stocktaking"))
	c := &carer{Worker: w, active: map[string]time.Time{}}
	require.Eventually(t, func() bool { // its deadline is over
		held, err := r.rdb.HGet(ctx, leaseKey(ref("5001")), "until").Int64()
		return err == nil && time.Now().UnixMilli() > held
	}, time.Minute, time.Millisecond)
	require.NoError(t, c.rescue(ctx))
	keys := r.rdb.Keys(ctx, "asynq:{live}:t:*").Val()
	require.Empty(t, keys, "each look would wait in the queue for the same word")
	_, _, err = r.pauses().Resume(ctx, "fi")
	require.NoError(t, err)
	require.NoError(t, c.rescue(ctx))
	require.Len(t, r.rdb.Keys(ctx, "asynq:{live}:t:*").Val(), 1)
}
