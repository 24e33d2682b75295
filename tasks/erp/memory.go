package erp

import (
	"sync"
	"time"
)

const (
	// remembered is how long people and products that were found are not looked up
	// again: a contact merged, or a reference given to another product, in between
	// is seen that much later.
	remembered = time.Minute
	// memoryBound is how many look-ups are remembered; with people of a few
	// addresses each that is some 20 MB.
	memoryBound = 10_000
)

// memory keeps what was found, so that orders of repeat customers and of the same
// products ask Odoo for neither. What was not found is asked for again at once.
type memory[K comparable, V any] struct {
	now  func() time.Time
	mu   sync.Mutex
	kept map[K]kept[V]
}

type kept[V any] struct {
	value V
	until time.Time
}

func newMemory[K comparable, V any](now func() time.Time) *memory[K, V] {
	return &memory[K, V]{now: now, kept: map[K]kept[V]{}}
}

func (m *memory[K, V]) get(k K) (V, bool) {
	if m == nil {
		var none V
		return none, false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	one, ok := m.kept[k]
	if !ok || m.now().After(one.until) {
		var none V
		return none, false
	}
	return one.value, true
}

func (m *memory[K, V]) put(k K, v V) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	now := m.now()
	if len(m.kept) >= memoryBound {
		for k, one := range m.kept {
			if now.After(one.until) {
				delete(m.kept, k)
			}
		}
	}
	if len(m.kept) >= memoryBound {
		clear(m.kept)
	}
	m.kept[k] = kept[V]{v, now.Add(remembered)}
}

// drop forgets what is told.
func (m *memory[K, V]) drop(told func(V) bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for k, one := range m.kept {
		if told(one.value) {
			delete(m.kept, k)
		}
	}
}

func (m *memory[K, V]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.kept)
}
