package tasks

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestAnAcceptedEventCostsOneRoundTrip(t *testing.T) {
	r := newRig(t)
	r.accept(hint("warm", "1", 1)) // publishes the queue's name and loads the script
	counter := &commandCounter{}
	r.rdb.AddHook(counter)
	for i := range 50 {
		r.accept(hint(fmt.Sprint("e", i), "1", 1))
	}
	require.EqualValues(t, 50, counter.n.Load())
}

func TestTheSameDeliveryIsHeldOnce(t *testing.T) {
	r := newRig(t)
	require.False(t, r.accept(hint("a", "1", 1)))
	require.True(t, r.accept(hint("a", "1", 1)), "the same delivery again")
	require.False(t, r.accept(hint("b", "1", 1)), "another delivery of the same record")
}

func TestAFirstEventIsBookedFromItsPayload(t *testing.T) {
	r := newRig(t)
	r.start()
	r.accept(hint("a", "5001", 3))
	r.ended("a", Done)
	require.Equal(t, 3, r.books.total("5001"))
	require.Zero(t, r.shop.readCount(), "the shop was asked although the payload says it all")
	rec := r.record("5001")
	require.Equal(t, Done, rec.Outcome)
	require.Equal(t, at(3), rec.UpdatedAt)
	require.Equal(t, "S00007", rec.OdooName)
	require.Equal(t, "3.00 EUR", rec.Total)
}

func TestAnOrderOdooKnowsIsReadFromTheShopFirst(t *testing.T) {
	r := newRig(t)
	r.books.known["5001"] = true
	r.shop.put(order("5001", 9))
	r.start()
	r.accept(hint("a", "5001", 3))
	r.ended("a", Done)
	require.Equal(t, 9, r.books.total("5001"), "the payload was hours old")
}

func TestAnOlderEventIsStale(t *testing.T) {
	r := newRig(t)
	r.start()
	r.accept(hint("new", "5001", 5))
	r.ended("new", Done)
	r.accept(hint("old", "5001", 4))
	r.ended("old", Stale)
	require.Equal(t, 5, r.books.total("5001"))
	require.Equal(t, Done, r.record("5001").Outcome, "a stale event rewrote the record")
}

func TestTheSameSecondWithAnotherStateReadsTheShop(t *testing.T) {
	r := newRig(t)
	r.start()
	r.accept(hint("a", "5001", 5))
	r.ended("a", Done)
	newer := order("5001", 8)
	newer.UpdatedAt = at(5)
	r.shop.put(newer)
	e := hint("b", "5001", 7)
	e.UpdatedAt = at(5)
	r.accept(e)
	r.ended("b", Done)
	require.Equal(t, 8, r.books.total("5001"))
}

func TestTwoEventsOfOneRecordMakeOneRunThatLooksAgain(t *testing.T) {
	r := newRig(t)
	begun, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		once.Do(func() { close(begun); <-release })
		return nil
	}
	r.shop.put(order("5001", 9))
	r.start()
	r.accept(hint("a", "5001", 1))
	<-begun
	r.accept(hint("b", "5001", 2))
	r.ended("b", Coalesced)
	close(release)
	r.ended("a", Done)
	require.Equal(t, 9, r.books.total("5001"), "the second round did not read the shop")
}

func TestARecordThatStaysBusyIsCarriedOnByAFreshTask(t *testing.T) {
	r := newRig(t)
	var n int
	r.books.during = func(_ context.Context, o *commerce.Order, _ func(context.Context) error) error {
		if n++; n <= 3 { // more comes during each of the first three runs
			r.shop.put(order("5001", 10+n))
			r.accept(hint(fmt.Sprint("more", n), "5001", 10+n))
			r.ended(fmt.Sprint("more", n), Coalesced)
		}
		return nil
	}
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	r.lines.wait(t, "a fresh task to end", func(m map[string]string) bool { return m["topic"] == "more" && m["outcome"] == "done" })
	require.Equal(t, 13, r.books.total("5001"))
}

func TestAHandledEventIsADuplicateForDays(t *testing.T) {
	r := newRig(t)
	r.start()
	e := hint("a", "5001", 1)
	r.accept(e)
	r.ended("a", Done)
	// What the queue remembers ends after minutes; what the worker does, after days.
	require.Eventually(t, func() bool {
		return r.rdb.HGet(context.Background(), "asynq:{live}:t:"+e.TaskID(), "state").Val() == "completed"
	}, time.Minute, 5*time.Millisecond)
	require.NoError(t, r.rdb.Del(context.Background(), "asynq:{live}:t:"+e.TaskID()).Err())
	require.False(t, r.accept(e))
	r.ended("a", Duplicate)
	ttl := r.rdb.PTTL(context.Background(), seenKey(e)).Val()
	require.InDelta(t, seenFor.Hours(), ttl.Hours(), 1)
}

