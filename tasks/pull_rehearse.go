package tasks

import (
	"context"
	"errors"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Rehearse says of each order what a worker would do now, and writes nothing.
func (p Puller) Rehearse(ctx context.Context, ids []string) iter.Seq2[Pulled, error] {
	return func(yield func(Pulled, error) bool) {
		done := 0
		for page := range slices.Chunk(ids, pullPage) {
			out := make([]Pulled, len(page))
			refs := make([]commerce.Ref, len(page))
			for i, id := range page {
				refs[i] = p.ref(id)
			}
			known, err := p.Journal.Of(ctx, refs)
			if err == nil {
				err = p.rehearse(ctx, page, known, out)
			}
			if err != nil {
				yield(Pulled{}, err)
				return
			}
			for _, one := range out {
				done++
				p.progress(done, len(ids))
				if !yield(one, nil) {
					return
				}
			}
		}
	}
}

func (p Puller) rehearse(ctx context.Context, ids []string, known []Record, out []Pulled) error {
	refs := make([]commerce.Ref, len(ids))
	for i, id := range ids {
		refs[i] = p.ref(id)
	}
	list, err := readAll(ctx, p.Shop.Orders, refs)
	if err != nil {
		return err
	}
	all, ctx := errgroup.WithContext(ctx)
	for i, o := range list {
		all.Go(func() (err error) {
			out[i], err = p.plan(ctx, ids[i], o, known[i])
			return err
		})
	}
	return all.Wait()
}

// plan is what a run would do with an order. Its error is one of asking Odoo.
func (p Puller) plan(ctx context.Context, id string, o *commerce.Order, rec Record) (Pulled, error) {
	one := Pulled{ID: id, State: Planned}
	if o == nil {
		one.State, one.Reason = Skipped, string(commerce.NotFound)
		return one, nil
	}
	shop := p.Shop.Config
	shop.Mode = "observe"
	out, err := p.Books.Order(ctx, shop, o, rec.Applied(), func(ctx context.Context) error { return ctx.Err() })
	one.Odoo = out.OdooName
	var stop *commerce.Error
	switch {
	case errors.As(err, &stop) && (stop.Reason == commerce.Unavailable || stop.Reason == commerce.RateLimited || stop.Reason == commerce.Denied):
		return one, err
	case errors.As(redacted(err, o), &stop):
		one.State, one.Reason, one.Detail, one.Remedy = Parked, string(stop.Reason), stop.Detail, stop.Remedy
		return one, nil
	case err != nil:
		return one, err
	case out.Action == "skipped":
		one.State, one.Reason = Skipped, out.Reason
		return one, nil
	}
	one.Reason, one.Plan = out.Would, out.Plan
	return one, nil
}
