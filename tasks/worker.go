// Package tasks carries accepted events to their end: it queues them in Redis,
// lets one worker at a time look at a record, decides what a failure means and
// remembers how each record ended. It alone knows Asynq and Redis.
package tasks

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hibiken/asynq"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// Books is what a worker needs of Odoo; *erp.Books is one.
type Books interface {
	Order(ctx context.Context, shop config.Shop, o *commerce.Order, last erp.Applied, still func(context.Context) error) (erp.Outcome, error)
	Customer(ctx context.Context, shop config.Shop, c *commerce.Customer, last erp.CustomerApplied, still func(context.Context) error) (erp.CustomerOutcome, error)
	Contact(ctx context.Context, shop config.Shop, id int64) (*erp.Contact, error)
	Meets(ctx context.Context, k *erp.Contact, c *commerce.Customer, last erp.CustomerApplied) (why, remedy string, err error)
	Story(ctx context.Context, shop config.Shop, ref commerce.Ref, number string) (erp.Story, error)
	Met(ctx context.Context, shop config.Shop, needs []string) ([]string, error)
	Ping(ctx context.Context) error
}

// Options are what a worker is made of.
type Options struct {
	Redis   *redis.Client
	Shops   map[string]*handlers.Shop
	Books   Books
	Config  config.Worker
	Journal config.Journal
	Bodies  *Bodies       // nil: none are kept
	Alerts  *Alerts       // nil: nobody is told
	Grace   time.Duration // how long a stopping worker finishes what it has begun
	// Late is how long Odoo may still do what a run asked it for that has ended: the
	// time of one call. 0: it never does.
	Late    time.Duration
	Log     *slog.Logger
	Metrics prometheus.Registerer // may be nil
}

// Worker runs the tasks. Run it once.
type Worker struct {
	rdb       *redis.Client
	queue     *Queue
	inspector *asynq.Inspector
	journal   *Journal
	requests  *Requests
	leases    leases
	doubts    doubts
	late      time.Duration // see Options
	bodies    *Bodies
	alerts    *Alerts
	shops     map[string]*handlers.Shop
	books     Books
	odoo      *gate
	cfg       config.Worker
	kept      config.Journal
	grace     time.Duration
	log       *slog.Logger
	metrics   *metrics

	base    context.Context // of everything a task does
	running sync.WaitGroup  // handlers
}

// NewWorker makes a worker; it connects nothing before Run.
func NewWorker(o Options) *Worker {
	return &Worker{
		rdb: o.Redis, queue: NewQueue(o.Redis, 0), inspector: asynq.NewInspectorFromRedisClient(o.Redis), journal: NewJournal(o.Redis),
		requests: NewRequests(o.Redis, o.Shops),
		leases:   leases{rdb: o.Redis, ttl: o.Config.Lease, lasts: foundFor(o.Journal), seen: new(atomic.Bool)},
		late:     o.Late,
		bodies:   o.Bodies,
		alerts:   o.Alerts,
		shops:    o.Shops, books: o.Books, odoo: &gate{probe: o.Books.Ping},
		cfg: o.Config, kept: o.Journal, grace: o.Grace, log: o.Log,
		metrics: newMetrics(o.Metrics, shopIDs(o.Shops)),
	}
}

// Run works until ctx ends, then takes nothing new, finishes what it has begun
// inside the grace and hands back the rest. It stays up while Redis is away.
func (w *Worker) Run(ctx context.Context) error {
	base, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	w.base = base
	servers := []*asynq.Server{
		asynq.NewServerFromRedisClient(w.rdb, w.serverConfig(w.cfg.Live, LaneLive)),
		asynq.NewServerFromRedisClient(w.rdb, w.serverConfig(w.cfg.Sweep, LaneOperator, LaneSweep)),
	}
	mux := asynq.NewServeMux()
	mux.Use(w.counted)
	Handle(mux, ImportOrder, w.log, w.importOrder)
	Handle(mux, ImportCustomer, w.log, w.importCustomer)
	Handle(mux, PushCustomer, w.log, w.pushCustomer)
	Handle(mux, FindOrder, w.log, w.findOrder)
	Handle(mux, NoteEvent, w.log, w.noteEvent)
	Handle(mux, PauseShop, w.log, w.pauseShop)
	Handle(mux, CarryOut, w.log, w.carryOut)
	for i, srv := range servers {
		if err := srv.Start(mux); err != nil {
			shutDown(servers[:i])
			return fmt.Errorf("start the queue's server: %w", err)
		}
	}
	stopAlerts, err := w.serveAlerts()
	if err != nil {
		shutDown(servers)
		return err
	}
	cared := w.care(ctx)
	<-ctx.Done()

	for _, srv := range servers {
		srv.Stop()
	}
	// What is not finished when most of the grace is over is told to stop, so
	// that it gives its lease back before Asynq hands the task to another.
	handBack := time.AfterFunc(w.grace*4/5, stop)
	shutDown(servers)
	stopAlerts()
	handBack.Stop()
	stop()
	// Asynq lets go of a task whose time is over; its handler still gives the
	// lease back.
	w.running.Wait()
	w.odoo.close()
	cared()
	return nil
}