func TestASilentWorkersRecordIsRescued(t *testing.T) {
	r := newRig(t)
	e := hint("a", "5001", 4)
	held, answer, err := leases{rdb: r.rdb, ttl: 300 * time.Millisecond}.enter(context.Background(), r.opt.Bodies.arrive(e))
	require.NoError(t, err)
	require.Equal(t, leaseFree, answer)
	held.close() // nobody leaves
	require.Equal(t, Working, r.event(e).State)
	r.shop.put(order("5001", 4))
	r.start()
	r.ended("rescue", Done)
	require.Equal(t, 4, r.books.total("5001"))
	entry := r.event(e)
	require.Equal(t, []any{Coalesced, "went silent"}, []any{entry.State, entry.Reason})
	by, ok, err := NewJournal(r.rdb).Event(context.Background(), "fi", entry.By)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, []any{"rescue", Done}, []any{by.Topic, by.State})
	require.Zero(t, r.rdb.ZCard(context.Background(), leasesKey("fi")).Val(), "the dead lease was left behind")
}

// enterSilently takes a lease as a worker would that dies at once.
func (l leases) enterSilently(r commerce.Ref) (string, leaseAnswer, error) {
	answer, err := l.ask(context.Background(), r, "dead", noEvent)
	return "dead", answer, err
}

func TestAHolderThatLostItsLeaseStopsBeforeItsNextWrite(t *testing.T) {
	r := newRig(t)
	stolen := make(chan struct{})
	var once sync.Once
	var stillErr error
	r.books.during = func(ctx context.Context, _ *commerce.Order, still func(context.Context) error) error {
		first := false
		once.Do(func() { first = true })
		if !first {
			return nil
		}
		defer close(stolen)
		r.rdb.HSet(ctx, leaseKey(ref("5001")), "token", "somebody else", "until", time.Now().Add(2*time.Second).UnixMilli())
		<-ctx.Done() // the heartbeat notices
		stillErr = still(context.WithoutCancel(ctx))
		return stillErr
	}
	r.shop.put(order("5001", 1))
	r.start()
	r.accept(hint("a", "5001", 1))
	<-stolen
	require.ErrorIs(t, stillErr, errLeaseLost)
	r.ended("a", Snooze)
	// The thief never comes back either; whoever looks next does the work.
	r.lines.wait(t, "the order to be done", func(m map[string]string) bool { return m["outcome"] == string(Done) })
}

func TestAParkedRecordRunsAgainWhenItsNeedIsMet(t *testing.T) {
	r := newRig(t)
	missing := &commerce.Error{Op: "import", Reason: commerce.Missing, Ref: ref("5001"), Detail: "Odoo has no product X",
		Remedy: "create it", Needs: []string{"sku/fi/X"}}
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error { return missing }
	r.shop.put(order("5001", 1))
	stop := r.start()
	r.accept(hint("a", "5001", 1))
	line := r.ended("a", Parked)
	require.Equal(t, "create it", line["remedy"])
	rec := r.record("5001")
	require.Equal(t, []string{"sku/fi/X"}, rec.Needs)
	require.Negative(t, r.rdb.PTTL(context.Background(), recordKey(ref("5001"))).Val(), "a parked record must never expire")
	stop()

	r.books.set(func(b *fakeBooks) { b.during = nil; b.met["sku/fi/X"] = true })
	require.NoError(t, r.rdb.Del(context.Background(), jobKey("needs due")).Err())
	r.start()
	r.ended("needs", Done)
	n, err := NewJournal(r.rdb).CountParked(context.Background(), "fi")
	require.NoError(t, err)
	require.Zero(t, n)
}

