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
	lostPage  = 200
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
			q := Query{Shop: shop, States: []Outcome{Retry, Snooze, Working}, To: now.Add(-lostAfter)}
			for page, err := range chunks(c.journal.Events(ctx, q), lostPage) {
				if err == nil {
					err = c.putBackAll(ctx, page)
				}
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// putBackAll puts back those of some events that no task brings.
func (c *carer) putBackAll(ctx context.Context, entries []Entry) error {
	pipe := c.rdb.Pipeline()
	states := make([]map[string]*redis.StringCmd, len(entries))
	for i, e := range entries {
		states[i] = map[string]*redis.StringCmd{}
		for _, lane := range Lanes() {
			states[i][lane] = pipe.HGet(ctx, "asynq:{"+lane+"}:t:"+e.again().TaskID(), "state")
		}
	}
	_, _ = pipe.Exec(ctx) // each command has its own error
	for i, e := range entries {
		held, over, err := inQueue(states[i])
		if err == nil && !held {
			err = c.putBack(ctx, e, over)
		}
		if err != nil {
			return fmt.Errorf("task of event %s: %w", e.ID, err)
		}
	}
	return nil
}

// inQueue says whether a lane still brings a run of a task, and which lanes keep it as
// one that ended.
func inQueue(states map[string]*redis.StringCmd) (held bool, over []string, err error) {
	for lane, cmd := range states {
		state, err := cmd.Result()
		switch {
		case ignoreNil(err) != nil:
			return false, nil, err
		case state == "completed":
			over = append(over, lane)
		case state != "":
			held = true
		}
	}
	return held, over, nil
}

// again is the event as it was accepted, without its body: the shop is read for it.
func (e Entry) again() commerce.Event {
	return commerce.Event{ID: e.Event, Topic: e.Topic, Hint: e.Hint, Ref: e.Ref, Aggregate: e.Aggregate,
		Nonce: e.Nonce, Received: e.Received, Request: e.Request, Spooled: e.Spooled}
}

// putBack puts an event into the queue, unless it ended meanwhile: a run writes down how
// it ended before its task leaves the queue. over are the lanes that keep a task of its id.
func (c *carer) putBack(ctx context.Context, e Entry, over []string) error {
	again := e.again()
	if !runs(kindOf(again)) {
		return nil
	}
	if now, known, err := c.journal.Event(ctx, e.Ref.Shop, e.ID); err != nil || !known || now.State != e.State || !now.At.Equal(e.At) {
		return err
	}
	for _, lane := range over {
		if err := c.inspector.DeleteTask(lane, again.TaskID()); err != nil {
			return err
		}
	}
	duplicate, err := c.queue.Accept(ctx, again)
	if err == nil && !duplicate {
		c.metrics.rescued.WithLabelValues(e.Ref.Shop).Inc()
		c.log.Warn("Redis has forgotten the task of an event; it is in the queue again", "shop", e.Ref.Shop, "ref", e.Ref.String(), "event", e.ID)
	}
	return err
}
