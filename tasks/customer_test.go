package tasks

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

func TestAnAccountIsBroughtToItsContactOnceHoweverOftenItIsTold(t *testing.T) {
	r := newRig(t)
	shop := r.followed()
	shop.put(customer("7", 1))
	r.accept(accountHint("a", "7", 1))
	require.True(t, r.accept(accountHint("a", "7", 1)), "the queue has it")
	stop := r.start()
	line := r.ended("a", Done)
	require.Equal(t, []string{"customer:import", "created", "fi/customer/7"}, []string{line["task"], line["reason"], line["ref"]})
	r.taskState(accountHint("a", "7", 1).TaskID(), "completed")
	stop()
	_, err := r.rdb.Del(context.Background(), "asynq:{live}:t:"+accountHint("a", "7", 1).TaskID()).Result()
	require.NoError(t, err)
	r.start()
	r.accept(accountHint("a", "7", 1))
	r.ended("a", Duplicate)
	require.Equal(t, 1, r.books.contactCalls())
	rec := r.customerRecord("7")
	require.Equal(t, []any{Done, int64(70), "70", at(1), false, 1}, []any{rec.Outcome, rec.OdooID, rec.OdooName, rec.UpdatedAt, rec.Begun, rec.Writes})
	require.NotEmpty(t, rec.Digest)
	require.Contains(t, rec.Marks, "phone")
	require.Equal(t, 1, shop.readCount(), "what Odoo holds of an unknown one, no payload can tell")
	entry := r.event(accountHint("a", "7", 1))
	var steps []string
	for _, s := range entry.Steps {
		steps = append(steps, s.What)
	}
	require.Equal(t, []string{"received", "taken", "read", "written", "done"}, steps)
	require.Equal(t, 1, entry.Repeats)

	r.accept(accountHint("b", "7", 2))
	r.ended("b", Done)
	require.Equal(t, 1, shop.readCount(), "a newer payload does where an older state was applied")
	require.Equal(t, at(2), r.books.contact("7"))
	r.books.set(func(b *fakeBooks) { require.Equal(t, rec.CustomerApplied().Fields, b.contacts.last.Fields) })
	r.silent()
}

func TestTwoDeliveriesOfAnAccountAtOnceAreOneRun(t *testing.T) {
	r := newRig(t)
	shop := r.followed()
	shop.put(customer("7", 1))
	begun, goOn := make(chan struct{}, 4), make(chan struct{})
	r.books.contacts.during = func(ctx context.Context, _ *commerce.Customer, still func(context.Context) error) error {
		begun <- struct{}{}
		<-goOn
		return still(ctx)
	}
	r.start()
	r.accept(accountHint("a", "7", 1))
	<-begun
	shop.put(customer("7", 2))
	r.accept(accountHint("b", "7", 2))
	r.ended("b", Coalesced)
	close(goOn)
	r.ended("a", Done)
	require.Equal(t, at(2), r.books.contact("7"), "the run that was under way looks again")
	require.Equal(t, 2, r.books.contactCalls())
}

func TestAnOlderStateOfAnAccountIsLeftAlone(t *testing.T) {
	r := newRig(t)
	shop := r.followed()
	shop.put(customer("7", 5))
	r.start()
	r.accept(accountHint("a", "7", 5))
	r.ended("a", Done)
	r.accept(accountHint("b", "7", 3))
	r.ended("b", Stale)
	require.Equal(t, []any{1, 1}, []any{r.books.contactCalls(), shop.readCount()})
	r.accept(accountHint("c", "7", 5)) // the same second: the shop is read
	require.Equal(t, "unchanged", r.ended("c", Done)["reason"])
	require.Equal(t, []any{1, 2}, []any{r.books.contactCalls(), shop.readCount()})
}

func TestAnAccountThatIsGoneKeepsItsContact(t *testing.T) {
	r := newRig(t)
	shop := r.followed()
	shop.put(customer("7", 1))
	r.start()
	r.accept(accountHint("a", "7", 1))
	r.ended("a", Done)
	shop.remove("7")
	r.accept(accountDeletion("b", "7"))
	require.Equal(t, accountGone, r.ended("b", Skipped)["reason"])
	require.Equal(t, 2, shop.readCount(), "the shop is asked whether it is true")
	r.accept(accountHint("c", "7", 2)) // it was told late, and its payload is not enough any more
	require.Equal(t, accountGone, r.ended("c", Skipped)["reason"])
	require.Equal(t, 1, r.books.contactCalls())
	require.EqualValues(t, 70, r.customerRecord("7").OdooID)
	r.accept(accountDeletion("e", "8"))
	require.Equal(t, accountNeverSeen, r.ended("e", Skipped)["reason"])
	r.accept(accountHint("d", "1", 1)) // that of staff
	require.Equal(t, string(commerce.Ignored), r.ended("d", Skipped)["reason"])
}

