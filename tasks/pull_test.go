package tasks

import (
	"context"
	"fmt"
	"iter"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func (r *rig) puller() Puller {
	return Puller{Shop: r.opt.Shops["fi"], Queue: r.queue, Journal: NewJournal(r.rdb), Books: r.books}
}

func (r *rig) pulled(all iter.Seq2[Pulled, error]) (list []Pulled) {
	r.t.Helper()
	for one, err := range all {
		require.NoError(r.t, err)
		list = append(list, one)
	}
	return list
}

func TestAPullIsFollowedToItsEndAlsoWhereAnotherRunDoesIt(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 1))
	begun, goOn := make(chan struct{}, 8), make(chan struct{})
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		begun <- struct{}{}
		<-goOn
		return nil
	}
	p := r.puller()
	first := r.pulled(p.Ask(t.Context(), []string{"5001"}, "one"))
	require.Equal(t, Asked, first[0].State)
	r.start()
	<-begun
	second := r.pulled(p.Ask(t.Context(), []string{"5001"}, "two"))
	require.NotEqual(t, first[0].Event, second[0].Event)
	r.lines.wait(t, "the second look to be taken over", func(m map[string]string) bool { return m["outcome"] == string(Coalesced) })
	close(goOn)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	all := r.pulled(p.Await(ctx, append(first, second...)))
	require.Len(t, all, 2)
	for _, one := range all {
		require.Equal(t, Done, one.State, "%+v", one)
		require.True(t, one.Well())
	}
	require.Equal(t, first, r.pulled(p.Ask(t.Context(), []string{"5001"}, "one")), "asked for again under its nonce")
}

func TestWaitingForAPullEndsInTimeWhateverTheCallThenSays(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 1))
	p := r.puller()
	asked := r.pulled(p.Ask(t.Context(), []string{"5001"}, "one")) // and nobody works
	for _, left := range []time.Duration{0, pullTick / 2, pullTick * 3 / 2} {
		ctx, cancel := context.WithTimeout(t.Context(), left)
		for one, err := range p.Await(ctx, asked) {
			require.ErrorIs(t, err, context.DeadlineExceeded, "%+v", one)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
	defer cancel()
	require.ErrorIs(t, endOf(ctx, os.ErrDeadlineExceeded), os.ErrDeadlineExceeded, "a Redis that stalls is another matter")
	soon, cancel := context.WithTimeout(t.Context(), pullTick/2)
	defer cancel()
	require.ErrorIs(t, endOf(soon, os.ErrDeadlineExceeded), context.DeadlineExceeded)
}

func TestOrdersBeforeGoLiveAreNotPulled(t *testing.T) {
	r := newRig(t)
	for n, id := range []string{"5001", "5002", "5003"} {
		o := order(id, 1)
		o.CreatedAt = at(n)
		r.shop.put(o)
	}
	r.opt.Shops["fi"].Config.GoLive = config.Moment{Time: at(1)}
	p := r.puller()
	ids, before, err := p.Placed(t.Context(), at(0), at(2))
	require.NoError(t, err)
	require.Equal(t, []string{"5002"}, ids)
	require.Equal(t, 1, before)
	ids, before, err = p.Placed(t.Context(), at(0), at(1))
	require.NoError(t, err)
	require.Empty(t, ids)
	require.Equal(t, 1, before)

	asked := r.pulled(p.Ask(t.Context(), []string{"5001", "5002", "77"}, "n"))
	require.Equal(t, []Outcome{Skipped, Asked, Skipped}, []Outcome{asked[0].State, asked[1].State, asked[2].State})
	require.Contains(t, asked[0].Reason, "created before go_live")
	require.Equal(t, string(commerce.NotFound), asked[2].Reason)
	// One that Odoo has is looked at all the same.
	require.NoError(t, r.rdb.HSet(t.Context(), recordKey(ref("5001")), "outcome", "done", "odoo_id", 7).Err())
	require.Equal(t, Asked, r.pulled(p.Ask(t.Context(), []string{"5001"}, "m"))[0].State)
}

func TestARehearsalAsksForNothing(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 1))
	p := r.puller()
	var done []int
	p.Progress = func(n, of int) { done = append(done, n, of) }
	list := r.pulled(p.Rehearse(t.Context(), []string{"5001", "77"}))
	require.Equal(t, Planned, list[0].State)
	require.Equal(t, Pulled{ID: "77", State: Skipped, Reason: string(commerce.NotFound)}, list[1])
	require.Equal(t, []int{1, 2, 2, 2}, done)
	n, err := r.rdb.Exists(t.Context(), "asynq:{"+LaneLive+"}:pending").Result()
	require.NoError(t, err)
	require.Zero(t, n)
	r.books.down = true
	for _, err := range p.Rehearse(t.Context(), []string{"5001"}) {
		require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "an Odoo that is away is no plan")
	}
}

func TestAPullOfManyGoesWithWhatIsSwept(t *testing.T) {
	r := newRig(t)
	for n, lane := range map[int]string{pullFew: LaneOperator, pullFew + 1: LaneSweep} {
		ids := make([]string, n)
		for i := range ids {
			ids[i] = fmt.Sprint(6000 + i)
			r.shop.put(order(ids[i], 1))
		}
		r.pulled(r.puller().Ask(t.Context(), ids, lane))
		require.EqualValues(t, n, r.rdb.LLen(t.Context(), "asynq:{"+lane+"}:pending").Val())
	}
}
