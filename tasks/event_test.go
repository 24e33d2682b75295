package tasks

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// stepsOf are the steps of an entry by name.
func stepsOf(e Entry) string {
	var names []string
	for _, s := range e.Steps {
		names = append(names, s.What)
	}
	return strings.Join(names, " ")
}

func TestTheLifeOfABookedEventIsWrittenDown(t *testing.T) {
	r := newRig(t)
	now := time.Now()
	r.books.out = &erp.Outcome{Action: "created", OdooID: 7, OdooName: "S00007", Planned: now, Written: now, Verified: now}
	r.start()
	e := hint("a", "5001", 1)
	e.Request = "cuwpl5na89rh"
	r.accept(e)
	r.ended("a", Done)
	got := r.event(e)
	require.Equal(t, e.Request, got.View().Request)
	trace, err := r.operator().Trace(context.Background(), got.ID)
	require.NoError(t, err)
	require.Contains(t, trace.Timeline[0].Says, "request "+e.Request)
	require.NoError(t, r.rdb.HDel(context.Background(), entryKey("fi", got.ID), "request").Err())
	before, known, err := NewJournal(r.rdb).Event(context.Background(), "fi", got.ID)
	require.NoError(t, err)
	require.True(t, known && before.Request == "" && before.State == Done, "an entry of an older version")
	got = before
	require.Equal(t, "received taken read planned written verified done", stepsOf(got))
	for i := range got.Steps[1:] {
		require.False(t, got.Steps[i+1].At.Before(got.Received.Truncate(time.Millisecond)))
	}
	require.Equal(t, "created", got.Steps[6].Why)
	require.Equal(t, []any{"orders/updated", "a", ref("5001"), ref("5001"), "#5001", Done, "created", 1, 0, len(e.Body)},
		[]any{got.Topic, got.Event, got.Ref, got.Aggregate, got.Number, got.State, got.Reason, got.Runs, got.Repeats, got.Size})
	require.WithinDuration(t, e.Received, got.Received, time.Millisecond)
	require.WithinDuration(t, time.Now(), got.At, 5*time.Second)
	body, err := r.opt.Bodies.Read(context.Background(), r.rdb, "fi", got.ID)
	require.NoError(t, err)
	require.Equal(t, e.Body, body)
	byID, ok, err := NewJournal(r.rdb).Event(context.Background(), "fi", got.ID)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, got, byID)
}

func TestEveryRunOfAnEventIsAPartOfItsLife(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 1))
	r.books.fails, r.books.out = &commerce.Error{Op: "order", Reason: commerce.Internal}, &erp.Outcome{}
	r.start()
	e := hint("a", "5001", 1)
	r.accept(e)
	r.ended("a", Retry)
	retried := r.event(e)
	require.Equal(t, Retry, retried.State)
	require.Equal(t, string(commerce.Internal), retried.Reason)
	r.books.set(func(b *fakeBooks) { b.out, b.fails = nil, nil })
	r.ended("a", Done)
	got := r.event(e)
	require.Regexp(t, `^(received taken read retry )(taken read retry )*taken read done$`, stepsOf(got))
	require.Empty(t, got.Detail, "what was wrong is over")
	require.GreaterOrEqual(t, got.Runs, 2)

	r.taskState(e.TaskID(), "completed")
	require.NoError(t, r.rdb.Del(context.Background(), "asynq:{live}:t:"+e.TaskID()).Err()) // as its retention does
	require.False(t, r.accept(e))
	r.ended("a", Duplicate)
	again := r.event(e)
	require.Equal(t, 1, again.Repeats)
	again.Repeats = 0
	require.Equal(t, got, again, "a repeat changes nothing")
}

func TestAnEventWhoseRecordIsHeldNamesTheOneThatDoesItsWork(t *testing.T) {
	r := newRig(t)
	begun, release := make(chan struct{}, 1), make(chan struct{})
	r.shop.put(order("5001", 2))
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		begun <- struct{}{}
		<-release
		return nil
	}
	r.start()
	first, second := hint("a", "5001", 1), hint("b", "5001", 2)
	r.accept(first)
	<-begun
	require.Equal(t, Working, r.event(first).State)
	r.accept(second)
	r.ended("b", Coalesced)
	got := r.event(second)
	require.Equal(t, Coalesced, got.State)
	require.Equal(t, r.event(first).ID, got.By)
	require.Equal(t, "received coalesced", stepsOf(got))
	close(release)
	r.ended("a", Done)
	require.Contains(t, stepsOf(r.event(first)), "received taken read done")
}

