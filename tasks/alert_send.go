package tasks

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hibiken/asynq"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// LaneAlerts is the queue of what people are told. It has a server of its own: while
// Odoo is away all others wait for it.
const LaneAlerts = "alerts"

const (
	sendWithin = 30 * time.Second // one message
	sendHold   = 2 * time.Minute  // until another may send in the place of one that died
	sendAtOnce = 4                // targets that are told at the same time
	sendGiveUp = 24 * time.Hour   // of trying
	sendBusy   = time.Second      // while another sends to the same target
)

// SendAlerts tells one target what it is to be told by now. Running it twice tells once,
// unless a worker died between sending and writing that down.
var SendAlerts = Kind[due]{
	Name: "alert:send", Queue: LaneAlerts, Timeout: sendHold,
	ID: func(d due) string {
		if d.Again {
			return "alert/" + d.Target + "/again"
		}
		return fmt.Sprintf("alert/%s/%d", d.Target, d.At)
	},
	Encode: func(out *bytes.Buffer, d due) error { return json.NewEncoder(out).Encode(d) },
	Decode: func(raw []byte) (d due, err error) { return d, json.Unmarshal(raw, &d) },
}

// way is how a target is told. Errors are *commerce.Error without address or secret:
// Invalid where sending the same again is of no use.
type way interface {
	tell(ctx context.Context, n notice) error
}

// The states of a notice.
const (
	stateOpen     = "open"
	stateResolved = "resolved"
	stateTest     = "test"
)

// notice is one message.
type notice struct {
	ID     string // the same when it is sent again
	State  string
	At     time.Time
	Alerts []OpenAlert
}

// ask makes the tasks that tell.
func (a *Alerts) ask(ctx context.Context, dues []due) error {
	for _, d := range dues {
		t, err := SendAlerts.task(d)
		if err != nil {
			return err
		}
		if _, err := a.queue.client.EnqueueContext(ctx, t, asynq.ProcessAt(time.UnixMilli(d.At))); err != nil && !errors.Is(err, asynq.ErrTaskIDConflict) {
			return fmt.Errorf("redis: %w", err)
		}
	}
	return nil
}

// serveAlerts runs the tasks that tell until the returned function is called.
func (w *Worker) serveAlerts() (stop func(), err error) {
	if !w.alerts.active() {
		return func() {}, nil
	}
	srv := asynq.NewServerFromRedisClient(w.rdb, w.serverConfig(sendAtOnce, LaneAlerts))
	mux := asynq.NewServeMux()
	mux.Use(w.counted)
	Handle(mux, SendAlerts, w.log, w.alerts.send)
	if err := srv.Start(mux); err != nil {
		return nil, fmt.Errorf("start the server of alerts: %w", err)
	}
	return srv.Shutdown, nil
}

// send tells a target what is due, and says to Asynq whether it must come again.
func (a *Alerts) send(ctx context.Context, d due) error {
	t, known := a.target(d.Target)
	if !known {
		a.log.Warn("alerts of a target that left the configuration are not sent", "target", d.Target)
		return nil
	}
	v := a.sent(ctx, t, d)
	switch v.Outcome {
	case Retry:
		a.log.Warn("alerts are not sent and tried again", "target", t.Name, "reason", v.Reason, "detail", v.Detail, "remedy", v.Remedy)
		return &again{v}
	case Snooze:
		return &again{v}
	}
	return nil
}

func (a *Alerts) sent(ctx context.Context, t config.AlertTarget, d due) Verdict {
	s, list, free, err := a.take(ctx, t.Name)
	switch {
	case err != nil:
		return verdict(&commerce.Error{Op: "alert.take", Reason: commerce.Unavailable, Err: err}, 1)
	case !free:
		return Verdict{Outcome: Snooze, Reason: string(commerce.Conflict), After: sendBusy}
	}
	failed := a.sendAll(ctx, s, t, d, list)
	// Written down whatever became of ctx: the next message must not wait for it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), raiseWithin)
	defer cancel()
	if err := s.done(ctx); err != nil && failed == nil {
		failed = &commerce.Error{Op: "alert.done", Reason: commerce.Unavailable, Err: err}
	}
	if failed == nil && len(list) == alertsTogether { // there may be more
		failed = a.ask(ctx, []due{{Target: t.Name, At: time.Now().UnixMilli()}})
	}
	if failed == nil {
		return Verdict{Outcome: Done}
	}
	v := verdict(failed, 1)
	if v.Outcome != Snooze { // what a target refuses is dealt with before
		v.Outcome = Retry
	}
	return v
}

