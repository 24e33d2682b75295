package tasks

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// alerted gives a rig alerts that go to these targets.
func (r *rig) alerted(targets ...config.AlertTarget) *Alerts {
	r.t.Helper()
	cfg := config.Alerts{Repeat: time.Hour, Gather: 200 * time.Millisecond, Away: time.Hour, Targets: targets}
	r.opt.Alerts = NewAlerts(AlertOptions{Config: cfg, Redis: r.rdb, Shops: r.opt.Shops, Log: r.opt.Log, Metrics: r.reg})
	return r.opt.Alerts
}

func (r *receiver) target(change ...func(*config.AlertTarget)) config.AlertTarget {
	hook := r.settings()
	t := config.AlertTarget{Name: "pager", Resolved: true, Webhook: &hook}
	for _, c := range change {
		c(&t)
	}
	return t
}

// missing is how an order ends that lacks products.
func missing(skus ...string) error {
	e := &commerce.Error{Op: "erp.order", Reason: commerce.Missing, Detail: "Odoo has no product " + strings.Join(skus, ", "), Remedy: "create " + strings.Join(skus, ", ")}
	for _, sku := range skus {
		e.Needs = append(e.Needs, "sku/fi/"+sku)
	}
	return e
}

// lacks lets every order lack what of returns for it.
func (r *rig) lacks(of func(id string) error) {
	r.books.set(func(b *fakeBooks) {
		b.during = func(_ context.Context, o *commerce.Order, _ func(context.Context) error) error { return of(o.Ref.ID) }
	})
}

// tend is one look of a carer, whenever the last one was.
func (r *rig) tend() {
	r.t.Helper()
	c := &carer{Worker: NewWorker(Options{Redis: r.rdb, Shops: r.opt.Shops, Books: r.books, Config: r.opt.Config, Journal: r.opt.Journal,
		Alerts: r.opt.Alerts, Log: r.opt.Log})}
	require.NoError(r.t, c.tendAlerts(context.Background()))
}

func (r *rig) open() []OpenAlert {
	r.t.Helper()
	list, err := r.opt.Alerts.Open(context.Background())
	require.NoError(r.t, err)
	return list
}

func TestManyOrdersThatLackOneProductAreOneAlertAndTheNextProductIsAnother(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	r.alerted(hook.target())
	r.lacks(func(id string) error {
		if id == "9999" {
			return missing("NEW")
		}
		return missing("MUG")
	})
	r.start()
	const orders = 40
	for i := range orders {
		r.accept(hint(fmt.Sprint("a", i), fmt.Sprint(5000+i), 1))
	}
	first := hook.wait(t, 1)[0]
	require.Equal(t, "open", first.State)
	require.Len(t, first.Alerts, 1)
	for i := range orders {
		r.ended(fmt.Sprint("a", i), Parked)
	}
	r.accept(hint("b", "9999", 1))
	posts := hook.wait(t, 2)
	require.Len(t, posts, 2, "the other 39 are quiet")
	one := posts[1].Alerts[0]
	require.Equal(t, Alert{Kind: "mapping", Severity: Warning, Shop: "fi", Cause: "sku/fi/NEW", Ref: ref("9999"), Number: "#9999", Event: one.Event, Reason: "missing",
		Detail: "Odoo has no product NEW", Remedy: "create NEW", Needs: []string{"sku/fi/NEW"}, Look: "odoogate order show fi '#9999'"}, one.Alert)
	require.True(t, IsEntryID(one.Event))

	list := r.open()
	require.Len(t, list, 2)
	at := slices.IndexFunc(list, func(o OpenAlert) bool { return o.Cause == "sku/fi/MUG" })
	require.Equal(t, orders, list[at].Count)
	require.Len(t, list[at].Orders, 10)
	require.Contains(t, list[at].Told, "pager")
}

func TestAnAlertIsOverOnceItsCauseIsGone(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	r.alerted(hook.target())
	r.lacks(func(string) error { return missing("MUG") })
	r.start()
	for id, event := range map[string]string{"5001": "a", "5002": "b"} {
		r.shop.put(order(id, 9))
		r.accept(hint(event, id, 1))
		r.ended(event, Parked)
	}
	hook.wait(t, 1)
	r.tend()
	require.Len(t, r.open(), 1, "both still lack it")
	r.books.set(func(b *fakeBooks) { b.during = nil })
	r.accept(hint("c", "5001", 9))
	r.ended("c", Done)
	r.tend()
	require.Equal(t, 1, r.open()[0].Count, "one still lacks it")
	r.accept(hint("d", "5002", 9))
	r.ended("d", Done)
	r.tend()
	require.Empty(t, r.open())
	over := hook.wait(t, 2)[1]
	require.Equal(t, "resolved", over.State)
	require.Equal(t, "[odoogate] resolved · fi: Odoo has no product MUG", over.Subject)
	require.False(t, over.Alerts[0].Resolved.IsZero())

	r.lacks(func(string) error { return missing("MUG") })
	r.shop.put(order("5001", 10))
	r.accept(hint("e", "5001", 10))
	require.Equal(t, "open", hook.wait(t, 3)[2].State, "it is back, and quiet no longer")
}

