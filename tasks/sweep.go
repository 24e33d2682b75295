package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
)

// sweep asks a shop for the orders that changed since somebody found a gap, and for
// a look at each of them.
func (c *carer) sweep(ctx context.Context, shop *handlers.Shop) (said string, err error) {
	since, err := c.rdb.HGet(ctx, stateKey(shop.ID, JobSweep), "since").Int64()
	if errors.Is(err, redis.Nil) || shop.Orders == nil {
		return "nothing to look for", nil
	}
	if err != nil {
		return "", err
	}
	n, nonce := 0, uuid.NewString()
	for ref, err := range shop.Orders.Updated(ctx, time.UnixMilli(since)) {
		if err != nil {
			return "", fmt.Errorf("orders of %s since %s: %w", shop.ID, time.UnixMilli(since).UTC().Format(time.RFC3339), err)
		}
		if _, err := c.queue.Ask(ctx, LaneSweep, ref, "sweep", nonce); err != nil {
			return "", err
		}
		n++
	}
	c.log.Info("asked the shop again", "shop", shop.ID, "orders", n)
	return fmt.Sprintf("%d orders", n), lookedBackScript.Run(ctx, c.rdb, []string{stateKey(shop.ID, JobSweep)}, since).Err()
}

// lookedBackScript forgets how far back to look, unless somebody asked for more.
var lookedBackScript = redis.NewScript(`
if redis.call('HGET', KEYS[1], 'since') == ARGV[1] then return redis.call('HDEL', KEYS[1], 'since') end
return 0`)