// A shop says that an account is deleted, and it is there: its webhook has the wrong topic,
// or tells of another record of that number.
func TestAnAccountThatIsThereIsNotGoneWhateverIsTold(t *testing.T) {
	r := newRig(t)
	shop := r.followed()
	shop.put(customer("7", 1))
	r.start()
	r.accept(accountDeletion("a", "7"))
	require.Equal(t, "created", r.ended("a", Done)["reason"])
	shop.put(customer("7", 2))
	r.accept(accountDeletion("b", "7"))
	r.ended("b", Done)
	require.Equal(t, at(2), r.books.contact("7"))
	entry := r.event(accountDeletion("b", "7"))
	require.Equal(t, []any{Done, accountThere}, []any{entry.State, entry.Detail})
	shop.put(customer("7", 3))
	r.accept(accountHint("later", "7", 3))
	require.Empty(t, r.ended("later", Done)["detail"])
	shop.fail(&commerce.Error{Op: "customer", Reason: commerce.Denied})
	r.accept(accountDeletion("c", "7"))
	r.ended("c", Retry)
	require.NotEqual(t, accountGone, r.customerRecord("7").Reason, "a shop that does not answer the question has not said so")
}

func TestAccountsOfAShopThatLeavesThemAloneAreNoted(t *testing.T) {
	for name, alone := range map[string]func(*rig){
		"they cannot be read": func(*rig) {},
		"books.customers.accounts is orders": func(r *rig) {
			r.followed().put(customer("7", 1))
			r.opt.Shops["fi"].Config.Books.Customers.Accounts = "orders"
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			alone(r)
			r.start()
			r.accept(accountHint("a", "7", 1))
			line := r.ended("a", Skipped)
			require.Equal(t, []string{"not yet", NoteEvent.Name}, []string{line["reason"], line["task"]})
			require.Empty(t, r.customerRecord("7").Outcome)
			did, err := r.operator().SurveyRetry(context.Background(), mean(r.event(accountHint("a", "7", 1)).ID))
			require.NoError(t, err)
			require.Equal(t, 1, did.LeftOut)
			require.Contains(t, did.Because[0], "is of an account, and ")
		})
	}
}

func TestAccountsOfAPausedShopWait(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Retry = 50 * time.Millisecond
	r.followed().put(customer("7", 1))
	require.NoError(t, r.pauses().Pause(t.Context(), "fi", "stocktaking"))
	r.start()
	r.accept(accountHint("a", "7", 1))
	require.Eventually(t, func() bool {
		e, known, err := NewJournal(r.rdb).Event(t.Context(), "fi", accountHint("a", "7", 1).TaskID())
		return err == nil && known && e.State == Snooze
	}, time.Minute, 10*time.Millisecond)
	require.Zero(t, r.books.contactCalls())
	_, _, err := r.pauses().Resume(t.Context(), "fi")
	require.NoError(t, err)
	r.ended("a", Done)
}

func TestAnAccountThatIsOnlyObservedIsNotRememberedAsApplied(t *testing.T) {
	r := newRig(t)
	r.followed().put(customer("7", 1))
	r.opt.Shops["fi"].Config.Mode = "observe"
	r.start()
	r.accept(accountHint("a", "7", 1))
	line := r.ended("a", Skipped)
	require.Equal(t, []string{"observed", "make a contact"}, []string{line["reason"], line["detail"]})
	rec := r.customerRecord("7")
	require.Empty(t, rec.Digest)
	require.Nil(t, rec.Marks)
}

