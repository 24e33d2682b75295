package gateway

import (
	"context"
	"runtime"
	measured "runtime/metrics"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/odoogate/odoogate/handlers/commerce"
)

const (
	// smallBody is the most that has room kept for it.
	smallBody = 256 << 10
	// copies are made of a body at the worst while it is stored: the task, the
	// message to Redis, and where Redis does not take it, the spool's record and the
	// page that bbolt writes it with, which it shares with up to four others.
	copies = 8
	// around is what a request takes beside its body.
	around = 16 << 10
	// patience is how long a sender that never repeats waits for room.
	patience = 20 * time.Second
)

// budget bounds the memory that bodies take in all, with their copies. Small ones
// have a part of it to themselves, so large ones never keep an order out. A large
// one needs room to be read, and then room to be stored: storing takes the most
// memory and the least time, so many are read at once and few stored.
type budget struct {
	small, large, store *room
	most                int64
	smallest            int // a body up to this size is small
	collecting          sync.Mutex
	rooms               sync.Pool // of *[firstRead]byte, see holding.room
}

// newBudget divides most bytes; a body has at most limit. An eighth is given to
// nobody: what connections, their buffers and the allocator's gaps take.
func newBudget(most, limit int) *budget {
	kept, store := most/8, copies*limit
	small := newRoom(kept)
	small.atOnce = true
	return &budget{most: int64(most), small: small, store: newRoom(store), large: newRoom(max(most-2*kept-store, limit+1)),
		smallest: max(min(smallBody, (kept/8-around)/(1+copies)), 0)}
}

// room is a part of the budget. It is given out in order of arrival. What comes
// back to it is memory like any other until the garbage collector was there, and
// is given out again only after that; but for small bodies, of which many come a
// second and each leaves little: their garbage is left to the collector's own pace,
// and turn looks at the heap before it lets a large one be stored.
type room struct {
	atOnce  bool // what comes back is given out again at once
	free    *semaphore.Weighted
	dead    atomic.Int64 // came back and is not collected
	waiting atomic.Int64
}

func newRoom(size int) *room { return &room{free: semaphore.NewWeighted(int64(size))} }

// part is what is taken of a room; the zero part is nothing.
type part struct {
	of *room
	n  int64
}

// take takes n bytes if they are there.
func (b *budget) take(r *room, n int64) (part, bool) {
	if !r.free.TryAcquire(n) {
		b.collect(r)
		if !r.free.TryAcquire(n) {
			return part{}, false
		}
	}
	return part{r, n}, true
}

// wait takes n bytes once those before have got theirs.
func (b *budget) wait(r *room, n int64, within time.Duration) (part, bool) {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	r.waiting.Add(1) // whoever gives back from now on collects, too
	defer r.waiting.Add(-1)
	b.collect(r)
	if r.free.Acquire(ctx, n) != nil {
		return part{}, false
	}
	return part{r, n}, true
}

func (b *budget) giveBack(p part) {
	if p.of == nil {
		return
	}
	if p.of.atOnce {
		p.of.free.Release(p.n)
		return
	}
	p.of.dead.Add(p.n)
	if p.of.waiting.Load() > 0 {
		b.collect(p.of)
	}
}

// collect makes free what came back, if any of it came back to r: refusing the
// next one costs no collection.
func (b *budget) collect(r *room) {
	b.collecting.Lock()
	defer b.collecting.Unlock()
	if r.dead.Load() == 0 {
		return
	}
	rooms := [...]*room{b.small, b.large, b.store}
	var dead [len(rooms)]int64
	for i, r := range rooms {
		dead[i] = r.dead.Swap(0)
	}
	runtime.GC()
	for i, r := range rooms {
		r.free.Release(dead[i])
	}
}

// holding is what one delivery has of the budget.
type holding struct {
	*budget
	// until is when a sender that never repeats has waited long enough; zero: the
	// sender repeats and is told at once.
	until        time.Time
	body, copies part
	first        *[firstRead]byte // where the first of the body is, if not all
}

func (b *budget) hold(sendsOnce bool) *holding {
	h := &holding{budget: b}
	if sendsOnce {
		h.until = time.Now().Add(patience)
	}
	return h
}

// grow reserves what it takes to have n bytes of a body, and to store it too if
// it is a small one and those are all of it. The caller gives back what was held
// before.
func (h *holding) grow(n int, all bool) (before part, err error) {
	r, need := h.large, int64(n)
	if n <= h.smallest {
		r, need = h.small, int64(n)+around
		if all {
			need += int64(n) * copies
		}
	}
	p, ok := h.take(r, need)
	if !ok && r == h.small {
		p, ok = h.take(h.large, need)
	}
	if !ok && !h.until.IsZero() {
		p, ok = h.wait(r, need, time.Until(h.until))
	}
	if !ok {
		return part{}, h.noRoom()
	}
	before, h.body = h.body, p
	return before, nil
}

// turn reserves what it takes to store a large body. It comes soon, so everybody
// waits for it.
func (h *holding) turn(size int, within time.Duration) error {
	if size < h.smallest { // what it takes is reserved, see next
		return nil
	}
	need := int64(size) * copies
	p, ok := h.take(h.store, need)
	if !ok {
		p, ok = h.wait(h.store, need, max(within, time.Until(h.until)))
	}
	if !ok {
		return h.noRoom()
	}
	h.copies = p
	// What the spool leaves behind after a put that took too long, or while it is
	// emptied, is counted by nobody: it goes before more comes.
	if heap()+need > h.most {
		runtime.GC()
	}
	return nil
}

// heap is what all objects take, those among them that nothing refers to any more.
func heap() int64 {
	sample := []measured.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	measured.Read(sample)
	return int64(sample[0].Value.Uint64())
}

// room is where n bytes are read once they are reserved: a small body where that of
// another delivery was, most of what a delivery would leave to the collector.
func (h *holding) room(n int) []byte {
	if n > firstRead {
		return make([]byte, 0, n)
	}
	if h.first == nil {
		h.first, _ = h.rooms.Get().(*[firstRead]byte)
	}
	if h.first == nil {
		h.first = new([firstRead]byte)
	}
	return h.first[:0:n]
}

func (h *holding) leaveRoom() {
	if h.first != nil {
		h.rooms.Put(h.first)
		h.first = nil
	}
}

// release gives everything back; nothing may refer to the body any more: the next
// one comes where it is.
func (h *holding) release() {
	h.leaveRoom()
	h.giveBack(h.body)
	h.giveBack(h.copies)
	h.body, h.copies = part{}, part{}
}

func (h *holding) noRoom() error {
	reason := commerce.RateLimited
	if !h.until.IsZero() {
		reason = commerce.Unavailable
	}
	return &commerce.Error{Op: "read", Reason: reason, RetryAfter: time.Second, Detail: "too many bytes in flight"}
}
