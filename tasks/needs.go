package tasks

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// retest looks, once a minute over all processes, which needs of parked records
// are met by now, and runs those records again.
func (c *carer) retest(ctx context.Context) error {
	return c.once(ctx, "needs", needsEvery-time.Second, func() error {
		for id := range c.shops {
			if err := c.retestShop(ctx, id); err != nil {
				return err
			}
		}
		return errKeepLock
	})
}

func (c *carer) retestShop(ctx context.Context, id string) error {
	const most = 5000 // records looked at in one minute
	waiting := map[string][]commerce.Ref{}
	var needs []string
	n := 0
	for rec, err := range c.journal.Parked(ctx, id) {
		if err != nil {
			return err
		}
		if n++; n > most {
			break
		}
		for _, need := range rec.Needs {
			if _, known := waiting[need]; !known {
				needs = append(needs, need)
			}
			waiting[need] = append(waiting[need], rec.Ref)
		}
	}
	if len(needs) == 0 {
		return nil
	}
	met, err := c.books.Met(ctx, c.shops[id].Config, needs)
	if err != nil {
		return fmt.Errorf("needs of %s: %w", id, err)
	}
	nonce := strconv.FormatInt(time.Now().Unix(), 10)
	for _, need := range met {
		for _, ref := range waiting[need] {
			if _, err := c.enqueueRun(ctx, ref, "needs", nonce); err != nil {
				return err
			}
			c.log.Info("a need is met; the record runs again", "shop", id, "ref", ref.String(), "need", need)
		}
	}
	return nil
}
