package tasks

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// fakeHooks is a shop system that lets everything stand twice, as WooCommerce does.
type fakeHooks struct {
	mu      sync.Mutex
	wanted  []string
	stand   map[string]string // id → topic
	secret  map[string]bool   // topics that stand and are not listed
	refused map[string]error  // by topic
	away    error             // of every change
	changes int
	unknown bool          // where deliveries come in
	far     time.Duration // how old an answer is when it arrives
}

func newFakeHooks(wanted ...string) *fakeHooks {
	return &fakeHooks{wanted: wanted, stand: map[string]string{}, secret: map[string]bool{}, refused: map[string]error{}}
}

func (f *fakeHooks) set(change func(*fakeHooks)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *fakeHooks) Subscriptions(context.Context) (handlers.Subscriptions, error) {
	out := f.list()
	<-time.After(f.far)
	return out, nil
}

func (f *fakeHooks) list() handlers.Subscriptions {
	f.mu.Lock()
	defer f.mu.Unlock()
	const here = "https://hooks.example.com/hooks/fi"
	out := handlers.Subscriptions{Address: here}
	if f.unknown {
		out.Address = ""
		return out
	}
	for _, topic := range f.wanted {
		n := 0
		for id, t := range f.stand {
			if t != topic {
				continue
			}
			s := handlers.Subscription{ID: id, Topic: t, Address: here, State: handlers.HookActive, Ours: true}
			if n++; n > 1 {
				s.Wrong, s.Remedy = "comes a second time", "delete it"
				s.Fix = &handlers.HookChange{Do: handlers.HookDelete, ID: id, Topic: t, Address: here}
			}
			out.List = append(out.List, s)
		}
		if n == 0 {
			out.List = append(out.List, handlers.Subscription{Topic: topic, Address: here, State: handlers.HookMissing, Ours: true,
				Wrong: "is missing", Remedy: "make it", Fix: &handlers.HookChange{Do: handlers.HookCreate, Topic: topic, Address: here}})
		}
	}
	return out
}

func (f *fakeHooks) Change(_ context.Context, c handlers.HookChange) (bool, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes++
	if err := errors.Join(f.away, f.refused[c.Topic]); err != nil {
		return false, err
	}
	switch {
	case c.Do == handlers.HookDelete:
		delete(f.stand, c.ID)
	case f.secret[c.Topic]:
		return false, nil
	default:
		f.stand[strconv.Itoa(f.changes)] = c.Topic
	}
	return true, nil
}

// hooked is a rig whose live shop has webhooks.
func hooked(t *testing.T, f *fakeHooks) *rig {
	t.Helper()
	r := newRig(t)
	s := r.opt.Shops["fi"]
	s.Webhooks = f
	s.Config.Mode = config.Live
	require.NoError(t, s.Config.GoLive.UnmarshalText([]byte("2020-01-01")))
	return r
}

// tended is one run of the job.
func (r *rig) tended(c *carer) string {
	r.t.Helper()
	said, err := c.tendWebhooks(context.Background(), c.shops["fi"])
	require.NoError(r.t, err)
	return said
}

// toSweep is how far back the next sweep looks; zero: nobody asked.
func (r *rig) toSweep() time.Time {
	r.t.Helper()
	return r.job("fi", JobSweep).Since
}

func (r *rig) forgetSweep() {
	require.NoError(r.t, r.rdb.Del(context.Background(), stateKey("fi", JobSweep)).Err())
}

func (l *logLines) count(msg string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for _, line := range l.lines {
		if line["msg"] == msg {
			n++
		}
	}
	return n
}

