package tasks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// sweeping is a rig whose shop has a clock of its own.
func sweeping(t *testing.T, clock time.Time) (*rig, *carer) {
	r := newRig(t)
	r.knownRedis()
	shop := r.opt.Shops["fi"]
	shop.Config.GoLive = config.Moment{Time: at(0).Add(-24 * time.Hour)}
	shop.Clock = func(context.Context) (time.Time, error) { return clock, nil }
	return r, &carer{Worker: NewWorker(r.opt)}
}

func (r *rig) cursor() Cursor {
	r.t.Helper()
	cur, err := NewCursors(r.rdb).Get(context.Background(), "fi")
	require.NoError(r.t, err)
	return cur
}

func (r *rig) sweepTasks() int64 {
	return r.rdb.LLen(context.Background(), "asynq:{"+LaneSweep+"}:pending").Val()
}

func TestTheFirstSweepBeginsWithTheGoLiveDateAndTheNextOverlapsIt(t *testing.T) {
	clock := at(0).Add(time.Hour)
	r, c := sweeping(t, clock)
	r.putOrders(3)
	said, err := c.sweep(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.Equal(t, "3 changes until 2026-11-22 10:59:55, 3 of them to look at", said)
	require.Equal(t, c.shops["fi"].Config.GoLive.Time, r.shop.asked())
	require.EqualValues(t, 3, r.sweepTasks())
	cur := r.cursor()
	require.Equal(t, clock.Add(-sweepBehind), cur.At, "the window ends behind the shop's clock, not ours")
	require.False(t, cur.Open)

	clock = clock.Add(time.Hour)
	c.shops["fi"].Clock = func(context.Context) (time.Time, error) { return clock, nil }
	_, err = c.sweep(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.Equal(t, cur.At.Add(-sweepOverlap), r.shop.asked())
	require.Equal(t, clock.Add(-sweepBehind), r.cursor().At)
}

func TestAClockThatWasAheadForATimeHidesNoChange(t *testing.T) {
	clock := at(0).Add(time.Minute)
	r, c := sweeping(t, clock)
	c.shops["fi"].Clock = func(context.Context) (time.Time, error) { return clock, nil }
	sweep := func() {
		_, err := c.sweep(context.Background(), c.shops["fi"])
		require.NoError(t, err)
	}
	sweep()
	right := r.cursor().At
	clock = clock.Add(24 * time.Hour)
	sweep()
	clock = at(0).Add(time.Hour) // it is right again
	sweep()
	require.Equal(t, right.Add(-sweepOverlap), r.shop.asked(), "what changed since the last window that was right")
	require.Equal(t, clock.Add(-sweepBehind), r.cursor().At)
	sweep()
	require.Equal(t, clock.Add(-sweepBehind-sweepOverlap), r.shop.asked())
}

func TestAShopWithoutAGoLiveDateIsSweptFromNowOn(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	c.shops["fi"].Config.GoLive = config.Moment{}
	r.putOrders(3)
	_, err := c.sweep(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.Zero(t, r.sweepTasks())
	require.Equal(t, at(0).Add(time.Hour-sweepBehind), r.cursor().At)
}

func TestAnOrderThatTheJournalKnowsInThisStateCostsNoTask(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	ctx := context.Background()
	r.putOrders(10)                           // versions 1 … 10
	ahead := time.Until(at(0).Add(time.Hour)) // of the shop's clock
	soon := func(version int, later time.Duration) string { return stamp(at(version).Add(later - ahead)) }
	write := func(id string, fields ...any) {
		require.NoError(t, r.rdb.HSet(ctx, recordKey(ref(id)), fields...).Err())
	}
	write("5000", "outcome", "done", "updated", stamp(at(1)), "looked", soon(1, time.Minute))
	write("5001", "outcome", "done", "updated", stamp(at(9)))
	write("5002", "outcome", "done", "updated", stamp(at(2))) // it was changed since
	write("5003", "outcome", "parked", "updated", stamp(at(4)))
	write("5004", "outcome", "done", "updated", stamp(at(5)), "begun", "1", "looked", soon(5, time.Minute))
	// Another change of the same second may have come after it.
	write("5006", "outcome", "done", "updated", stamp(at(7)))
	write("5007", "outcome", "done", "updated", stamp(at(8)), "looked", soon(8, time.Second))
	write("5008", "outcome", "skipped", "reason", "discarded", "at", soon(9, 10*time.Second))
	write("5009", "outcome", "skipped", "reason", "discarded", "at", soon(10, -time.Second)) // it was changed since
	_, err := c.sweep(ctx, c.shops["fi"])
	require.NoError(t, err)
	require.Equal(t, 10, r.cursor().Seen)
	require.Equal(t, 7, r.cursor().Asked)
	for id, asked := range map[string]int64{"5000": 0, "5001": 0, "5002": 1, "5003": 1, "5004": 1, "5005": 1, "5006": 1, "5007": 1, "5008": 0, "5009": 1} {
		keys := r.rdb.Keys(ctx, "asynq:{sweep}:t:fi/sweep/order/"+id+"/*").Val()
		require.Len(t, keys, int(asked), id)
	}
}

// brokenShop yields so many changes and then fails.
type brokenShop struct {
	*fakeShop
	after int
}

func (s *brokenShop) Updated(ctx context.Context, since, until time.Time) iter.Seq2[handlers.Change, error] {
	return func(yield func(handlers.Change, error) bool) {
		n := 0
		for change, err := range s.fakeShop.Updated(ctx, since, until) {
			if n++; n > s.after {
				yield(handlers.Change{}, &commerce.Error{Reason: commerce.Unavailable})
				return
			}
			if !yield(change, err) {
				return
			}
		}
	}
}

func TestASweepThatIsCutOffGoesOnAtItsPageAndEndsWhereItBegan(t *testing.T) {
	clock := at(0).Add(time.Hour)
	r, c := sweeping(t, clock)
	r.opt.Config.Sweep = 1
	r.putOrders(2*sweepPage + 30)
	shop := c.shops["fi"]
	shop.Orders = &brokenShop{r.shop, sweepPage + 50}
	_, err := c.sweep(context.Background(), shop)
	require.Error(t, err)
	cur := r.cursor()
	require.True(t, cur.Open)
	require.Equal(t, at(sweepPage), cur.At, "what was listed after the last whole page is asked for again")
	require.Equal(t, sweepPage, cur.Asked)

	shop.Orders = r.shop
	clock = clock.Add(time.Hour) // the window keeps its end
	shop.Clock = func(context.Context) (time.Time, error) { return clock, nil }
	_, err = c.sweep(context.Background(), shop)
	require.NoError(t, err)
	require.Equal(t, at(sweepPage), r.shop.asked())
	cur = r.cursor()
	require.False(t, cur.Open)
	require.Equal(t, clock.Add(-time.Hour-sweepBehind), cur.At)
	require.Equal(t, 2*sweepPage+30, cur.Asked, "each once: the change at the edge was asked for before")
	require.EqualValues(t, 2*sweepPage+30, r.sweepTasks())
}

func TestAGapThatIsFoundDuringASweepIsOfTheNextOne(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	ctx := context.Background()
	_, err := c.sweep(ctx, c.shops["fi"])
	require.NoError(t, err)
	gap := at(0).Add(-2 * time.Hour)
	require.NoError(t, NewJobs(r.rdb).BringForward(ctx, "fi", JobSweep, gap))
	c.shops["fi"].Orders = &brokenShop{r.shop, 0}
	r.putOrders(1)
	_, err = c.sweep(ctx, c.shops["fi"])
	require.Error(t, err)
	require.Equal(t, gap, r.cursor().At, "a gap is the cursor's, whatever becomes of the run")
	c.shops["fi"].Orders = r.shop
	_, err = c.sweep(ctx, c.shops["fi"])
	require.NoError(t, err)
	require.Equal(t, gap, r.shop.asked())
	require.Zero(t, r.job("fi", JobSweep).Since)

	// What was in the last seconds of the gap is behind the end of that window.
	end := func() {
		r.knownRedis()
		r.runs(c, job{jobSettings[0], c.sweep}, "token")
	}
	end()
	require.WithinDuration(t, time.Now().Add(2*sweepBehind), r.job("fi", JobSweep).Next, sweepBehind)
	require.NoError(t, NewJobs(r.rdb).Run(ctx, "fi", JobSweep))
	end()
	require.WithinDuration(t, time.Now().Add(everyByDefault), r.job("fi", JobSweep).Next, sweepBehind)
}

func TestASweepWaitsForRoomInItsLane(t *testing.T) {
	r, c := sweeping(t, at(0).Add(2*time.Hour))
	ctx := context.Background()
	c.shops["fi"].Config.Jobs.Sweep.Enabled = new(false) // the workers have no sweep of their own
	r.putOrders(sweepWaiting + 2*sweepPage)
	ended := make(chan error, 1)
	go func() {
		_, err := c.sweep(ctx, c.shops["fi"])
		ended <- err
	}()
	require.Eventually(t, func() bool { return r.sweepTasks() == sweepWaiting }, time.Minute, 5*time.Millisecond)
	select {
	case err := <-ended:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(3 * sweepLook):
	}
	require.EqualValues(t, sweepWaiting, r.sweepTasks())
	r.start()
	require.NoError(t, <-ended)
	r.allBooked(sweepWaiting + 2*sweepPage)
}

func TestASweepStopsWhereItsShopOrItselfIsPausedAndGoesOnAfterwards(t *testing.T) {
	r, c := sweeping(t, at(0).Add(2*time.Hour))
	ctx := context.Background()
	r.putOrders(sweepPage)
	require.NoError(t, r.pauses().Pause(ctx, "fi", "stocktaking"))
	_, err := c.sweep(ctx, c.shops["fi"])
	require.ErrorIs(t, err, errPaused)
	_, _, err = r.pauses().Resume(ctx, "fi")
	require.NoError(t, err)
	require.NoError(t, NewJobs(r.rdb).Pause(ctx, "fi", JobSweep, "eeva"))
	_, err = c.sweep(ctx, c.shops["fi"])
	require.ErrorIs(t, err, errPaused)
	require.Zero(t, r.sweepTasks())
	require.NoError(t, NewJobs(r.rdb).Resume(ctx, "fi", JobSweep))
	_, err = c.sweep(ctx, c.shops["fi"])
	require.NoError(t, err)
	require.EqualValues(t, sweepPage, r.sweepTasks())
}

func TestACursorThatIsSetIsWrittenDownAndHasTheRunningSweepBeginAnew(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	ctx := context.Background()
	_, err := c.sweep(ctx, c.shops["fi"])
	require.NoError(t, err)
	was, to := r.cursor().At, at(0).Add(-time.Hour)
	w, err := c.openWindow(ctx, "fi", "running", at(0).Add(2*time.Hour), at(0))
	require.NoError(t, err)
	_, err = NewCursors(r.rdb).Set(ctx, "fi", to, "eeva", "a webhook was off")
	require.NoError(t, err)
	ours, err := c.moveCursor(ctx, "fi", w, at(30), false)
	require.NoError(t, err)
	require.False(t, ours)
	cur := r.cursor()
	require.Equal(t, to, cur.At)
	require.Len(t, cur.Set, 1)
	require.WithinDuration(t, time.Now(), cur.Set[0].When, time.Minute)
	cur.Set[0].When = time.Time{}
	require.Equal(t, CursorSet{By: "eeva", Why: "a webhook was off", From: was.Add(-sweepOverlap), To: to}, cur.Set[0])
	require.Equal(t, "due", r.job("fi", JobSweep).State)
}

func TestWithEveryWebhookLostOneSweepBringsEverythingIn(t *testing.T) {
	r := newRig(t)
	r.opt.Shops["fi"].Config.GoLive = config.Moment{Time: at(0)}
	const orders = 3 * sweepPage / 2
	r.putOrders(orders)
	r.start()
	r.allBooked(orders)
	for i := range orders {
		require.Equal(t, i+1, r.books.total(strconv.Itoa(5000+i)), fmt.Sprint(5000+i))
	}
	require.Eventually(t, func() bool { return r.job("fi", JobSweep).Outcome == "ok" }, time.Minute, 10*time.Millisecond)
}

func TestAShopThatDoesNotTellItsTimeIsNotSwept(t *testing.T) {
	r, c := sweeping(t, at(0))
	c.shops["fi"].Clock = func(context.Context) (time.Time, error) { return time.Time{}, errors.New("away") }
	_, err := c.sweep(context.Background(), c.shops["fi"])
	require.ErrorContains(t, err, "ask fi for its time: away")
	require.Zero(t, r.cursor().At)
}

// What is asked of the shop is written down with the state: a state that an event had
// brings a sweep to ask once, and then no more.
func TestAStateThatAnEventHadIsAskedForByOneSweep(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	off := false
	r.opt.Shops["fi"].Config.Jobs.Sweep.Enabled = &off // else the worker sweeps too
	r.shop.put(order("5001", 3))
	r.start()
	r.accept(hint("a", "5001", 3))
	r.ended("a", Done)
	require.True(t, r.record("5001").Looked.IsZero())
	_, err := c.sweep(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	r.ended("sweep", Done)
	require.False(t, r.record("5001").Looked.IsZero())
	_, err = c.sweep(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.Zero(t, r.cursor().Asked)
}

// What is parked or stays out is looked at again by one sweep and not by the next, which
// overlaps it; unless somebody found a gap.
func TestWhatIsParkedIsNotLookedAtByEverySweep(t *testing.T) {
	r, c := sweeping(t, at(0).Add(5*time.Minute))
	ctx := context.Background()
	r.putOrders(2)
	looked := stamp(at(60).Add(-time.Until(at(0).Add(5 * time.Minute))))
	require.NoError(t, r.rdb.HSet(ctx, recordKey(ref("5000")), "outcome", "parked", "looked", looked).Err())
	require.NoError(t, r.rdb.HSet(ctx, recordKey(ref("5001")), "outcome", "skipped", "looked", looked).Err())
	for _, want := range []int{2, 0} {
		_, err := c.sweep(ctx, c.shops["fi"])
		require.NoError(t, err)
		require.Equal(t, want, r.cursor().Asked)
	}
	require.NoError(t, NewJobs(r.rdb).BringForward(ctx, "fi", JobSweep, at(0)))
	_, err := c.sweep(ctx, c.shops["fi"])
	require.NoError(t, err)
	require.Equal(t, 2, r.cursor().Asked)
}

func TestASweepThatGoesOnLeavesOutNothingThatNoneSaw(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	ctx := context.Background()
	n := 2 * sweepPage
	r.putOrders(n)
	looked := stamp(at(n + 60).Add(-time.Until(at(0).Add(time.Hour))))
	for i := range n { // as before the go-live date was set back
		require.NoError(t, r.rdb.HSet(ctx, recordKey(ref(fmt.Sprint(5000+i))), "outcome", "skipped", "looked", looked).Err())
	}
	shop := c.shops["fi"]
	shop.Orders = &brokenShop{r.shop, sweepPage + 50}
	_, err := c.sweep(ctx, shop)
	require.Error(t, err)
	shop.Orders = r.shop
	_, err = c.sweep(ctx, shop)
	require.NoError(t, err)
	require.Equal(t, n, r.cursor().Asked)
}

// forgetful restarts Redis after the first look that is asked for in the sweep lane, with
// the data of before it.
type forgetful struct {
	commandCounter
	r    *rig
	done bool
}

func (f *forgetful) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		asks := slices.ContainsFunc(cmd.Args(), func(arg any) bool {
			key, _ := arg.(string)
			return strings.HasPrefix(key, "asynq:{"+LaneSweep+"}:t:")
		})
		if f.done || !asks {
			return next(ctx, cmd)
		}
		require.NoError(f.r.t, f.r.redis.Client().Save(ctx).Err())
		err := next(ctx, cmd)
		if f.done = err == nil; f.done { // else Redis wants the script itself
			f.r.redis.Restart()
		}
		return err
	}
}

// A Redis that comes back without the looks that a sweep asked for, in the midst of it, is
// asked for them again: they may be of changes from long before the loss.
func TestASweepGoesOnFromWhereARestartedRedisStands(t *testing.T) {
	r, c := sweeping(t, at(0).Add(time.Hour))
	r.putOrders(3)
	r.rdb.AddHook(&forgetful{r: r})
	_, err := c.sweep(context.Background(), c.shops["fi"])
	require.ErrorIs(t, err, errRedisAnew)
	require.EqualValues(t, 2, r.sweepTasks(), "one is forgotten")
	require.True(t, r.cursor().Open)
	_, err = c.sweep(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.EqualValues(t, 3, r.sweepTasks())
	require.False(t, r.cursor().Open)
}
