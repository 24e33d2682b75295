package tasks

import (
	"context"
)

// overlapped reports whether another run may have worked on the record while we did:
// Redis forgot the lease, or it ended while Odoo kept us waiting.
func (l *lease) overlapped(left leaseAnswer) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return left == leaseLost || l.lapsed
}

// doubt has the record looked at once more after a run that wrote beside another: the
// older state of the two may have been written last, and the newer is what the journal
// tells. It stands in the record until a run that read it ends well, so that whoever
// holds the record now does not take it away.
func (w *Worker) doubt(ctx context.Context, held *lease) {
	err := w.rdb.HSet(ctx, recordKey(held.ref), "doubt", held.token).Err()
	if err == nil {
		_, err = w.queue.Ask(ctx, laneOf(ctx), held.ref, "doubt", held.token)
	}
	if err != nil {
		w.log.Error("two runs wrote the record at once, and no other look was asked for", "shop", held.ref.Shop, "ref", held.ref.String(),
			"event", held.event.ID, "detail", err.Error(), "remedy", pullCommand(held.ref))
		return
	}
	held.mu.Lock()
	defer held.mu.Unlock()
	held.lapsed = false
}
