package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks"
)

// wipe notes which orders the journal knows as they are and has Redis forget them all.
func (c *chaos) wipe() {
	c.mu.Lock()
	list := append([]*sold{}, c.sold...)
	c.mu.Unlock()
	for _, s := range list {
		before := time.Now()
		rec, _, err := c.journal.Get(c.Context(), s.ref)
		require.NoError(c, err)
		o, err := s.at.shop.Orders.Order(c.Context(), s.ref.ID)
		require.NoError(c, err)
		c.mu.Lock()
		if rec.Outcome == tasks.Done && rec.Digest == o.Digest() {
			s.known = before
		}
		c.mu.Unlock()
	}
	c.redis.Flush()
	now := time.Now()
	c.wiped.Store(&now)
	c.watching.Go(func() { c.watch(list) })
	c.Cleanup(c.watching.Wait)
}

// watch notes when each order that Redis forgot was first looked at again.
func (c *chaos) watch(list []*sold) {
	for len(list) > 0 && c.Context().Err() == nil {
		var left []*sold
		for _, s := range list {
			// A run that failed remembers nothing that it found equal.
			rec, there, err := c.journal.Get(c.Context(), s.ref)
			if err != nil || !there || rec.Digest == "" && (rec.Outcome == "" || rec.Outcome == tasks.Retry || rec.Outcome == tasks.Snooze) {
				left = append(left, s)
				continue
			}
			c.mu.Lock()
			s.looked = time.Now()
			c.mu.Unlock()
		}
		list = left
		pause(c.Context(), time.Second)
	}
}

// mayDiverge says whether an order may have been changed in the store while nothing was
// remembered of how it was booked.
func (c *chaos) mayDiverge(s *sold) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	wiped := c.wiped.Load()
	if wiped == nil || s.changed[0].After(*wiped) {
		return false
	}
	return s.known.IsZero() || slices.ContainsFunc(s.changed, func(at time.Time) bool {
		return at.After(s.known) && (s.looked.IsZero() || at.Before(s.looked))
	})
}

// explained says how the journal accounts for an event that was accepted: it ended, or
// another did its work and ended. ok is false while it does not.
func (c *chaos) explained(ctx context.Context, a arrival) (how string, ok bool) {
	id, by := a.event.TaskID(), ""
	for seen := map[string]bool{}; !seen[id]; { // each names one that was at the record later
		seen[id] = true
		e, there, err := c.journal.Event(ctx, a.order.Shop, id)
		switch {
		case err != nil:
			return err.Error(), false
		case !there:
			return by + "nothing", false
		case e.State == tasks.Working || e.State == tasks.Retry || e.State == tasks.Snooze || e.State == tasks.Failed:
			return by + string(e.State), false
		case e.State != tasks.Coalesced || e.By == "":
			return by + strings.TrimSpace(string(e.State)+" "+e.Reason), true
		}
		id, by = e.By, "done by another: "
	}
	return by + "each other", false
}