// What one channel of a shop has another may lack: the order runs once, and not
// each minute for ever.
func TestANeedThatIsMetForOthersRunsTheRecordOnce(t *testing.T) {
	r := newRig(t)
	r.books.met["setting/fi/warehouse"] = true // for another channel than the order's
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		return &commerce.Error{Op: "import", Reason: commerce.Missing, Ref: ref("5001"), Needs: []string{"setting/fi/warehouse"}}
	}
	r.shop.put(order("5001", 1))
	stop := r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Parked)
	stop()

	minute := func(opt Options) int {
		t.Helper()
		require.NoError(t, r.rdb.Del(context.Background(), jobKey("needs due")).Err())
		opt.Metrics = nil
		require.NoError(t, (&carer{Worker: NewWorker(opt)}).retest(context.Background()))
		info, err := asynq.NewInspectorFromRedisClient(r.rdb).GetQueueInfo(LaneOperator)
		require.NoError(t, err)
		return info.Pending
	}
	require.Equal(t, 1, minute(r.opt))
	stop = r.start()
	r.ended("needs", Parked)
	stop()
	require.Zero(t, minute(r.opt), "it was tried already")
	shop := *r.opt.Shops["fi"]
	shop.Config.Books.Warehouse = "Turku"
	r.opt.Shops = map[string]*handlers.Shop{"fi": &shop}
	require.Equal(t, 1, minute(r.opt), "the settings are others now")
	require.Equal(t, 1, minute(r.opt))
}

// unequalBooks write an edit and find that the totals differ.
type unequalBooks struct {
	*fakeBooks
	edits sync.Map // last of each digest
}

func (b *unequalBooks) Order(ctx context.Context, shop config.Shop, o *commerce.Order, last erp.Applied, still func(context.Context) error) (erp.Outcome, error) {
	b.edits.Store(o.Total.Amount.String(), last)
	if last.Digest != "" && last.Digest != o.Digest() {
		return erp.Outcome{Writes: 1}, &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: o.Ref}
	}
	return b.fakeBooks.Order(ctx, shop, o, last, still)
}

func TestARunThatWroteAndFailedIsRemembered(t *testing.T) {
	r := newRig(t)
	books := &unequalBooks{fakeBooks: r.books}
	r.opt.Books = books
	r.start()
	for i, version := range []int{1, 2, 1} {
		o := order("5001", version)
		o.UpdatedAt = at(i + 1)
		r.shop.put(o)
		e := hint(fmt.Sprint("e", i), "5001", i+1)
		e.Body = nil
		r.accept(e)
		r.ended(e.ID, []Outcome{Done, Parked, Done}[i])
		require.Equal(t, i == 1, r.record("5001").Begun)
	}
	last, _ := books.edits.Load("1")
	require.True(t, last.(erp.Applied).Begun)
}

func TestAnOdooThatIsAwayCostsNoAttempt(t *testing.T) {
	r := newRig(t)
	r.books.set(func(b *fakeBooks) { b.down = true })
	r.shop.put(order("5001", 1))
	r.start()
	for i := range 10 {
		r.accept(hint(fmt.Sprint("e", i), fmt.Sprint("500", i), 1))
	}
	r.books.waitCalls(t, 1)
	r.books.set(func(b *fakeBooks) { b.down = false })
	for i := range 10 {
		r.ended(fmt.Sprint("e", i), Done)
		require.Zero(t, r.record(fmt.Sprint("500", i)).Attempts)
	}
}

// waitCalls waits until Odoo was called that often.
func (b *fakeBooks) waitCalls(t *testing.T, n int) {
	t.Helper()
	require.Eventually(t, func() bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.calls >= n
	}, time.Minute, 5*time.Millisecond)
}

func TestAPanicIsOurOwnFaultAndShowsNoValue(t *testing.T) {
	r := newRig(t)
	var once sync.Once
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		once.Do(func() { panic("a buyer's name") })
		return nil
	}
	r.shop.put(order("5001", 1))
	r.start()
	r.accept(hint("a", "5001", 1))
	line := r.ended("a", Retry)
	require.Equal(t, "internal", line["reason"])
	require.Contains(t, line["detail"], "panic: string in ")
	require.Contains(t, line["detail"], "TestAPanicIsOurOwnFault", "the place is named")
	r.ended("a", Done)
	require.NotContains(t, fmt.Sprint(r.lines.lines), "buyer's name")
}

func TestWhatOdooQuotesOfTheBuyerStaysOutOfLogAndJournal(t *testing.T) {
	r := newRig(t)
	o := order("5001", 1)
	o.Customer = commerce.Party{Email: "kaisa.laine@example.com", FirstName: "Kaisa", LastName: "Laine"}
	r.shop.put(o)
	r.books.known["5001"] = true // so that the shop is read
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		return &commerce.Error{Op: "odoo", Reason: commerce.Invalid, Detail: "Odoo refuses: kaisa.laine@example.com of Kaisa Laine is no address"}
	}
	r.start()
	r.accept(hint("a", "5001", 1))
	line := r.ended("a", Parked)
	require.Equal(t, "Odoo refuses: […] of […] is no address", line["detail"])
	require.Equal(t, line["detail"], r.record("5001").Detail)
}

