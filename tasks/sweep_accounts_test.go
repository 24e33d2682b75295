package tasks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// accountsSweeping is a rig whose shop has accounts, and the job that goes through them.
func accountsSweeping(t *testing.T) (*rig, *fakeAccounts, func() string) {
	r := newRig(t)
	r.knownRedis()
	shop := r.followed()
	return r, shop, func() string {
		c := r.carer()
		said, err := c.sweepAccounts(context.Background(), c.shops["fi"])
		require.NoError(t, err)
		return said
	}
}

// through waits until so many looks of sweeps have ended.
func (r *rig) through(looks int) {
	r.t.Helper()
	require.Eventually(r.t, func() bool {
		r.lines.mu.Lock()
		defer r.lines.mu.Unlock()
		n := 0
		for _, line := range r.lines.lines {
			if line["event"] == "sweep" && line["outcome"] != "" {
				n++
			}
		}
		return n >= looks
	}, time.Minute, 10*time.Millisecond)
}

func TestASweepAsksForAccountsThatAreUnknownOrChanged(t *testing.T) {
	r, shop, sweep := accountsSweeping(t)
	for id := range 2*accountsPage + 3 {
		shop.put(customer(fmt.Sprint(1000+id), 1))
	}
	r.start()
	require.Equal(t, "103 accounts, 103 of them to look at", sweep())
	r.through(2*accountsPage + 3)
	require.Equal(t, "103 accounts, 0 of them to look at", sweep())
	shop.put(customer("1001", 2))
	shop.put(customer("9000", 1))
	require.Equal(t, "104 accounts, 2 of them to look at", sweep())
	r.through(2*accountsPage + 5)
	require.Equal(t, at(2), r.books.contact("1001"))
	require.Equal(t, at(1), r.books.contact("9000"))
	require.Equal(t, "104 accounts, 0 of them to look at", sweep())
}

func TestASweepOfAccountsWaitsForRoomInItsLane(t *testing.T) {
	r, shop, _ := accountsSweeping(t)
	for id := range 2 * accountsPage {
		shop.put(customer(fmt.Sprint(1000+id), 1))
	}
	c, ended := r.carer(), make(chan error, 1)
	go func() {
		_, err := c.sweepAccounts(context.Background(), c.shops["fi"])
		ended <- err
	}()
	require.Eventually(t, func() bool { return r.sweepTasks() == accountsPage }, time.Minute, 5*time.Millisecond)
	select {
	case err := <-ended:
		t.Fatalf("it did not wait: %v", err)
	case <-time.After(3 * sweepLook):
	}
	require.EqualValues(t, accountsPage, r.sweepTasks())
	r.start()
	require.NoError(t, <-ended)
	r.through(2 * accountsPage)
}

func TestAnAccountThatStaysOutIsAskedForAgainWhenItOrTheSettingsChange(t *testing.T) {
	r, shop, sweep := accountsSweeping(t)
	shop.put(customer("7", 1))
	r.books.contacts.out = &erp.CustomerOutcome{Action: "skipped", Reason: "no contact has its e-mail address"}
	stop := r.start()
	require.Equal(t, "1 account, 1 of them to look at", sweep())
	r.through(1)
	require.Equal(t, "1 account, 0 of them to look at", sweep())
	shop.put(customer("7", 2))
	changed := r.customerRecord("7").Looked.Add(time.Hour)
	shop.accounts["7"].UpdatedAt = changed // by the shop's clock, which is ours
	require.Equal(t, "1 account, 1 of them to look at", sweep())
	r.through(2)
	stop()
	shop.accounts["7"].UpdatedAt = at(2)
	require.Equal(t, "1 account, 0 of them to look at", sweep())
	r.opt.Shops["fi"].Config.Books.Customers.Accounts = "all"
	require.Equal(t, "1 account, 1 of them to look at", sweep())
}

func TestAnAccountThatWasBegunAndStaysOutIsNotAskedForEachDay(t *testing.T) {
	for name, ends := range map[string]struct {
		out     erp.CustomerOutcome
		fails   error
		outcome Outcome
	}{
		"it is skipped": {out: erp.CustomerOutcome{Action: "skipped", Reason: "contact 70 is archived in Odoo"}, outcome: Skipped},
		"it is parked":  {fails: &commerce.Error{Op: "erp.customer", Reason: commerce.Invalid, Detail: "Odoo refuses it"}, outcome: Parked},
	} {
		t.Run(name, func(t *testing.T) {
			r, shop, sweep := accountsSweeping(t)
			r.opt.Config.Retry = 20 * time.Millisecond
			shop.put(customer("7", 1))
			r.books.contacts.out, r.books.contacts.fails = &erp.CustomerOutcome{Writes: 1}, &commerce.Error{Op: "erp.customer", Reason: commerce.Internal}
			r.start()
			require.Equal(t, "1 account, 1 of them to look at", sweep())
			r.ended("sweep", Retry)
			r.books.set(func(b *fakeBooks) { b.contacts.out, b.contacts.fails = &ends.out, ends.fails })
			r.ended("sweep", ends.outcome)
			rec := r.customerRecord("7")
			require.Equal(t, []any{ends.outcome, true}, []any{rec.Outcome, rec.Begun}, "the next run that writes knows of it")
			require.Equal(t, "1 account, 0 of them to look at", sweep())

			shop.put(customer("7", 2))
			shop.accounts["7"].UpdatedAt = rec.Looked.Add(time.Hour)
			r.books.set(func(b *fakeBooks) { b.contacts.out, b.contacts.fails = nil, nil })
			require.Equal(t, "1 account, 1 of them to look at", sweep())
			r.ended("sweep", Done)
			require.False(t, r.customerRecord("7").Begun)
		})
	}
}