func TestWhatIsParkedStaysUntilALaterEventGoesThrough(t *testing.T) {
	r := newRig(t)
	r.books.out, r.books.fails = &erp.Outcome{}, &commerce.Error{Op: "order", Reason: commerce.Missing, Detail: "no such SKU", Remedy: "make it"}
	r.start()
	first, second, third := hint("a", "5001", 1), hint("b", "5001", 2), hint("c", "5001", 3)
	r.accept(first)
	r.ended("a", Parked)
	got := r.event(first)
	require.Equal(t, []any{Parked, "missing", "make it"}, []any{got.State, got.Reason, got.Remedy})
	require.Contains(t, got.Detail, "no such SKU")
	require.Equal(t, "received taken read parked", stepsOf(got))

	r.shop.put(order("5001", 2))
	r.accept(second)
	r.ended("b", Parked)
	require.Equal(t, Superseded, r.event(first).State, "one event of a record waits for a person")
	require.Equal(t, Parked, r.event(second).State)

	r.books.set(func(b *fakeBooks) { b.out, b.fails = nil, nil })
	r.shop.put(order("5001", 3))
	r.accept(third)
	r.ended("c", Done)
	got = r.event(second)
	require.Equal(t, Superseded, got.State)
	require.Equal(t, r.event(third).ID, got.By)
	require.Equal(t, "superseded", got.Steps[len(got.Steps)-1].What)
	counts, err := NewJournal(r.rdb).CountEvents(context.Background(), "fi")
	require.NoError(t, err)
	require.EqualValues(t, []int64{1, 2, 0}, []int64{counts[Done], counts[Superseded], counts[Parked]})
}

// The lease outlives a wipe by its heartbeat, and what was written down of the event
// does not.
func TestAnEventThatRedisForgotInMidWorkIsWrittenDownAtItsEnd(t *testing.T) {
	r := newRig(t)
	begun, release := make(chan struct{}), make(chan struct{})
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		close(begun)
		<-release
		return nil
	}
	r.start()
	e := hint("a", "5001", 1)
	r.accept(e)
	<-begun
	r.redis.Flush()
	require.Eventually(t, func() bool { return r.rdb.Exists(context.Background(), leaseKey(ref("5001"))).Val() == 1 }, time.Minute, 5*time.Millisecond)
	close(release)
	r.ended("a", Done)
	got := r.event(e)
	require.Equal(t, []any{Done, "created", ref("5001"), "received done"}, []any{got.State, got.Reason, got.Ref, stepsOf(got)})
	require.Equal(t, got.ID, r.eventByRecord("5001"))
}

func TestAHeartbeatDoesNotTakeAgainWhatWasGivenBack(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	held := r.enters(time.Minute, hint("a", "5001", 1))
	defer held.close()
	answer, err := held.leave(ctx, ending{verdict: Verdict{Outcome: Done}}, false)
	require.NoError(t, err)
	require.Equal(t, leaseFree, answer)
	require.True(t, held.extend())
	require.Zero(t, r.rdb.Exists(ctx, leaseKey(ref("5001"))).Val(), "nobody works on it, and whoever comes is told so")
}

// A heartbeat may take a lost lease again when the run has looked already whether another
// one ended: what it leaves with was found without knowing.
func TestALeaseThatWasGoneIsNotLeftUnlooked(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	held := r.enters(time.Minute, hint("a", "5001", 1))
	defer held.close()
	w := NewWorker(r.opt)
	require.False(t, w.overtaken(held, time.Time{}))
	require.NoError(t, r.rdb.Del(ctx, leaseKey(ref("5001"))).Err())
	require.False(t, held.extend())
	for _, want := range []leaseAnswer{leaseLost, leaseFree} {
		answer, err := held.leave(ctx, ending{rec: Record{At: at(1)}, verdict: Verdict{Outcome: Done}}, false)
		require.NoError(t, err)
		require.Equal(t, want, answer)
		require.Equal(t, want == leaseLost, r.record("5001").At.IsZero())
		require.False(t, w.overtaken(held, at(1)))
	}
}

