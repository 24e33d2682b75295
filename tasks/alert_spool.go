package tasks

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/odoogate/odoogate/config"
)

const (
	spoolLook  = time.Second
	spoolAgain = time.Minute // between two tries to tell of it
)

// spoolWatch tells that Redis is away and deliveries wait in this process's spool. What
// it tells goes straight to the targets: there is no Redis to keep it in or to agree
// with others over, so each gateway tells of its own spool.
type spoolWatch struct {
	alerts *Alerts
	in     *Intake
	now    func() time.Time

	since time.Time            // since when deliveries wait; zero: none do
	told  map[string]time.Time // target → when it was told last
	next  time.Time            // of the next try
}

// WatchSpool runs until ctx ends.
func (a *Alerts) WatchSpool(ctx context.Context, in *Intake) error {
	if !a.active() {
		<-ctx.Done()
		return nil
	}
	w := &spoolWatch{alerts: a, in: in, now: time.Now, told: map[string]time.Time{}}
	tick := time.NewTicker(spoolLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			w.look(ctx)
		}
	}
}

// look is one look at the spool.
func (w *spoolWatch) look(ctx context.Context) {
	now, waiting := w.now(), w.in.spool.Stats().Records
	switch {
	case waiting == 0:
		if !w.since.IsZero() {
			w.over(ctx, now)
		}
		return
	case !w.in.circuit.isOpen(): // it is on its way to Redis
		return
	case w.since.IsZero():
		w.since = now
	}
	if now.Sub(w.since) < w.alerts.cfg.Away || now.Before(w.next) {
		return
	}
	w.next = now.Add(spoolAgain)
	for _, t := range w.alerts.cfg.Targets {
		at, told := w.told[t.Name]
		if !t.Wants(string(Critical), config.AlertRedisAway, "") || told && (w.alerts.cfg.Repeat == 0 || now.Sub(at) < w.alerts.cfg.Repeat) {
			continue
		}
		if w.tell(ctx, t, stateOpen, waiting, now) {
			w.told[t.Name] = now
		}
	}
}

// over tells those who were told.
func (w *spoolWatch) over(ctx context.Context, now time.Time) {
	for _, t := range w.alerts.cfg.Targets {
		if _, told := w.told[t.Name]; told && tellsEnd(t) {
			w.tell(ctx, t, stateResolved, 0, now)
		}
	}
	w.since, w.next, w.told = time.Time{}, time.Time{}, map[string]time.Time{}
}

func (w *spoolWatch) tell(ctx context.Context, t config.AlertTarget, state string, waiting int, now time.Time) bool {
	host, err := os.Hostname()
	if err != nil {
		host = "this machine"
	}
	one := OpenAlert{Count: 1, First: w.since, Last: now, Alert: Alert{Kind: config.AlertRedisAway, Severity: Critical, Cause: host,
		Detail: fmt.Sprintf("Redis takes no deliveries; %d wait in the spool of the gateway on %s", waiting, host),
		Remedy: "bring Redis back; the spool is emptied by itself, and nothing is lost while it has room", Look: "odoogate check"}}
	one.ID = one.id()
	if state == stateResolved {
		one.Resolved, one.Detail = now, "Redis takes deliveries again; none wait in the spool of the gateway on "+host
	}
	n := notice{ID: entryID(fmt.Sprint(state, one.ID, now.UnixMilli())), State: state, At: now, Alerts: []OpenAlert{one}}
	if err := w.alerts.tell(ctx, t, n); err != nil {
		v := verdict(err, 1)
		w.alerts.log.Warn("alerts are not sent and tried again", "target", t.Name, "reason", v.Reason, "detail", v.Detail, "remedy", v.Remedy)
		return false
	}
	return true
}