func TestWebhooksThatVanishAreMadeAgainAndTheGapIsSwept(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	r := hooked(t, f)
	c := r.carer()
	require.Equal(t, "2 of 2 right, 2 mended", r.tended(c))
	require.WithinDuration(t, time.Now().Add(-time.Hour), r.toSweep(), time.Minute, "nothing was known of before: as far back as lookback")
	r.forgetSweep()
	require.Equal(t, "2 of 2 right", r.tended(c))
	require.Zero(t, r.toSweep(), "there is no gap")

	f.set(func(f *fakeHooks) { clear(f.stand) })
	before, err := NewWebhooks(r.rdb, 0).Look(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.Len(t, before.Plan(), 2)
	require.Equal(t, "2 of 2 right, 2 mended", r.tended(c))
	require.Equal(t, before.Right.Add(-hooksOverlap).Truncate(time.Millisecond), r.toSweep())
	require.Equal(t, "order.created", r.lines.wait(t, "what was mended", func(m map[string]string) bool { return m["msg"] == "a webhook of the shop was mended" })["topic"])
	after, err := NewWebhooks(r.rdb, 0).Look(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.True(t, after.Right.After(before.Right))
}

// No list of accounts says which changed, so all are gone through; not for a gap of orders.
func TestTheGapOfAccountsWebhooksIsGoneThrough(t *testing.T) {
	f := newFakeHooks("order.created", "customer.updated")
	r := hooked(t, f)
	r.followed()
	r.opt.Shops["fi"].Config.Jobs.Customers.Enabled = nil
	c := r.carer()
	asked := func() bool {
		n, err := r.rdb.HDel(context.Background(), stateKey("fi", JobCustomers), "asked").Result()
		require.NoError(t, err)
		return n > 0
	}
	require.Equal(t, "2 of 2 right, 2 mended", r.tended(c))
	require.True(t, asked())
	for topic, follows := range map[string]bool{"order.created": false, "customer.updated": true} {
		f.set(func(f *fakeHooks) {
			for id, t := range f.stand {
				if t == topic {
					delete(f.stand, id)
				}
			}
		})
		require.Equal(t, "2 of 2 right, 1 mended", r.tended(c))
		require.Equal(t, follows, asked(), topic)
	}
}

func TestADoubledWebhookIsDeleted(t *testing.T) {
	f := newFakeHooks("order.created")
	f.stand["1"], f.stand["2"] = "order.created", "order.created"
	r := hooked(t, f)
	require.Equal(t, "1 of 1 right, 1 mended", r.tended(r.carer()))
	require.Len(t, f.stand, 1)
}

func TestTwoWorkersAtOnceMakeNoDoubledWebhook(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated", "order.deleted")
	f.far = 5 * time.Millisecond // whoever does not wait for the others plans by an old answer
	r := hooked(t, f)
	r.opt.Metrics = nil
	ctx := context.Background()
	for range 2 {
		f.set(func(f *fakeHooks) { clear(f.stand) })
		var all sync.WaitGroup
		for range 4 {
			c := r.carer()
			require.NoError(t, NewJobs(r.rdb).Run(ctx, "fi", JobWebhooks))
			all.Go(func() {
				require.NoError(t, c.runJobs(ctx))
				c.runners.wg.Wait()
			})
			all.Go(func() {
				_, err := NewWebhooks(r.rdb, time.Hour).Mend(ctx, c.shops["fi"])
				require.NoError(t, err)
			})
		}
		all.Wait()
		require.Len(t, f.stand, 3)
	}
}

func TestAShopThatObservesIsOnlyLookedAtAndPeopleAreToldOnce(t *testing.T) {
	for name, set := range map[string]func(*config.Shop){
		"the shop observes":     func(s *config.Shop) { s.Mode = "observe" },
		"its webhooks are so":   func(s *config.Shop) { s.Webhooks = "observe" },
		"both, and care is not": func(s *config.Shop) { s.Mode, s.Webhooks = "observe", "care" },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFakeHooks("order.created")
			r := hooked(t, f)
			set(&r.opt.Shops["fi"].Config)
			c := r.carer()
			for range 3 {
				require.Equal(t, "0 of 1 right, only looked at", r.tended(c))
			}
			require.Zero(t, f.changes)
			require.Zero(t, r.toSweep())
			require.Equal(t, 1, r.lines.count("a webhook of the shop is wrong"), "it stays wrong, and was said")

			f.set(func(f *fakeHooks) { f.stand["1"] = "order.created" })
			require.Equal(t, "1 of 1 right", r.tended(c))
			require.NotZero(t, r.toSweep(), "somebody mended it: what it missed is asked for")
		})
	}
}

