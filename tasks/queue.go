package tasks

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Queue takes events in. It is safe for concurrent use.
type Queue struct {
	rdb    *redis.Client
	client *asynq.Client
	within time.Duration
}

// NewQueue puts events into the Redis behind rdb. Accept ends within that time,
// whatever a single command or a new connection may take; 0: rdb's own deadlines
// are all there is.
func NewQueue(rdb *redis.Client, within time.Duration) *Queue {
	return &Queue{rdb: rdb, client: asynq.NewClientFromRedisClient(rdb), within: within}
}

// Accept stores one event as a task and returns when Redis has it: one round
// trip. duplicate says that the same delivery is still held, which is as good.
// Any error means that it may or may not be stored; it has reason Unavailable.
func (q *Queue) Accept(ctx context.Context, e commerce.Event) (duplicate bool, err error) {
	return q.acceptIn(ctx, kindOf(e).Queue, e)
}

// acceptIn is Accept into a lane.
func (q *Queue) acceptIn(ctx context.Context, lane string, e commerce.Event, more ...asynq.Option) (duplicate bool, err error) {
	kind := kindOf(e)
	kind.Queue = lane
	t, err := kind.task(e)
	if err != nil {
		return false, &commerce.Error{Op: "accept", Reason: commerce.Internal, Ref: e.Ref, Err: err}
	}
	duplicate, err = q.put(ctx, t, more...)
	if err != nil {
		return false, &commerce.Error{Op: "accept", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}
	}
	return duplicate, nil
}

// put stores one task; any error means that it may or may not be stored.
func (q *Queue) put(ctx context.Context, t *asynq.Task, more ...asynq.Option) (duplicate bool, err error) {
	if q.within > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, q.within)
		defer cancel()
	}
	_, err = q.client.EnqueueContext(ctx, t, more...)
	switch {
	case errors.Is(err, asynq.ErrTaskIDConflict):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("redis: %w", err)
	}
	return false, nil
}

// Ask asks in a lane for one more look at a record, under an id made of why and
// nonce: it reads the shop and is never taken for a repeat. asked is false where the
// lane holds the same run already.
func (q *Queue) Ask(ctx context.Context, lane string, ref commerce.Ref, why, nonce string) (asked bool, err error) {
	duplicate, err := q.acceptIn(ctx, lane, lookOf(ref, why, nonce))
	return !duplicate && err == nil, err
}

// askLater is Ask for a look that does not begin before that time has passed.
func (q *Queue) askLater(ctx context.Context, lane string, ref commerce.Ref, why, nonce string, after time.Duration) error {
	_, err := q.acceptIn(ctx, lane, lookOf(ref, why, nonce), asynq.ProcessIn(after))
	return err
}

// lookOf is the event of a look that somebody asks for.
func lookOf(ref commerce.Ref, why, nonce string) commerce.Event {
	return commerce.Event{ID: why, Topic: why, Hint: lookAt(ref), Ref: ref, Aggregate: ref, Nonce: nonce, Received: time.Now()}
}

// lookAt is the hint that has a record looked at.
func lookAt(ref commerce.Ref) commerce.Hint {
	if ref.Kind == commerce.KindCustomer || ref.Kind == commerce.KindContact {
		return commerce.HintCustomer
	}
	return commerce.HintOrder
}

// Ping reports whether Redis answers.
func (q *Queue) Ping(ctx context.Context) error { return q.rdb.Ping(ctx).Err() }
