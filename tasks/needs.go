package tasks

import (
	"context"
	"fmt"
	"iter"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// needsPage is how many parked records are looked at together: one search per
// kind of need in Odoo for all of them.
const needsPage = 1000

// retest looks, once a minute over all processes, which needs of parked records
// are met by now, and runs those records again.
func (c *carer) retest(ctx context.Context) error {
	due, err := c.rdb.SetNX(ctx, jobKey("needs due"), "1", needsEvery-time.Second).Result()
	if err != nil || !due {
		return err
	}
	for id := range c.shops {
		if err := c.retestShop(ctx, id); err != nil {
			return fmt.Errorf("needs of %s: %w", id, err)
		}
	}
	return nil
}

func (c *carer) retestShop(ctx context.Context, id string) error {
	page := make([]Record, 0, needsPage)
	for _, list := range []iter.Seq2[Record, error]{c.journal.Parked(ctx, id), c.journal.Waiting(ctx, id)} {
		for rec, err := range list {
			if err != nil {
				return err
			}
			if len(rec.Needs) == 0 {
				continue
			}
			if page = append(page, rec); len(page) < needsPage {
				continue
			}
			if err := c.retestPage(ctx, id, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	return c.retestPage(ctx, id, page)
}

func (c *carer) retestPage(ctx context.Context, id string, page []Record) error {
	waiting := map[string][]commerce.Ref{}
	var needs []string
	for _, rec := range page {
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
		return err
	}
	nonce := strconv.FormatInt(time.Now().Unix(), 10)
	for _, need := range met {
		for _, ref := range waiting[need] {
			asked, err := c.queue.Ask(ctx, ref, "needs", nonce)
			if err != nil {
				return err
			}
			if asked {
				c.log.Info("a need is met; the record runs again", "shop", id, "ref", ref.String(), "need", need)
			}
		}
	}
	return nil
}
