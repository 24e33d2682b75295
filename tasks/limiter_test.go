package tasks

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/redistest"
)

const testBucket = "test/fi"

// limiters are those of several processes on one Redis.
func limiters(t *testing.T, n int) []*Limiter {
	rdb := redistest.Start(t).Client()
	var list []*Limiter
	for range n {
		list = append(list, NewLimiter(rdb))
	}
	return list
}

// said is a bucket of 1,000 points of which so many are there.
func said(available, restore, spent float64) commerce.Quota {
	return commerce.Quota{Available: available, Maximum: 1000, Restore: restore, Spent: spent}
}

func in(t *testing.T, lane handlers.Lane, within time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(handlers.WithLane(context.Background(), lane), within)
	t.Cleanup(cancel)
	return ctx
}

func TestOneFindsOutHowLargeABucketIsAndTheOthersWaitForIt(t *testing.T) {
	two := limiters(t, 2)
	grant, err := two[0].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 100)
	require.NoError(t, err)
	_, err = two[1].Wait(in(t, handlers.LaneLive, 100*time.Millisecond), testBucket, 100)
	require.Equal(t, commerce.RateLimited, commerce.ReasonOf(err), "two at once may be too much for it")
	go two[0].Done(testBucket, grant, said(1000, 10, 50))
	_, err = two[1].Wait(in(t, handlers.LaneLive, askFirst/2), testBucket, 100)
	require.NoError(t, err)
}

func TestABucketHoldsForAllProcesses(t *testing.T) {
	two := limiters(t, 2)
	grant, err := two[0].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 100)
	require.NoError(t, err)
	two[0].Done(testBucket, grant, said(1000, 0.001, 100))
	var grants []string
	for i := range 10 {
		grant, err := two[i%2].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 100)
		require.NoError(t, err)
		grants = append(grants, grant)
	}
	_, err = two[0].Wait(in(t, handlers.LaneLive, 100*time.Millisecond), testBucket, 100)
	require.Equal(t, commerce.RateLimited, commerce.ReasonOf(err), "the ten took all of it")
	// An answer that was given before most of them reached the shop.
	two[1].Done(testBucket, grants[0], said(900, 0.001, 40))
	_, err = two[0].Wait(in(t, handlers.LaneLive, 100*time.Millisecond), testBucket, 100)
	require.Equal(t, commerce.RateLimited, commerce.ReasonOf(err), "what is on its way to the shop is spent too")
	two[1].Done(testBucket, grants[1], said(900, 0.001, 40))
	_, err = two[0].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 100)
	require.NoError(t, err, "what two calls did not spend is enough for one")
}

func TestASweepLeavesHalfOfTheBucketAndAPersonAQuarter(t *testing.T) {
	l := limiters(t, 1)[0]
	grant, err := l.Wait(in(t, handlers.LaneLive, time.Second), testBucket, 1)
	require.NoError(t, err)
	l.Done(testBucket, grant, said(1000, 0.001, 0))
	granted := func(lane handlers.Lane) (n int) {
		for {
			if _, err := l.Wait(in(t, lane, 60*time.Millisecond), testBucket, 50); err != nil {
				require.Equal(t, commerce.RateLimited, commerce.ReasonOf(err))
				return n
			}
			n++
		}
	}
	require.Equal(t, 10, granted(handlers.LaneSweep))
	require.Equal(t, 5, granted(handlers.LaneOperator))
	require.Equal(t, 5, granted(handlers.LaneLive))
}

func TestACallLargerThanItsLanesPartGoesWhenTheBucketIsFull(t *testing.T) {
	l := limiters(t, 1)[0]
	grant, err := l.Wait(in(t, handlers.LaneLive, time.Second), testBucket, 1)
	require.NoError(t, err)
	l.Done(testBucket, grant, said(900, 1000, 0))
	_, err = l.Wait(in(t, handlers.LaneSweep, 5*time.Second), testBucket, 800)
	require.NoError(t, err)
}

func TestARefusalEmptiesTheBucketForEverybody(t *testing.T) {
	two := limiters(t, 2)
	ctx := context.Background()
	grant, err := two[0].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 1)
	require.NoError(t, err)
	two[0].Done(testBucket, grant, said(1000, 50, 0))
	grant, err = two[0].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 500)
	require.NoError(t, err)
	refused := said(100, 50, 0) // somebody else uses the app too
	refused.Refused = true
	two[0].Done(testBucket, grant, refused)
	_, err = two[1].Wait(in(t, handlers.LaneLive, 100*time.Millisecond), testBucket, 500)
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.InDelta(t, 8, e.RetryAfter.Seconds(), 0.5, "400 points at 50 a second")

	grant, err = two[1].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 50)
	require.NoError(t, err)
	two[1].Done(testBucket, grant, commerce.Quota{Refused: true}) // a bare 429
	level, known, err := two[0].Level(ctx, testBucket)
	require.NoError(t, err)
	require.True(t, known)
	require.Zero(t, level)
}

// realBucket is what a shop does: it takes the cost, gives back what was not used, and
// refuses what does not fit.
type realBucket struct {
	mu             sync.Mutex
	level, restore float64
	at             time.Time
	refused        int
}

func (b *realBucket) call(cost, spent float64, takes time.Duration) commerce.Quota {
	b.mu.Lock()
	b.refill()
	if cost > b.level {
		b.refused++
		q := said(b.level, b.restore, 0)
		q.Refused = true
		b.mu.Unlock()
		return q
	}
	b.level -= cost
	b.mu.Unlock()
	<-time.After(takes) // the shop at work
	b.mu.Lock()
	defer b.mu.Unlock()
	b.refill()
	b.level = min(1000, b.level+cost-spent)
	return said(b.level, b.restore, spent)
}

