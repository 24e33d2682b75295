package tasks

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Severity is how soon a person should look.
type Severity string

// The severities: repaired by itself, today, now.
const (
	Info     Severity = "info"
	Warning  Severity = "warning"
	Critical Severity = "critical"
)

// Alert is something that a person is told. Its texts hold nobody's data.
type Alert struct {
	Kind     string   `json:"kind"` // one of config.AlertKinds
	Severity Severity `json:"severity"`
	Shop     string   `json:"shop,omitempty"` // "": it belongs to none
	// Cause is what it has in common with others of its kind and shop: those are one
	// alert, which is told once and counts them.
	Cause string `json:"cause,omitempty"`
	// Ref, Number and Event name what it is about, one of many perhaps.
	Ref    commerce.Ref `json:"ref,omitzero"`
	Number string       `json:"number,omitempty"`
	Event  string       `json:"event,omitempty"` // of the journal
	Reason string       `json:"reason,omitempty"`
	Detail string       `json:"detail"` // what was found, one sentence
	Remedy string       `json:"remedy,omitempty"`
	Needs  []string     `json:"needs,omitempty"`
	Look   string       `json:"look,omitempty"` // the command to look with
}

// id names alerts of one cause, wherever they are raised.
func (a Alert) id() string { return alertID(a.Kind, a.Shop, a.Cause) }

func alertID(kind, shop, cause string) string {
	return entryID(strings.Join([]string{"alert", kind, shop, cause}, "\x00"))
}

// OpenAlert is an alert as it stands: how often, since when, and whether it is over.
type OpenAlert struct {
	ID string `json:"id"`
	Alert
	Count    int                  `json:"count"`            // orders or records of that cause
	Orders   []string             `json:"orders,omitempty"` // some of them
	First    time.Time            `json:"first_seen"`
	Last     time.Time            `json:"last_seen"`
	Resolved time.Time            `json:"resolved,omitzero"`
	Told     map[string]time.Time `json:"told,omitempty"` // target → when it was told last

	due time.Time // since when the target that is being told was to be told of it
}

// AlertOptions are what alerts are made of.
type AlertOptions struct {
	Config  config.Alerts
	Redis   *redis.Client
	Shops   map[string]*handlers.Shop
	Books   Asker // nil: no activities are made
	Log     *slog.Logger
	Metrics prometheus.Registerer // may be nil
}

// Alerts tells people what they must look at. What has one cause is told once; what
// stands is kept in Redis, so that it is the same for all processes and dies with none.
// Without targets nothing is kept and nobody is told.
type Alerts struct {
	rdb   *redis.Client
	queue *Queue
	cfg   config.Alerts
	ways  map[string]way
	log   *slog.Logger
	count alertMetrics
}

// NewAlerts connects nothing.
func NewAlerts(o AlertOptions) *Alerts {
	a := &Alerts{rdb: o.Redis, queue: NewQueue(o.Redis, 0), cfg: o.Config, ways: map[string]way{}, log: o.Log,
		count: newAlertMetrics(o.Metrics, o.Config.Targets)}
	for _, t := range o.Config.Targets {
		switch {
		case t.Mail != nil:
			a.ways[t.Name] = newMailer(*t.Mail)
		case t.Webhook != nil:
			a.ways[t.Name] = newPoster(*t.Webhook)
		default:
			a.ways[t.Name] = asking{cfg: *t.Activity, books: o.Books, shops: o.Shops, about: a.about}
		}
	}
	return a
}

// active reports whether there is anybody to be told.
func (a *Alerts) active() bool { return a != nil && len(a.cfg.Targets) > 0 }

// raiseWithin bounds what raising costs whoever raises. Redis was just spoken to; what
// is lost all the same is found again by the carer, which looks at what stands.
const raiseWithin = 500 * time.Millisecond

// Raise tells those who want to know. It never fails its caller, is over within half a
// second, and may be called again for as long as the cause stands: what was told stays
// quiet for alerts.repeat. Whoever raises config.AlertWebhooks resolves it; what is over
// already is told as Info, under a cause of its own, and needs no resolving.
func (a *Alerts) Raise(ctx context.Context, alert Alert) { a.raise(ctx, alert, 0) }

// raise is Raise with the number of records of that cause, where it is known.
func (a *Alerts) raise(ctx context.Context, alert Alert, count int) {
	if !a.active() {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), raiseWithin)
	defer cancel()
	dues, err := a.keep(ctx, alert, count)
	if err == nil {
		err = a.ask(ctx, dues)
	}
	if err != nil {
		a.log.Warn("an alert is not raised now and looked at again", "kind", alert.Kind, "shop", alert.Shop, "detail", err.Error())
	}
}

// Resolve says that the cause of an alert is gone. One that was told is told to be over
// where that is wanted; one that was not is forgotten.
func (a *Alerts) Resolve(ctx context.Context, kind, shop, cause string) {
	if a.active() {
		a.resolve(ctx, alertID(kind, shop, cause))
	}
}

func (a *Alerts) resolve(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), raiseWithin)
	defer cancel()
	dues, err := a.settle(ctx, id)
	if err == nil {
		err = a.ask(ctx, dues)
	}
	if err != nil {
		a.log.Warn("an alert is not resolved now and looked at again", "alert", id, "detail", err.Error())
	}
}

func (a *Alerts) targets() []config.AlertTarget {
	if a == nil {
		return nil
	}
	return a.cfg.Targets
}

// target is the configured one of that name.
func (a *Alerts) target(name string) (config.AlertTarget, bool) {
	for _, t := range a.cfg.Targets {
		if t.Name == name {
			return t, true
		}
	}
	return config.AlertTarget{}, false
}

// delay is how long an alert waits for others.
func (a *Alerts) delay(alert Alert) time.Duration {
	if alert.Kind == config.AlertMapping || alert.Severity == Critical {
		return 0
	}
	return a.cfg.Gather
}

// tellsEnd says whether a target is told that something is over. An activity always is:
// it would stand for ever.
func tellsEnd(t config.AlertTarget) bool { return t.Resolved || t.Activity != nil }

// member names what an alert is about among others of its cause; "": it counts once.
func (a Alert) member() string {
	if a.Ref.IsZero() {
		return ""
	}
	return member(a.Ref)
}

// shown is how people know what an alert is about.
func (a Alert) shown() string {
	switch {
	case a.Ref.IsZero():
		return ""
	case a.Ref.Kind == commerce.KindOrder:
		return cmp.Or(a.Number, a.Ref.ID)
	}
	return member(a.Ref)
}

// alertMetrics count what was sent.
type alertMetrics struct{ sent, failed *prometheus.CounterVec } // target

func newAlertMetrics(reg prometheus.Registerer, targets []config.AlertTarget) alertMetrics {
	m := alertMetrics{
		sent: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_alerts_sent_total", Help: "Messages about alerts that a target took.",
		}, []string{"target"}),
		failed: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_alerts_failed_total", Help: "Tries to send a message about alerts that failed.",
		}, []string{"target"}),
	}
	for _, t := range targets {
		m.sent.WithLabelValues(t.Name)
		m.failed.WithLabelValues(t.Name)
	}
	if reg != nil {
		reg.MustRegister(m.sent, m.failed)
	}
	return m
}
