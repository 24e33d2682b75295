package tasks

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

//go:embed scripts/take.lua
var takeLua string

//go:embed scripts/done.lua
var doneLua string

var (
	takeScript = redis.NewScript(nowLua + takeLua)
	doneScript = redis.NewScript(nowLua + doneLua)
)

const (
	// callMost is longer than any call: whose answer has not come by then has none.
	callMost = 2 * time.Minute
	// askFirst is how long the others wait for the one that finds out how large a bucket
	// is.
	askFirst = 2 * time.Second
	// lookAgain is how often a waiting call asks whether another process gave points back.
	lookAgain = 50 * time.Millisecond
	// doneWithin bounds the giving back, which nobody waits for.
	doneWithin = time.Second
)

// shareAbove is which part of a bucket each lane leaves to those before it.
var shareAbove = map[handlers.Lane]float64{handlers.LaneLive: 0, handlers.LaneOperator: 0.25, handlers.LaneSweep: 0.5}

// Limiter holds the rates of remote calls over all workers: a bucket is in Redis, and is
// what the remote last said less what was granted since. The lane of a call's context
// (handlers.WithLane) says how much of the bucket it leaves to the more urgent. While
// nobody knows a bucket, one call goes and the others wait for what it is told.
type Limiter struct {
	rdb *redis.Client

	mu    sync.Mutex
	lines map[string]*line
}

// line is where the calls of this process wait that want the same bucket in the same
// lane: the first of them asks, the others are behind it.
type line struct {
	turn  chan struct{}
	freed chan struct{} // something was given back in this process
}

// NewLimiter keeps buckets in the Redis behind rdb.
func NewLimiter(rdb *redis.Client) *Limiter { return &Limiter{rdb: rdb, lines: map[string]*line{}} }

var _ handlers.Limiter = (*Limiter)(nil)

func bucketKeys(key string) []string {
	base := "odoogate:rate:{" + key + "}"
	return []string{base, base + ":calls", base + ":asks"}
}

func (l *Limiter) line(key string, lane handlers.Lane) *line {
	l.mu.Lock()
	defer l.mu.Unlock()
	name := string(lane) + " " + key
	if l.lines[name] == nil {
		l.lines[name] = &line{turn: make(chan struct{}, 1), freed: make(chan struct{}, 1)}
	}
	return l.lines[name]
}

// Wait blocks until cost may be spent. When ctx reaches its deadline first, it returns
// RateLimited with RetryAfter, and nothing is spent.
func (l *Limiter) Wait(ctx context.Context, key string, cost float64) (grant string, err error) {
	lane := handlers.LaneOf(ctx)
	in := l.line(key, lane)
	wait := time.Second
	select {
	case in.turn <- struct{}{}:
	case <-ctx.Done():
		return "", usedUp(ctx, wait)
	}
	defer func() { <-in.turn }()
	grant = uuid.NewString() + " " + strconv.FormatFloat(cost, 'f', -1, 64)
	for {
		ms, err := takeScript.Run(ctx, l.rdb, bucketKeys(key), cost, shareAbove[lane], grant,
			callMost.Milliseconds(), askFirst.Milliseconds()).Int64()
		switch {
		case ctx.Err() != nil:
			return "", usedUp(ctx, wait)
		case err != nil:
			return "", &commerce.Error{Op: "limiter", Reason: commerce.Unavailable, Detail: "Redis does not tell the shop's rate limit", Err: err}
		case ms == 0:
			return grant, nil
		}
		wait = time.Duration(ms) * time.Millisecond
		look := time.NewTimer(min(wait, lookAgain))
		select {
		case <-look.C:
		case <-in.freed:
			look.Stop()
		case <-ctx.Done():
			look.Stop()
			return "", usedUp(ctx, wait)
		}
	}
}

// usedUp is the end of a wait that ctx ended.
func usedUp(ctx context.Context, wait time.Duration) error {
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return ctx.Err()
	}
	return &commerce.Error{Op: "limiter", Reason: commerce.RateLimited, RetryAfter: wait,
		Detail: "the shop's rate limit is used up", Err: ctx.Err()}
}

// Done gives back what a call did not spend, and takes the remote's word for its bucket.
// What cannot be given back comes back with time.
func (l *Limiter) Done(key, grant string, said commerce.Quota) {
	ctx, cancel := context.WithTimeout(context.Background(), doneWithin)
	defer cancel()
	_ = doneScript.Run(ctx, l.rdb, bucketKeys(key), grant, said.Spent, said.Available, said.Maximum, said.Restore, flag(said.Refused)).Err()
	for _, lane := range handlers.Lanes() {
		select {
		case l.line(key, lane).freed <- struct{}{}:
		default: // it is told already
		}
	}
}

// Level is what the bucket of key holds for the most urgent lane; ok is false where
// nobody knows it.
func (l *Limiter) Level(ctx context.Context, key string) (level float64, ok bool, err error) {
	text, err := l.rdb.HGet(ctx, bucketKeys(key)[0], "level").Result()
	if errors.Is(err, redis.Nil) {
		return 0, false, nil
	}
	if err == nil {
		level, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		return 0, false, fmt.Errorf("rate limit of %s: %w", key, err)
	}
	return level, true, nil
}
