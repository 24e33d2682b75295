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
)

const (
	// auditMost is how many changes are kept of a shop; the oldest are forgotten first.
	auditMost = 1000
	// auditEvery is how often the workers look for changes that the log has not.
	auditEvery = 2 * time.Second
	auditBatch = 100
)

// auditKey is a stream, so that each change is told to the log once, by whichever
// process takes it.
func auditKey(shop string) string { return shopKey(shop, "audit") }

// Change is one line of a shop's audit: who changed what there, and when. It holds
// nobody's personal data.
type Change struct {
	At   time.Time `json:"at"`
	Who  string    `json:"who"`
	What string    `json:"what"`           // the command: pause, events retry
	On   string    `json:"on,omitempty"`   // what it was about: an event, an order, a selection
	Why  string    `json:"why,omitempty"`  // in the person's own words
	Many int       `json:"many,omitempty"` // how many it was about, where it may be several
}

// audit writes a change down.
func audit(ctx context.Context, rdb *redis.Client, shop string, c Change) error {
	err := rdb.XAdd(ctx, &redis.XAddArgs{Stream: auditKey(shop), MaxLen: auditMost, Approx: true,
		Values: []any{"who", c.Who, "what", c.What, "on", c.On, "why", c.Why, "many", c.Many}}).Err()
	if err != nil {
		return fmt.Errorf("audit of %s: %w", shop, err)
	}
	return nil
}

// Audit are the last changes of a shop, the latest first.
func (o *Operator) Audit(ctx context.Context, shop string, limit int) ([]Change, error) {
	if err := o.knows(shop); err != nil {
		return nil, err
	}
	found, err := o.rdb.XRevRangeN(ctx, auditKey(shop), "+", "-", int64(limit)).Result()
	if err != nil {
		return nil, fmt.Errorf("audit of %s: %w", shop, err)
	}
	list := make([]Change, 0, len(found))
	for _, m := range found {
		list = append(list, readChange(m))
	}
	return list, nil
}

func readChange(m redis.XMessage) Change {
	text := func(field string) string {
		s, _ := m.Values[field].(string)
		return s
	}
	at, _, _ := strings.Cut(m.ID, "-")
	c := Change{At: millis(at), Who: text("who"), What: text("what"), On: text("on"), Why: text("why")}
	c.Many, _ = strconv.Atoi(text("many"))
	return c
}

// tellAudit puts changes into the log that nobody has put there yet. Commands have no
// log of their own that anybody keeps.
func (c *carer) tellAudit(ctx context.Context) error {
	const group = "log"
	for shop := range c.shops {
		key := auditKey(shop)
		if n, err := c.rdb.Exists(ctx, key).Result(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		err := c.rdb.XGroupCreate(ctx, key, group, "0").Err()
		if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") {
			return err
		}
		streams, err := c.rdb.XReadGroup(ctx, &redis.XReadGroupArgs{Group: group, Consumer: "worker", Streams: []string{key, ">"},
			Count: auditBatch, Block: -1, NoAck: true}).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		for _, s := range streams {
			for _, m := range s.Messages {
				change := readChange(m)
				c.log.Info("an operator changed something", "shop", shop, "who", change.Who, "what", change.What, "on", change.On,
					"why", change.Why, "many", change.Many, "at", change.At)
			}
		}
	}
	return nil
}

// newNonce names one wish of an operator: its runs are told from all others by it.
func newNonce() string { return uuid.NewString() }
