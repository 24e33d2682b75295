package tasks

import (
	"context"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

const (
	lostEvery = 15 * time.Second // over all processes
	lostAfter = 30 * time.Second // far longer than a task takes from one set of the queue to the next
)

// lost puts events back that wait for a run which no task brings: where Redis forgot a
// task while a worker was at it, Asynq has nothing that it could move to the retries.
// What is put back keeps its id, so that it runs once, and the shop is read for it.
func (c *carer) lost(ctx context.Context) error {
	return c.once(ctx, "lost", lostEvery, lostEvery, func() error {
		now, err := c.rdb.Time(ctx).Result()
		if err != nil {
			return err
		}
		for shop := range c.shops {
			if paused, err := c.isPaused(ctx, shop); err != nil {
				return err
			} else if paused {
				continue
			}
			for e, err := range c.journal.Events(ctx, Query{Shop: shop, States: []Outcome{Retry, Snooze, Working}, To: now.Add(-lostAfter)}) {
				if err == nil {
					err = c.putBack(ctx, e)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// putBack has an event run again if nothing else does.
func (c *carer) putBack(ctx context.Context, e Entry) error {
	again := commerce.Event{ID: e.Event, Topic: e.Topic, Hint: e.Hint, Ref: e.Ref, Aggregate: e.Aggregate,
		Nonce: e.Nonce, Request: e.Request, Received: e.Received, Spooled: e.Spooled}
	if kind := kindOf(again).Name; kind != ImportOrder.Name && kind != FindOrder.Name {
		return nil // what pauses a shop, or is about people's data, is asked for in its own way
	}
	id := again.TaskID()
	held, over, err := c.inQueue(ctx, id)
	if err != nil || held {
		return err
	}
	// A run writes down how it ended before its task leaves the queue.
	if now, known, err := c.journal.Event(ctx, e.Ref.Shop, e.ID); err != nil || !known || now.State != e.State || !now.At.Equal(e.At) {
		return err
	}
	for _, lane := range over { // its id would keep ours away
		if err := c.inspector.DeleteTask(lane, id); err != nil {
			return fmt.Errorf("task of event %s: %w", e.ID, err)
		}
	}
	duplicate, err := c.queue.Accept(ctx, again)
	if err == nil && !duplicate {
		c.metrics.rescued.WithLabelValues(e.Ref.Shop).Inc()
		c.log.Warn("Redis has forgotten the task of an event; it is in the queue again", "shop", e.Ref.Shop, "ref", e.Ref.String(), "event", e.ID)
	}
	return err
}

// inQueue says whether a lane still brings a run of a task, and which lanes keep it as
// one that ended.
func (c *carer) inQueue(ctx context.Context, id string) (held bool, over []string, err error) {
	pipe, states := c.rdb.Pipeline(), map[string]*redis.StringCmd{}
	for _, lane := range Lanes() {
		states[lane] = pipe.HGet(ctx, "asynq:{"+lane+"}:t:"+id, "state")
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	for lane, cmd := range states {
		state, err := cmd.Result()
		switch {
		case ignoreNil(err) != nil:
			return false, nil, fmt.Errorf("task %s: %w", id, err)
		case state == "completed":
			over = append(over, lane)
		case state != "":
			held = true
		}
	}
	return held, over, nil
}
