package tasks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// eraser removes what is held of people, and no event with it. It never touches
// what a worker is at: that is busy, and it is run again.
type eraser struct {
	holdings
	queue    *Queue
	lookback time.Duration // how far back a shop is asked for what was removed
	removed  Tally
	busy     int
}

// customer removes the bodies of a customer's tasks and events, and the texts of the
// orders' records. What identifies an order in Odoo stays: an order without it could
// not be told from a new one.
func (x *eraser) customer(ctx context.Context, shop string, p *commerce.Privacy) error {
	who := x.subject(shop, p)
	orders := slices.Clone(p.Orders)
	for q, err := range x.tasks(ctx, shop) {
		if err != nil {
			return err
		}
		if !who.has(q) || q.readable && len(q.event.Body) == 0 {
			continue
		}
		if q.event.Aggregate.Kind == commerce.KindOrder && !slices.Contains(orders, q.event.Aggregate.ID) {
			orders = append(orders, q.event.Aggregate.ID)
		}
		if err := x.body(ctx, q); err != nil {
			return err
		}
	}
	refs, err := x.records(ctx, shop, orders, p.Customer)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if err := errors.Join(x.texts(ctx, ref), x.events(ctx, ref)); err != nil {
			return err
		}
	}
	return nil
}

// body takes the body out of one task. One that is still to run is put into the
// queue again without it first: its run reads the shop. In between there are two
// of it for a moment, and never none.
func (x *eraser) body(ctx context.Context, q queued) error {
	over := q.info.State == asynq.TaskStateCompleted || q.info.State == asynq.TaskStateArchived
	switch {
	case q.info.State == asynq.TaskStateActive, !over && !q.readable: // a worker archives what cannot be read
		x.busy++
		return nil
	case !over:
		bare := q.event
		bare.Body, bare.Nonce = nil, strings.TrimPrefix(bare.Nonce+"+erased", "+")
		if _, err := x.queue.acceptIn(ctx, q.lane, bare); err != nil {
			return err
		}
	}
	return x.drop(ctx, q)
}

// drop deletes a task, unless a worker has taken it meanwhile. Nothing comes of its
// event any more.
func (x *eraser) drop(ctx context.Context, q queued) error {
	err := x.inspector.DeleteTask(q.lane, q.info.ID)
	switch {
	case err == nil:
		x.removed.Tasks++
		return x.superseded(ctx, q)
	case gone(err):
		return nil
	}
	if now, again := x.inspector.GetTaskInfo(q.lane, q.info.ID); again == nil && now.State == asynq.TaskStateActive {
		x.busy++
		return nil
	}
	return fmt.Errorf("delete a task: %w", err)
}

// shop removes all tasks of a shop, the bodies of its events, the texts of its
// records and what was seen. Should it come back, it is asked for what was removed.
func (x *eraser) shop(ctx context.Context, shop string) error {
	var since time.Time
	for q, err := range x.tasks(ctx, shop) {
		switch {
		case err != nil:
			return err
		case q.ours():
			continue
		case q.info.State == asynq.TaskStateActive:
			x.busy++
			continue
		}
		if err := x.later(ctx, shop, q, &since); err != nil {
			return err
		}
		if err := x.drop(ctx, q); err != nil {
			return err
		}
	}
	for key, err := range x.keys(ctx, shopKey(shop, "record:*")) {
		if err != nil {
			return err
		}
		ref, err := commerce.ParseRef(shop + "/" + strings.TrimPrefix(key, shopKey(shop, "record:")))
		if err != nil {
			return err
		}
		if err := x.texts(ctx, ref); err != nil {
			return err
		}
	}
	for key, err := range x.keys(ctx, entryKey(shop, "*")) {
		if err != nil {
			return err
		}
		if err := x.event(ctx, shop, strings.TrimPrefix(key, entryKey(shop, ""))); err != nil {
			return err
		}
	}
	for _, kind := range []string{"seen:*", "account:*"} {
		for key, err := range x.keys(ctx, shopKey(shop, kind)) {
			if err != nil {
				return err
			}
			if err := x.delete(ctx, key, &x.removed.Seen); err != nil {
				return err
			}
		}
	}
	return nil
}