func TestAnAccountThatFailsIsRetriedParkedAndTriedByHandLikeAnOrder(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Retry = 20 * time.Millisecond
	r.followed().put(customer("7", 1))
	r.books.contacts.out = &erp.CustomerOutcome{Writes: 1}
	r.books.contacts.fails = &commerce.Error{Op: "erp.customer", Reason: commerce.Internal, Detail: "no contact for " + canary}
	r.start()
	r.accept(accountHint("a", "7", 1))
	require.NotContains(t, r.ended("a", Retry)["detail"], canary)
	rec := r.customerRecord("7")
	require.Equal(t, []any{Retry, true}, []any{rec.Outcome, rec.Begun}, "it wrote something")
	r.books.set(func(b *fakeBooks) {
		b.contacts.out = &erp.CustomerOutcome{}
		b.contacts.fails = &commerce.Error{Op: "erp.customer", Reason: commerce.Missing, Detail: "two contacts have the e-mail address " + canary,
			Remedy: "merge them", Needs: []string{"partner/fi/1"}}
	})
	r.ended("a", Parked)
	was := r.event(accountHint("a", "7", 1))
	require.Equal(t, []any{Parked, "two contacts have the e-mail address […]"}, []any{was.State, was.Detail})
	causes, err := r.operator().Failures(t.Context(), "fi")
	require.NoError(t, err)
	require.Equal(t, "customer/7", causes[0].Like[0].Record)
	trace, err := r.operator().Trace(t.Context(), was.ID)
	require.NoError(t, err)
	require.Contains(t, trace.Commands, "odoogate events run fi "+was.ID)
	require.Equal(t, "customer/7", trace.Record.Record)

	r.books.set(func(b *fakeBooks) { b.contacts.out, b.contacts.fails = nil, nil })
	did, err := r.operator().Retry(t.Context(), mean(was.ID), nil)
	require.NoError(t, err)
	r.ended("retry", Done)
	require.Equal(t, Superseded, r.event(accountHint("a", "7", 1)).State)
	run, err := r.operator().Event(t.Context(), "fi", did.Run)
	require.NoError(t, err)
	require.Equal(t, customerRef("7"), run.Ref)
	require.False(t, r.customerRecord("7").Begun)
	r.silent()
}

func TestAParkedAccountIsClosedForGood(t *testing.T) {
	r := newRig(t)
	r.followed().put(customer("7", 1))
	r.books.contacts.out, r.books.contacts.fails = &erp.CustomerOutcome{}, &commerce.Error{Op: "erp.customer", Reason: commerce.Missing, Detail: "two contacts", Remedy: "merge them"}
	r.start()
	r.accept(accountHint("a", "7", 1))
	r.ended("a", Parked)
	e := r.event(accountHint("a", "7", 1))
	did, err := r.operator().Discard(t.Context(), mean(e.ID), "they are two people", nil)
	require.NoError(t, err)
	require.Equal(t, 1, did.Events)
	require.Equal(t, Discarded, r.event(accountHint("a", "7", 1)).State)
	rec := r.customerRecord("7")
	require.Equal(t, []any{Skipped, string(Discarded)}, []any{rec.Outcome, rec.Reason})
	n, err := NewJournal(r.rdb).CountParked(t.Context(), "fi")
	require.NoError(t, err)
	require.Zero(t, n)
}

func TestErasingACustomerErasesTheirAccount(t *testing.T) {
	r := newRig(t)
	shop := r.followed()
	shop.put(customer("14", 1), customer("15", 1))
	stop := r.start()
	r.accept(accountHint("a", "14", 1))
	r.accept(accountHint("b", "15", 1))
	r.ended("a", Done)
	r.ended("b", Done)
	r.taskState(accountHint("b", "15", 1).TaskID(), "completed")
	stop()
	shop.put(customer("14", 2))
	r.accept(accountHint("c", "14", 2))
	rep, err := r.requests().Held(t.Context(), redaction("fi", "14", nil))
	require.NoError(t, err)
	require.Equal(t, "14", rep.InJournal[0].Customer)
	require.Empty(t, rep.InJournal[0].Order)

	require.Equal(t, Done, r.carry(wish("w", commerce.WishErase)).Outcome)
	for _, key := range r.holding(canary) {
		require.NotContains(t, key, "/14/")
	}
	rec := r.customerRecord("14")
	require.Equal(t, []any{Done, "", int64(0), ""}, []any{rec.Outcome, rec.Digest, rec.OdooID, rec.OdooName})
	require.Nil(t, rec.Marks)
	require.Empty(t, rec.Tried)
	require.NotNil(t, r.customerRecord("15").Marks)
	require.NotEmpty(t, r.customerRecord("15").Tried)
	require.Equal(t, 1, r.request("customers/redact/14").Removed.Records)
	r.start()
	r.ended("c", Done)
	require.Equal(t, at(2), r.books.contact("14"), "an event was lost with its body")
	r.silent()
}

func TestAnAccountWhoseWorkerDiedIsHandedToAnother(t *testing.T) {
	r := newRig(t)
	r.followed().put(customer("7", 1))
	ctx := t.Context()
	held, answer, err := leases{rdb: r.rdb, ttl: 10 * time.Millisecond}.enter(ctx, r.opt.Bodies.arrive(accountHint("a", "7", 1)))
	require.NoError(t, err)
	require.Equal(t, leaseFree, answer)
	held.close() // its worker dies
	require.Eventually(t, func() bool {
		require.NoError(t, r.carer().rescue(ctx))
		return len(r.waiting()) == 1
	}, time.Minute, 10*time.Millisecond)
	r.start()
	r.ended("rescue", Done)
	require.Equal(t, at(1), r.books.contact("7"))
}