func TestAParkedOrderWhoseAlertWasLostIsTold(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	stop := r.start() // without alerts, as one that dies before it raises
	r.lacks(func(string) error { return missing("MUG", "TEE") })
	r.accept(hint("a", "5001", 1))
	r.ended("a", Parked)
	stop()
	r.alerted(hook.target())
	r.start()
	r.tend()
	got := hook.until(t, "both", func(posts []posted, _ int) bool {
		n := 0
		for _, p := range posts {
			n += len(p.Alerts)
		}
		return n == 2
	})
	require.Equal(t, "odoogate order show fi 5001", got[0].Alerts[0].Look)
}

func TestALoginThatIsRefusedIsOneAlertUntilItIsGivenAgain(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Retry = time.Second
	hook := openReceiver(t)
	r.alerted(hook.target())
	denied := &commerce.Error{Op: "erp.order", Reason: commerce.Denied, Detail: "Odoo refuses the login", Remedy: "check odoo.user"}
	r.lacks(func(string) error { return denied })
	r.start()
	for i := range 5 {
		r.shop.put(order(fmt.Sprint(5000+i), 1))
		r.accept(hint(fmt.Sprint("a", i), fmt.Sprint(5000+i), 1))
		r.ended(fmt.Sprint("a", i), Retry)
	}
	got := hook.wait(t, 1)[0].Alerts[0]
	require.Equal(t, []string{"odoo_denied", "critical", "", "check odoo.user"}, []string{got.Kind, string(got.Severity), got.Shop, got.Remedy})
	r.tend()
	require.Len(t, r.open(), 1)
	r.books.set(func(b *fakeBooks) { b.during = nil })
	for i := range 5 {
		r.ended(fmt.Sprint("a", i), Done)
	}
	r.tend()
	require.Empty(t, r.open())
	require.Equal(t, "resolved", hook.wait(t, 2)[1].State)
}

func TestAnUninstalledAppIsToldAtOnce(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	r.start()
	r.accept(uninstalled("gone"))
	got := hook.wait(t, 1)[0].Alerts[0]
	require.Equal(t, "uninstalled", got.Kind)
	require.Contains(t, got.Remedy, "odoogate shop resume fi")
	r.tend()
	require.Len(t, r.open(), 1)
	a.cfg.Repeat = time.Millisecond
	r.tend()
	require.Equal(t, "uninstalled", hook.wait(t, 2)[1].Alerts[0].Kind, "it stands, and is told again after a while")
	a.cfg.Repeat = time.Hour
	require.NoError(t, a.forget(context.Background(), r.open()[0].ID))
	r.tend()
	require.Equal(t, "uninstalled", hook.wait(t, 3)[2].Alerts[0].Kind, "one that was lost is found again")
	_, _, err := r.pauses().Resume(context.Background(), "fi")
	require.NoError(t, err)
	r.tend()
	require.Empty(t, r.open())
}

func TestOpenAlertsAreBoundedAndExpire(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	ctx := context.Background()
	for i := range alertsMost + 5 {
		_, err := a.keep(ctx, Alert{Kind: config.AlertParked, Severity: Warning, Shop: "fi", Cause: fmt.Sprint(i), Detail: "x", Ref: ref(fmt.Sprint(i))}, 0)
		require.NoError(t, err)
	}
	require.Len(t, r.open(), alertsMost)
	keys := r.rdb.Keys(ctx, alertsPrefix+"*").Val()
	require.Less(t, len(keys), 2*alertsMost+10)
	for _, key := range keys {
		left := r.rdb.PTTL(ctx, key).Val()
		require.Positive(t, left, key)
		require.LessOrEqual(t, left, alertKeep, key)
	}
	_, list, _, err := a.take(ctx, "pager")
	require.NoError(t, err)
	require.LessOrEqual(t, len(list), alertsTogether)
}

func TestWithoutTargetsNothingIsKept(t *testing.T) {
	r := newRig(t)
	a := r.alerted()
	a.Raise(context.Background(), Alert{Kind: config.AlertParked, Severity: Critical, Cause: "x"})
	a.Resolve(context.Background(), config.AlertParked, "", "x")
	require.Empty(t, r.rdb.Keys(context.Background(), "*").Val())
	var none *Alerts
	none.Raise(context.Background(), Alert{})
}

func TestRaisingNeitherFailsNorHoldsUpItsCaller(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	r.redis.Stall()
	defer r.redis.Resume()
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Raise(context.Background(), Alert{Kind: config.AlertParked, Severity: Critical, Cause: "x"})
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("it hangs with Redis")
	}
	r.lines.wait(t, "a word about it", func(m map[string]string) bool { return m["kind"] == config.AlertParked })
}

func TestWhatWasRepairedByItselfIsToldAndForgotten(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target(func(t *config.AlertTarget) { t.Severity = "info" }))
	r.start()
	ctx := context.Background()
	alert := Alert{Kind: config.AlertWebhooks, Severity: Info, Shop: "fi", Cause: "repaired", Detail: "a subscription was made again"}
	a.Raise(ctx, alert)
	hook.wait(t, 1)
	r.tend()
	require.Len(t, r.open(), 1)
	require.NoError(t, r.rdb.HSet(ctx, alertKey(alert.id()), "last", time.Now().Add(-2*infoKeep).UnixMilli()).Err())
	r.tend()
	require.Empty(t, r.open())
	a.Raise(ctx, Alert{Kind: config.AlertWebhooks, Severity: Info, Shop: "fi", Cause: "more", Detail: "more"})
	require.Equal(t, "more", hook.wait(t, 2)[1].Alerts[0].Cause, "that it is over was told already")
}