// later has a shop that comes back asked for what is removed of its queue. since is how
// far back it is asked for orders already.
func (x *eraser) later(ctx context.Context, shop string, q queued, since *time.Time) error {
	at := q.event.Received.Add(-x.lookback - refillOverlap)
	switch kind := eventKinds[q.info.Type]; {
	case !q.readable || q.info.State == asynq.TaskStateCompleted || !runs(kind):
	case kind.Name == PushCustomer.Name: // a person asked for it, and asks again
	case kind.Name == ImportCustomer.Name:
		return NewJobs(x.rdb).Run(ctx, shop, JobCustomers)
	case since.IsZero() || at.Before(*since):
		*since = at
		return NewJobs(x.rdb).BringForward(ctx, shop, JobSweep, at)
	}
	return nil
}

func (x *eraser) delete(ctx context.Context, key string, count *int) error {
	n, err := x.rdb.Del(ctx, key).Result()
	*count += int(n)
	return err
}

const erasedText = "what was found is not kept: the shop asked for its erasure"

// textsScript replaces the texts of a record, and its needs where they are still
// the ones that were read, and removes what else is named. A record that has gone stays gone.
var textsScript = redis.NewScript(`
local old = redis.call('HMGET', KEYS[1], 'detail', 'remedy', 'needs')
local changed = 0
if old[1] and old[1] ~= '' and old[1] ~= ARGV[1] then
  redis.call('HSET', KEYS[1], 'detail', ARGV[1])
  changed = 1
end
if old[2] and old[2] ~= '' and old[2] ~= ARGV[2] then
  redis.call('HSET', KEYS[1], 'remedy', ARGV[2])
  changed = 1
end
if old[3] and old[3] == ARGV[3] and ARGV[3] ~= ARGV[4] then
  redis.call('HSET', KEYS[1], 'needs', ARGV[4])
  changed = 1
end
for i = 5, #ARGV do
  changed = math.max(changed, redis.call('HDEL', KEYS[1], ARGV[i]))
end
return changed`)

// texts takes out of a record what may quote a person: detail, remedy and the
// needs that hold the order's tags. Other needs name products, taxes and settings;
// with them the record still goes on by itself. An account's is left with how it ended
// and when: no mark of what the customer gave, and no contact.
func (x *eraser) texts(ctx context.Context, ref commerce.Ref) error {
	key := recordKey(ref)
	old, err := x.rdb.HGet(ctx, key, "needs").Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	kept, err := impersonal(old)
	if err != nil {
		return err
	}
	args := []any{erasedText, "odoogate explain " + ref.Shop + " " + ref.ID + " tells it anew", old, kept}
	switch ref.Kind {
	case commerce.KindContact:
		args[1] = pullCommand(ref) + " --dry-run tells it anew"
		args = append(args, "sent")
	case commerce.KindCustomer:
		args[1] = pullCommand(ref) + " --dry-run tells it anew"
		args = append(args, "marks", "tried", "digest", "odoo_id", "odoo_name")
		if err := x.contact(ctx, ref); err != nil {
			return err
		}
	}
	n, err := textsScript.Run(ctx, x.rdb, []string{key}, args...).Int()
	x.removed.Records += n
	return err
}

// contact removes what is remembered of the contact of an account because of it.
func (x *eraser) contact(ctx context.Context, account commerce.Ref) error {
	id, err := x.rdb.HGet(ctx, recordKey(account), "odoo_id").Int64()
	if errors.Is(err, redis.Nil) || err == nil && id == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	contact := contactRef(account.Shop, id)
	pipe := x.rdb.TxPipeline()
	pipe.Del(ctx, accountKey(contact))
	pipe.HDel(ctx, recordKey(contact), "sent")
	_, err = pipe.Exec(ctx)
	return err
}

// impersonal leaves out the needs of kind rule: they hold tags, which people write.
func impersonal(needs string) (string, error) {
	var list []string
	if needs == "" {
		return "", nil
	}
	if json.Unmarshal([]byte(needs), &list) != nil {
		return "", nil // nobody can use what cannot be read
	}
	list = slices.DeleteFunc(list, func(need string) bool { return strings.HasPrefix(need, "rule/") })
	if len(list) == 0 {
		return "", nil
	}
	raw, err := json.Marshal(list)
	return string(raw), err
}
