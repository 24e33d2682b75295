package tasks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// canary stands for what a person gave.
const canary = "canary@example.com"

// wish is a request about the data of customer 14 with orders.
func wish(event string, w commerce.Wish, orders ...string) commerce.Event {
	ref := commerce.Ref{Shop: "fi", Kind: "customer", ID: "14"}
	e := commerce.Event{ID: event, Topic: "customers/redact", Hint: commerce.HintPrivacy, Ref: ref, Aggregate: ref, Received: time.Now(),
		Privacy: &commerce.Privacy{Wish: w, Customer: "14", Orders: orders}}
	switch w {
	case commerce.WishShow:
		e.Topic, e.Privacy.Request = "customers/data_request", "9999"
	case commerce.WishClose:
		e.Topic, e.Privacy.Customer = "shop/redact", ""
		e.Ref = commerce.Ref{Shop: "fi", Kind: commerce.KindShop, ID: "1"}
		e.Aggregate = e.Ref
	}
	return e
}

// of is an event of an order whose body has a customer and an address.
func of(customer, event, id string, version int) commerce.Event {
	e := hint(event, id, version)
	e.Body = fmt.Appendf(nil, "%s %d %s %s", id, version, customer, canary)
	return e
}

func (r *rig) requests() *Requests { return NewRequests(r.rdb, r.opt.Shops) }

func (r *rig) request(name string) Request {
	r.t.Helper()
	req, ok, err := r.requests().Get(context.Background(), "fi", name)
	require.NoError(r.t, err)
	require.True(r.t, ok, "no request %s", name)
	return req
}

// carry runs a request without a queue around it.
func (r *rig) carry(e commerce.Event) Verdict {
	r.t.Helper()
	opt := r.opt
	opt.Metrics = nil
	v, err := NewWorker(opt).carriedOut(context.Background(), e)
	require.NoError(r.t, err)
	return v
}

// holding lists the keys under which Redis holds a text, or that are named so.
func (r *rig) holding(text string) []string {
	r.t.Helper()
	ctx := context.Background()
	var found []string
	for _, key := range r.rdb.Keys(ctx, "*").Val() {
		value := key
		switch r.rdb.Type(ctx, key).Val() {
		case "string":
			value += r.rdb.Get(ctx, key).Val()
		case "hash":
			value += fmt.Sprint(r.rdb.HGetAll(ctx, key).Val())
		case "zset":
			value += fmt.Sprint(r.rdb.ZRange(ctx, key, 0, -1).Val())
		case "list":
			value += fmt.Sprint(r.rdb.LRange(ctx, key, 0, -1).Val())
		case "set":
			value += fmt.Sprint(r.rdb.SMembers(ctx, key).Val())
		}
		if strings.Contains(value, text) {
			found = append(found, key)
		}
	}
	return found
}

// silent says that neither log nor metrics hold the canary.
func (r *rig) silent() {
	r.t.Helper()
	r.lines.mu.Lock()
	require.NotContains(r.t, fmt.Sprint(r.lines.lines), canary)
	r.lines.mu.Unlock()
	families, err := r.reg.Gather()
	require.NoError(r.t, err)
	require.NotContains(r.t, fmt.Sprint(families), canary)
}

// parks gives an order a record with texts and needs that quote.
func (r *rig) parks(id string) {
	r.t.Helper()
	r.books.set(func(b *fakeBooks) {
		b.out, b.fails = booked(), &commerce.Error{Op: "order", Reason: commerce.Missing, Detail: "found " + canary, Remedy: "ask " + canary,
			Needs: []string{"sku/fi/ABC", "rule/fi/tag=" + canary}}
	})
	stop := r.start()
	r.accept(hint("parks", id, 1))
	r.ended("parks", Parked)
	stop()
	r.books.set(func(b *fakeBooks) { b.out, b.fails = nil, nil })
	r.lines.mu.Lock()
	r.lines.lines = nil // what was logged before anybody asked for erasure is another matter
	r.lines.mu.Unlock()
}

