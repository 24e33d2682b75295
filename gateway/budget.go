package gateway

import (
	"errors"
	"io"
	"sync/atomic"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// budget bounds the bytes of all bodies that are in memory at once.
type budget struct {
	most int64
	used atomic.Int64
}

func newBudget(most int) *budget { return &budget{most: int64(most)} }

// take reserves n bytes if they are to be had.
func (b *budget) take(n int) bool {
	if b.used.Add(int64(n)) > b.most {
		b.used.Add(-int64(n))
		return false
	}
	return true
}

// hold is the part of the budget that one body uses.
func (b *budget) hold() *holding { return &holding{budget: b} }

type holding struct {
	*budget
	n int
}

func (h *holding) release() { h.used.Add(-int64(h.n)); h.n = 0 }

// firstRead is what is reserved before a byte has come; then memory doubles with
// what came, so that announcing a large body holds nothing.
const firstRead = 16 << 10

// read reads to the end, at most limit bytes. size is what the sender announced,
// 0 if nothing.
func (h *holding) read(r io.Reader, size, limit int) ([]byte, error) {
	var body []byte
	for {
		if len(body) == cap(body) {
			grown := max(2*cap(body), firstRead)
			if size > 0 {
				grown = min(grown, size+1) // one more, to see the end
			}
			grown = min(grown, limit+1)
			if grown == cap(body) {
				return nil, tooLarge()
			}
			// Both are there while one is copied to the other.
			if !h.take(grown) {
				return nil, &commerce.Error{Op: "read", Reason: commerce.RateLimited, RetryAfter: time.Second, Detail: "too many bytes in flight"}
			}
			h.n += grown
			larger := make([]byte, len(body), grown)
			copy(larger, body)
			h.used.Add(-int64(cap(body)))
			h.n -= cap(body)
			body = larger
		}
		n, err := r.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > limit:
			return nil, tooLarge()
		case errors.Is(err, io.EOF):
			return body, nil
		case err != nil:
			return nil, &commerce.Error{Op: "read", Reason: commerce.Invalid, Detail: "the body ended early"}
		}
	}
}
