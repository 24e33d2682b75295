package tasks

import (
	"context"
	"time"

	"github.com/hibiken/asynq"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// FindOrder asks the shop which order an event belongs to that names none, and has
// that order looked at. Running it twice asks for one look: the event keeps its id.
var FindOrder = eventKind("order:find")

// namesNoOrder is why nothing came of an event about a record of no order.
const namesNoOrder = "names no order"

func (w *Worker) findOrder(ctx context.Context, e commerce.Event) error {
	start := time.Now()
	tried, _ := asynq.GetRetryCount(ctx)
	paused, err := w.rdb.Exists(ctx, pausedKey(e.Ref.Shop)).Result()
	if paused > 0 {
		w.noted(ctx, e, Verdict{Outcome: Snooze, Reason: "paused"})
		return w.whilePaused(FindOrder.Name, e, time.Since(start))
	}
	var v Verdict
	if err != nil {
		err = &commerce.Error{Op: "find", Reason: commerce.Unavailable, Ref: e.Ref, Err: err}
	} else {
		v, err = w.found(ctx, e)
	}
	if err != nil {
		v = verdict(err, tried+1)
	}
	v = w.noted(ctx, e, v)
	w.raise(ctx, e, v, "", v.Outcome == Parked || v.Outcome == Failed)
	return w.finish(FindOrder.Name, e, v, tried, time.Since(start))
}

// found enqueues the look at the order, under the order's own lease and with its own
// retries. A record of which the shop knows no order, and one that the app may not
// see, are skipped: the order's own events tell what comes of them.
func (w *Worker) found(ctx context.Context, e commerce.Event) (Verdict, error) {
	finder := w.finder(e.Ref.Shop)
	if finder == nil {
		return Verdict{Outcome: Skipped, Reason: namesNoOrder}, nil
	}
	id, err := finder.OrderOf(ctx, e.Ref)
	switch reason := commerce.ReasonOf(err); {
	case err == nil:
	case reason == commerce.NotFound, reason == commerce.Denied:
		v := verdict(err, 1)
		v.Outcome = Skipped
		return v, nil
	default:
		return Verdict{}, err
	}
	order := commerce.Ref{Shop: e.Ref.Shop, Kind: commerce.KindOrder, ID: id}
	look := commerce.Event{ID: e.ID, Topic: e.Topic, Hint: e.Hint, Ref: order, Aggregate: order, Nonce: e.Nonce, Request: e.Request, Received: e.Received}
	if _, err := w.queue.acceptIn(ctx, laneOf(ctx), look); err != nil {
		return Verdict{}, err
	}
	return Verdict{Outcome: Done, Reason: "found", Detail: order.String()}, nil
}

// finder is nil for a shop whose events all name their orders, and for one that is
// not configured any more.
func (w *Worker) finder(shop string) handlers.OrderFinder {
	s := w.shops[shop]
	if s == nil {
		return nil
	}
	finder, _ := s.Orders.(handlers.OrderFinder)
	return finder
}
