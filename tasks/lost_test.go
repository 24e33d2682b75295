package tasks

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// age lets an event have changed a minute ago.
func (r *rig) age(e commerce.Event) {
	r.t.Helper()
	ctx, entry := context.Background(), r.event(e)
	ago := entry.At.Add(-time.Minute).UnixMilli()
	require.NoError(r.t, r.rdb.HSet(ctx, entryKey("fi", entry.ID), "at", ago).Err())
	require.NoError(r.t, r.rdb.ZAdd(ctx, listsKey("fi")+string(entry.State), redis.Z{Score: float64(ago), Member: entry.ID}).Err())
}

// forgetsTheTask fails the first run of an order after Redis forgot its task.
func (r *rig) forgetsTheTask(e commerce.Event, meanwhile func()) {
	n := 0
	r.books.during = func(ctx context.Context, _ *commerce.Order, _ func(context.Context) error) error {
		if n++; n > 1 {
			return nil
		}
		require.NoError(r.t, r.rdb.Del(ctx, "asynq:{live}:active", "asynq:{live}:t:"+e.TaskID()).Err())
		meanwhile()
		return &commerce.Error{Reason: commerce.Conflict}
	}
}

func TestAnEventWhoseTaskRedisForgotRunsAgain(t *testing.T) {
	for name, comesTwice := range map[string]bool{"once": false, "and its repeat ended before": true} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			r.shop.put(order("5001", 9))
			e := hint("a", "5001", 9)
			r.forgetsTheTask(e, func() {
				if comesTwice {
					r.accept(e)
					r.ended("a", Coalesced)
				}
			})
			r.accept(e)
			stop := r.start()
			r.ended("a", Retry)
			require.Eventually(t, func() bool { return r.event(e).State == Retry }, time.Minute, 5*time.Millisecond)
			if comesTwice {
				r.ended("more", Done)
			}
			stop()
			c := &carer{Worker: NewWorker(r.opt)}
			require.NoError(t, c.lost(context.Background()))
			require.Empty(t, r.waiting(), "what changed right now is left alone")
			r.age(e)
			require.NoError(t, c.lost(context.Background()))
			require.Equal(t, []string{e.TaskID()}, r.waiting())
			require.NoError(t, c.lost(context.Background()))
			require.Equal(t, []string{e.TaskID()}, r.waiting(), "once")
			r.start()
			r.ended("a", Done)
			require.Equal(t, 9, r.books.total("5001"))
		})
	}
}

func TestAnEventThatTheQueueStillHoldsIsLeftToIt(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Retry = time.Hour
	r.shop.put(order("5001", 9))
	r.books.fails = &commerce.Error{Reason: commerce.RateLimited, RetryAfter: time.Hour}
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error { return r.books.fails }
	e := hint("a", "5001", 9)
	r.accept(e)
	stop := r.start()
	r.ended("a", Snooze)
	stop()
	r.age(e)
	require.NoError(t, (&carer{Worker: NewWorker(r.opt)}).lost(context.Background()))
	require.Empty(t, r.waiting())
	require.EqualValues(t, 1, r.rdb.ZCard(context.Background(), "asynq:{live}:retry").Val())
}

// waiting are the tasks that a worker may take at once.
func (r *rig) waiting() []string {
	r.t.Helper()
	ids, err := r.rdb.LRange(context.Background(), "asynq:{live}:pending", 0, -1).Result()
	require.NoError(r.t, err)
	return ids
}

func TestAProcessThatStopsLeavesItsJobToTheOthers(t *testing.T) {
	r := newRig(t)
	c := &carer{Worker: NewWorker(r.opt)}
	for _, ends := range []error{nil, context.Canceled} {
		ctx, stop := context.WithCancel(t.Context())
		err := c.once(ctx, "lost", time.Hour, time.Hour, func() error { stop(); return ends })
		require.ErrorIs(t, err, ends)
		require.Zero(t, r.rdb.Exists(t.Context(), jobKey("lost")).Val())
	}
	broken := errors.New("broken")
	require.ErrorIs(t, c.once(t.Context(), "lost", time.Hour, time.Hour, func() error { return broken }), broken)
	require.NotZero(t, r.rdb.Exists(t.Context(), jobKey("lost")).Val(), "what failed has its pause")
}
