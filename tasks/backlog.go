package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
)

// backlogEvery is how often what waits is counted: a little under the usual
// pause between two looks at our metrics.
const backlogEvery = 10 * time.Second

// backlog says what waits. Every process with workers counts the same Redis, so
// these are not to be added up over processes.
type backlog struct {
	parked  *prometheus.GaugeVec // shop
	waiting *prometheus.GaugeVec // shop
	paused  *prometheus.GaugeVec // shop
	privacy *prometheus.GaugeVec // shop
	hooks   *prometheus.GaugeVec // shop
	events  *prometheus.GaugeVec // shop, state
	swept   *prometheus.GaugeVec // shop
	tasks   *prometheus.GaugeVec // lane, state
	wait    *prometheus.GaugeVec // lane
}

func newBacklog(shops []string) backlog {
	b := backlog{
		parked: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_parked_records", Help: "Records at which a person must look; not to be added up over processes.",
		}, []string{"shop"}),
		waiting: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_waiting_records", Help: "Records that go on by themselves once something happens in Odoo, such as a delivery; not to be added up over processes.",
		}, []string{"shop"}),
		paused: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_shop_paused", Help: "1 while the orders of a shop wait because it is paused; not to be added up over processes.",
		}, []string{"shop"}),
		privacy: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_privacy_open_requests", Help: "Requests about people's data that are not done; not to be added up over processes.",
		}, []string{"shop"}),
		hooks: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_webhooks_wrong", Help: "Webhooks of a shop that are missing or wrong since the last look; not to be added up over processes.",
		}, []string{"shop"}),
		events: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_journal_events", Help: "Events in the journal by what became of them; not to be added up over processes.",
		}, []string{"shop", "state"}),
		swept: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_sweep_age_seconds", Help: "How long ago that is up to which a shop's changes were looked at, whatever its webhooks said; 0 before the first sweep; not to be added up over processes.",
		}, []string{"shop"}),
		tasks: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_queue_tasks", Help: "Tasks in the queue by state; not to be added up over processes.",
		}, []string{"lane", "state"}),
		wait: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "odoogate_queue_wait_seconds", Help: "How long the oldest task waits for a worker; not to be added up over processes.",
		}, []string{"lane"}),
	}
	for _, shop := range shops {
		b.parked.WithLabelValues(shop)
		b.waiting.WithLabelValues(shop)
		b.paused.WithLabelValues(shop)
		b.privacy.WithLabelValues(shop)
		b.swept.WithLabelValues(shop)
		b.hooks.WithLabelValues(shop)
		for _, state := range States() {
			b.events.WithLabelValues(shop, string(state))
		}
	}
	for _, lane := range Lanes() {
		b.show(lane, &asynq.QueueInfo{})
	}
	return b
}

func (b backlog) gauges() []*prometheus.GaugeVec {
	return []*prometheus.GaugeVec{b.parked, b.waiting, b.paused, b.privacy, b.hooks, b.events, b.swept, b.tasks, b.wait}
}

// Describe makes the gauges one collector.
func (b backlog) Describe(to chan<- *prometheus.Desc) {
	for _, g := range b.gauges() {
		g.Describe(to)
	}
}

// Collect makes the gauges one collector.
func (b backlog) Collect(to chan<- prometheus.Metric) {
	for _, g := range b.gauges() {
		g.Collect(to)
	}
}

func (b backlog) show(lane string, q *asynq.QueueInfo) {
	for state, n := range map[string]int{"pending": q.Pending, "active": q.Active, "retry": q.Retry, "scheduled": q.Scheduled} {
		b.tasks.WithLabelValues(lane, state).Set(float64(n))
	}
	b.wait.WithLabelValues(lane).Set(q.Latency.Seconds())
}

// count brings the backlog's gauges up to date.
func (c *carer) count(ctx context.Context) error {
	for shop := range c.shops {
		parked, err := c.journal.CountParked(ctx, shop)
		if err != nil {
			return fmt.Errorf("count the parked records of %s: %w", shop, err)
		}
		waiting, err := c.journal.CountWaiting(ctx, shop)
		if err != nil {
			return fmt.Errorf("count the waiting records of %s: %w", shop, err)
		}
		if err := c.countPrivacy(ctx, shop); err != nil {
			return err
		}
		if err := c.countEvents(ctx, shop); err != nil {
			return err
		}
		if err := c.countSwept(ctx, shop); err != nil {
			return err
		}
		hooks, err := NewWebhooks(c.rdb, 0).note(ctx, shop)
		if err != nil {
			return err
		}
		c.metrics.backlog.hooks.WithLabelValues(shop).Set(float64(hooks.Wrong))
		c.metrics.backlog.parked.WithLabelValues(shop).Set(float64(parked))
		c.metrics.backlog.waiting.WithLabelValues(shop).Set(float64(waiting))
	}
	for _, lane := range Lanes() {
		// A queue has no name before its first task.
		known, err := c.rdb.SIsMember(ctx, "asynq:queues", lane).Result()
		info := &asynq.QueueInfo{}
		if err == nil && known {
			info, err = c.inspector.GetQueueInfo(lane)
		}
		if err != nil {
			return fmt.Errorf("count the queue: %w", err)
		}
		c.metrics.backlog.show(lane, info)
	}
	return nil
}

// countPrivacy counts what stands still, or is owed to somebody, by a person's or
// the shop's word.
func (c *carer) countPrivacy(ctx context.Context, shop string) error {
	paused, err := c.isPaused(ctx, shop)
	if err != nil {
		return err
	}
	open, err := c.requests.CountOpen(ctx, shop)
	if err != nil {
		return fmt.Errorf("count the open privacy requests of %s: %w", shop, err)
	}
	stands := 0.0
	if paused {
		stands = 1
	}
	c.metrics.backlog.paused.WithLabelValues(shop).Set(stands)
	c.metrics.backlog.privacy.WithLabelValues(shop).Set(float64(open))
	return nil
}

func (c *carer) countEvents(ctx context.Context, shop string) error {
	counts, err := c.journal.CountEvents(ctx, shop)
	for state, n := range counts {
		c.metrics.backlog.events.WithLabelValues(shop, string(state)).Set(float64(n))
	}
	return err
}

func (c *carer) countSwept(ctx context.Context, shop string) error {
	at, err := c.rdb.HGet(ctx, cursorKey(shop), "at").Int64()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("cursor of %s: %w", shop, err)
	}
	c.metrics.backlog.swept.WithLabelValues(shop).Set(time.Since(time.UnixMilli(at)).Seconds())
	return nil
}
