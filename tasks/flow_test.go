package tasks

import (
	"context"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

const invoiceable = "invoiceable/fi/7"

// booked is an order of which only the invoice is outstanding.
func booked(needs ...string) *erp.Outcome {
	return &erp.Outcome{Action: "created", OdooID: 7, OdooName: "S00007", Booked: true, Needs: needs}
}

// follows makes the rig's shop one with workflows.
func (r *rig) follows() {
	r.opt.Shops["fi"].Config.Workflows = []config.Workflow{{Name: "online", Invoice: "post", Pay: new(true)}}
}

// waits are the ids in the list of records that wait for something in Odoo.
func (r *rig) waits() []string {
	r.t.Helper()
	var ids []string
	for rec, err := range NewJournal(r.rdb).Waiting(context.Background(), "fi") {
		require.NoError(r.t, err)
		ids = append(ids, rec.Ref.ID)
	}
	return ids
}

// awaits gives the shop an order whose invoice waits for its delivery.
func (r *rig) awaits() {
	r.follows()
	r.books.out = booked(invoiceable)
	r.shop.put(order("5001", 1))
}

func (r *rig) retestNow() {
	r.t.Helper()
	require.NoError(r.t, r.rdb.Del(context.Background(), jobKey("needs due")).Err())
}

func TestARecordThatIsDoneAndWaitsGoesOnByItself(t *testing.T) {
	r := newRig(t)
	r.awaits()
	stop := r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	require.Equal(t, []string{"5001"}, r.waits())
	rec := r.record("5001")
	require.Equal(t, Done, rec.Outcome)
	require.Equal(t, []string{invoiceable}, rec.Needs)
	require.Negative(t, r.rdb.PTTL(context.Background(), recordKey(ref("5001"))).Val(), "it never expires while it waits")
	parked, err := NewJournal(r.rdb).CountParked(context.Background(), "fi")
	require.NoError(t, err)
	require.Zero(t, parked, "nobody must look")

	// The same state again changes nothing, and it still waits.
	r.accept(hint("b", "5001", 1))
	r.ended("b", Done)
	require.Equal(t, "unchanged", r.record("5001").Reason)
	require.Equal(t, []string{"5001"}, r.waits())
	stop()

	w := NewWorker(r.opt)
	require.NoError(t, (&carer{Worker: w}).count(context.Background()))
	require.EqualValues(t, 1, r.gauge("odoogate_waiting_records", "fi"))

	r.books.set(func(b *fakeBooks) { b.out = booked(); b.met[invoiceable] = true })
	r.retestNow()
	r.start()
	r.ended("needs", Done)
	require.Empty(t, r.waits(), "nothing is waited for any more")
	require.Positive(t, r.rdb.PTTL(context.Background(), recordKey(ref("5001"))).Val(), "it is forgotten in time")
}

// An edit that is left to people does not end the waiting for the rest.
func TestARecordThatIsSkippedGoesOnWaiting(t *testing.T) {
	r := newRig(t)
	r.awaits()
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)
	before := r.record("5001")

	r.books.set(func(b *fakeBooks) {
		b.out = &erp.Outcome{Action: "skipped", Reason: "edits after delivery or invoice: not yet", OdooID: 7, OdooName: "S00007", Needs: []string{invoiceable}}
	})
	r.shop.put(order("5001", 2))
	r.accept(hint("b", "5001", 2))
	r.ended("b", Skipped)
	require.Equal(t, []string{"5001"}, r.waits())
	require.Equal(t, before.Digest, r.record("5001").Digest, "the edit is not applied")
}

func TestARecordThatWaitsAndIsParkedIsInOneList(t *testing.T) {
	r := newRig(t)
	r.awaits()
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Done)

	r.books.set(func(b *fakeBooks) {
		b.out, b.fails = booked(), &commerce.Error{Op: "invoice", Reason: commerce.Mismatch, Detail: "the invoice differs"}
	})
	r.shop.put(order("5001", 2))
	r.accept(hint("b", "5001", 2))
	r.ended("b", Parked)
	require.Empty(t, r.waits())
	n, err := NewJournal(r.rdb).CountParked(context.Background(), "fi")
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
}

