package tasks

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient/odootest"
)

// A worker that dies leaves what it was about to write; what Odoo says since then is
// written over it, and over nothing else.
func TestWhatADeadRunWroteIsKnownAsOurs(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.ends(anna, Done, "created")
	id := r.account().ID
	ref := customerRef(strconv.FormatInt(id, 10))
	for n, dies := range []func(){
		func() { require.NoError(t, r.rdb.Del(t.Context(), recordKey(ref)).Err()) }, // after it made the account
		func() {},
	} {
		// The run before wrote this, and died before it could say so.
		phone := fmt.Sprint("100000", n)
		r.odoo.Set("res.partner", anna, odootest.Values{"phone": phone})
		k, err := r.w.books.Contact(t.Context(), r.opt.Shops["fi"].Config, anna)
		require.NoError(t, err)
		c, err := r.opt.Shops["fi"].Customers.Customer(t.Context(), ref.ID)
		require.NoError(t, err)
		plan := k.Plan(c, r.recordOf(ref).CustomerApplied(), nil)
		require.Equal(t, []string{"phone"}, plan.Parts)
		p := &push{Worker: r.w, held: &lease{ref: contactRef("fi", anna), ctx: t.Context()}}
		require.NoError(t, p.intend(plan.Sent))
		require.NoError(t, r.woo.UpdateCustomer(id, func(c *woocommercetest.Customer) { c.Billing.Phone = phone }))
		dies()
		r.odoo.Set("res.partner", anna, odootest.Values{"phone": "+358 50 7654321"})
		r.ends(anna, Done, "updated")
		require.Equal(t, "+358 50 7654321", r.account().Billing.Phone)
	}
}

// An import of the account and a push of its contact wait for each other.
func TestAPushAndAnImportOfOneAccountNeverRunAtOnce(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.ends(anna, Done, "created")
	ref := customerRef(strconv.FormatInt(r.account().ID, 10))
	held, answer, err := r.w.leases.enter(t.Context(), r.opt.Bodies.arrive(lookOf(ref, "pull", "1")))
	require.NoError(t, err)
	require.Equal(t, leaseFree, answer)
	e := lookOf(contactRef("fi", anna), pushTopic, "n")
	require.Error(t, r.w.pushCustomer(t.Context(), e))
	require.Equal(t, []any{Snooze, "conflict"}, []any{r.event(e).State, r.event(e).Reason})
	answer, err = held.leave(t.Context(), ending{verdict: Verdict{Outcome: Done}}, false)
	require.NoError(t, err)
	require.Equal(t, leaseFree, answer, "a push that waits is nothing that came for the account")
	held.close()
	require.NoError(t, r.w.pushCustomer(t.Context(), e))
	require.Equal(t, Done, r.event(e).State)

	// What comes for the account while it is pushed is looked at after it.
	beside, err := r.w.leases.beside(t.Context(), ref)
	require.NoError(t, err)
	require.NotNil(t, beside)
	require.NoError(t, r.w.importCustomer(t.Context(), lookOf(ref, "pull", "2")))
	p := &push{Worker: r.w, held: &lease{ref: contactRef("fi", anna), ctx: t.Context()}}
	require.NoError(t, p.leave(beside, "", nil))
	beside.close()
	waiting, err := r.rdb.LRange(context.Background(), "asynq:{"+LaneOperator+"}:pending", 0, -1).Result()
	require.NoError(t, err)
	require.Equal(t, []string{"fi/more/customer/" + ref.ID + "/more/" + beside.token + "/0"}, waiting)
	require.Zero(t, r.rdb.Exists(t.Context(), leaseKey(ref)).Val())

	// One that dies with it is seen: an import looks at what it left.
	dead, err := leases{rdb: r.rdb, ttl: 10 * time.Millisecond}.beside(t.Context(), ref)
	require.NoError(t, err)
	dead.close()
	require.Eventually(t, func() bool {
		require.NoError(t, r.carer().rescue(t.Context()))
		return len(r.waiting()) == 1
	}, 5*time.Second, 5*time.Millisecond)
	require.Contains(t, r.waiting()[0], "fi/rescue/customer/"+ref.ID)
}

func TestErasingACustomerForgetsWhatWasPushed(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	r.ends(anna, Done, "created")
	ref := customerRef(strconv.FormatInt(r.account().ID, 10))
	contact := contactRef("fi", anna)
	require.NoError(t, r.rdb.HSet(t.Context(), recordKey(contact), "sent", `{"phone":"x"}`).Err())
	require.EqualValues(t, 1, r.rdb.Exists(t.Context(), accountKey(contact)).Val())
	x := &eraser{holdings: holdings{rdb: r.rdb, shops: r.opt.Shops}}
	require.NoError(t, x.texts(t.Context(), ref))
	require.Zero(t, r.rdb.Exists(t.Context(), accountKey(contact)).Val())
	require.Nil(t, r.recordOf(contact).Sent)
	require.Nil(t, r.recordOf(ref).Marks)
}

// What the shop tells of a new account before the push is through is looked at after it:
// only then it is known that Odoo's side is as it was.
func TestTheNewsOfANewAccountWaitForThePushThatMadeIt(t *testing.T) {
	t.Parallel()
	r := newPushRig(t)
	anna := r.anna()
	k, err := r.w.books.Contact(t.Context(), r.opt.Shops["fi"].Config, anna)
	require.NoError(t, err)
	p := &push{Worker: r.w, shop: r.opt.Shops["fi"], held: &lease{ref: contactRef("fi", anna), ctx: t.Context(), leases: r.w.leases, until: time.Now().Add(time.Minute)}, end: &ending{}}
	p.setter, _ = p.shop.Customers.(handlers.CustomerSetter)
	_, err = p.create(k) // and the run dies
	require.NoError(t, err)
	before := r.odoo.Partners()
	news, err := r.woo.News()
	require.NoError(t, err)
	in := handlers.Delivery{Header: news[0].Header(), Body: news[0].Body, Received: time.Now()}
	events, err := p.shop.Receiver.Events(in)
	require.NoError(t, err)
	for range 2 {
		require.Error(t, r.w.importCustomer(t.Context(), events[0]))
		require.Equal(t, []any{Snooze, "a push is making the account"}, []any{r.event(events[0]).State, r.event(events[0]).Detail})
	}
	r.ends(anna, Done, "unchanged")
	require.NoError(t, r.w.importCustomer(t.Context(), events[0]))
	require.Equal(t, []any{Done, "unchanged"}, []any{r.event(events[0]).State, r.event(events[0]).Reason})
	require.Equal(t, before, r.odoo.Partners())
	require.Zero(t, r.rdb.Exists(t.Context(), newKey("fi", "anna@example.com")).Val())
}
