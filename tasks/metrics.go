package tasks

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// metrics of the workers; every series exists from the start.
type metrics struct {
	seconds  *prometheus.HistogramVec // task, outcome
	failures *prometheus.CounterVec   // task, reason
	lag      *prometheus.HistogramVec // shop
	rescued  *prometheus.CounterVec   // shop
	jobs     *prometheus.CounterVec   // shop, job, outcome
	hooks    *prometheus.CounterVec   // shop, change, outcome
	backlog  backlog
}

func newMetrics(reg prometheus.Registerer, shops []string) *metrics {
	m := &metrics{
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "odoogate_task_seconds", Help: "Time one run of a task took, by how it ended.",
			Buckets: []float64{.005, .02, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 120, 600},
		}, []string{"task", "outcome"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_task_failures_total", Help: "Runs that ended parked, failed, snoozed or to be retried, by reason.",
		}, []string{"task", "reason"}),
		lag: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "odoogate_event_lag_seconds", Help: "Time from receiving an event to its end.",
			Buckets: []float64{.05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200},
		}, []string{"shop"}),
		rescued: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_rescued_total", Help: "Records whose worker went silent and that were handed to another.",
		}, []string{"shop"}),
		jobs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_job_runs_total", Help: "Runs of the jobs that nobody asks for, such as sweeps, by how they ended.",
		}, []string{"shop", "job", "outcome"}),
		hooks: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "odoogate_webhook_changes_total", Help: "Changes of the shops' webhooks that the workers made or could not make.",
		}, []string{"shop", "change", "outcome"}),
		backlog: newBacklog(shops),
	}
	for task := range eventKinds {
		for _, o := range Outcomes() {
			m.seconds.WithLabelValues(task, string(o))
		}
		for _, r := range commerce.Reasons() {
			m.failures.WithLabelValues(task, string(r))
		}
	}
	for _, s := range shops {
		m.lag.WithLabelValues(s)
		m.rescued.WithLabelValues(s)
		for _, change := range handlers.HookActions() {
			m.hooks.WithLabelValues(s, string(change), "made")
			m.hooks.WithLabelValues(s, string(change), "failed")
		}
		for _, job := range JobNames() {
			for _, outcome := range []string{"ok", "failed", "stopped"} {
				m.jobs.WithLabelValues(s, job, outcome)
			}
		}
	}
	if reg != nil {
		reg.MustRegister(m.seconds, m.failures, m.lag, m.rescued, m.jobs, m.hooks, m.backlog)
	}
	return m
}

func (m *metrics) finished(task string, e commerce.Event, v Verdict, took time.Duration, now time.Time) {
	m.seconds.WithLabelValues(task, string(v.Outcome)).Observe(took.Seconds())
	switch v.Outcome {
	case Parked, Failed, Retry, Snooze:
		m.failures.WithLabelValues(task, v.Reason).Inc()
	case Done:
		if e.Nonce != "" { // nobody sent it
			return
		}
		m.lag.WithLabelValues(e.Ref.Shop).Observe(now.Sub(e.Received).Seconds())
	}
}
