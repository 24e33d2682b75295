package tasks

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// operator works on the rig's Redis under the name anna.
func (r *rig) operator() *Operator {
	return NewOperator(OperatorOptions{Redis: r.rdb, Shops: r.opt.Shops, Who: "anna"})
}

// carer is the care of a worker that does not run.
func (r *rig) carer() *carer {
	opt := r.opt
	opt.Metrics = nil
	return &carer{Worker: NewWorker(opt)}
}

func mean(events ...string) Selection {
	return Selection{Events: events, Query: Query{Shop: "fi"}}
}

// parksAll lets the books park every order for want of a product.
func (r *rig) parksAll(needs ...string) {
	r.books.set(func(b *fakeBooks) {
		b.out = &erp.Outcome{}
		b.fails = &commerce.Error{Op: "order", Reason: commerce.Missing, Detail: "no such SKU", Remedy: "make it", Needs: needs}
	})
}

func (r *rig) booksAgain() {
	r.books.set(func(b *fakeBooks) { b.out, b.fails = nil, nil })
}

// parkedEvent is one that needs a person.
func (r *rig) parkedEvent(event, id string) Entry {
	r.shop.put(order(id, 1))
	e := hint(event, id, 1)
	r.accept(e)
	r.ended(event, Parked)
	return r.event(e)
}

func (r *rig) audited() []Change {
	r.t.Helper()
	list, err := r.operator().Audit(context.Background(), "fi", 100)
	require.NoError(r.t, err)
	return list
}

func TestAnOperatorsRetryIsARunOfItsOwnAndSupersedesWhatWasParked(t *testing.T) {
	r := newRig(t)
	r.parksAll("sku/fi/ABC")
	r.start()
	was := r.parkedEvent("a", "5001")
	r.booksAgain()
	did, err := r.operator().Retry(context.Background(), mean(was.ID), nil)
	require.NoError(t, err)
	require.Equal(t, []any{1, 0}, []any{did.Events, did.LeftOut})
	r.ended("retry", Done)
	run, err := r.operator().Event(context.Background(), "fi", did.Run)
	require.NoError(t, err)
	require.Equal(t, []any{Done, "retry", ref("5001")}, []any{run.State, run.Topic, run.Ref})
	require.NotEmpty(t, run.Nonce)
	old, err := r.operator().Event(context.Background(), "fi", was.ID)
	require.NoError(t, err)
	require.Equal(t, []any{Superseded, run.ID, run.ID}, []any{old.State, old.By, old.Again})
	change := r.audited()[0]
	require.WithinDuration(t, time.Now(), change.At, 5*time.Second)
	change.At = time.Time{}
	require.Equal(t, Change{Who: "anna", What: "events retry", On: was.ID, Many: 1}, change)
	line := r.lines.wait(t, "the audit in the log", func(m map[string]string) bool { return m["msg"] == "an operator changed something" })
	require.Equal(t, []string{"anna", "events retry", was.ID}, []string{line["who"], line["what"], line["on"]})

	// What is done is replayed too: outpost#670.
	reads := r.shop.readCount()
	did, err = r.operator().Retry(context.Background(), mean(run.ID), nil)
	require.NoError(t, err)
	require.Equal(t, 1, did.Events)
	require.Eventually(t, func() bool {
		again, _, err := NewJournal(r.rdb).Event(context.Background(), "fi", did.Run)
		return err == nil && again.State == Done
	}, time.Minute, 5*time.Millisecond)
	require.Greater(t, r.shop.readCount(), reads, "a replay reads the shop")
}

func TestARetryOfManyRunsEachRecordOnceAndOnlyThoseThatAreMeant(t *testing.T) {
	r := newRig(t)
	r.start()
	const orders = 250 // more than a page
	for i := range orders {
		id := fmt.Sprint(6000 + i)
		r.shop.put(order(id, 1))
		for n := range 2 {
			require.NoError(t, NewJournal(r.rdb).note(context.Background(), r.opt.Bodies.arrive(hint(fmt.Sprintf("%s-%d", id, n), id, 1)),
				Verdict{Outcome: Skipped, Reason: "observed"}, member(ref(id))))
		}
	}
	other := hint("other", "9999", 1)
	require.NoError(t, NewJournal(r.rdb).note(context.Background(), r.opt.Bodies.arrive(other), Verdict{Outcome: Skipped, Reason: "not wanted"}, "x"))
	s := Selection{Query: Query{Shop: "fi", States: []Outcome{Skipped}, Reason: "observed"}}
	plan, err := r.operator().SurveyRetry(context.Background(), s)
	require.NoError(t, err)
	require.Equal(t, 2*orders, plan.Events)
	require.Empty(t, r.audited(), "a survey changes nothing")
	heard := 0
	did, err := r.operator().Retry(context.Background(), s, func(sofar Acted) { heard = sofar.Events })
	require.NoError(t, err)
	require.Equal(t, []int{2 * orders, 2 * orders}, []int{did.Events, heard})
	require.Eventually(t, func() bool {
		counts, err := NewJournal(r.rdb).CountEvents(context.Background(), "fi")
		return err == nil && counts[Done] == orders
	}, time.Minute, 10*time.Millisecond)
	require.Equal(t, orders, r.shop.readCount(), "one run a record")
	require.Equal(t, "state skipped, reason observed", r.audited()[0].On)
	require.Equal(t, 2*orders, r.audited()[0].Many)
}

