package tasks

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
)

// refill notices that Redis lost everything while we ran and asks the shops
// again for what changed, as far back as configured but never before this Redis
// was first seen. Identity lives in Odoo: nothing is booked twice by it.
func (c *carer) refill(ctx context.Context) error {
	epoch, err := c.readEpoch(ctx)
	if err != nil {
		return err
	}
	switch c.epoch {
	case epoch:
	case "":
		c.epoch, c.since = epoch, epochTime(epoch)
	default:
		if err := c.wiped(ctx); err != nil {
			return err
		}
		c.epoch = epoch
	}
	since, err := c.rdb.Get(ctx, refillKey).Int64()
	if errors.Is(err, redis.Nil) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.once(ctx, "refill", 5*time.Minute, func() error {
		if err := c.askShops(ctx, time.UnixMilli(since), epoch); err != nil {
			return err
		}
		return c.rdb.Del(ctx, refillKey).Err()
	})
}

// readEpoch is the mark of this Redis' life, made if there is none.
func (c *carer) readEpoch(ctx context.Context) (string, error) {
	fresh := strconv.FormatInt(time.Now().UnixMilli(), 10) + "-" + uuid.NewString()
	if err := c.rdb.SetNX(ctx, epochKey, fresh, 0).Err(); err != nil {
		return "", err
	}
	return c.rdb.Get(ctx, epochKey).Result()
}

// wiped asks for the refill. Asynq publishes a queue's name once per process,
// so the name is added again.
func (c *carer) wiped(ctx context.Context) error {
	since := c.since
	if back := time.Now().Add(-c.cfg.Lookback); back.After(since) {
		since = back
	}
	c.log.Error("Redis lost its data; the shops are asked again for what changed", "since", since)
	pipe := c.rdb.TxPipeline()
	pipe.SAdd(ctx, "asynq:queues", LaneLive)
	pipe.SetNX(ctx, refillKey, since.UnixMilli(), 0)
	_, err := pipe.Exec(ctx)
	return err
}

func epochTime(epoch string) time.Time {
	for i, b := range epoch {
		if b == '-' {
			if ms, err := strconv.ParseInt(epoch[:i], 10, 64); err == nil {
				return time.UnixMilli(ms)
			}
		}
	}
	return time.Now()
}

func (c *carer) askShops(ctx context.Context, since time.Time, epoch string) error {
	for id, shop := range c.shops {
		if shop.Orders == nil {
			continue
		}
		n := 0
		for ref, err := range shop.Orders.Updated(ctx, since) {
			if err != nil {
				return fmt.Errorf("orders of %s since %s: %w", id, since.UTC().Format(time.RFC3339), err)
			}
			if _, err := c.enqueueRun(ctx, ref, "refill", epoch); err != nil {
				return err
			}
			n++
		}
		c.log.Info("asked the shop again", "shop", id, "orders", n)
	}
	return nil
}
