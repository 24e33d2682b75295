package odooclient

import (
	"context"
	"slices"
	"sync"
)

// patience is how often a smaller batch lets larger ones go before it: about as
// often as an order calls Odoo on its way, so that a straggler goes with the next
// ones.
const patience = 10

// turns gives out connections. When one becomes free it goes to whoever sends the
// most records with it, so that orders which are worked on together stay together
// and travel in few calls. Nobody is passed over more often than patience.
type turns struct {
	mu      sync.Mutex
	free    int
	waiting []*turn // the longest waiting first
}

// turn is one place in the line. size is asked for when a connection is free.
type turn struct {
	size   func() int
	passed int
	ready  chan struct{}
}

func newTurns(connections int) *turns { return &turns{free: connections} }

// take waits for a connection; its error is ctx's.
func (t *turns) take(ctx context.Context, size func() int) error {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return nil
	}
	mine := &turn{size: size, ready: make(chan struct{})}
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	select {
	case <-mine.ready:
		return nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(t.waiting, mine)
	if i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // given in the same moment
		t.give()
	}
	return ctx.Err()
}

// give hands a connection on.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	next, most := 0, -1
	for i, w := range t.waiting {
		if w.passed >= patience {
			next = i
			break
		}
		if n := w.size(); n > most {
			next, most = i, n
		}
	}
	for _, w := range t.waiting[:next] {
		w.passed++
	}
	close(t.waiting[next].ready)
	t.waiting = slices.Delete(t.waiting, next, next+1)
}