func TestAnAccountWhoseTaskRedisForgotRunsAgain(t *testing.T) {
	r := newRig(t)
	r.followed().put(customer("7", 1))
	e, n := accountHint("a", "7", 1), 0
	r.books.contacts.during = func(ctx context.Context, _ *commerce.Customer, _ func(context.Context) error) error {
		if n++; n > 1 {
			return nil
		}
		require.NoError(r.t, r.rdb.Del(ctx, "asynq:{live}:active", "asynq:{live}:t:"+e.TaskID()).Err())
		return &commerce.Error{Reason: commerce.Conflict}
	}
	r.accept(e)
	stop := r.start()
	r.ended("a", Retry)
	stop()
	r.age(e)
	require.NoError(t, r.carer().lost(t.Context()))
	require.Equal(t, []string{e.TaskID()}, r.waiting())
	r.start()
	r.ended("a", Done)
}

func TestSettingsThatDecideAboutAccountsAreToldApart(t *testing.T) {
	shop := config.Shop{ID: "fi"}
	before := under(shop)
	shop.Books.Team = "Web"
	require.Equal(t, before, under(shop))
	shop.Books.Customers.Accounts = "all"
	require.NotEqual(t, before, under(shop))
}

func TestAParkedAccountIsToldToAPersonAndOverOnceItGoesThrough(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	r.alerted(hook.target())
	shop := r.followed()
	shop.put(customer("7", 1), customer("8", 1))
	r.books.contacts.out, r.books.contacts.fails = &erp.CustomerOutcome{}, &commerce.Error{Op: "erp.customer", Reason: commerce.Mismatch, Detail: "two contacts", Remedy: "merge them"}
	r.start()
	r.accept(accountHint("a", "7", 1))
	r.ended("a", Parked)
	one := hook.wait(t, 1)[0].Alerts[0]
	require.Equal(t, []string{config.AlertParked, "odoogate events ls fi --record customer/7", "merge them"}, []string{one.Kind, one.Look, one.Remedy})
	require.Equal(t, []string{"customer/7"}, one.Orders)
	r.accept(accountHint("b", "8", 1))
	r.ended("b", Parked)
	r.tend()
	require.Equal(t, 2, r.open()[0].Count)
	r.books.set(func(b *fakeBooks) { b.contacts.out, b.contacts.fails = nil, nil })
	for event, id := range map[string]string{"c": "7", "d": "8"} {
		shop.put(customer(id, 2))
		r.accept(accountHint(event, id, 2))
		r.tend()
		require.Len(t, r.open(), 1, "one of them waits yet")
		r.ended(event, Done)
	}
	r.tend()
	require.Empty(t, r.open())
	require.Equal(t, "resolved", hook.wait(t, 2)[1].State)
	r.silent()
}

func TestAccountsThatWaitedAreAskedForAfterALossOfRedis(t *testing.T) {
	r := newRig(t)
	r.followed()
	state := keptState{Signed: 5, Shops: map[string]keptShop{"fi": {Open: []string{"customer/7", "product/8", "order/9"}}}}
	require.NoError(t, r.carer().askOpen(t.Context(), state))
	require.ElementsMatch(t, []string{"fi/lost/customer/7/lost/5", "fi/lost/order/9/lost/5"},
		r.rdb.LRange(t.Context(), "asynq:{sweep}:pending", 0, -1).Val())
}

// Of a customer whose contact came with an order nothing would tell later whether the shop
// or people changed it.
func TestTheAccountOfANewOrdersBuyerIsLookedAtOnce(t *testing.T) {
	buys := func(event, order string) commerce.Event {
		e := hint(event, order, 1)
		e.Body = append(e.Body, " 7"...)
		return e
	}
	r := newRig(t)
	r.followed().put(customer("7", 1))
	r.start()
	r.accept(buys("a", "5001"))
	line := r.ended("met", Done)
	require.Equal(t, []string{"customer:import", "fi/customer/7"}, []string{line["task"], line["ref"]})
	r.accept(buys("b", "5002"))
	r.ended("b", Done)
	queued, err := r.rdb.LLen(context.Background(), "asynq:{"+LaneSweep+"}:pending").Result()
	require.NoError(t, err)
	require.Zero(t, queued)
	require.Equal(t, 1, r.books.contactCalls())

	alone := newRig(t) // its shop's accounts cannot be read
	alone.start()
	alone.accept(buys("a", "5001"))
	alone.ended("a", Done)
	require.Zero(t, alone.rdb.Exists(context.Background(), "asynq:{"+LaneSweep+"}:pending").Val())
}
