package wire

import (
	"context"
	"sync"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Limiter holds the rates of remote calls. Wait blocks until cost units of key
// may be spent or ctx ends; Observe tells what the remote said of its bucket.
// It is the same interface as handlers.Limiter, which wire may not import.
type Limiter interface {
	Wait(ctx context.Context, key string, cost float64) error
	Observe(key string, available, maximum, restorePerSecond float64)
}

// LocalLimiter holds rates within this process. A key is unlimited until the
// first Observe: the remote's own word is the only figure that counts.
type LocalLimiter struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

// NewLimiter makes a limiter that knows no bucket yet.
func NewLimiter() *LocalLimiter { return &LocalLimiter{buckets: map[string]*bucket{}} }

// bucket is what the remote last said, minus what was spent since. changed is
// closed and replaced whenever the remote speaks.
type bucket struct {
	available, maximum, restore float64
	at                          time.Time
	changed                     chan struct{}
}

// Wait blocks until cost may be spent. When ctx reaches its deadline first, it
// returns RateLimited with RetryAfter; nothing is spent then.
func (l *LocalLimiter) Wait(ctx context.Context, key string, cost float64) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		wait, changed := l.take(key, cost)
		if wait <= 0 {
			return nil
		}
		// What is reserved for calls in flight comes back when they end, so the
		// remote's word can be sooner than the refill.
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-changed:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			if ctx.Err() == context.DeadlineExceeded {
				return &commerce.Error{Op: "wire.limiter", Reason: commerce.RateLimited, RetryAfter: wait,
					Detail: "the shop's rate limit is used up", Err: ctx.Err()}
			}
			return ctx.Err()
		}
	}
}

// take spends cost, or says how long its refill takes and what to watch.
func (l *LocalLimiter) take(key string, cost float64) (time.Duration, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	if b == nil || b.restore <= 0 {
		return 0, nil
	}
	now := time.Now()
	b.available = min(b.maximum, b.available+now.Sub(b.at).Seconds()*b.restore)
	b.at = now
	cost = min(cost, b.maximum) // more than the bucket holds would never fit
	if b.available >= cost-tolerance {
		b.available -= cost
		return 0, nil
	}
	return time.Duration((cost-b.available)/b.restore*float64(time.Second)) + 1, b.changed
}

// tolerance is what sums of fractions of points may be off.
const tolerance = 1e-6

// Observe takes the remote's word for its bucket and wakes those who wait.
func (l *LocalLimiter) Observe(key string, available, maximum, restorePerSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b := l.buckets[key]; b != nil {
		close(b.changed)
	}
	l.buckets[key] = &bucket{available: available, maximum: maximum, restore: restorePerSecond,
		at: time.Now(), changed: make(chan struct{})}
}