func TestWhatHasARuleOfItsOwnIsLeftOut(t *testing.T) {
	r := newRig(t)
	r.start()
	request := commerce.Event{ID: "p", Topic: "customers/data_request", Hint: commerce.HintPrivacy, Ref: commerce.Ref{Shop: "fi", Kind: "customer", ID: "7"},
		Received: time.Now(), Privacy: &commerce.Privacy{Wish: commerce.WishShow, Request: "99", Customer: "7"}}
	request.Aggregate = request.Ref
	product := commerce.Event{ID: "n", Topic: "products/update", Hint: commerce.HintProduct, Ref: commerce.Ref{Shop: "fi", Kind: "product", ID: "1"}, Received: time.Now()}
	product.Aggregate = product.Ref
	r.accept(request)
	r.accept(product)
	r.ended("p", Parked)
	r.ended("n", Skipped)
	op, events := r.operator(), mean(entryID(request.TaskID()), entryID(product.TaskID()))
	did, err := op.Retry(context.Background(), events, nil)
	require.NoError(t, err)
	require.Equal(t, []int{0, 2}, []int{did.Events, did.LeftOut})
	require.Contains(t, did.Because[0], "has a rule of its own; see odoogate privacy ls fi")
	require.Contains(t, did.Because[1], "about which nothing is done (products/update)")
	did, err = op.Discard(context.Background(), events, "why not", nil)
	require.NoError(t, err)
	require.Equal(t, []int{0, 2}, []int{did.Events, did.LeftOut})
	require.Equal(t, Parked, r.event(request).State)
	require.Empty(t, r.audited(), "nothing was changed")
	_, err = op.Run(context.Background(), "fi", entryID(request.TaskID()), nil)
	require.Equal(t, commerce.Conflict, commerce.ReasonOf(err))
	_, err = op.Retry(context.Background(), mean("nothing"), nil)
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
	_, err = op.Retry(context.Background(), Selection{Query: Query{Shop: "se"}}, nil)
	require.ErrorContains(t, err, `no shop "se" is configured; name one of fi`)
}

func TestADiscardedEventTakesItsRecordsNeedsWithIt(t *testing.T) {
	r := newRig(t)
	r.parksAll("sku/fi/ABC")
	r.start()
	was := r.parkedEvent("a", "5001")
	journal := NewJournal(r.rdb)
	require.NoError(t, journal.Force(context.Background(), ref("5001"), "wish"))
	_, err := r.operator().Discard(context.Background(), mean(was.ID), "", nil)
	require.ErrorContains(t, err, "it is not said why")
	did, err := r.operator().Discard(context.Background(), mean(was.ID), "sold at the counter", nil)
	require.NoError(t, err)
	require.Equal(t, 1, did.Events)
	got, err := r.operator().Event(context.Background(), "fi", was.ID)
	require.NoError(t, err)
	require.Equal(t, []any{Discarded, "missing", "", "anna: sold at the counter"}, []any{got.State, got.Reason, got.Remedy, got.Closed})
	require.Equal(t, "received taken read parked discarded", stepsOf(got))
	rec := r.record("5001")
	require.Equal(t, []any{Skipped, "discarded"}, []any{rec.Outcome, rec.Reason})
	require.Empty(t, rec.Needs)
	require.Empty(t, rec.Forced)
	require.Positive(t, r.rdb.TTL(context.Background(), recordKey(ref("5001"))).Val(), "it is forgotten like any other")
	parked, err := journal.CountParked(context.Background(), "fi")
	require.NoError(t, err)
	require.Zero(t, parked)

	// The product appears, and nothing runs: the care of another order shows that it was looked at.
	r.books.set(func(b *fakeBooks) { b.met["sku/fi/ABC"] = true })
	require.NoError(t, r.carer().retestShop(context.Background(), "fi"))
	require.Empty(t, r.rdb.Keys(context.Background(), "asynq:{live}:t:fi/needs/*").Val())

	did, err = r.operator().Discard(context.Background(), mean(was.ID), "twice", nil)
	require.NoError(t, err)
	require.Equal(t, 1, did.LeftOut)
	require.Contains(t, did.Because[0], "needs nobody: it is discarded")

	// The next event of the order is an event like any other.
	r.booksAgain()
	r.shop.put(order("5001", 2))
	next := hint("b", "5001", 2)
	r.accept(next)
	r.ended("b", Done)
	require.Equal(t, Discarded, r.eventOf(was.ID).State, "what a person closed stays closed")
}

func (r *rig) eventOf(id string) Entry {
	r.t.Helper()
	e, err := r.operator().Event(context.Background(), "fi", id)
	require.NoError(r.t, err)
	return e
}

