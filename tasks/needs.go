package tasks

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
)

// needsPage is how many parked records are looked at together: one search per
// kind of need in Odoo for all of them.
const needsPage = 1000

// vainPause is how long a record is left alone that ran because a need was met and
// was parked with the same needs again: what is there for one channel or rule of a
// shop may lack for the order at hand.
const vainPause = time.Hour

// retest looks, once a minute over all processes, which needs of parked records
// are met by now, and runs those records again.
func (c *carer) retest(ctx context.Context) error {
	due, err := c.rdb.SetNX(ctx, jobKey("needs due"), "1", needsEvery-time.Second).Result()
	if err != nil || !due {
		return err
	}
	for id := range c.shops {
		if paused, err := c.isPaused(ctx, id); err != nil {
			return err
		} else if paused {
			continue
		}
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
	var needs []string
	for _, rec := range page {
		needs = append(needs, rec.Needs...)
	}
	if len(needs) == 0 {
		return nil
	}
	slices.Sort(needs)
	shop := c.shops[id].Config
	met, err := c.books.Met(ctx, shop, slices.Compact(needs))
	if err != nil {
		return err
	}
	for _, rec := range page {
		at := slices.IndexFunc(rec.Needs, func(need string) bool { return slices.Contains(met, need) })
		if at < 0 {
			continue
		}
		if err := c.runAgain(ctx, shop, rec, rec.Needs[at]); err != nil {
			return err
		}
	}
	return nil
}

// runAgain runs a record of which a need is met, once in a vainPause while neither
// its needs nor the shop's settings change.
func (c *carer) runAgain(ctx context.Context, shop config.Shop, rec Record, need string) error {
	tried, err := triedKey(shop, rec)
	if err != nil {
		return err
	}
	if n, err := c.rdb.Exists(ctx, tried).Result(); err != nil || n > 0 {
		return err
	}
	// Somebody made what was missing and waits for the outcome.
	asked, err := c.queue.Ask(ctx, LaneOperator, rec.Ref, "needs", strconv.FormatInt(time.Now().UnixMilli(), 10))
	if err != nil {
		return err
	}
	if asked {
		c.log.Info("a need is met; the record runs again", "shop", shop.ID, "ref", rec.Ref.String(), "need", named(need))
	}
	return c.rdb.Set(ctx, tried, "1", vainPause).Err()
}

// named is a need as the log has it: without what a rule is chosen by, for that holds
// the order's tags.
func named(need string) string {
	if kind, rest, ok := strings.Cut(need, "/"); ok && kind == "rule" {
		shop, _, _ := strings.Cut(rest, "/")
		return kind + "/" + shop
	}
	return need
}

// triedKey names what was tried: the record, what it needs, and the settings. One
// that went on and waits again is another try.
func triedKey(shop config.Shop, rec Record) (string, error) {
	var went time.Time
	if rec.Outcome == Done {
		went = rec.At
	}
	raw, err := json.Marshal([]any{member(rec.Ref), rec.Needs, went, shop.Mode, shop.Import, shop.Books, shop.Channels, shop.Rules,
		shop.Workflows, shop.Workflow, shop.Risk})
	if err != nil {
		return "", fmt.Errorf("needs of %s: %w", rec.Ref, err)
	}
	sum := sha256.Sum256(raw)
	return shopKey(shop.ID, "tried:"+hex.EncodeToString(sum[:12])), nil
}