func TestWhatAPersonMayWantToLookAtIsSaidOfTheBookedOrder(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 1))
	r.books.out = &erp.Outcome{Action: "created", OdooID: 7, Notices: []string{"Odoo does not know the country XK"}}
	r.start()
	r.accept(hint("a", "5001", 1))
	require.Equal(t, "created", r.ended("a", Done)["reason"])
	line := r.lines.wait(t, "the notice", func(l map[string]string) bool { return l["notice"] != "" })
	require.Equal(t, []string{"fi", "fi/order/5001", "a", "Odoo does not know the country XK"}, []string{line["shop"], line["ref"], line["event"], line["notice"]})
}

func TestAnEventNothingIsDoneAboutIsSkippedInPlainSight(t *testing.T) {
	r := newRig(t)
	r.start()
	e := hint("a", "5001", 1)
	e.Topic, e.Hint, e.Ref = "products/update", commerce.HintProduct, commerce.Ref{Shop: "fi", Kind: commerce.KindProduct, ID: "77"}
	e.Aggregate = e.Ref
	r.accept(e)
	line := r.ended("a", Skipped)
	require.Equal(t, "not yet", line["reason"])
	entry := r.event(e)
	require.Equal(t, Skipped, entry.State)
	require.Equal(t, "not yet", entry.Reason)
}

func TestAnEventNothingIsDoneAboutLeavesTheOrdersRecordAlone(t *testing.T) {
	r := newRig(t)
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	before := r.record("5001")
	e := hint("b", "5001", 2)
	e.Topic, e.Hint = "orders/delete", commerce.HintOrderGone // its record is the order itself
	r.accept(e)
	r.ended("b", Skipped)
	require.Equal(t, before, r.record("5001"))
}

func TestAHundredEventsOfManyRecordsAreBookedAtTheirNewest(t *testing.T) {
	r := newRig(t)
	r.start()
	for i := range 20 {
		r.shop.put(order(fmt.Sprint("500", i), 9))
	}
	for v := range 5 {
		for i := range 20 {
			r.accept(hint(fmt.Sprintf("e%d-%d", i, v), fmt.Sprint("500", i), v+5))
		}
	}
	r.lines.wait(t, "all to be booked", func(map[string]string) bool {
		for i := range 20 {
			if r.books.total(fmt.Sprint("500", i)) != 9 {
				return false
			}
		}
		return true
	})
}

// commandCounter counts what a client sends.
type commandCounter struct{ n atomic.Int64 }

func (c *commandCounter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *commandCounter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmd)
	}
}

func (c *commandCounter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.n.Add(1)
		return next(ctx, cmds)
	}
}

func TestATaskWhoseWorkerDiedBeforeItHadALeaseIsRescued(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.shop.put(order("5001", 4))
	e := hint("a", "5001", 4)
	r.accept(e)
	// What a worker does that takes a task from the queue and dies.
	require.NoError(t, r.rdb.LMove(ctx, "asynq:{live}:pending", "asynq:{live}:active", "RIGHT", "LEFT").Err())
	require.NoError(t, r.rdb.HSet(ctx, "asynq:{live}:t:"+e.TaskID(), "state", "active").Err())
	r.start()
	r.ended("rescue", Done)
	require.Equal(t, 4, r.books.total("5001"))
	require.Equal(t, []any{Coalesced, "went silent"}, []any{r.event(e).State, r.event(e).Reason}, "until Asynq repeats it")
}

func TestATaskThatNobodyCanReadIsSaidOnceAndArchived(t *testing.T) {
	r := newRig(t)
	r.start()
	_, err := r.queue.client.Enqueue(asynq.NewTask(ImportOrder.Name, []byte("no head")), asynq.Queue(LaneLive), asynq.MaxRetry(unlimited))
	require.NoError(t, err)
	r.lines.wait(t, "the archiving", func(m map[string]string) bool { return m["msg"] == "a task cannot be read and is archived" })
	require.Eventually(t, func() bool { return r.rdb.ZCard(context.Background(), "asynq:{live}:archived").Val() == 1 }, time.Minute, 10*time.Millisecond)
}
