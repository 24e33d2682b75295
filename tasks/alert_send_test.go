package tasks

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

func TestWhatComesTogetherIsOneMessageAndWhatIsOverBeforeIsNone(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	a.cfg.Gather = 5 * time.Second // longer than a busy machine takes to raise them all
	r.start()
	r.quiet()
	ctx := context.Background()
	for _, cause := range []string{"a", "b", "c", "gone"} {
		a.Raise(ctx, Alert{Kind: config.AlertWebhooks, Severity: Warning, Shop: "fi", Cause: cause, Detail: cause})
	}
	a.Resolve(ctx, config.AlertWebhooks, "fi", "gone")
	a.Raise(ctx, Alert{Kind: config.AlertWebhooks, Severity: Critical, Shop: "fi", Cause: "d", Detail: "d"})
	posts := hook.wait(t, 2)
	require.Equal(t, "d", posts[0].Alerts[0].Cause, "what is critical waits for nothing")
	var causes []string
	for _, one := range posts[1].Alerts {
		causes = append(causes, one.Cause)
	}
	require.ElementsMatch(t, []string{"a", "b", "c"}, causes)
	require.Equal(t, "[odoogate] warning · 3 alerts, the first: fi: a", posts[1].Subject)
}

func TestATargetIsToldWhatItWants(t *testing.T) {
	r := newRig(t)
	grave, all, other := openReceiver(t), openReceiver(t), openReceiver(t)
	a := r.alerted(
		grave.target(func(t *config.AlertTarget) { t.Name, t.Severity = "grave", "critical" }),
		all.target(func(t *config.AlertTarget) {
			t.Name, t.Severity, t.Kinds = "all", "info", []string{config.AlertWebhooks}
		}),
		other.target(func(t *config.AlertTarget) { t.Name, t.Shops = "other", []string{"se"} }))
	r.start()
	for _, s := range []Severity{Info, Warning, Critical} {
		a.Raise(context.Background(), Alert{Kind: config.AlertWebhooks, Severity: s, Shop: "fi", Cause: string(s), Detail: string(s)})
	}
	a.Raise(context.Background(), Alert{Kind: config.AlertPrivacy, Severity: Critical, Shop: "se", Cause: "last", Detail: "last"})
	// Nothing stands behind them, so that a look of the worker may find them over and tell it.
	causes := func(posts []posted) []string {
		told := map[string]bool{}
		for _, p := range posts {
			for _, alert := range p.Alerts {
				told[alert.Cause] = true
			}
		}
		return slices.Sorted(maps.Keys(told))
	}
	for target, want := range map[*receiver][]string{all: {"critical", "info", "warning"}, grave: {"critical", "last"}, other: {"last"}} {
		got := target.until(t, strings.Join(want, ", "), func(posts []posted, _ int) bool { return len(causes(posts)) >= len(want) })
		require.Equal(t, want, causes(got))
	}
}

func TestATargetThatIsAwayIsTriedAgainAndOneThatRefusesIsNot(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	hook.answer(http.StatusServiceUnavailable)
	r.start()
	alert := Alert{Kind: config.AlertWebhooks, Severity: Critical, Shop: "fi", Cause: "x", Detail: "a subscription was deleted"}
	a.Raise(context.Background(), alert)
	hook.until(t, "two tries", func(_ []posted, tries int) bool { return tries >= 2 })
	hook.answer(http.StatusOK)
	require.Len(t, hook.wait(t, 1), 1)
	require.GreaterOrEqual(t, r.gauge("odoogate_alerts_failed_total", "pager"), 2.0)
	r.lines.wait(t, "it to be sent", func(m map[string]string) bool { return m["msg"] == "alerts sent" })
	require.EqualValues(t, 1, r.gauge("odoogate_alerts_sent_total", "pager"))

	hook.answer(http.StatusForbidden)
	alert.Cause = "y"
	a.Raise(context.Background(), alert)
	line := r.lines.wait(t, "it to be given up", func(m map[string]string) bool { return m["msg"] == "alerts are given up" })
	require.Contains(t, line["remedy"], "alerts.targets")
	require.Eventually(t, func() bool { return len(r.open()) == 2 && len(r.open()[0].Told) == 1 }, time.Minute, 5*time.Millisecond, "it is quiet now")
}

func TestAnAlertIsTriedForADayOfItsOwn(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	hook.answer(http.StatusInternalServerError)
	old := Alert{Kind: config.AlertOdooAway, Severity: Critical, Cause: "old", Detail: "for a day"}
	fresh := Alert{Kind: config.AlertOdooAway, Severity: Critical, Cause: "fresh", Detail: "just now"}
	a.Raise(ctx, old)
	a.Raise(ctx, fresh)
	since := due{Target: "pager", At: time.Now().Add(-sendGiveUp - time.Minute).UnixMilli()}
	require.NoError(t, r.rdb.ZAdd(ctx, alertDueKey("pager"), redis.Z{Score: float64(since.At), Member: old.id()}).Err())
	target, _ := a.target("pager")
	require.Equal(t, Retry, a.sent(ctx, target, since).Outcome)
	require.Equal(t, 1, r.lines.count("alerts are given up"))

	hook.answer(http.StatusOK)
	require.Equal(t, Done, a.sent(ctx, target, since).Outcome)
	posts := hook.wait(t, 1)
	require.Len(t, posts[0].Alerts, 1)
	require.Equal(t, "fresh", posts[0].Alerts[0].Cause)
	require.Zero(t, r.rdb.Exists(ctx, alertDueKey("pager")).Val())
}

