package odooclient

import (
	"context"
	"math/rand/v2"
	"time"
)

// settle sends until every member is answered. What lost against another
// transaction goes again after a pause; a fault that may be one record's halves
// the batch until the culprits stand alone.
func settle[In, Out any](ctx context.Context, send sender[In, Out], members []*member[In, Out]) {
	for attempt := 0; ; {
		members = open(members)
		if len(members) == 0 {
			return
		}
		err := send(ctx, members)
		switch {
		case err == nil && len(open(members)) < len(members):
			continue
		case err == nil:
			err = &Fault{Kind: BadAnswer, Message: "Odoo answered for none of the records asked for"}
		case KindOf(err) == Serialization && pause(ctx, attempt):
			attempt++
			continue
		}
		members = open(members)
		if len(members) < 2 || !divisible(err) {
			for _, m := range members {
				m.fail(err)
			}
			return
		}
		half := len(members) / 2
		settle(ctx, send, members[:half])
		settle(ctx, send, members[half:])
		return
	}
}

// open are the members still to be answered. One whose caller has left is not
// sent once more: perhaps it left because it may no longer write.
func open[In, Out any](members []*member[In, Out]) []*member[In, Out] {
	var left []*member[In, Out]
	for _, m := range members {
		if err := m.ctx.Err(); err != nil && !m.answered {
			m.fail(err)
		}
		if !m.answered {
			left = append(left, m)
		}
	}
	return left
}

func (m *member[In, Out]) answer(out Out) {
	m.out, m.answered = out, true
	close(m.done)
}

func (m *member[In, Out]) fail(err error) {
	m.err, m.answered = err, true
	close(m.done)
}

// divisible reports whether a refusal may be about one record of many. Where it
// is about the call, or the outcome is unknown, the group shares it.
func divisible(err error) bool {
	switch KindOf(err) {
	case UserError, ValidationError, AccessError, MissingRecord, BadArgs, Other:
		return true
	}
	return false
}

// pause waits with jitter before a repetition and reports whether time is left.
func pause(ctx context.Context, attempt int) bool {
	longest := min(50*time.Millisecond<<min(attempt, 6), 2*time.Second)
	timer := time.NewTimer(longest/2 + rand.N(longest/2))
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
