package tasks

import (
	"context"
	"sync"
	"time"
)

// gate stands before a remote that everything depends on. While the remote is
// away one goroutine probes it and all tasks wait, instead of each failing and
// being repeated by itself.
type gate struct {
	probe func(context.Context) error

	mu   sync.Mutex
	shut chan struct{} // nil while open; closed when it opens again
	from time.Time     // when it was shut
	wg   sync.WaitGroup
}

const (
	probeFirst = 200 * time.Millisecond
	probeMost  = 10 * time.Second
)

// wait blocks while the gate is shut; its error is ctx's.
func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	shut := g.shut
	g.mu.Unlock()
	if shut == nil {
		return ctx.Err()
	}
	select {
	case <-shut:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// trip shuts the gate until a probe succeeds. ctx bounds the probing; when it
// ends the gate opens, so that waiters see their own end.
func (g *gate) trip(ctx context.Context) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut != nil {
		return
	}
	shut := make(chan struct{})
	g.shut, g.from = shut, time.Now()
	g.wg.Go(func() {
		pause := probeFirst
		for ctx.Err() == nil && g.probe(ctx) != nil {
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
			pause = min(2*pause, probeMost)
		}
		g.mu.Lock()
		g.shut = nil
		g.mu.Unlock()
		close(shut)
	})
}

// shutFor is how long the gate has been shut; 0: it is open.
func (g *gate) shutFor() time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut == nil {
		return 0
	}
	return time.Since(g.from)
}

// close waits for the probe, whose context must have ended.
func (g *gate) close() { g.wg.Wait() }
