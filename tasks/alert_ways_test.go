package tasks

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// fakeAsker holds the activities that are open, by their key.
type fakeAsker struct {
	mu   sync.Mutex
	open map[string]erp.Asking
}

func (f *fakeAsker) Ask(_ context.Context, a erp.Asking) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open[a.Key] = a
	return nil
}

func (f *fakeAsker) Answered(_ context.Context, a erp.Asking) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, a.Key)
	return nil
}

func (f *fakeAsker) asked() []erp.Asking {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []erp.Asking
	for _, a := range f.open {
		all = append(all, a)
	}
	return all
}

func TestAnActivityIsMadeForALiveShopAndClosedWhenItsCauseIsGone(t *testing.T) {
	for mode, wants := range map[string]int{"observe": 0, config.Live: 1} {
		t.Run(mode, func(t *testing.T) {
			r := newRig(t)
			r.opt.Shops["fi"].Config.Mode = mode
			books := &fakeAsker{open: map[string]erp.Asking{}}
			target := config.AlertTarget{Name: "odoo", Activity: &config.AlertActivity{User: "boss", Type: "Call", Days: 2}}
			a := r.alerted(target)
			a.ways["odoo"] = asking{cfg: *target.Activity, books: books, shops: r.opt.Shops, about: a.about}
			r.lacks(func(string) error { return missing("MUG") })
			r.start()
			r.shop.put(order("5001", 9))
			r.accept(hint("a", "5001", 1))
			r.lines.wait(t, "it to be dealt with", func(m map[string]string) bool { return m["msg"] == "alerts sent" })
			require.Len(t, books.asked(), wants, "nothing is written to Odoo for a shop that only observes")
			if wants == 0 {
				require.ErrorContains(t, a.Test(t.Context(), "odoo"), "no shop that it would be for is live")
				return
			}
			got := books.asked()[0]
			require.Equal(t, erp.Asking{Shop: r.opt.Shops["fi"].Config, Key: got.Key, Orders: []commerce.Ref{ref("5001")}, User: "boss", Type: "Call", Days: 2,
				Summary: "odoogate: fi: Odoo has no product MUG", Note: []string{"Odoo has no product MUG", "create MUG", "1 (#5001)", "odoogate order show fi '#5001'"}}, got)
			r.books.set(func(b *fakeBooks) { b.during = nil })
			r.accept(hint("b", "5001", 9))
			r.ended("b", Done)
			r.tend()
			require.Eventually(t, func() bool { return len(books.asked()) == 0 }, time.Minute, 5*time.Millisecond, "it is closed")
		})
	}
}

func TestAnOdooThatIsAwayIsToldAndThatItIsBack(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	a.cfg.Away = 50 * time.Millisecond
	r.books.set(func(b *fakeBooks) { b.down = true })
	w := NewWorker(r.opt)
	ctx, cancel := context.WithCancel(context.Background())
	defer func() { cancel(); w.odoo.close() }()
	w.odoo.trip(ctx)
	c := &carer{Worker: w}
	require.Eventually(t, func() bool { return w.odoo.shutFor() >= a.cfg.Away }, time.Minute, 5*time.Millisecond)
	r.start()
	require.NoError(t, c.lookAtAlerts(ctx))
	require.Equal(t, "odoo_away", hook.wait(t, 1)[0].Alerts[0].Kind)
	require.NoError(t, c.tendAlerts(ctx))
	require.Len(t, r.open(), 1)

	r.books.set(func(b *fakeBooks) { b.down = false })
	require.Eventually(t, func() bool { return w.odoo.shutFor() == 0 }, time.Minute, 5*time.Millisecond)
	require.NoError(t, c.tendAlerts(ctx))
	require.Len(t, r.open(), 1, "another process may still see it away")
	id := r.open()[0].ID
	require.NoError(t, r.rdb.HSet(ctx, alertKey(id), "last", time.Now().Add(-2*alertSilent).UnixMilli()).Err())
	require.NoError(t, c.tendAlerts(ctx))
	require.Empty(t, r.open())
	require.Equal(t, "resolved", hook.wait(t, 2)[1].State)
}

func TestARequestAboutPeoplesDataIsToldWhenItComesAndBeforeItsDeadline(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	r.alerted(hook.target())
	r.start()
	r.accept(wish("d1", commerce.WishShow))
	got := hook.wait(t, 1)[0].Alerts[0]
	require.Equal(t, []string{"privacy", "warning", "fi"}, []string{got.Kind, string(got.Severity), got.Shop})
	r.tend()
	require.Len(t, r.open(), 1, "there are weeks left")
	ctx := context.Background()
	const name = "9999"
	require.NoError(t, r.rdb.ZAdd(ctx, openRequestsKey("fi"), redis.Z{Member: name, Score: float64(time.Now().Add(48 * time.Hour).UnixMilli())}).Err())
	r.tend()
	near := hook.wait(t, 2)[1].Alerts[0]
	require.Equal(t, []string{"privacy", "critical"}, []string{near.Kind, string(near.Severity)})
	require.NoError(t, r.requests().Close(ctx, "fi", name))
	r.tend()
	require.Empty(t, r.open())
}

func TestARedisThatIsAwayIsToldStraightFromTheGateway(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	in, start := r.spooled()
	now := time.Now()
	w := &spoolWatch{alerts: a, in: in, now: func() time.Time { return now }, told: map[string]time.Time{}}
	ctx := context.Background()
	w.look(ctx)
	r.redis.Kill()
	r.takes(in, hint("a", "5001", 1))
	w.look(ctx)
	require.Zero(t, hook.tries, "it may only be restarted")
	now = now.Add(a.cfg.Away)
	hook.answer(500)
	w.look(ctx)
	require.Equal(t, 1, hook.tries)
	w.look(ctx)
	require.Equal(t, 1, hook.tries, "a target that is away is not tried each second")
	hook.answer(200)
	now = now.Add(spoolAgain)
	w.look(ctx)
	require.Equal(t, "redis_away", hook.wait(t, 1)[0].Alerts[0].Kind)
	now = now.Add(spoolAgain)
	w.look(ctx)
	require.Len(t, hook.posts, 1, "it is quiet")
	now = now.Add(a.cfg.Repeat)
	w.look(ctx)
	require.Len(t, hook.posts, 2, "it still stands")

	r.redis.Restart()
	start()
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	w.look(ctx)
	require.Equal(t, "resolved", hook.wait(t, 3)[2].State)
	w.look(ctx)
	require.Len(t, hook.posts, 3)
}

func TestWhatIsPersonalInANeedIsNotTold(t *testing.T) {
	need := "rule/fi/channel=web&tag=canary%40example.com"
	for _, one := range personAlerts(ref("5001"), Verdict{Outcome: Parked, Reason: string(commerce.Missing), Detail: "no rule takes the order", Needs: []string{need, "sku/fi/A", "barcode/fi/640"}}, "#1") {
		require.NotContains(t, one.Cause+one.Needs[0], "canary")
		require.NotContains(t, one.Cause, "barcode", "what a product may be found by besides is no other thing")
	}
	require.Len(t, mappings([]string{"barcode/fi/640"}), 1)
	require.Empty(t, mappings([]string{"confirmed/fi/7", "partner/fi/email/1+2"}))
	require.Equal(t, alertCause("diverged", "S00007 is locked in Odoo (lines: 1 changed)"), alertCause("diverged", "S00123 is locked in Odoo (lines: 12 changed)"))
}