func TestAMessageToWhichSomethingCameHasAnotherName(t *testing.T) {
	at, one, two := time.Now(), OpenAlert{ID: "one"}, OpenAlert{ID: "two"}
	name := func(list ...OpenAlert) string { return noticesOf(list, at)[0].ID }
	require.Equal(t, name(one), name(one))
	require.NotEqual(t, name(one), name(one, two), "whoever saw the first drops what has its name")
}

func TestTwoWorkersTellOnce(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	r.lacks(func(string) error { return missing("MUG") })
	r.start()
	r.start()
	for i := range 20 {
		r.accept(hint(fmt.Sprint("a", i), fmt.Sprint(5000+i), 1))
	}
	for i := range 20 {
		r.ended(fmt.Sprint("a", i), Parked)
	}
	// Every process looks after what was lost, and may ask for the same once more.
	for range 5 {
		require.NoError(t, a.ask(context.Background(), []due{{Target: "pager", At: time.Now().UnixMilli()}}))
		r.tend()
	}
	a.Raise(context.Background(), Alert{Kind: config.AlertWebhooks, Severity: Critical, Shop: "fi", Cause: "end", Detail: "end"})
	times := map[string]int{}
	posts := hook.until(t, "the last one", func(posts []posted, _ int) bool {
		clear(times)
		for _, p := range posts {
			for _, one := range p.Alerts {
				times[one.Cause]++
			}
		}
		return times["end"] > 0
	})
	require.Equal(t, map[string]int{"sku/fi/MUG": 1, "end": 1}, times)
	require.Equal(t, len(posts), hook.tries, "nothing was sent twice")
}

func TestWhatADeadWorkerWasToSendIsSentByAnother(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	ctx := context.Background()
	// It dies after it wrote the alert down and before it asked for the sending.
	alert := Alert{Kind: config.AlertWebhooks, Severity: Critical, Shop: "fi", Cause: "x", Detail: "x"}
	_, err := a.keep(ctx, alert, 0)
	require.NoError(t, err)
	require.NoError(t, r.rdb.ZAdd(ctx, alertDueKey("pager"), redis.Z{Member: alert.id(), Score: float64(time.Now().Add(-time.Minute).UnixMilli())}).Err())
	r.start()
	require.NoError(t, a.redeem(ctx))
	require.NoError(t, a.redeem(ctx))
	require.Equal(t, "x", hook.wait(t, 1)[0].Alerts[0].Cause)

	require.Eventually(t, func() bool { return r.rdb.Exists(ctx, alertSenderKey("pager"), alertDueKey("pager")).Val() == 0 }, time.Minute, 5*time.Millisecond)

	// It dies while it sends: another may when its time is over.
	alert.Cause = "y"
	_, err = a.keep(ctx, alert, 0)
	require.NoError(t, err)
	dead, list, free, err := a.take(ctx, "pager")
	require.NoError(t, err)
	require.True(t, free)
	require.Len(t, list, 1)
	v := a.sent(ctx, a.cfg.Targets[0], due{Target: "pager", At: time.Now().UnixMilli()})
	require.Equal(t, Snooze, v.Outcome, "one at a time")
	require.NoError(t, r.rdb.Del(ctx, alertSenderKey("pager")).Err()) // its time is over
	require.NoError(t, a.ask(ctx, []due{{Target: "pager", At: time.Now().UnixMilli()}}))
	hook.wait(t, 2)
	_, err = dead.told(ctx, list[0], true)
	require.NoError(t, err, "whoever lost the right to send writes nothing down")
}

func TestATaskOfATargetThatLeftTheConfigurationEnds(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	require.NoError(t, a.send(context.Background(), due{Target: "nobody"}))
	require.NoError(t, a.ask(context.Background(), []due{{Target: "nobody", At: 1}}))
	r.start()
	r.lines.wait(t, "it to end", func(m map[string]string) bool { return m["target"] == "nobody" })
	require.Eventually(t, func() bool {
		_, err := asynq.NewInspectorFromRedisClient(r.rdb).GetTaskInfo(LaneAlerts, "alert/nobody/1")
		return err != nil
	}, time.Minute, 5*time.Millisecond)
}

func TestWhatStillStandsIsToldAgainAfterAWhile(t *testing.T) {
	r := newRig(t)
	hook := openReceiver(t)
	a := r.alerted(hook.target())
	r.lacks(func(string) error { return missing("MUG") })
	r.start()
	r.accept(hint("a", "5001", 1))
	r.ended("a", Parked)
	hook.wait(t, 1)
	r.accept(hint("b", "5002", 1))
	r.ended("b", Parked)
	for range 3 {
		r.tend()
	}
	told := r.open()[0].Told["pager"]
	a.cfg.Repeat = time.Millisecond
	r.tend()
	again := hook.wait(t, 2)[1].Alerts[0]
	require.Equal(t, 2, again.Count)
	require.Equal(t, told, again.Told["pager"], "once in between was enough")
	a.cfg.Repeat = 0
	r.tend()
	require.Eventually(t, func() bool { return r.rdb.Exists(context.Background(), alertDueKey("pager")).Val() == 0 }, time.Minute, 5*time.Millisecond)
	require.Len(t, hook.posts, 2, "with 0 it is told once")
}
