package tasks

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// rescue hands records to another worker whose lease ended without an outcome,
// and tasks whose worker died before it had one. Asynq itself repeats them only
// after one to three minutes; that run then finds everything done. While no lease is
// given, those who work are not known and those who wait have none.
func (c *carer) rescue(ctx context.Context) error {
	left, err := c.leases.bar(ctx)
	if err != nil {
		return err
	}
	if c.sayBar(left); left > 0 {
		c.active = map[string]time.Time{}
		return nil
	}
	return errors.Join(c.rescueLeases(ctx), c.rescueTasks(ctx))
}

func (c *carer) rescueLeases(ctx context.Context) error {
	now, err := c.rdb.Time(ctx).Result()
	if err != nil {
		return err
	}
	for shop := range c.shops {
		late, err := c.rdb.ZRangeByScoreWithScores(ctx, leasesKey(shop), &redis.ZRangeBy{
			Min: "-inf", Max: strconv.FormatInt(now.UnixMilli(), 10), Count: 500}).Result()
		if err != nil {
			return err
		}
		if len(late) == 0 {
			continue
		}
		if paused, err := c.isPaused(ctx, shop); err != nil {
			return err
		} else if paused { // a fresh look would wait like all others
			continue
		}
		for _, z := range late {
			if err := c.rescueOne(ctx, shop, z, now); err != nil {
				return err
			}
		}
	}
	return nil
}

// rescueOne enqueues a fresh look under an id made of the dead lease's deadline:
// many rescuers make one task of it. The deadline moves on, so that it is asked
// for again only if that task dies too.
func (c *carer) rescueOne(ctx context.Context, shop string, z redis.Z, now time.Time) error {
	name, _ := z.Member.(string)
	ref, err := commerce.ParseRef(shop + "/" + name)
	if err != nil {
		return c.rdb.ZRem(ctx, leasesKey(shop), z.Member).Err()
	}
	deadline := strconv.FormatInt(int64(z.Score), 10)
	if _, err := c.lookAgain(ctx, LaneLive, ref, deadline); err != nil {
		return err
	}
	next := float64(now.Add(c.leases.ttl).UnixMilli())
	return c.rdb.ZAddArgs(ctx, leasesKey(shop), redis.ZAddArgs{XX: true, GT: true,
		Members: []redis.Z{{Score: next, Member: z.Member}}}).Err()
}

func (c *carer) lookAgain(ctx context.Context, lane string, ref commerce.Ref, nonce string) (asked bool, err error) {
	asked, err = c.queue.Ask(ctx, lane, ref, "rescue", nonce)
	if asked {
		c.metrics.rescued.WithLabelValues(ref.Shop).Inc()
		c.log.Warn("a worker went silent; its record is looked at again", "shop", ref.Shop, "ref", ref.String())
	}
	return asked, err
}

// orphanAfter is how long a task may be taken from the queue and hold no lease:
// many times what entering costs.
const orphanAfter = 3 * time.Second

// activePage is how many running tasks are looked at together.
const activePage = 1000

// rescueTasks finds tasks that count as running and hold no lease. A living
// worker is in that state for an instant only.
func (c *carer) rescueTasks(ctx context.Context) error {
	now, still := time.Now(), map[string]time.Time{}
	for _, lane := range Lanes() {
		n, err := c.rdb.LLen(ctx, "asynq:{"+lane+"}:active").Result()
		if err != nil {
			return err
		}
		// Pages count from the task taken first: from the last page on, none that leaves
		// meanwhile moves another past us.
		for page := int(n+activePage-1) / activePage; page > 0; page-- {
			if err := c.rescuePage(ctx, lane, page, now, still); err != nil {
				return err
			}
		}
	}
	c.active = still
	return nil
}

// rescuePage looks at a page of a lane's running tasks, and notes in still those
// that hold no lease.
func (c *carer) rescuePage(ctx context.Context, lane string, page int, now time.Time, still map[string]time.Time) error {
	running, err := c.inspector.ListActiveTasks(lane, asynq.PageSize(activePage), asynq.Page(page))
	if err != nil && !errors.Is(err, asynq.ErrQueueNotFound) {
		return err
	}
	alone, err := c.withoutLease(ctx, running)
	if err != nil {
		return err
	}
	for id, e := range alone {
		key := lane + "/" + id
		first, seen := c.active[key]
		if !seen {
			first = now
		}
		// A rescued task stays in the list until Asynq repeats it; the same nonce makes
		// the same fresh task of it, so it runs once.
		if still[key] = first; now.Sub(first) < orphanAfter {
			continue
		}
		asked, err := c.lookAgain(ctx, lane, e.Aggregate, id)
		if err == nil && asked {
			err = c.journal.note(ctx, c.bodies.arrive(e), Verdict{Outcome: Coalesced, Reason: "went silent"}, member(e.Aggregate))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// withoutLease are the events of those tasks that import a record which nobody holds, by
// the task's id.
func (c *carer) withoutLease(ctx context.Context, tasks []*asynq.TaskInfo) (map[string]commerce.Event, error) {
	pipe, held, alone := c.rdb.Pipeline(), map[string]*redis.IntCmd{}, map[string]commerce.Event{}
	for _, t := range tasks {
		if e, err := decodeEvent(t.Payload); err == nil && imports(eventKinds[t.Type]) {
			alone[t.ID], held[t.ID] = e, pipe.Exists(ctx, leaseKey(e.Aggregate))
		}
	}
	if _, err := pipe.Exec(ctx); err != nil { // of none it sends none
		return nil, err
	}
	for id, cmd := range held {
		if cmd.Val() == 1 {
			delete(alone, id)
		}
	}
	return alone, nil
}