func TestAnEventIsNotLeftToItself(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	holder, first := leases{rdb: r.rdb, ttl: time.Minute}, hint("a", "5001", 1)
	held, _, err := holder.enter(ctx, r.opt.Bodies.arrive(first))
	require.NoError(t, err)
	defer held.close()
	require.NoError(t, NewJournal(r.rdb).note(ctx, r.opt.Bodies.arrive(first), Verdict{Outcome: Retry}, member(first.Aggregate)))
	_, answer, err := holder.enter(ctx, r.opt.Bodies.arrive(first))
	require.NoError(t, err)
	require.Equal(t, leaseHeld, answer)
	require.Equal(t, Retry, r.event(first).State, "nobody does it in its place")
}

func (r *rig) eventByRecord(id string) (event string) {
	r.t.Helper()
	for e, err := range NewJournal(r.rdb).Events(context.Background(), Query{Shop: "fi", Ref: ref(id)}) {
		require.NoError(r.t, err)
		event = e.ID
	}
	return event
}

// found are the deliveries of the events that a query yields.
func (r *rig) found(q Query) string {
	r.t.Helper()
	q.Shop = "fi"
	var names []string
	for e, err := range NewJournal(r.rdb).Events(context.Background(), q) {
		require.NoError(r.t, err)
		names = append(names, e.Event)
	}
	return strings.Join(names, " ")
}

func TestEventsAreFoundByRecordNumberStateAndTime(t *testing.T) {
	r := newRig(t)
	r.start()
	for i := range 3 {
		id := fmt.Sprint(5001 + i)
		r.accept(hint("new"+id, id, 1))
		r.ended("new"+id, Done)
	}
	refund := hint("refund", "5002", 2)
	refund.Ref, refund.Topic, refund.Hint = commerce.Ref{Shop: "fi", Kind: commerce.KindRefund, ID: "9"}, "refunds/create", commerce.HintRefund
	r.accept(refund)
	r.ended("refund", Parked) // the shop has no such order
	require.Equal(t, "refund new5003 new5002 new5001", r.found(Query{}))
	require.Equal(t, "new5001 new5002 new5003 refund", r.found(Query{Oldest: true}))
	require.Equal(t, "refund new5002", r.found(Query{Ref: ref("5002")}))
	require.Equal(t, "refund", r.found(Query{Ref: refund.Ref}))
	require.Equal(t, "refund new5002", r.found(Query{Number: "#5002"}))
	require.Equal(t, "new5003", r.found(Query{Number: " 5003"}))
	require.Equal(t, "", r.found(Query{Number: "5004"}))
	require.Equal(t, "refund", r.found(Query{States: []Outcome{Parked, Failed}}))
	require.Equal(t, "new5002", r.found(Query{Number: "5002", States: []Outcome{Done}}))
	second := r.event(hint("new5002", "5002", 1)).At
	require.Equal(t, "new5002 new5001", r.found(Query{To: second}))
	require.Equal(t, "refund new5003 new5002", r.found(Query{From: second}))
	require.Equal(t, "new5002", r.found(Query{From: second, To: second}))
}

// Many events of one moment lie across the edges of pages.
func TestPagesOfManyEventsOfOneMomentMissNone(t *testing.T) {
	r := newRig(t)
	const n = 3*eventsPage + 7
	pipe := r.rdb.Pipeline()
	for i := range n {
		at := 1000 + i/(2*eventsPage)
		id := entryID(fmt.Sprint(i))
		pipe.HSet(context.Background(), entryKey("fi", id), "ref", "order/1", "event", fmt.Sprint(i), "state", string(Done), "at", at, "received", at)
		zadd(pipe, listsKey("fi")+string(Done), at, id)
	}
	_, err := pipe.Exec(context.Background())
	require.NoError(t, err)
	for _, oldest := range []bool{false, true} {
		seen := map[string]bool{}
		for _, name := range strings.Fields(r.found(Query{Oldest: oldest})) {
			require.False(t, seen[name], "twice: %s", name)
			seen[name] = true
		}
		require.Len(t, seen, n)
	}
}

