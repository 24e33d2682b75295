package tasks

import (
	"context"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestEachLaneIsWorkedOffAndItsCallsSayWhichItIs(t *testing.T) {
	r := newRig(t)
	lanes := make(chan handlers.Lane, 3)
	r.books.during = func(ctx context.Context, _ *commerce.Order, _ func(context.Context) error) error {
		lanes <- handlers.LaneOf(ctx)
		return nil
	}
	r.putOrders(3)
	for i, lane := range Lanes() {
		asked, err := r.queue.Ask(context.Background(), lane, ref(strconv.Itoa(5000+i)), "sweep", "1")
		require.NoError(t, err)
		require.True(t, asked)
	}
	r.start()
	r.allBooked(3)
	require.ElementsMatch(t, handlers.Lanes(), []handlers.Lane{<-lanes, <-lanes, <-lanes})
}

func TestAFullSweepLaneHoldsUpNoLiveEventAndAPersonComesBeforeIt(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.opt.Config.Sweep = 1
	begun, release := make(chan string, 10), make(chan struct{})
	r.books.during = func(ctx context.Context, o *commerce.Order, _ func(context.Context) error) error {
		if handlers.LaneOf(ctx) != handlers.LaneLive {
			begun <- o.Ref.ID
			<-release
		}
		return nil
	}
	r.putOrders(5)
	ask := func(lane, id string) {
		_, err := r.queue.Ask(ctx, lane, ref(id), "test", "1")
		require.NoError(t, err)
	}
	r.start()
	ask(LaneSweep, "5000")
	require.Equal(t, "5000", <-begun)
	ask(LaneSweep, "5001")
	ask(LaneOperator, "5002")
	r.accept(hint("a", "5003", 4))
	r.ended("a", Done)
	close(release)
	require.Equal(t, "5002", <-begun, "what a person asked for comes first")
	require.Equal(t, "5001", <-begun)
}

func TestATaskInAnyLaneWhoseWorkerDiedBeforeItHadTheLeaseIsLookedAtAgainInThatLane(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	for i, lane := range Lanes() {
		id := strconv.Itoa(5000 + i)
		_, err := r.queue.Ask(ctx, lane, ref(id), "sweep", "1")
		require.NoError(t, err)
		r.taken(lane, "fi/sweep/order/"+id+"/sweep/1")
	}
	r.rescued(3)
	for _, lane := range Lanes() {
		require.EqualValues(t, 1, r.rdb.LLen(ctx, "asynq:{"+lane+"}:pending").Val(), lane)
	}
}

func TestATaskWhoseWorkerDiedIsFoundBehindManyThatRun(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	pipe := r.rdb.Pipeline()
	for i := range activePage + 1 {
		id := strconv.Itoa(5000 + i)
		_, err := r.queue.Ask(ctx, LaneSweep, ref(id), "sweep", "1")
		require.NoError(t, err)
		r.taken(LaneSweep, "fi/sweep/order/"+id+"/sweep/1")
		if i < activePage {
			pipe.HSet(ctx, leaseKey(ref(id)), "token", "of a living one")
		}
	}
	_, err := pipe.Exec(ctx)
	require.NoError(t, err)
	r.rescued(1)
	pending := r.rdb.LRange(ctx, "asynq:{"+LaneSweep+"}:pending", 0, -1).Val()
	require.Len(t, pending, 1)
	require.Contains(t, pending[0], "fi/rescue/order/6000/rescue/")
}

// taken is what a worker does with a task that it takes, before it has its record's lease.
func (r *rig) taken(lane, task string) {
	ctx := context.Background()
	require.NoError(r.t, r.rdb.LMove(ctx, "asynq:{"+lane+"}:pending", "asynq:{"+lane+"}:active", "RIGHT", "LEFT").Err())
	require.NoError(r.t, r.rdb.HSet(ctx, "asynq:{"+lane+"}:t:"+task, "state", "active").Err())
}

// rescued looks for tasks without a lease when so many of them have been so for long.
func (r *rig) rescued(orphans int) {
	c := &carer{Worker: NewWorker(r.opt)}
	require.NoError(r.t, c.rescueTasks(context.Background()))
	require.Len(r.t, c.active, orphans)
	for key, first := range c.active {
		c.active[key] = first.Add(-orphanAfter)
	}
	require.NoError(r.t, c.rescueTasks(context.Background()))
}
