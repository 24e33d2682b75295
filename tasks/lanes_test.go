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
		// What a worker does that takes a task and dies.
		task := "fi/sweep/order/" + id + "/sweep/1"
		require.NoError(t, r.rdb.LMove(ctx, "asynq:{"+lane+"}:pending", "asynq:{"+lane+"}:active", "RIGHT", "LEFT").Err())
		require.NoError(t, r.rdb.HSet(ctx, "asynq:{"+lane+"}:t:"+task, "state", "active").Err())
	}
	c := &carer{Worker: NewWorker(r.opt)}
	require.NoError(t, c.rescueTasks(ctx))
	for key, first := range c.active {
		c.active[key] = first.Add(-orphanAfter)
	}
	require.Len(t, c.active, 3)
	require.NoError(t, c.rescueTasks(ctx))
	for _, lane := range Lanes() {
		require.EqualValues(t, 1, r.rdb.LLen(ctx, "asynq:{"+lane+"}:pending").Val(), lane)
	}
}
