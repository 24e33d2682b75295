package tasks

import (
	"context"
	"errors"
	"iter"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Rehearse says of each record what a worker would do now, and writes nothing.
func (p Puller) Rehearse(ctx context.Context, ids []string) iter.Seq2[Pulled, error] {
	return func(yield func(Pulled, error) bool) {
		done := 0
		for page := range slices.Chunk(ids, pullPage) {
			known, err := p.Journal.Of(ctx, p.refs(page))
			var out []Pulled
			switch {
			case err != nil:
			case p.Kind == commerce.KindContact:
				out, err = p.planPushes(ctx, known)
			case p.Kind == commerce.KindCustomer:
				out, err = rehearse(ctx, known, p.account, p.planCustomer)
			default:
				out, err = rehearse(ctx, known, p.Shop.Orders.Order, p.planOrder)
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

// rehearse reads some records and plans each.
func rehearse[T any](ctx context.Context, known []Record, read func(context.Context, string) (*T, error), plan func(context.Context, *T, Record) (Pulled, error)) ([]Pulled, error) {
	refs := make([]commerce.Ref, len(known))
	for i, rec := range known {
		refs[i] = rec.Ref
	}
	list, err := readAll(ctx, read, refs)
	if err != nil {
		return nil, err
	}
	out := make([]Pulled, len(known))
	all, ctx := errgroup.WithContext(ctx)
	for i, one := range list {
		all.Go(func() (err error) {
			if one == nil {
				out[i] = Pulled{ID: refs[i].ID, State: Skipped, Reason: string(commerce.NotFound)}
				return nil
			}
			out[i], err = plan(ctx, one, known[i])
			return err
		})
	}
	return out, all.Wait()
}

// planOrder is what a run would do with an order. Its error is one of asking Odoo.
func (p Puller) planOrder(ctx context.Context, o *commerce.Order, rec Record) (Pulled, error) {
	out, err := p.Books.Order(ctx, p.observing(), o, rec.Applied(), func(ctx context.Context) error { return ctx.Err() })
	one := Pulled{ID: rec.Ref.ID, State: Planned, Odoo: out.OdooName, Reason: out.Would, Plan: out.Plan}
	return one.ended(out.Action, out.Reason, err, o)
}

// planCustomer is planOrder of an account.
func (p Puller) planCustomer(ctx context.Context, c *commerce.Customer, rec Record) (Pulled, error) {
	out, err := p.Books.Customer(ctx, p.observing(), c, rec.CustomerApplied(), func(ctx context.Context) error { return ctx.Err() })
	one := Pulled{ID: rec.Ref.ID, State: Planned, Odoo: out.OdooName, Plan: out.Plan}
	if out.Action != "observed" {
		one.Reason = out.Action
	}
	return one.ended(out.Action, out.Reason, err, words(c))
}

// observing is the shop as one that writes nothing.
func (p Puller) observing() config.Shop {
	shop := p.Shop.Config
	shop.Mode = "observe"
	return shop
}

// ended is a rehearsal with how the books answered it; said holds a person's words.
func (p Pulled) ended(action, reason string, err error, said *commerce.Order) (Pulled, error) {
	var stop *commerce.Error
	switch {
	case errors.As(err, &stop) && (stop.Reason == commerce.Unavailable || stop.Reason == commerce.RateLimited || stop.Reason == commerce.Denied):
		return p, err
	case errors.As(redacted(err, said), &stop):
		p.State, p.Reason, p.Detail, p.Remedy, p.Plan = Parked, string(stop.Reason), stop.Detail, stop.Remedy, nil
		return p, nil
	case err != nil:
		return p, err
	case action == "skipped":
		p.State, p.Reason, p.Plan = Skipped, reason, nil
	}
	return p, nil
}