// What is parked after the order itself was written is remembered with what was
// written: the next run can tell a change in the shop from one in Odoo.
func TestAnOrderThatIsParkedAfterItWasBookedIsRememberedAsBooked(t *testing.T) {
	r := newRig(t)
	r.follows()
	r.books.out = booked()
	r.books.fails = &commerce.Error{Op: "order", Reason: commerce.Held, Detail: "risk", Remedy: "release it", Needs: []string{"confirmed/fi/7"}}
	o := order("5001", 1)
	r.shop.put(o)
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Parked)
	rec := r.record("5001")
	require.Equal(t, string(commerce.Held), rec.Reason)
	require.Equal(t, o.Digest(), rec.Digest)
	require.Equal(t, at(1), rec.UpdatedAt)
	require.EqualValues(t, 7, rec.OdooID)
	require.Empty(t, rec.Progress, "its workflow is not through")

	r.accept(hint("b", "5001", 1))
	r.ended("b", Parked)
	require.Equal(t, o.Digest(), r.applied().Digest, "the run was told what was applied")
}

func (r *rig) applied() erp.Applied {
	r.books.mu.Lock()
	defer r.books.mu.Unlock()
	return r.books.last
}

func TestAReleaseReachesTheBooks(t *testing.T) {
	r := newRig(t)
	r.follows()
	r.books.out = booked()
	r.books.fails = &commerce.Error{Op: "order", Reason: commerce.Held, Needs: []string{"confirmed/fi/7"}}
	r.shop.put(order("5001", 1))
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Parked)
	require.False(t, r.applied().Released)

	r.books.set(func(b *fakeBooks) { b.fails = nil })
	require.NoError(t, NewJournal(r.rdb).Release(context.Background(), ref("5001")))
	asked, err := r.queue.Ask(context.Background(), LaneLive, ref("5001"), "release", "1")
	require.NoError(t, err)
	require.True(t, asked)
	r.ended("release", Done)
	require.True(t, r.applied().Released)
	require.True(t, r.record("5001").Released, "later runs know it too")
	r.accept(hint("b", "5001", 2))
	r.ended("b", Done)
	require.True(t, r.applied().Released)
}

// happened is an event about something that belongs to an order.
func happened(event, topic string, hint commerce.Hint, kind string) commerce.Event {
	return commerce.Event{ID: event, Topic: topic, Hint: hint, Ref: commerce.Ref{Shop: "fi", Kind: kind, ID: "9"}, Aggregate: ref("5001"),
		Received: time.Now(), Body: []byte("5001 1")}
}

func TestWhatBelongsToAnOrderMakesItBeRead(t *testing.T) {
	for _, e := range []commerce.Event{
		happened("p", "order_transactions/create", commerce.HintPayment, "transaction"),
		happened("f", "fulfillments/update", commerce.HintFulfilment, "fulfillment"),
		happened("b", "refunds/create", commerce.HintRefund, commerce.KindRefund),
		happened("g", "returns/close", commerce.HintReturn, "return"),
		happened("r", "orders/risk_assessment_changed", commerce.HintRisk, commerce.KindOrder),
	} {
		t.Run(e.Topic, func(t *testing.T) {
			r := newRig(t)
			r.follows()
			o := order("5001", 5)
			r.shop.put(o)
			r.start()
			r.accept(hint("a", "5001", 5))
			r.ended("a", Done)
			r.books.waitCalls(t, 1)

			paid := *o // a payment leaves the order's own time as it is
			paid.Payments = []commerce.Payment{{ID: "9", Kind: "sale", Status: "success", Amount: commerce.Money{Amount: decimal.NewFromInt(5), Currency: "EUR"}}}
			r.shop.put(&paid)
			e.UpdatedAt = at(3) // that of the parcel, which is older than the order's
			reads, calls := r.shop.readCount(), r.books.callCount()
			r.accept(e)
			r.ended(e.ID, Done)
			require.Equal(t, reads+1, r.shop.readCount(), "the shop is the truth")
			require.Equal(t, calls+1, r.books.callCount())
			require.Equal(t, paid.Progress(), r.record("5001").Progress)

			again := e
			again.ID = "again"
			r.accept(again)
			r.ended("again", Done)
			require.Equal(t, calls+1, r.books.callCount(), "nothing has become of the order since")
			require.Equal(t, "unchanged", r.record("5001").Reason)
		})
	}
}

// Without a workflow, what becomes of an order after it was placed changes nothing.
func TestAShopWithoutWorkflowsDoesNotFollowPayments(t *testing.T) {
	r := newRig(t)
	o := order("5001", 5)
	r.shop.put(o)
	r.start()
	r.accept(hint("a", "5001", 5))
	r.ended("a", Done)
	paid := *o
	paid.Financial = "paid"
	r.shop.put(&paid)
	r.accept(happened("p", "order_transactions/create", commerce.HintPayment, "transaction"))
	r.ended("p", Done)
	require.Equal(t, 1, r.books.callCount())
}

func (b *fakeBooks) callCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}
