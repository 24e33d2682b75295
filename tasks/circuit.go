package tasks

import (
	"sync"
	"time"
)

// probeEvery is how often a Redis that was away is tried again with a delivery
// that somebody waits for; the drain tries beside it.
const probeEvery = time.Second

// circuit remembers that Redis is away, so that not every delivery spends the
// whole of redis.accept_timeout on finding out. The zero value is closed: Redis
// is there.
type circuit struct {
	mu   sync.Mutex
	open bool
	next time.Time // of the next try while it is open
}

// allows says whether to try now. While the circuit is open one caller a
// probeEvery is told yes.
func (c *circuit) allows(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.open {
		return true
	}
	if now.Before(c.next) {
		return false
	}
	c.next = now.Add(probeEvery)
	return true
}

// fails opens the circuit; first says that it was closed.
func (c *circuit) fails(now time.Time) (first bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	first = !c.open
	c.open, c.next = true, now.Add(probeEvery)
	return first
}

// works closes the circuit.
func (c *circuit) works() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = false
}

func (c *circuit) isOpen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open
}
