package odooclient

import (
	"context"
	"slices"
	"sync"
	"time"
)

// patience is how often larger batches go before one that waits: about as often as an
// order calls Odoo on its way, so that a straggler goes with the next ones. Whoever does
// not hurry lets others pass less often, or where all connections are busy all the time
// nothing would come of it.
const (
	patience = 10
	courtesy = 3
)

// quiet is how long nobody may have hurried before patient calls get every connection.
const quiet = 2 * time.Second

type patientKey struct{}

// Patiently marks the calls under ctx as those of work for which nobody waits. A free
// connection goes to others first, and while there are others one is kept for them (of
// several). What is written patiently travels apart from what hurries.
func Patiently(ctx context.Context) context.Context {
	return context.WithValue(ctx, patientKey{}, true)
}

func hurries(ctx context.Context) bool { return ctx.Value(patientKey{}) == nil }

// turns gives out connections. When one becomes free it goes to those who hurry, and
// among them to whoever sends the most records with it, so that orders which are worked
// on together stay together and travel in few calls. Nobody is passed over for ever.
type turns struct {
	mu      sync.Mutex
	most    int
	free    int
	patient int       // connections of those who do not hurry
	hurried time.Time // when one who hurries had a connection last
	waiting []*turn   // the longest waiting first
}

// want is what somebody would do with a connection now: so many records, and in a hurry
// or not.
type want func() (size int, hurry bool)

// turn is one place in the line.
type turn struct {
	want   want
	passed int
	hurry  bool // as it was given
	ready  chan struct{}
}

func newTurns(connections int) *turns { return &turns{most: connections, free: connections} }

// take waits for a connection; its error is ctx's. hurry is to be given back with it.
func (t *turns) take(ctx context.Context, w want) (hurry bool, err error) {
	mine := &turn{want: w, ready: make(chan struct{})}
	t.mu.Lock()
	t.waiting = append(t.waiting, mine)
	t.hand()
	t.mu.Unlock()
	select {
	case <-mine.ready:
		return mine.hurry, nil
	case <-ctx.Done():
	}
	t.mu.Lock()
	i := slices.Index(t.waiting, mine)
	if i >= 0 {
		t.waiting = slices.Delete(t.waiting, i, i+1)
	}
	t.mu.Unlock()
	if i < 0 { // given in the same moment
		t.give(mine.hurry)
	}
	return false, ctx.Err()
}

// give hands a connection on.
func (t *turns) give(hurry bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.free++
	if hurry {
		t.hurried = time.Now()
	} else {
		t.patient--
	}
	t.hand()
}

// look is for those whose want has changed.
func (t *turns) look() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.hand()
}

// hand gives out what is free. The caller holds mu.
func (t *turns) hand() {
	for t.free > 0 {
		next := t.next()
		if next < 0 {
			return
		}
		for _, w := range t.waiting[:next] {
			w.passed++
		}
		w := t.waiting[next]
		t.free--
		if w.hurry {
			t.hurried = time.Now()
		} else {
			t.patient++
		}
		close(w.ready)
		t.waiting = slices.Delete(t.waiting, next, next+1)
	}
}

// next says who gets a free connection; -1: nobody, it is kept for those who hurry.
func (t *turns) next() int {
	patient := t.most
	if time.Since(t.hurried) < quiet {
		patient = max(t.most-1, 1)
	}
	next, most, hurry := -1, -1, false
	for i, w := range t.waiting {
		n := 0
		if n, w.hurry = w.want(); !w.hurry && t.patient >= patient {
			continue
		}
		if w.passed >= patience || !w.hurry && w.passed >= courtesy {
			return i
		}
		if next < 0 || w.hurry && !hurry || w.hurry == hurry && n > most {
			next, most, hurry = i, n, w.hurry
		}
	}
	return next
}
