package gateway

import "sync/atomic"

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

func (b *budget) give(n int) { b.used.Add(-int64(n)) }
