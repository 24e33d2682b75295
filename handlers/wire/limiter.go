package wire

import (
	"context"
	"sync"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// LocalLimiter holds rates within this process, for commands; it is a
// handlers.Limiter. A key is unlimited until the first answer: the remote's own word is
// the only figure that counts.
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
func (l *LocalLimiter) Wait(ctx context.Context, key string, cost float64) (grant string, err error) {
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		wait, changed := l.take(key, cost)
		if wait <= 0 {
			return "", nil
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
				return "", &commerce.Error{Op: "wire.limiter", Reason: commerce.RateLimited, RetryAfter: wait,
					Detail: "the shop's rate limit is used up", Err: ctx.Err()}
			}
			return "", ctx.Err()
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

// Done takes the remote's word for its bucket and wakes those who wait.
func (l *LocalLimiter) Done(key, _ string, said commerce.Quota) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.buckets[key]
	switch {
	case said.Restore > 0:
	case said.Refused && b != nil: // and it did not say how much is left
		said.Available, said.Maximum, said.Restore = 0, b.maximum, b.restore
	default:
		return
	}
	if b != nil {
		close(b.changed)
	}
	l.buckets[key] = &bucket{available: said.Available, maximum: said.Maximum, restore: said.Restore,
		at: time.Now(), changed: make(chan struct{})}
}
