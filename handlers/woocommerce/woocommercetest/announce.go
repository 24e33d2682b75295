package woocommercetest

import (
	"context"
	"fmt"
	"net/http"
)

// job is a delivery that waits for the shop's queue: what it says is made when its turn
// comes.
type job struct {
	to *hook
	id int64
}

func (s *Store) wake() {
	select {
	case s.woken <- struct{}{}:
	default: // it was told already
	}
}

// Announce runs the shop's queue until it is empty, one delivery after another: each to
// the webhook as it is then. None is ever repeated. It returns how many were taken and
// how many failed.
func (s *Store) Announce(ctx context.Context, client *http.Client) (taken, failed int, err error) {
	for ctx.Err() == nil {
		h, d, ok, err := s.next()
		if err != nil || !ok {
			return taken, failed, err
		}
		if s.deliverTo(ctx, client, h, d) {
			taken++
		} else {
			failed++
		}
	}
	return taken, failed, ctx.Err()
}

// Run is the shop's queue: it posts what happens until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	for {
		if _, _, err := s.Announce(ctx, s.opts.Client); err != nil && ctx.Err() == nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.woken:
		}
	}
}

// next takes the first job off the queue and makes its delivery. Jobs of webhooks that
// are gone are dropped.
func (s *Store) next() (h *hook, d Delivery, ok bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.jobs) > 0 {
		j := s.jobs[0]
		s.jobs = s.jobs[1:]
		if s.hookOf(j.to.id) == nil {
			continue
		}
		body, err := s.payload(j.to.Topic, j.id)
		if err != nil {
			return nil, d, false, fmt.Errorf("write the body of %s: %w", j.to.Topic, err)
		}
		d = s.sign(j.to, body)
		if s.opts.Old {
			d = d.with("Referer", j.to.URI)
		}
		return j.to, d, true, nil
	}
	return nil, d, false, nil
}

// deliverTo posts one delivery, and the ping that a webhook still waits for.
func (s *Store) deliverTo(ctx context.Context, client *http.Client, h *hook, d Delivery) (ok bool) {
	s.mu.Lock()
	address := h.URI
	s.mu.Unlock()
	if !s.refuses(address) {
		status, err := Post(ctx, client, address, d)
		ok = err == nil && status >= 200 && status <= 302
	}
	s.mu.Lock()
	switch {
	case ok:
		h.failed = 0
	case h.failed >= tooManyFailures:
		h.Status, h.modified = disabled, s.now()
	default:
		h.failed++
	}
	s.mu.Unlock()
	s.ping(ctx, client, h)
	return ok
}

// ping says hello to a webhook's address until that was answered exactly 200.
func (s *Store) ping(ctx context.Context, client *http.Client, h *hook) {
	s.mu.Lock()
	pending, address := h.pending, h.URI
	s.mu.Unlock()
	if !pending || s.refuses(address) {
		return
	}
	header := http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": {s.agent()}}
	status, err := post(ctx, client, address, header, fmt.Appendf(nil, "webhook_id=%d", h.id), pingTimeout)
	if err == nil && status == http.StatusOK {
		s.mu.Lock()
		h.pending = false
		s.mu.Unlock()
	}
}
