package tasks

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// findPage is how many entries are asked in one round trip for their delivery.
const findPage = 1000

// find is the event that a text means, in whatever shop: by its name, by the id of its
// task, by the number of an order, whose last event is meant then, by the sender's id of
// the delivery or by the gateway's name of the request.
func (o *Operator) find(ctx context.Context, text string) (Entry, error) {
	id, shops := text, o.ids()
	if shop, _, ok := strings.Cut(text, "/"); ok && o.shops[shop] != nil {
		id, shops = entryID(text), []string{shop}
	}
	if IsEntryID(id) {
		for _, shop := range shops {
			e, known, err := o.journal.Event(ctx, shop, id)
			if err != nil || known {
				return e, err
			}
		}
	}
	if e, known, err := o.lastOf(ctx, shops, text); err != nil || known {
		return e, err
	}
	for _, shop := range shops {
		e, known, err := o.delivered(ctx, shop, text)
		if err != nil || known {
			return e, err
		}
	}
	if info := o.queued(text); info != nil {
		return Entry{}, &commerce.Error{Op: "trace", Reason: commerce.NotFound,
			Detail: fmt.Sprintf("the task %s is %s in lane %s: no worker has taken it yet", text, info.State, info.Queue), Remedy: "see that a worker serves"}
	}
	return Entry{}, &commerce.Error{Op: "trace", Reason: commerce.NotFound,
		Detail: fmt.Sprintf("no shop has an event %q: none came, it waits for its first worker, or it is older than journal.keep", text),
		Remedy: "give its name in odoogate events ls, the id of its task, the number of its order, the shop's id of the delivery (X-Shopify-Webhook-Id), or that of the request (X-Request-Id)"}
}

// lastOf is the event that came last for the order with a number. Conflict: several shops
// have such an order.
func (o *Operator) lastOf(ctx context.Context, shops []string, number string) (last Entry, known bool, err error) {
	for _, shop := range shops {
		for e, err := range o.journal.Events(ctx, Query{Shop: shop, Number: number}) {
			if err != nil {
				return Entry{}, false, err
			}
			if known {
				return Entry{}, false, &commerce.Error{Op: "trace", Reason: commerce.Conflict,
					Detail: fmt.Sprintf("the shops %s and %s have an order with the number %s", last.Ref.Shop, shop, number),
					Remedy: fmt.Sprintf("odoogate events ls %s --order '%s' lists the events of one", shop, number)}
			}
			last, known = e, true
			break
		}
	}
	return last, known, nil
}

// delivered looks for the event of a delivery or request, those that changed last first.
// The delivery of something that names no order is of two events: the first is meant.
func (o *Operator) delivered(ctx context.Context, shop, delivery string) (e Entry, known bool, err error) {
	places, err := o.journal.placesOf(ctx, Query{Shop: shop})
	if err != nil {
		return Entry{}, false, err
	}
	page := make([]string, 0, findPage)
	look := func() error {
		for id, err := range o.ofDelivery(ctx, shop, delivery, page) {
			if err != nil {
				return err
			}
			found, ok, err := o.journal.Event(ctx, shop, id)
			if err != nil {
				return err
			}
			if ok && (!known || found.At.Before(e.At)) {
				e, known = found, true
			}
		}
		page = page[:0]
		return nil
	}
	for p, err := range places {
		if err != nil {
			return Entry{}, false, err
		}
		if page = append(page, p.id); len(page) < findPage {
			continue
		}
		if err := look(); err != nil || known {
			return e, known, err
		}
	}
	err = look()
	return e, known, err
}

// ofDelivery yields those of a page of events that came with a delivery or request.
func (o *Operator) ofDelivery(ctx context.Context, shop, delivery string, page []string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		if len(page) == 0 {
			return
		}
		pipe := o.rdb.Pipeline()
		came := make([]*redis.SliceCmd, len(page))
		for i, id := range page {
			came[i] = pipe.HMGet(ctx, entryKey(shop, id), "event", "request")
		}
		if _, err := pipe.Exec(ctx); ignoreNil(err) != nil {
			yield("", fmt.Errorf("look for a delivery in %s: %w", shop, err))
			return
		}
		for i, c := range came {
			if slices.Contains(c.Val(), any(delivery)) && !yield(page[i], nil) {
				return
			}
		}
	}
}

// queued is a task in whatever lane, nil where it is in none.
func (o *Operator) queued(id string) *asynq.TaskInfo {
	lanes, err := o.inspector.Queues()
	if err != nil {
		return nil
	}
	for _, lane := range lanes {
		if info, err := o.inspector.GetTaskInfo(lane, id); err == nil {
			return info
		}
	}
	return nil
}