func TestWhatIsHeldOfACustomerIsCountedAndTold(t *testing.T) {
	r := newRig(t)
	r.shop.put(order("5001", 1))
	stop := r.start()
	r.accept(of("14", "a", "5001", 1))
	r.ended("a", Done)
	stop()
	r.accept(of("14", "b", "5002", 1)) // not listed, and theirs by its body
	r.accept(of("15", "c", "5003", 1))
	r.start()
	r.accept(wish("w", commerce.WishShow, "5001", "4711"))
	line := r.ended("w", Parked)
	require.Contains(t, line["remedy"], "odoogate privacy show fi 9999")

	req := r.request("9999")
	require.Equal(t, RequestPerson, req.State)
	require.Equal(t, req.Received.Add(privacyDeadline), req.Deadline)
	require.Equal(t, []string{"5001", "4711"}, req.Orders)
	require.NotZero(t, req.Found.Tasks)
	rep, ok, err := r.requests().Report(context.Background(), "fi", "9999")
	require.NoError(t, err)
	require.True(t, ok)
	var orders []string
	for _, o := range rep.InJournal {
		orders = append(orders, o.Order)
		require.Equal(t, "S00007", o.OdooName)
	}
	require.NotContains(t, orders, "5003")
	require.Contains(t, orders, "5001")
	require.NotContains(t, fmt.Sprint(rep), canary, "it tells of bodies, and prints none")
	for _, key := range r.holding(canary) {
		require.Regexp(t, `^(asynq:\{live\}:t:fi/orders/|odoogate:\{fi\}:body:)`, key, "a body is elsewhere than in its task and its event")
	}
	r.silent()

	n, err := r.requests().CountOpen(context.Background(), "fi")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	require.Equal(t, Parked, r.event(wish("w", commerce.WishShow, "5001", "4711")).State)
	require.NoError(t, r.requests().Close(context.Background(), "fi", "9999"))
	closed := r.event(wish("w", commerce.WishShow, "5001", "4711"))
	require.Equal(t, Superseded, closed.State)
	require.Equal(t, "closed by a person", closed.Steps[len(closed.Steps)-1].Why)
	n, err = r.requests().CountOpen(context.Background(), "fi")
	require.NoError(t, err)
	require.Zero(t, n)
	require.Equal(t, RequestDone, r.request("9999").State)
	require.WithinDuration(t, time.Now(), r.request("9999").Done, time.Minute)
	require.Negative(t, r.rdb.TTL(context.Background(), requestKey("fi", "9999")).Val(), "it never expires")
}

func TestErasingACustomerLeavesTheirOrdersAndLosesNoEvent(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.shop.put(order("5001", 3))
	r.shop.put(order("5002", 1))
	r.parks("5001")
	before := r.record("5001")

	r.accept(of("14", "a", "5001", 2))
	r.accept(of("14", "b", "5001", 3))
	r.accept(of("14", "c", "5002", 1)) // theirs by its body
	mine := of("15", "d", "5003", 1)
	mine.Body = []byte("5003 1 15 somebody else")
	r.accept(mine)
	note := commerce.Event{ID: "n", Topic: "customers/update", Hint: commerce.HintCustomer, Ref: wish("", commerce.WishErase).Ref}
	note.Body = []byte(canary)
	require.NoError(t, NewJournal(r.rdb).note(ctx, r.opt.Bodies.arrive(note), Verdict{Outcome: Skipped}, eventsLike(note)))
	inspector := asynq.NewInspectorFromRedisClient(r.rdb)
	require.NoError(t, inspector.ArchiveTask(LaneLive, of("14", "a", "5001", 2).TaskID()))

	require.Equal(t, Done, r.carry(wish("w", commerce.WishErase, "5001")).Outcome)
	require.Empty(t, r.holding(canary))
	after := r.record("5001")
	require.Equal(t, erasedText, after.Detail)
	require.Equal(t, "odoogate explain fi 5001 tells it anew", after.Remedy)
	require.Equal(t, []string{"sku/fi/ABC"}, after.Needs, "it still goes on by itself")
	after.Detail, after.Remedy, after.Needs = before.Detail, before.Remedy, before.Needs
	require.Equal(t, before, after, "what identifies the order in Odoo stays")
	require.Equal(t, Skipped, r.event(note).State)
	waits := r.event(hint("parks", "5001", 1))
	require.Equal(t, []any{Parked, erasedText}, []any{waits.State, waits.Detail}, "it needs a person as before")
	_, err := r.opt.Bodies.Read(ctx, r.rdb, "fi", entryID(note.TaskID()))
	require.ErrorIs(t, err, ErrNoBody)
	req := r.request("customers/redact/14")
	require.Equal(t, RequestDone, req.State)
	require.Equal(t, Tally{Tasks: 4, Records: 1, Bodies: 2}, req.Removed) // one was handled before
	require.Contains(t, req.Remedy, "stay in Odoo")
	require.Equal(t, Duplicate, r.carry(wish("w", commerce.WishErase, "5001")).Outcome, "the same delivery again")
	require.Equal(t, Done, r.carry(wish("w2", commerce.WishErase, "5001")).Outcome, "another delivery of it")
	require.Equal(t, 4, r.request("customers/redact/14").Removed.Tasks)

	r.start()
	r.ended("b", Done)
	r.ended("c", Done)
	r.ended("d", Done)
	require.Equal(t, 3, r.books.total("5001"))
	require.Equal(t, 1, r.books.total("5002"), "an event was lost with its body")
	require.Equal(t, 1, r.books.total("5003"))
	r.silent()
}