func TestOldFinishedEventsAreForgottenAndNoOthers(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.start()
	for _, id := range []string{"5001", "5002"} {
		r.accept(hint("a"+id, id, 1))
		r.ended("a"+id, Done)
	}
	lost := hint("b", "5003", 1)
	lost.Body = []byte("no order")
	r.accept(lost)
	r.ended("b", Parked)
	age(t, r, "a5001", "5001", Done)
	age(t, r, "b", "5003", Parked)

	w := NewWorker(Options{Redis: r.rdb, Shops: r.opt.Shops, Books: r.books, Config: r.opt.Config, Journal: config.Journal{}, Log: r.opt.Log, Bodies: r.opt.Bodies})
	c := &carer{Worker: w}
	w.shops = nil // one that left the configuration
	require.NoError(t, c.trim(ctx))
	require.Equal(t, Done, r.event(hint("a5001", "5001", 1)).State, "0 is for ever")
	c.kept = r.opt.Journal
	require.NoError(t, c.trim(ctx))
	_, ok, err := NewJournal(r.rdb).Event(ctx, "fi", hint("a5001", "5001", 1).TaskID())
	require.NoError(t, err)
	require.False(t, ok)
	require.Zero(t, r.rdb.Exists(ctx, bodyKey("fi", entryID(hint("a5001", "5001", 1).TaskID())), entriesKey(ref("5001"))).Val())
	require.Equal(t, Parked, r.event(lost).State)
	require.Equal(t, "a5002 b", r.found(Query{}))
	require.EqualValues(t, 7, r.record("5001").OdooID, "what keeps it from being booked twice")
}

// age makes an event one of long ago.
func age(t *testing.T, r *rig, event, id string, state Outcome) {
	t.Helper()
	ctx := context.Background()
	name, long := entryID(hint(event, id, 1).TaskID()), int(time.Now().Add(-31*24*time.Hour).UnixMilli())
	require.NoError(t, r.rdb.HSet(ctx, entryKey("fi", name), "at", long).Err())
	pipe := r.rdb.Pipeline()
	zadd(pipe, listsKey("fi")+string(state), long, name)
	_, err := pipe.Exec(ctx)
	require.NoError(t, err)
}

// A worker that stood still for longer than its lease may find it free: another had it
// and gave it back.
func TestWhoIsLateForItsOwnLeaseHasLostIt(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	held := r.enters(time.Minute, hint("a", "5001", 1))
	defer held.close()
	require.False(t, held.extend())
	require.NoError(t, held.still(ctx))

	require.NoError(t, r.rdb.Del(ctx, leaseKey(ref("5001"))).Err())
	held.mu.Lock()
	held.until = time.Now().Add(-time.Second)
	held.mu.Unlock()
	require.True(t, held.extend())
	require.ErrorIs(t, held.still(ctx), errLeaseLost)
	require.Zero(t, r.rdb.Exists(ctx, leaseKey(ref("5001"))).Val(), "it took the lease again")
}

func TestARunInPlaceOfASilentOneReadsTheShopHoweverOldItsEventIs(t *testing.T) {
	r := newRig(t)
	w := NewWorker(r.opt) // no rescuer, which would read the shop too
	require.NoError(t, w.importOrder(context.Background(), hint("a", "5001", 3)))
	held := r.enters(time.Millisecond, hint("b", "5001", 4))
	held.close() // nobody leaves
	r.shop.put(order("5001", 4))
	require.Eventually(t, func() bool {
		return r.rdb.HGet(context.Background(), leaseKey(ref("5001")), "until").Val() < strconv.FormatInt(time.Now().UnixMilli(), 10)
	}, time.Minute, time.Millisecond)
	require.NoError(t, w.importOrder(context.Background(), hint("old", "5001", 1)))
	require.Equal(t, 4, r.books.total("5001"))
}

func TestARepeatEndsAnEventWhoseEndWasNotWrittenDown(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	e, j := uninstalled("gone"), NewJournal(r.rdb)
	a := r.opt.Bodies.arrive(e)
	require.NoError(t, j.note(ctx, a, Verdict{Outcome: Retry, Reason: "unavailable"}, eventsLike(e)))
	require.NoError(t, j.note(ctx, a, Verdict{Outcome: Duplicate}, eventsLike(e)))
	require.Equal(t, []any{Duplicate, 0}, []any{r.event(e).State, r.event(e).Repeats})
	require.NoError(t, j.note(ctx, a, Verdict{Outcome: Duplicate}, eventsLike(e)))
	require.Equal(t, []any{Duplicate, 1}, []any{r.event(e).State, r.event(e).Repeats})
}