func TestWhatTheShopHasAndDoesNotListIsNotMadeAgainEachTime(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	f.secret["order.created"] = true
	r := hooked(t, f)
	c := r.carer()
	require.Equal(t, "2 of 2 right, 1 mended", r.tended(c))
	require.Equal(t, "2 of 2 right", r.tended(c))
	require.Equal(t, 2, f.changes)
	l, err := NewWebhooks(r.rdb, 0).Look(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	require.Equal(t, handlers.HookUnlisted, l.List[0].State)

	f.set(func(f *fakeHooks) { f.secret["order.created"], f.stand["9"] = false, "order.created" })
	r.tended(c) // it is listed by now, and no longer believed
	f.set(func(f *fakeHooks) { delete(f.stand, "9") })
	require.Equal(t, "2 of 2 right, 1 mended", r.tended(c), "a listed one that vanishes is made at once")

	h := NewWebhooks(r.rdb, 0)
	f.set(func(f *fakeHooks) { clear(f.stand); f.stand["10"] = "order.updated" })
	long := time.Now().Add(-unlistedFor)
	require.NoError(t, h.keep(context.Background(), "fi", hooksNote{Unlisted: map[string]time.Time{unlistedName("order.created", l.Address): long}}))
	require.Equal(t, "2 of 2 right, 1 mended", r.tended(c), "after an hour it is tried again")
}

func TestAChangeThatIsRefusedStopsNoOtherAndIsToldOnce(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	f.refused["order.created"] = &commerce.Error{Op: "hook", Reason: commerce.Denied, Detail: "no right", Remedy: "give it"}
	r := hooked(t, f)
	c := r.carer()
	require.Equal(t, "1 of 2 right, 1 mended", r.tended(c))
	r.forgetSweep()
	require.Equal(t, "1 of 2 right", r.tended(c))
	require.Zero(t, r.toSweep(), "nothing became better")
	require.Equal(t, 1, r.lines.count("a webhook of the shop could not be mended"))
	require.NoError(t, c.count(context.Background()))

	f.set(func(f *fakeHooks) { clear(f.refused) })
	require.Equal(t, "2 of 2 right, 1 mended", r.tended(c))
	require.NotZero(t, r.toSweep())
}

func TestAShopThatCannotBeAskedIsTriedAgainAndNothingIsForgotten(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	r := hooked(t, f)
	c := r.carer()
	r.tended(c)
	first, err := NewWebhooks(r.rdb, 0).Look(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	r.forgetSweep()
	f.set(func(f *fakeHooks) {
		clear(f.stand)
		f.away = &commerce.Error{Op: "hook", Reason: commerce.Unavailable}
		f.changes = 0
	})
	_, err = c.tendWebhooks(context.Background(), c.shops["fi"])
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.Equal(t, 1, f.changes, "the others would fail as well")
	require.Zero(t, r.toSweep())
	f.set(func(f *fakeHooks) { f.away = nil })
	r.tended(c)
	require.Equal(t, first.Right.Add(-hooksOverlap).Truncate(time.Millisecond), r.toSweep(), "the gap began when they were right last")
}

func TestWhatAnOperatorRemovedStaysSoUntilItIsMendedByOne(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	r := hooked(t, f)
	c, ctx := r.carer(), context.Background()
	r.tended(c)
	h := NewWebhooks(r.rdb, time.Hour)
	l, err := h.Remove(ctx, c.shops["fi"])
	require.NoError(t, err)
	require.Len(t, l.Done, 2)
	require.Equal(t, "removed by an operator", r.tended(c))
	require.Equal(t, "removed by an operator", r.tended(c))
	require.Empty(t, f.stand)
	require.Equal(t, 1, r.lines.count("the webhooks of the shop were removed by an operator and are left so"))
	r.forgetSweep()
	l, err = h.Mend(ctx, c.shops["fi"])
	require.NoError(t, err)
	require.Zero(t, l.Wrong())
	require.Equal(t, r.toSweep(), l.Since.Truncate(time.Millisecond))
	require.Equal(t, "2 of 2 right", r.tended(c))
}

func TestWithoutAPublicAddressNothingIsJudged(t *testing.T) {
	f := newFakeHooks("order.created")
	f.unknown = true
	r := hooked(t, f)
	c := r.carer()
	for range 2 {
		require.Equal(t, "not judged: server.public_url is not set", r.tended(c))
	}
	require.Equal(t, 1, r.lines.count("the webhooks of the shop cannot be looked after"))
	require.Zero(t, f.changes)
	c.shops["fi"].Webhooks = nil
	require.Equal(t, "this shop system has no webhooks to look after", r.tended(c))
}

func TestMetricsTellWhatBecameOfWebhooks(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	f.refused["order.created"] = &commerce.Error{Op: "hook", Reason: commerce.Denied}
	r := hooked(t, f)
	c := &carer{Worker: NewWorker(r.opt)}
	r.tended(c)
	require.NoError(t, c.count(context.Background()))
	require.EqualValues(t, 1, r.gauge("odoogate_webhooks_wrong", "fi"))
	require.EqualValues(t, 1, r.gauge("odoogate_webhook_changes_total", "create", "made", "fi"))
	require.EqualValues(t, 1, r.gauge("odoogate_webhook_changes_total", "create", "failed", "fi"))
	require.EqualValues(t, 0, r.gauge("odoogate_webhook_changes_total", "delete", "made", "fi"))
	_, err := NewWebhooks(r.rdb, 0).Remove(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	r.tended(c)
	require.NoError(t, c.count(context.Background()))
	require.EqualValues(t, 0, r.gauge("odoogate_webhooks_wrong", "fi"), "it is meant so")
}

func TestPeopleAreToldWhatIsWrongWithWebhooksUntilItIsRightAgain(t *testing.T) {
	f := newFakeHooks("order.created", "order.updated")
	r := hooked(t, f)
	hook := openReceiver(t)
	r.alerted(hook.target(func(t *config.AlertTarget) { t.Severity = "info" }))
	off, denied := false, &commerce.Error{Op: "hook", Reason: commerce.Denied, Detail: "no right", Remedy: "give it"}
	r.opt.Shops["fi"].Config.Jobs.Webhooks.Enabled = &off // it is run by hand here
	r.start()
	c := &carer{Worker: NewWorker(Options{Redis: r.rdb, Shops: r.opt.Shops, Books: r.books, Config: r.opt.Config, Journal: r.opt.Journal,
		Alerts: r.opt.Alerts, Log: r.opt.Log})}
	r.tended(c)
	got := hook.wait(t, 1)[0]
	require.Equal(t, []string{"webhooks", "info", "fi"}, []string{got.Alerts[0].Kind, string(got.Alerts[0].Severity), got.Alerts[0].Shop})
	require.Contains(t, got.Alerts[0].Detail, "2, such as order.created is missing")

	f.set(func(f *fakeHooks) { clear(f.stand); f.refused["order.updated"] = denied })
	r.tended(c)
	got = hook.wait(t, 2)[1]
	require.Equal(t, []string{"open", "critical", "the webhook order.updated is missing", "make it"},
		[]string{got.State, string(got.Alerts[0].Severity), got.Alerts[0].Detail, got.Alerts[0].Remedy})
	r.tended(c)
	r.tend()
	require.Len(t, r.open(), 2, "it stands")

	f.set(func(f *fakeHooks) { clear(f.refused) })
	r.tended(c)
	got = hook.wait(t, 3)[2]
	require.Equal(t, []string{"resolved", "wrong"}, []string{got.State, got.Alerts[0].Cause})

	f.set(func(f *fakeHooks) { clear(f.stand); f.refused["order.updated"] = denied })
	r.tended(c)
	hook.wait(t, 4)
	_, err := NewWebhooks(r.rdb, 0).Remove(context.Background(), c.shops["fi"])
	require.NoError(t, err)
	r.tended(c)
	require.Equal(t, "resolved", hook.wait(t, 5)[4].State, "an operator wants it so")
}
