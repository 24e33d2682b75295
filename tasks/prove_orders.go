package tasks

import (
	"context"
	"errors"
	"iter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// orders are those of the time, whole: several in a call where the shop can, else each
// by itself, a few side by side.
func (p Prover) orders(ctx context.Context, from, until time.Time) iter.Seq2[*commerce.Order, error] {
	if lister, ok := p.Shop.Orders.(handlers.OrderLister); ok {
		return lister.PlacedWhole(ctx, from, until)
	}
	return func(yield func(*commerce.Order, error) bool) {
		for refs, err := range chunks(p.Shop.Orders.Placed(ctx, from, until), proveReads) {
			var list []*commerce.Order
			if err == nil {
				list, err = readAll(ctx, p.Shop.Orders.Order, refs)
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, o := range list {
				if o != nil && !yield(o, nil) {
					return
				}
			}
		}
	}
}

// readAll reads records side by side; nil stands for one that the shop does not have.
func readAll[T any](ctx context.Context, read func(context.Context, string) (*T, error), refs []commerce.Ref) ([]*T, error) {
	list := make([]*T, len(refs))
	all, ctx := errgroup.WithContext(ctx)
	all.SetLimit(proveReads)
	for i, ref := range refs {
		all.Go(func() (err error) {
			if list[i], err = readOne(ctx, read, ref.ID); commerce.ReasonOf(err) == commerce.NotFound {
				return nil
			}
			return err
		})
	}
	return list, all.Wait()
}

// readOne reads a record and waits out rate limits.
func readOne[T any](ctx context.Context, read func(context.Context, string) (*T, error), id string) (*T, error) {
	for {
		one, err := read(ctx, id)
		var limited *commerce.Error
		if !errors.As(err, &limited) || limited.Reason != commerce.RateLimited {
			return one, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(max(limited.RetryAfter, time.Second)):
		}
	}
}

// chunks gathers what is yielded into lists of a size.
func chunks[T any](all iter.Seq2[T, error], size int) iter.Seq2[[]T, error] {
	return func(yield func([]T, error) bool) {
		list := make([]T, 0, size)
		for one, err := range all {
			if err != nil {
				yield(nil, err)
				return
			}
			if list = append(list, one); len(list) == size {
				if !yield(list, nil) {
					return
				}
				list = make([]T, 0, size)
			}
		}
		if len(list) > 0 {
			yield(list, nil)
		}
	}
}