func TestAnObservedAccountIsAskedForOnceItsShopIsLive(t *testing.T) {
	r, shop, sweep := accountsSweeping(t)
	shop.put(customer("7", 1))
	r.opt.Shops["fi"].Config.Mode = "observe"
	stop := r.start()
	require.Equal(t, "1 account, 1 of them to look at", sweep())
	r.through(1)
	require.Equal(t, "1 account, 0 of them to look at", sweep())
	require.Eventually(t, func() bool { return r.rdb.Exists(t.Context(), observedKey("fi")).Val() == 1 }, time.Minute, 10*time.Millisecond)
	stop()
	r.opt.Shops["fi"].Config.Mode, r.opt.Shops["fi"].Config.GoLive = "live", config.Moment{Time: at(0)}
	require.NoError(t, r.carer().refill(t.Context()))
	require.Equal(t, "1", r.rdb.HGet(t.Context(), stateKey("fi", JobCustomers), "asked").Val())
	require.Equal(t, "1 account, 1 of them to look at", sweep())
}

func TestASweepOfAccountsStopsForAPauseAndFailsWithTheShop(t *testing.T) {
	r, shop, _ := accountsSweeping(t)
	shop.put(customer("7", 1))
	c := r.carer()
	require.NoError(t, NewJobs(r.rdb).Pause(t.Context(), "fi", JobCustomers, "eeva"))
	_, err := c.sweepAccounts(t.Context(), c.shops["fi"])
	require.ErrorIs(t, err, errPaused)
	require.NoError(t, NewJobs(r.rdb).Resume(t.Context(), "fi", JobCustomers))
	shop.listErr = &commerce.Error{Op: "customers", Reason: commerce.Unavailable}
	_, err = c.sweepAccounts(t.Context(), c.shops["fi"])
	require.ErrorContains(t, err, "accounts of fi: ")
	require.Zero(t, r.sweepTasks(), "a page that is not through is asked for when the job runs again")
}

func TestTheJobOfAccountsIsOffWhereThereAreNone(t *testing.T) {
	r := newRig(t)
	op := r.operator()
	off := func(why, remedy string) {
		t.Helper()
		s, err := op.Job(t.Context(), "fi", JobCustomers)
		require.NoError(t, err)
		require.Equal(t, []string{"off", why}, []string{s.State, s.Said})
		_, err = op.RunJob(t.Context(), "fi", JobCustomers)
		require.ErrorContains(t, err, "customers of fi is off")
		require.ErrorContains(t, err, why)
		require.ErrorContains(t, err, remedy)
	}
	off("the accounts of shop fi cannot be read: with fake, customers come with their orders alone", "")
	r.followed()
	off("", "set jobs.customers.enabled to true")
	r.opt.Shops["fi"].Config.Jobs.Customers.Enabled = nil
	s, err := op.Job(t.Context(), "fi", JobCustomers)
	require.NoError(t, err)
	require.Equal(t, "due", s.State)
	r.opt.Shops["fi"].Config.Books.Customers.Accounts = "orders"
	off("shop fi leaves accounts alone (books.customers.accounts: orders)", "set it to known or all")
}

func TestALossOfRedisHasAccountsGoneThrough(t *testing.T) {
	r, shop, _ := accountsSweeping(t)
	r.opt.Shops["fi"].Config.Jobs.Customers.Enabled = nil
	shop.put(customer("7", 1))
	ctx := t.Context()
	require.NoError(t, r.rdb.Set(ctx, tickKey, tick{at: time.Now().Add(-time.Hour), run: "another", data: "d"}.String(), 0).Err())
	require.NoError(t, r.rdb.HSet(ctx, stateKey("fi", JobCustomers), "next", time.Now().Add(time.Hour).UnixMilli(), "ended", time.Now().UnixMilli()).Err())
	require.Equal(t, "waits", r.job("fi", JobCustomers).State)
	require.NoError(t, r.carer().refill(ctx))
	require.Equal(t, "due", r.job("fi", JobCustomers).State)
	r.start()
	r.through(1)
	require.Equal(t, at(1), r.books.contact("7"))
}