// sendAll sends what stands and what is over, each as one message. Its error is one
// after which the same is sent again.
func (a *Alerts) sendAll(ctx context.Context, s sender, t config.AlertTarget, d due, list []OpenAlert) error {
	for _, n := range noticesOf(list, time.UnixMilli(d.At)) {
		failed, over := a.tell(ctx, t, n), n.Alerts
		if failed != nil && commerce.ReasonOf(failed) != commerce.Invalid { // each has its own day
			over = slices.DeleteFunc(slices.Clone(over), func(one OpenAlert) bool { return time.Since(one.due) <= sendGiveUp })
		}
		if failed != nil && len(over) > 0 {
			v := verdict(failed, 1)
			a.log.Error("alerts are given up", "target", t.Name, "count", len(over), "reason", v.Reason, "detail", v.Detail, "remedy", v.Remedy)
		}
		for _, one := range over {
			more, err := s.told(ctx, one, tellsEnd(t))
			if err == nil && more {
				err = a.ask(ctx, []due{{Target: t.Name, At: time.Now().UnixMilli()}})
			}
			if err != nil {
				return &commerce.Error{Op: "alert.told", Reason: commerce.Unavailable, Err: err}
			}
		}
		if len(over) < len(n.Alerts) {
			return failed
		}
	}
	return nil
}

// noticesOf puts what stands into one message and what is over into another. A message
// is named by what it tells and for when: one that is sent again has the same name, and
// one to which something came since has not.
func noticesOf(list []OpenAlert, at time.Time) []notice {
	open, over := notice{State: stateOpen, At: at}, notice{State: stateResolved, At: at}
	for _, one := range list {
		if one.Resolved.IsZero() {
			open.Alerts = append(open.Alerts, one)
		} else {
			over.Alerts = append(over.Alerts, one)
		}
	}
	var out []notice
	for _, n := range []notice{open, over} {
		if len(n.Alerts) > 0 {
			name := fmt.Sprint(n.State, at.UnixMilli())
			for _, one := range n.Alerts {
				name += fmt.Sprint(" ", one.ID, one.First.UnixMilli())
			}
			n.ID = entryID(name)
			out = append(out, n)
		}
	}
	return out
}

// tell sends one message at once and counts it.
func (a *Alerts) tell(ctx context.Context, t config.AlertTarget, n notice) error {
	ctx, cancel := context.WithTimeout(ctx, sendWithin)
	defer cancel()
	if err := a.ways[t.Name].tell(ctx, n); err != nil {
		a.count.failed.WithLabelValues(t.Name).Inc()
		return err
	}
	a.count.sent.WithLabelValues(t.Name).Inc()
	a.log.Info("alerts sent", "target", t.Name, "state", n.State, "count", len(n.Alerts))
	return nil
}

// Test sends a message that is about nothing to the target of that name.
func (a *Alerts) Test(ctx context.Context, name string) error {
	t, ok := a.target(name)
	if !ok {
		return fmt.Errorf("no target %q stands under alerts.targets", name)
	}
	now := time.Now()
	shop := ""
	if len(t.Shops) > 0 {
		shop = t.Shops[0]
	}
	one := OpenAlert{ID: entryID("test/" + now.String()), First: now, Last: now, Count: 1, Alert: Alert{Kind: stateTest, Severity: Info, Shop: shop,
		Detail: "this is a test of the target " + name, Remedy: "nothing is to be done", Look: "odoogate alerts ls"}}
	return a.tell(ctx, t, notice{ID: one.ID, State: stateTest, At: now, Alerts: []OpenAlert{one}})
}
