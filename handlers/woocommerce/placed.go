package woocommerce

import (
	"context"
	"iter"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// rereads is how often an order is read that changes while it is read.
const rereads = 5

// placed lists what was placed at from or later and before until.
func (o *orders) placed(from, until time.Time, fields string) listing {
	return listing{orders: o, op: "woocommerce.placed", by: byCreated, fields: fields, from: from, before: until, patient: true}
}

// Placed yields the orders placed in a time, the oldest first, those in the trash among
// them.
func (o *orders) Placed(ctx context.Context, from, until time.Time) iter.Seq2[commerce.Ref, error] {
	return func(yield func(commerce.Ref, error) bool) {
		for r, err := range o.placed(from, until, byCreated.fields).all(ctx) {
			if err != nil {
				yield(commerce.Ref{}, err)
				return
			}
			if !yield(o.ref(string(r.id)), nil) {
				return
			}
		}
	}
}

// PlacedWhole yields the same orders, whole: a call for each hundred, and one more for
// each that has refunds.
func (o *orders) PlacedWhole(ctx context.Context, from, until time.Time) iter.Seq2[*commerce.Order, error] {
	return func(yield func(*commerce.Order, error) bool) {
		for r, err := range o.placed(from, until, "").all(ctx) {
			var whole *commerce.Order
			if err == nil {
				whole, err = o.wholeOf(ctx, r)
			}
			if reason := commerce.ReasonOf(err); reason == commerce.NotFound || reason == commerce.Ignored {
				continue // gone, or a draft again
			}
			if !yield(whole, err) || err != nil {
				return
			}
		}
	}
}

// wholeOf is the order of a row with its refunds, read anew where it changes meanwhile.
func (o *orders) wholeOf(ctx context.Context, r row) (whole *commerce.Order, err error) {
	rec, err := recordOf(r.raw)
	if err != nil {
		return nil, call{op: "woocommerce.placed", ref: o.ref(string(r.id))}.notUnderstood(r.raw, err)
	}
	err = wire.Patiently(ctx, func() error {
		whole, err = o.whole(ctx, rec)
		return err
	})
	for n := 0; n < rereads && commerce.ReasonOf(err) == commerce.Conflict; n++ {
		err = wire.Patiently(ctx, func() error {
			whole, err = o.Order(ctx, string(r.id))
			return err
		})
	}
	return whole, err
}
