package tasks

import (
	"context"
	"fmt"
	"slices"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// records are what is known of a customer: their orders, those that are named and
// those that were read with the customer, and what was told of the customer.
func (h holdings) records(ctx context.Context, shop string, orders []string, customer string) ([]commerce.Ref, error) {
	var refs []commerce.Ref
	for _, id := range orders {
		refs = append(refs, commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: id})
	}
	if customer != "" {
		members, err := h.rdb.SMembers(ctx, ordersKey(shop, customer)).Result()
		if err != nil {
			return nil, fmt.Errorf("orders of a customer of %s: %w", shop, err)
		}
		for _, m := range members {
			if ref, err := commerce.ParseRef(shop + "/" + m); err == nil && !slices.Contains(refs, ref) {
				refs = append(refs, ref)
			}
		}
		refs = append(refs, commerce.Ref{Shop: shop, Kind: commerce.KindCustomer, ID: customer})
	}
	return refs, nil
}

// keptOf are the events of a record whose body is kept.
func (r *Requests) keptOf(ctx context.Context, ref commerce.Ref) ([]HeldTask, error) {
	var kept []HeldTask
	for e, err := range r.journal.Events(ctx, Query{Shop: ref.Shop, Ref: ref}) {
		if err != nil {
			return nil, err
		}
		n, err := r.held.rdb.Exists(ctx, bodyKey(ref.Shop, e.ID)).Result()
		if err != nil {
			return nil, fmt.Errorf("body of event %s: %w", e.ID, err)
		}
		if n > 0 {
			kept = append(kept, HeldTask{Ref: e.Ref, Topic: e.Topic, State: string(e.State), Received: e.Received, Bytes: e.Size})
		}
	}
	return kept, nil
}

// events erases the bodies of a record's events, and the texts of what became of them.
func (x *eraser) events(ctx context.Context, ref commerce.Ref) error {
	ids, err := x.rdb.ZRange(ctx, entriesKey(ref), 0, -1).Result()
	if err != nil {
		return fmt.Errorf("events of %s: %w", ref, err)
	}
	for _, id := range ids {
		if err := x.event(ctx, ref.Shop, id); err != nil {
			return err
		}
	}
	return nil
}

func (x *eraser) event(ctx context.Context, shop, id string) error {
	if err := x.delete(ctx, bodyKey(shop, id), &x.removed.Bodies); err != nil {
		return err
	}
	return textsScript.Run(ctx, x.rdb, []string{entryKey(shop, id)}, erasedText, "odoogate explain tells it anew", "", "").Err()
}

// superseded says that nothing comes of the event of a task that was deleted before
// its end.
func (x *eraser) superseded(ctx context.Context, q queued) error {
	if !q.readable {
		return nil
	}
	id := entryID(q.event.TaskID())
	state, err := x.rdb.HGet(ctx, entryKey(q.event.Ref.Shop, id), "state").Result()
	if ignoreNil(err) != nil {
		return fmt.Errorf("state of event %s: %w", id, err)
	}
	switch Outcome(state) {
	case Working, Retry, Snooze:
	default:
		return nil // it ended, or waits for a person as its record does
	}
	return NewJournal(x.rdb).note(ctx, arrival{Event: q.event, id: id}, Verdict{Outcome: Superseded, Reason: "erased"}, member(q.event.Aggregate))
}
