package odooclient

import "sync"

// life counts what is under way, so that Close can wait for all of it.
type life struct {
	mu    sync.Mutex
	ended bool
	busy  sync.WaitGroup
}

// enter begins something; a nil error obliges to leave.
func (l *life) enter() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ended {
		return &Fault{Kind: Unreachable, Message: "the client is closed"}
	}
	l.busy.Add(1)
	return nil
}

func (l *life) leave() { l.busy.Done() }

// spawn starts a goroutine that end waits for. Whoever calls it has entered.
func (l *life) spawn(f func()) { l.busy.Go(f) }

func (l *life) end() {
	l.mu.Lock()
	l.ended = true
	l.mu.Unlock()
	l.busy.Wait()
}
