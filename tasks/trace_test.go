package tasks

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// told is an Odoo that has documents of one order.
type told struct {
	OperatorBooks
	of string
}

func (s told) Story(_ context.Context, _ config.Shop, ref commerce.Ref, number string) (erp.Story, error) {
	if ref.ID != s.of || number == "" {
		return erp.Story{}, nil
	}
	return erp.Story{Order: &erp.StoryOrder{Name: "S00007", State: "sale"},
		Transfers: []erp.StoryTransfer{{Name: "WH/OUT/1", Kind: "outgoing", State: "done"}, {Name: "WH/IN/1", Kind: "incoming", State: "done"}},
		Invoices:  []erp.StoryInvoice{{Name: "/", Type: "out_invoice", State: "draft"}, {Name: "INV/1", Type: "out_invoice", State: "posted", Paid: "in_payment"}},
		Payments:  []erp.StoryPayment{{Name: "PBNK/1", State: "paid"}}}, nil
}

func (r *rig) trace(text string) *Trace {
	r.t.Helper()
	tr, err := NewOperator(OperatorOptions{Redis: r.rdb, Shops: r.opt.Shops, Books: told{of: "5001"}, Who: "anna"}).Trace(context.Background(), text)
	require.NoError(r.t, err)
	return tr
}

// line is a timeline in words.
func (t *Trace) line() string {
	var words []string
	for _, m := range t.Timeline {
		words = append(words, m.What)
	}
	return strings.Join(words, " ")
}

func TestATraceFindsAnEventByEachOfItsNames(t *testing.T) {
	r := newRig(t)
	now := time.Now()
	r.books.set(func(b *fakeBooks) {
		b.out = &erp.Outcome{Action: "created", OdooID: 7, OdooName: "S00007", Planned: now, Written: now, Verified: now}
	})
	stop := r.start()
	e := hint("b54557e4", "5001", 1)
	e.Request = "cuwpl5na89rh"
	r.accept(e)
	r.ended("b54557e4", Done)
	for i := range 30 { // others, which are not meant
		require.NoError(t, NewJournal(r.rdb).note(context.Background(), r.opt.Bodies.arrive(hint(fmt.Sprint("x", i), "77", 1)), Verdict{Outcome: Done}, fmt.Sprint(i)))
	}
	for _, name := range []string{r.event(e).ID, e.TaskID(), "b54557e4", "cuwpl5na89rh", "#5001", "5001"} {
		tr := r.trace(name)
		require.Equal(t, []any{"fi", r.event(e).ID, "nothing: it is over"}, []any{tr.Shop, tr.Event.ID, tr.Next}, name)
		require.Equal(t, "received accepted taken read planned written verified done", tr.line())
		require.Equal(t, []Document{{"order", "S00007", "sale"}, {"delivery", "WH/OUT/1", "done"}, {"return", "WH/IN/1", "done"},
			{"invoice", "a draft", "draft"}, {"invoice", "INV/1", "posted, in payment"}, {"payment", "PBNK/1", "paid"}}, tr.Odoo)
		require.Equal(t, "S00007", tr.Record.Odoo)
	}
	_, err := r.operator().Trace(context.Background(), "unheard")
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))

	other := hint("y", "9", 1)
	other.Ref.Shop, other.Aggregate.Shop = "se", "se"
	require.NoError(t, NewJournal(r.rdb).note(context.Background(), r.opt.Bodies.arrive(other), Verdict{Outcome: Done}, "y"))
	require.NoError(t, r.rdb.SAdd(context.Background(), numberKey("se", "#5001"), "order/9").Err())
	stop() // it reads the shops
	r.opt.Shops["se"] = &handlers.Shop{ID: "se"}
	_, err = r.operator().Trace(context.Background(), "#5001")
	require.ErrorContains(t, err, "the shops fi and se have an order with the number #5001")
	require.Equal(t, commerce.Conflict, commerce.ReasonOf(err))
}

func TestATraceOfWhatNoWorkerHasTakenNamesItsLane(t *testing.T) {
	r := newRig(t)
	e := hint("a", "5001", 1)
	r.accept(e)
	_, err := r.operator().Trace(context.Background(), e.TaskID())
	require.ErrorContains(t, err, "is pending in lane live: no worker has taken it yet")
}

func TestATraceFollowsAnEventThatNamesNoOrderToItsOrder(t *testing.T) {
	r := newRig(t)
	r.finds()
	r.start()
	e := sentBack("r", "9")
	r.accept(e)
	r.came("r", Done)
	r.looked("r", Done)
	tr := r.trace("r")
	require.Equal(t, []string{r.event(e).ID, "order/5001", "S00007"}, []string{tr.Event.ID, tr.Record.Record, tr.Odoo[0].Name},
		"the delivery is meant, and not the look that it led to")
	require.Len(t, tr.Others, 1)
	require.Equal(t, "r", tr.Others[0].Delivery)
}

func TestATraceSaysWhatComesNext(t *testing.T) {
	r := newRig(t)
	r.parksAll("sku/fi/ABC")
	stop := r.start()
	was := r.parkedEvent("a", "5001")
	tr := r.trace("a")
	require.Equal(t, "make it; it runs again by itself once there is sku/fi/ABC", tr.Next)
	require.Equal(t, []string{"odoogate events run fi " + was.ID, "odoogate events discard fi " + was.ID + " --why …"}, tr.Commands)
	next := r.parkedEvent("b", "5001")
	tr = r.trace("a")
	require.Equal(t, "received accepted taken read parked superseded followed by", tr.line())
	require.Equal(t, "nothing comes of this one any more: see event "+next.ID, tr.Next)

	// One that comes again: when is what the queue says.
	r.books.set(func(b *fakeBooks) { b.fails = &commerce.Error{Op: "order", Reason: commerce.Denied} })
	r.accept(hint("c", "5002", 1))
	r.ended("c", Retry)
	stop()
	require.Regexp(t, `^it runs again by itself at \d{4}-`, r.trace("c").Next)
	require.NoError(t, r.operator().Pause(context.Background(), "fi", "stocktaking"))
	tr = r.trace("c")
	require.Contains(t, tr.Next, "fi is paused since")
	require.Equal(t, []string{"odoogate shop resume fi"}, tr.Commands)
}

func TestATraceTellsThatADeliveryWaitedInTheSpool(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	r.redis.Kill()
	e := hint("a", "5001", 1)
	r.takes(in, e)
	r.redis.Restart()
	start()
	r.start()
	r.ended("a", Done)
	require.Equal(t, "into the gateway's spool, and from there into Redis", r.trace("a").Timeline[1].Says)
	require.Equal(t, e.Body, func() []byte {
		body, err := r.opt.Bodies.Read(context.Background(), r.rdb, "fi", r.event(e).ID)
		require.NoError(t, err)
		return body
	}())
}
