package tasks

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
)

// refillOverlap covers what a Redis that came back had not yet on its disk.
const refillOverlap = time.Minute

// tick is the sign of life that workers leave in Redis: when, in which run of
// the Redis process, and of which data set. What it says after a restart tells
// how old the data is that came back.
type tick struct {
	at   time.Time
	run  string
	data string
}

func (t tick) String() string { return fmt.Sprintf("%d %s %s", t.at.UnixMilli(), t.run, t.data) }

func parseTick(text string) (t tick, ok bool) {
	parts := strings.Split(text, " ")
	if len(parts) != 3 {
		return tick{}, false
	}
	ms, err := strconv.ParseInt(parts[0], 10, 64)
	return tick{at: time.UnixMilli(ms), run: parts[1], data: parts[2]}, err == nil
}

// refill notices that Redis lost something, all of it or its last minutes, and has
// the shops swept for what changed since. Identity lives in Odoo, and the
// go-live date holds here too: nothing is booked twice or too early by it.
func (c *carer) refill(ctx context.Context) error {
	run, err := c.redisRun(ctx)
	if err != nil {
		return err
	}
	err = c.rdb.Watch(ctx, func(tx *redis.Tx) error { return c.sign(ctx, tx, run) }, tickKey)
	if errors.Is(err, redis.TxFailedErr) { // another process signed meanwhile; the next look sees it
		return nil
	}
	if err != nil {
		return err
	}
	return c.keep(ctx)
}

// sign leaves our sign of life, and notes with it what must be asked for again. It is
// written only over the sign that was read: two processes that start on an empty Redis
// would else take each other's for that of another data set.
func (c *carer) sign(ctx context.Context, tx *redis.Tx, run string) error {
	text, err := tx.Get(ctx, tickKey).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	last, there := parseTick(text)
	var swept map[string]time.Time
	older := there && last.run != run && c.keptAfter(last)
	forgot := !there || c.last.data != "" && c.last.data != last.data || c.last.data == "" && c.keptOfAnother(last)
	if forgot || older {
		if swept, err = c.recall(ctx, older); err != nil { // it is no reason not to go on
			c.log.Error("what people had bound or adopted is not put back", "detail", err.Error())
		}
	}
	pipe := tx.TxPipeline()
	var lost []Alert
	for id, shop := range c.shops {
		if err := c.wentLive(ctx, pipe, id, shop); err != nil {
			return err
		}
		if since, ok := c.lostSince(shop, last, there, run, swept[id]); ok {
			c.log.Error("Redis lost data; the shop is asked again for what changed", "shop", id, "since", since.UTC())
			lost = append(lost, lostAlert(id, since))
			pipe.HSetNX(ctx, cursorKey(id), "at", since.UnixMilli()) // else it would begin with the go-live date
			bringForward(ctx, pipe, id, JobSweep, since)
			askForRun(ctx, pipe, id, JobCustomers)
		}
	}
	next := tick{at: time.Now(), run: run, data: last.data}
	if !there {
		next.data = uuid.NewString()
	}
	pipe.Set(ctx, tickKey, next.String(), 0)
	// Asynq publishes a queue's name once per process; a wipe forgets it.
	pipe.SAdd(ctx, "asynq:queues", LaneLive, LaneOperator, LaneSweep)
	if c.alerts.active() {
		pipe.SAdd(ctx, "asynq:queues", LaneAlerts)
	}
	for id := range c.shops {
		pipe.SAdd(ctx, shopsKey, id)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return err
	}
	c.last = next
	for _, alert := range lost {
		c.alerts.Raise(ctx, alert)
	}
	return nil
}

// wentLive asks a shop again for what was only observed, once it is switched to
// live: those orders have no event to come of themselves.
func (c *carer) wentLive(ctx context.Context, pipe redis.Pipeliner, id string, shop *handlers.Shop) error {
	if !shop.Config.Live() {
		return pipe.SetNX(ctx, observedKey(id), time.Now().UnixMilli(), 0).Err()
	}
	since, err := c.rdb.Get(ctx, observedKey(id)).Int64()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	ask := time.UnixMilli(since).Add(-refillOverlap)
	// The date may have been set since, and a loss of Redis forgets since when.
	if live := shop.Config.GoLive.Time; !live.IsZero() && live.Before(ask) {
		ask = live
	}
	c.log.Info("the shop is live; what was only observed is asked for again", "shop", id, "since", ask.UTC())
	bringForward(ctx, pipe, id, JobSweep, ask)
	askForRun(ctx, pipe, id, JobCustomers)
	deleteIfScript.Eval(ctx, pipe, []string{observedKey(id)}, since)
	return nil
}

// observedSince notes that an order was only observed. A run that still observes
// while another process is live already makes that one ask again.
func (w *Worker) observedSince(ctx context.Context, shop string, changed time.Time) error {
	return leastScript.Run(ctx, w.rdb, []string{observedKey(shop)}, changed.UnixMilli()).Err()
}

// leastScript keeps the smaller of two numbers.
var leastScript = redis.NewScript(`
local old = redis.call('GET', KEYS[1])
if not old or tonumber(old) > tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1]) end
return 1`)

// deleteIfScript deletes what is still as it was read.
var deleteIfScript = redis.NewScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)

// redisRun names the life of the Redis process.
func (c *carer) redisRun(ctx context.Context) (string, error) {
	info, err := c.rdb.Info(ctx, "server").Result()
	if said := redis.Error(nil); errors.As(err, &said) && strings.Contains(said.Error(), "not supported") {
		return "-", nil // the demo's own has no such section, and never comes back with older data
	}
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(info) {
		if run, ok := strings.CutPrefix(strings.TrimSpace(line), "run_id:"); ok {
			return run, nil
		}
	}
	return "-", nil
}

// lostSince says whether Redis may have lost events of a shop, and since when. swept is
// how far the shop was swept as the state file knows; zero: it does not.
func (c *carer) lostSince(shop *handlers.Shop, last tick, there bool, run string, swept time.Time) (since time.Time, lost bool) {
	switch {
	case !there && c.last.data == "" && swept.IsZero():
		// A first start, or a loss of the state file too: without a cursor the sweep begins
		// with the go-live date.
		return time.Time{}, false
	case !there, c.last.data != "" && c.last.data != last.data:
		back := time.Now()
		if !swept.IsZero() && swept.Before(back) {
			back = swept
		}
		back = back.Add(-c.cfg.Lookback)
		if live := shop.Config.GoLive.Time; live.After(back) {
			back = live
		}
		return back, true
	case last.run != run:
		return last.at.Add(-refillOverlap), true
	}
	return time.Time{}, false
}