func TestAnEventThatNamesNoOrderIsRunAgainAndClosedByItself(t *testing.T) {
	r := newRig(t)
	shop := r.finds()
	fails := func() {
		shop.mu.Lock()
		defer shop.mu.Unlock()
		shop.err = &commerce.Error{Op: "find", Reason: commerce.Invalid, Detail: "nonsense"}
	}
	fails()
	r.start()
	e := sentBack("r", "9")
	r.accept(e)
	r.came("r", Parked)
	run, err := r.operator().Run(contextFor(t, 20*time.Second), "fi", r.event(e).ID, nil)
	require.NoError(t, err)
	require.Equal(t, []any{Done, "found", "returns/update", "r"}, []any{run.State, run.Reason, run.Topic, run.Event})
	require.Equal(t, Superseded, r.event(e).State)

	fails()
	e.ID = "r2"
	r.accept(e)
	r.came("r2", Parked)
	did, err := r.operator().Discard(context.Background(), mean(r.event(e).ID), "no such order", nil)
	require.NoError(t, err)
	require.Equal(t, 1, did.Events)
	require.Equal(t, Discarded, r.event(e).State)
	require.Empty(t, r.rdb.Get(context.Background(), openKey("fi", eventsLike(e))).Val(), "nothing waits for a person any more")
}

func contextFor(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestARunWaitsForTheRecordAndTellsItsOutcome(t *testing.T) {
	r := newRig(t)
	r.parksAll()
	r.start()
	was := r.parkedEvent("a", "5001")
	begun, release := make(chan struct{}, 1), make(chan struct{})
	r.booksAgain()
	r.books.set(func(b *fakeBooks) {
		b.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
			select {
			case begun <- struct{}{}:
				<-release
			default:
			}
			return nil
		}
	})
	r.shop.put(order("5001", 2))
	r.accept(hint("b", "5001", 2))
	<-begun
	ended := make(chan Entry, 1)
	heard := make(chan Outcome, 20)
	go func() {
		e, err := r.operator().Run(contextFor(t, 20*time.Second), "fi", was.ID, func(e Entry) { heard <- e.State })
		if err != nil {
			t.Error(err)
		}
		ended <- e
	}()
	require.Equal(t, Coalesced, <-heard, "another is at the record")
	select {
	case e := <-ended:
		t.Fatalf("it did not wait: %+v", e)
	default:
	}
	close(release)
	got := <-ended
	require.Equal(t, []any{Done, "retry"}, []any{got.State, got.Topic})
	require.Contains(t, stepsOf(got), "read", "it looked for itself, after the other")
}

func TestARunOfAPausedShopAndOneThatNobodyTakesSayWhy(t *testing.T) {
	r := newRig(t)
	r.parksAll()
	stop := r.start()
	was := r.parkedEvent("a", "5001")
	stop()
	op := r.operator()
	require.NoError(t, op.Pause(context.Background(), "fi", "stocktaking"))
	_, err := op.Run(context.Background(), "fi", was.ID, nil)
	require.Equal(t, commerce.Held, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "fi is paused (stocktaking)")
	pause, err := op.Resume(context.Background(), "fi")
	require.NoError(t, err)
	require.Equal(t, "stocktaking", pause.Why)
	_, err = op.Resume(context.Background(), "fi")
	require.Equal(t, commerce.Conflict, commerce.ReasonOf(err))
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	_, err = op.Run(ctx, "fi", was.ID, nil)
	require.ErrorContains(t, err, "is not through: no worker has taken it")
	var what []string
	for _, c := range r.audited() {
		what = append(what, c.What)
	}
	require.Equal(t, "events run, shop resume, shop pause", strings.Join(what, ", "))
}

func TestARecordThatAWorkerIsAtIsNotDiscarded(t *testing.T) {
	r := newRig(t)
	r.parksAll()
	stop := r.start()
	was := r.parkedEvent("a", "5001")
	stop()
	require.NoError(t, r.rdb.HSet(context.Background(), leaseKey(ref("5001")), "token", "x", "until", time.Now().Add(time.Minute).UnixMilli()).Err())
	did, err := r.operator().Discard(context.Background(), mean(was.ID), "sold", nil)
	require.NoError(t, err)
	require.Equal(t, []int{0, 1}, []int{did.Events, did.LeftOut})
	require.Contains(t, did.Because[0], "a worker is at")
	require.Equal(t, Parked, r.eventOf(was.ID).State)
}

func TestTheAuditIsBoundedAndToldToTheLogOnce(t *testing.T) {
	r := newRig(t)
	op := r.operator()
	for i := range auditMost + 300 {
		require.NoError(t, op.Did(context.Background(), "fi", Change{What: "test", On: fmt.Sprint(i)}))
	}
	require.Less(t, r.rdb.XLen(context.Background(), auditKey("fi")).Val(), int64(auditMost+200))
	c, other := r.carer(), r.carer()
	for range 20 {
		require.NoError(t, c.tellAudit(context.Background()))
		require.NoError(t, other.tellAudit(context.Background()))
	}
	told := map[string]int{}
	for _, line := range r.lines.lines {
		told[line["on"]]++
	}
	require.Equal(t, 1, told[fmt.Sprint(auditMost+299)])
	require.Len(t, told, int(r.rdb.XLen(context.Background(), auditKey("fi")).Val()))
}