func TestABodyThatIsBeingWorkedOnIsErasedAfterIt(t *testing.T) {
	r := newRig(t)
	begun, release := make(chan struct{}), make(chan struct{})
	r.books.during = func(context.Context, *commerce.Order, func(context.Context) error) error {
		close(begun)
		<-release
		return nil
	}
	stop := r.start()
	e := of("14", "a", "5001", 1)
	r.accept(e)
	<-begun
	v := r.carry(wish("w", commerce.WishErase, "5001"))
	require.Equal(t, Snooze, v.Outcome)
	require.Equal(t, RequestOpen, r.request("customers/redact/14").State)
	require.NotEmpty(t, r.holding(canary))
	close(release)
	r.ended("a", Done)
	r.taskState(e.TaskID(), "completed")
	stop()
	require.Equal(t, Done, r.carry(wish("w", commerce.WishErase, "5001")).Outcome)
	require.Empty(t, r.holding(canary))
	require.Equal(t, 1, r.books.total("5001"))
}

func TestAShopThatIsNotUninstalledIsErasedOnAPersonsWordOnly(t *testing.T) {
	r := newRig(t)
	r.accept(of("14", "a", "5001", 1))
	require.NoError(t, r.pauses().Pause(context.Background(), "fi", "stocktaking"))
	v := r.carry(wish("w", commerce.WishClose))
	require.Equal(t, Parked, v.Outcome)
	require.Contains(t, v.Remedy, "odoogate privacy run fi shop/redact/1")
	require.Len(t, r.holding(canary), 1, "work in progress was wiped")
	req := r.request("shop/redact/1")
	require.Equal(t, RequestPerson, req.State)

	require.Equal(t, Done, r.carry(req.Again("nonce")).Outcome)
	require.Empty(t, r.holding(canary))
	again := r.request("shop/redact/1")
	require.Equal(t, RequestDone, again.State)
	require.Equal(t, req.Received, again.Received)
	require.Equal(t, Duplicate, r.carry(wish("w", commerce.WishClose)).Outcome, "a late repeat")
}

func TestAShopThatLeftIsForgottenAndCanComeBack(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	r.shop.put(order("5001", 1))
	r.shop.put(order("5002", 2))
	r.parks("5001")
	stop := r.start()
	r.accept(uninstalled("gone"))
	r.ended("gone", Done)
	stop()
	r.accept(of("14", "a", "5002", 2))
	require.Equal(t, Parked, r.carry(wish("other", commerce.WishShow, "5001")).Outcome) // requests themselves are carried out
	asked, err := r.queue.Ask(ctx, LaneLive, ref("5001"), "needs", "1")
	require.NoError(t, err)
	require.True(t, asked)
	require.NoError(t, r.rdb.Set(ctx, "asynq:other", "x", 0).Err())
	require.NoError(t, r.rdb.Set(ctx, seenKey(hint("s", "1", 1)), "1", 0).Err())

	require.Equal(t, Done, r.carry(wish("w", commerce.WishClose)).Outcome)
	require.Empty(t, r.holding(canary))
	rec := r.record("5001")
	require.EqualValues(t, 7, rec.OdooID)
	require.Equal(t, erasedText, rec.Detail)
	require.NotZero(t, r.request("shop/redact/1").Removed.Seen)
	for _, key := range r.rdb.Keys(ctx, "asynq:{live}:t:*").Val() {
		require.NotContains(t, key, "/order/", "a task of the shop is left")
	}
	require.Equal(t, RequestPerson, r.request("9999").State)

	_, ok, err := r.pauses().Resume(ctx, "fi")
	require.NoError(t, err)
	require.True(t, ok)
	r.shop.undated = true
	r.start()
	r.lines.wait(t, "both orders to be booked", func(map[string]string) bool {
		return r.books.total("5001") == 1 && r.books.total("5002") == 2
	})
	require.WithinDuration(t, time.Now().Add(-time.Hour), r.shop.asked(), 5*time.Minute, "since before what was removed came in")
}

// A body that nobody can read is still somebody's.
func TestAnUnreadableTaskIsErasedByItsName(t *testing.T) {
	r := newRig(t)
	id := "fi/orders/updated/order/5001/x"
	client := asynq.NewClientFromRedisClient(r.rdb)
	for _, name := range []string{id, "fi/orders/updated/order/50012/x"} {
		_, err := client.Enqueue(asynq.NewTask(ImportOrder.Name, []byte("no line break "+canary)), asynq.TaskID(name), asynq.Queue(LaneLive))
		require.NoError(t, err)
	}
	inspector := asynq.NewInspectorFromRedisClient(r.rdb)
	require.Equal(t, Snooze, r.carry(wish("w", commerce.WishErase, "5001")).Outcome, "a worker is to archive it first")
	require.NoError(t, inspector.ArchiveTask(LaneLive, id))
	require.Equal(t, Done, r.carry(wish("w", commerce.WishErase, "5001")).Outcome)
	require.Equal(t, []string{"asynq:{live}:t:fi/orders/updated/order/50012/x"}, r.holding(canary))
}

func TestARequestWhileRedisIsAwayComesAgainAndQuotesNothing(t *testing.T) {
	r := newRig(t)
	w := NewWorker(r.opt)
	r.redis.Kill()
	err := w.carryOut(context.Background(), wish("w", commerce.WishErase, "5001"))
	var a *again
	require.True(t, errors.As(err, &a))
	require.Equal(t, Retry, a.verdict.Outcome)
	r.silent()
}