func (b *realBucket) refill() {
	now := time.Now()
	b.level = min(1000, b.level+now.Sub(b.at).Seconds()*b.restore)
	b.at = now
}

// Two processes with all lanes at full load: after the first refusal of somebody who did
// not know, there is none, and live events have their part.
func TestLanesOfTwoProcessesAtFullLoadProvokeNoRefusalAndLiveHasItsPart(t *testing.T) {
	two := limiters(t, 2)
	shop := &realBucket{level: 1000, restore: 2000, at: time.Now()}
	ctx, stop := context.WithTimeout(context.Background(), 3*time.Second)
	defer stop()
	var load, live sync.WaitGroup
	var swept atomic.Int64
	call := func(l *Limiter, lane handlers.Lane) bool {
		grant, err := l.Wait(handlers.WithLane(ctx, lane), testBucket, 300)
		if err != nil {
			return false
		}
		l.Done(testBucket, grant, shop.call(300, 60, 10*time.Millisecond))
		return true
	}
	for _, l := range two {
		for _, lane := range []handlers.Lane{handlers.LaneOperator, handlers.LaneSweep} {
			for range 8 {
				load.Go(func() {
					for call(l, lane) {
						swept.Add(1)
					}
				})
			}
		}
	}
	var longest atomic.Int64
	for _, l := range two {
		live.Go(func() {
			for ctx.Err() == nil {
				begun := time.Now()
				if grant, err := l.Wait(handlers.WithLane(ctx, handlers.LaneLive), testBucket, 300); err == nil {
					longest.Store(max(longest.Load(), int64(time.Since(begun))))
					l.Done(testBucket, grant, shop.call(300, 60, 10*time.Millisecond))
				}
				<-time.After(50 * time.Millisecond) // between two events
			}
		})
	}
	load.Wait()
	live.Wait()
	require.Zero(t, shop.refused)
	require.NotZero(t, swept.Load(), "what is left is used")
	// The bucket fills from nothing to what a call needs in 150 ms; the rest is the machine's.
	require.Less(t, time.Duration(longest.Load()), 2*time.Second)
	t.Logf("%d calls of sweep and operator; live waited %s at most", swept.Load(), time.Duration(longest.Load()).Round(time.Millisecond))
}

func TestACallThatNeverEndedHoldsItsPointsForAWhileOnly(t *testing.T) {
	l := limiters(t, 1)[0]
	ctx := context.Background()
	grant, err := l.Wait(in(t, handlers.LaneLive, time.Second), testBucket, 1)
	require.NoError(t, err)
	l.Done(testBucket, grant, said(1000, 0.001, 0))
	_, err = l.Wait(in(t, handlers.LaneLive, time.Second), testBucket, 600) // its process dies
	require.NoError(t, err)
	grant, err = l.Wait(in(t, handlers.LaneLive, time.Second), testBucket, 100)
	require.NoError(t, err)
	l.Done(testBucket, grant, said(1000, 0.001, 0))
	level, _, err := l.Level(ctx, testBucket)
	require.NoError(t, err)
	require.InDelta(t, 400, level, 1)
	// As if its time were over.
	lost := l.rdb.ZRange(ctx, bucketKeys(testBucket)[1], 0, -1).Val()
	require.Len(t, lost, 1)
	require.NoError(t, l.rdb.ZAddXX(ctx, bucketKeys(testBucket)[1], redis.Z{Score: 1, Member: lost[0]}).Err())
	grant, err = l.Wait(in(t, handlers.LaneLive, time.Second), testBucket, 100)
	require.NoError(t, err)
	l.Done(testBucket, grant, said(1000, 0.001, 0))
	level, _, err = l.Level(ctx, testBucket)
	require.NoError(t, err)
	require.InDelta(t, 1000, level, 1)
}

// A shop system without limits of its own says that its bucket is full whenever a call
// ends: then as many are under way as the bucket holds, and the lanes have their parts.
func TestABucketThatIsSaidToBeFullHoldsAsManyCallsAsArePoints(t *testing.T) {
	two := limiters(t, 2)
	full := commerce.Quota{Available: 4, Maximum: 4, Restore: 0.01}
	grant, err := two[0].Wait(in(t, handlers.LaneLive, time.Second), testBucket, 1)
	require.NoError(t, err)
	two[0].Done(testBucket, grant, full)
	for lane, most := range map[handlers.Lane]int64{handlers.LaneLive: 4, handlers.LaneOperator: 3, handlers.LaneSweep: 2} {
		var now atomic.Int64
		var all sync.WaitGroup
		enough, once := make(chan struct{}), sync.Once{}
		for n := range 24 {
			all.Go(func() {
				l, ctx := two[n%2], in(t, lane, 10*time.Second)
				grant, err := l.Wait(ctx, testBucket, 1)
				if !assert.NoError(t, err) {
					return
				}
				at := now.Add(1)
				assert.LessOrEqual(t, at, most, lane)
				if at == most {
					once.Do(func() { close(enough) })
				}
				select {
				case <-enough:
				case <-ctx.Done():
					assert.Fail(t, "so many were never under way at once", "%s: %d", lane, most)
				}
				now.Add(-1)
				l.Done(testBucket, grant, full)
			})
		}
		all.Wait()
	}
}
