package tasks

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// PauseShop lets the orders of a shop wait that removed our app.
var PauseShop = eventKind("shop:pause")

// pausedKey is a hash: since when a shop is paused, and why.
func pausedKey(shop string) string { return shopKey(shop, "paused") }

// Pause is since when and why the orders of a shop wait: its events are accepted,
// nothing is lost, and the shop is asked for nothing.
type Pause struct {
	Since time.Time
	Why   string
	// Uninstalled is when the shop removed our app; zero where a person paused it.
	Uninstalled time.Time
}

// Pauses tells which shops are paused, and changes it.
type Pauses struct{ rdb *redis.Client }

// NewPauses keeps pauses in the Redis behind rdb.
func NewPauses(rdb *redis.Client) *Pauses { return &Pauses{rdb: rdb} }

// Get is the shop's pause; ok is false where it is not paused.
func (p *Pauses) Get(ctx context.Context, shop string) (pause Pause, ok bool, err error) {
	m, err := p.rdb.HGetAll(ctx, pausedKey(shop)).Result()
	if err != nil {
		return Pause{}, false, fmt.Errorf("pause of %s: %w", shop, err)
	}
	return Pause{Since: millis(m["since"]), Why: m["why"], Uninstalled: millis(m["uninstalled"])}, len(m) > 0, nil
}

// millis reads what was written as Unix milliseconds; zero where nothing was.
func millis(text string) time.Time {
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Pause pauses a shop. One that is paused already keeps its beginning and gets
// the new reason.
func (p *Pauses) Pause(ctx context.Context, shop, why string) error {
	pipe := p.rdb.TxPipeline()
	pipe.HSetNX(ctx, pausedKey(shop), "since", time.Now().UnixMilli())
	pipe.HSet(ctx, pausedKey(shop), "why", why)
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("pause %s: %w", shop, err)
	}
	return nil
}

// Resume ends a pause, and has the workers ask the shop for what changed since it
// began. It returns the pause; ok is false where there was none.
func (p *Pauses) Resume(ctx context.Context, shop string) (pause Pause, ok bool, err error) {
	pause, ok, err = p.Get(ctx, shop)
	if err != nil || !ok {
		return pause, ok, err
	}
	pipe := p.rdb.TxPipeline()
	bringForward(ctx, pipe, shop, JobSweep, pause.Since.Add(-refillOverlap))
	pipe.Del(ctx, pausedKey(shop))
	if _, err := pipe.Exec(ctx); err != nil {
		return pause, true, fmt.Errorf("resume %s: %w", shop, err)
	}
	return pause, true, nil
}

// uninstalledScript pauses a shop once for each event: a late repeat does not
// undo what a person decided since.
var uninstalledScript = redis.NewScript(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 0 end
redis.call('HSETNX', KEYS[1], 'since', ARGV[1])
redis.call('HSET', KEYS[1], 'why', ARGV[2], 'uninstalled', ARGV[1])
redis.call('SET', KEYS[2], '1', 'PX', ARGV[3])
return 1`)

// pauseShop carries out that a shop removed our app: its token is dead.
func (w *Worker) pauseShop(ctx context.Context, e commerce.Event) error {
	start := time.Now()
	shop := e.Ref.Shop
	fresh, err := uninstalledScript.Run(ctx, w.rdb, []string{pausedKey(shop), seenKey(e)},
		e.Received.UnixMilli(), "the app was uninstalled in the shop", seenFor.Milliseconds()).Bool()
	v := Verdict{Outcome: Done, Reason: "paused"}
	switch {
	case err != nil:
		v = verdict(&commerce.Error{Op: "pause", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}, 1)
	case !fresh:
		v = Verdict{Outcome: Duplicate}
	default:
		alert := uninstalledAlert(shop)
		w.log.Warn(uninstalledSaid, "shop", shop, "event", e.ID, "remedy", alert.Remedy)
		w.alerts.Raise(ctx, alert)
	}
	v = w.noted(ctx, e, v)
	return w.finish(PauseShop.Name, e, v, 0, time.Since(start))
}

const uninstalledSaid = "the shop uninstalled the app and is paused; nothing of it is lost"

func uninstalledAlert(shop string) Alert {
	return Alert{Kind: config.AlertUninstalled, Severity: Critical, Shop: shop, Detail: uninstalledSaid,
		Remedy: "install the app again, put its new token into the configuration, then: odoogate shop resume " + shop, Look: "odoogate shop ls"}
}

// whilePaused is how a task about an order ends in a paused shop: it comes again. That
// is not said for each order: the pause was said, and a metric shows it.
func (w *Worker) whilePaused(task string, e commerce.Event, took time.Duration) error {
	v := Verdict{Outcome: Snooze, Reason: string(commerce.Held), After: w.cfg.Retry}
	w.metrics.finished(task, e, v, took, time.Now())
	return &again{v}
}

// isPaused is asked by the jobs that would ask a shop or make tasks for it.
func (c *carer) isPaused(ctx context.Context, shop string) (bool, error) {
	n, err := c.rdb.Exists(ctx, pausedKey(shop)).Result()
	return n > 0, err
}
