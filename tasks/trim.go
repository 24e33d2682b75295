package tasks

import (
	"context"
	_ "embed"
	"fmt"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/config"
)

//go:embed scripts/trim.lua
var trimLua string

var trimScript = redis.NewScript(trimLua)

const (
	trimEvery = time.Minute
	trimHold  = 5 * time.Minute // one run may take so long before another process tries
	trimBatch = 200             // entries of one script, so that Redis is not held up
)

// trim forgets finished events that changed last before journal.keep. Those that a
// person must look at, and those that come again, are never touched.
func (c *carer) trim(ctx context.Context) error {
	keep := time.Duration(c.kept.Keep)
	if keep == 0 {
		return nil
	}
	return c.once(ctx, "trim", trimHold, trimEvery/2, func() error {
		now, err := c.rdb.Time(ctx).Result()
		if err != nil {
			return err
		}
		// Those too that left the configuration: what they hold of people ends all the same.
		shops, err := c.rdb.SMembers(ctx, shopsKey).Result()
		if err != nil {
			return err
		}
		for _, shop := range shops {
			for _, state := range finished {
				if err := c.trimList(ctx, shop, state, now.Add(-keep)); err != nil {
					return fmt.Errorf("forget old events of %s: %w", shop, err)
				}
			}
		}
		return nil
	})
}

// foundFor is how long an order is found by its number and its customer after its last
// run: as long as its record is there or its events are; 0: for ever.
func foundFor(cfg config.Journal) time.Duration {
	if cfg.Keep == 0 {
		return 0
	}
	return max(doneFor, time.Duration(cfg.Keep))
}

func (c *carer) trimList(ctx context.Context, shop string, state Outcome, before time.Time) error {
	for {
		n, err := trimScript.Run(ctx, c.rdb, []string{listsKey(shop) + string(state)}, string(state), strconv.FormatInt(before.UnixMilli(), 10), trimBatch,
			entryKey(shop, ""), bodyKey(shop, ""), shopKey(shop, "events of:")).Int()
		if err != nil || n < trimBatch {
			return err
		}
	}
}