// shutDown waits for what the servers have begun, within the one grace.
func shutDown(servers []*asynq.Server) {
	var wg sync.WaitGroup
	for _, srv := range servers {
		wg.Go(srv.Shutdown)
	}
	wg.Wait()
}

// counted lets Run wait for handlers, and says to those below in which lane they are:
// what is not live lets others go first, at the shop and at Odoo.
func (w *Worker) counted(next asynq.Handler) asynq.Handler {
	return asynq.HandlerFunc(func(ctx context.Context, t *asynq.Task) error {
		w.running.Add(1)
		defer w.running.Done()
		lane, _ := asynq.GetQueueName(ctx)
		if lane != LaneLive {
			ctx = erp.Patiently(ctx)
		}
		return next.ProcessTask(handlers.WithLane(ctx, handlers.Lane(lane)), t)
	})
}

// laneOf is the lane of the task that runs.
func laneOf(ctx context.Context) string { return string(handlers.LaneOf(ctx)) }

// serverConfig is for so many tasks at once of these lanes, those of the first before
// all others. Asynq bounds servers and not queues, so each bound is a server.
func (w *Worker) serverConfig(tasks int, lanes ...string) asynq.Config {
	queues := map[string]int{}
	for i, lane := range lanes {
		queues[lane] = len(lanes) - i
	}
	return asynq.Config{
		Concurrency:              tasks,
		Queues:                   queues,
		StrictPriority:           true,
		BaseContext:              func() context.Context { return w.base },
		RetryDelayFunc:           w.retryDelay,
		IsFailure:                isFailure,
		TaskCheckInterval:        200 * time.Millisecond,
		DelayedTaskCheckInterval: time.Second,
		ShutdownTimeout:          w.grace,
		Logger:                   asynqLog{w.log},
		LogLevel:                 asynq.WarnLevel,
	}
}

// retryDelay doubles from a second to the configured longest pause, with jitter
// so that what failed together does not come back together.
func (w *Worker) retryDelay(n int, err error, _ *asynq.Task) time.Duration {
	var a *again
	if errors.As(err, &a) && a.verdict.After > 0 {
		asked := min(a.verdict.After, w.cfg.Retry) // whoever asks for days is asked again before
		return asked + rand.N(asked/10+1)
	}
	pause := w.cfg.Retry
	if n < 20 {
		pause = min(pause, time.Second<<n)
	}
	return pause/2 + rand.N(pause/2+1)
}

// isFailure says what Asynq counts as an attempt: a run that was told to wait
// or that lost its lease is none.
func isFailure(err error) bool {
	var a *again
	return !errors.As(err, &a) || a.verdict.Outcome != Snooze
}

// finish writes the one line about how an event ended and says to Asynq whether
// it must come again.
func (w *Worker) finish(task string, e commerce.Event, v Verdict, attempt int, took time.Duration) error {
	w.metrics.finished(task, e, v, took, time.Now())
	args := []any{"shop", e.Ref.Shop, "ref", e.Ref.String(), "event", e.ID, "topic", e.Topic, "task", task,
		"outcome", string(v.Outcome), "took", took.Round(time.Microsecond)}
	if v.Reason != "" {
		args = append(args, "reason", v.Reason)
	}
	if attempt > 0 {
		args = append(args, "attempt", attempt)
	}
	switch v.Outcome {
	case Parked, Failed:
		w.log.Warn("event needs a person", append(args, "detail", v.Detail, "remedy", v.Remedy)...)
	case Retry, Snooze:
		if v.Remedy != "" {
			args = append(args, "remedy", v.Remedy)
		}
		w.log.Warn("event comes again", append(args, "detail", v.Detail)...)
		return &again{v}
	default:
		if v.Detail != "" {
			args = append(args, "detail", v.Detail)
		}
		w.log.Info("event finished", args...)
	}
	return nil
}

func shopIDs(shops map[string]*handlers.Shop) []string {
	ids := make([]string, 0, len(shops))
	for id := range shops {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// asynqLog lets Asynq speak through slog.
type asynqLog struct{ log *slog.Logger }

func (l asynqLog) say(level slog.Level, args []any) {
	l.log.Log(context.Background(), level, "queue", "detail", fmt.Sprint(args...))
}
func (l asynqLog) Debug(args ...any) { l.say(slog.LevelDebug, args) }
func (l asynqLog) Info(args ...any)  { l.say(slog.LevelInfo, args) }
func (l asynqLog) Warn(args ...any)  { l.say(slog.LevelWarn, args) }
func (l asynqLog) Error(args ...any) { l.say(slog.LevelError, args) }
func (l asynqLog) Fatal(args ...any) { l.say(slog.LevelError, args) }
