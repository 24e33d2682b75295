package odooclient

import (
	"context"
	"sync"
)

// lazy is a value that is fetched when first asked for. All who ask while it is
// being fetched wait for that one fetch; a failed fetch is not kept.
type lazy[T any] struct {
	mu    sync.Mutex
	value *T
	run   *fetching[T]
}

// fetching is one fetch under way. val and err are set before done closes.
type fetching[T any] struct {
	done chan struct{}
	val  T
	err  error
}

// get returns the value, or ctx's error when ctx ends first. fetch runs by spawn
// on a goroutine of its own, so that nobody's leaving ends it for the others.
func (l *lazy[T]) get(ctx context.Context, spawn func(func()), fetch func() (T, error)) (T, error) {
	l.mu.Lock()
	if l.value != nil {
		defer l.mu.Unlock()
		return *l.value, nil
	}
	run := l.run
	if run == nil {
		run = &fetching[T]{done: make(chan struct{})}
		l.run = run
		spawn(func() {
			run.val, run.err = fetch()
			l.settle(run)
		})
	}
	l.mu.Unlock()
	select {
	case <-run.done:
		return run.val, run.err
	case <-ctx.Done():
		var none T
		return none, ctx.Err()
	}
}

func (l *lazy[T]) settle(run *fetching[T]) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run = nil
	if run.err == nil {
		l.value = &run.val
	}
	close(run.done)
}

// known is the value if there is one; it fetches nothing.
func (l *lazy[T]) known() (T, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.value == nil {
		var none T
		return none, false
	}
	return *l.value, true
}

// forget drops the value if stale says so, so that the next get fetches again.
func (l *lazy[T]) forget(stale func(T) bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.value != nil && stale(*l.value) {
		l.value = nil
	}
}
