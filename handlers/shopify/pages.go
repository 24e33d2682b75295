package shopify

import (
	"context"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// complete reads what did not fit into the first answer.
func (o *orders) complete(ctx context.Context, ref commerce.Ref, got *apiOrder) error {
	for got.LineItems.PageInfo.HasNextPage {
		next, err := o.again(ctx, ref, o.queries.lines, got, got.LineItems.PageInfo.EndCursor)
		if err != nil {
			return err
		}
		if err := got.LineItems.add(ref, next.LineItems); err != nil {
			return err
		}
	}
	for got.ShippingLines.PageInfo.HasNextPage {
		next, err := o.again(ctx, ref, o.queries.shipping, got, got.ShippingLines.PageInfo.EndCursor)
		if err != nil {
			return err
		}
		if err := got.ShippingLines.add(ref, next.ShippingLines); err != nil {
			return err
		}
	}
	if len(got.Transactions) >= firstTransactions {
		next, err := o.again(ctx, ref, o.queries.transactions, got, "")
		if err != nil {
			return err
		}
		got.Transactions = next.Transactions
	}
	return o.completeParts(ctx, ref, got)
}

// again reads more of an order that must not have changed since.
func (o *orders) again(ctx context.Context, ref commerce.Ref, q query, begun *apiOrder, after string) (*apiOrder, error) {
	next, err := o.read(ctx, ref, q, after)
	if err != nil {
		return nil, err
	}
	if !next.UpdatedAt.Equal(begun.UpdatedAt) {
		return nil, &commerce.Error{Op: "shopify." + q.name, Reason: commerce.Conflict, Ref: ref,
			Detail: "the order changed while it was read"}
	}
	return next, nil
}

// add appends a page. A cursor that does not move would never end.
func (c *connection[T]) add(ref commerce.Ref, next connection[T]) error {
	if next.PageInfo.HasNextPage && next.PageInfo.EndCursor == c.PageInfo.EndCursor {
		return &commerce.Error{Op: "shopify.page", Reason: commerce.Invalid, Ref: ref, Detail: "the store's pages do not move on"}
	}
	c.Nodes = append(c.Nodes, next.Nodes...)
	c.PageInfo = next.PageInfo
	return nil
}

// more is add for one of several lists that are read on together: one that has
// ended stays.
func (c *connection[T]) more(ref commerce.Ref, next connection[T]) error {
	if !c.PageInfo.HasNextPage {
		return nil
	}
	return c.add(ref, next)
}

// completeParts reads fulfilments and refunds that the first answer does not
// hold, or not with all their lines.
func (o *orders) completeParts(ctx context.Context, ref commerce.Ref, got *apiOrder) error {
	if len(got.Fulfillments) >= firstFulfillments || len(got.Refunds) >= firstRefunds {
		all, err := o.again(ctx, ref, o.queries.parts, got, "")
		if err != nil {
			return err
		}
		got.Fulfillments = merge(got.Fulfillments, all.Fulfillments, func(f apiFulfillment) ident { return f.ID })
		got.Refunds = merge(got.Refunds, all.Refunds, func(r apiRefund) ident { return r.ID })
	}
	for i := range got.Fulfillments {
		if err := o.completeFulfillment(ctx, ref, &got.Fulfillments[i]); err != nil {
			return err
		}
	}
	for i := range got.Refunds {
		if err := o.completeRefund(ctx, ref, &got.Refunds[i]); err != nil {
			return err
		}
	}
	return nil
}

// merge puts what is already read in the place of bare ids.
func merge[T any](read, ids []T, id func(T) ident) []T {
	known := map[ident]T{}
	for _, r := range read {
		known[id(r)] = r
	}
	for i, bare := range ids {
		if r, ok := known[id(bare)]; ok {
			ids[i] = r
		}
	}
	return ids
}

func (o *orders) completeFulfillment(ctx context.Context, ref commerce.Ref, f *apiFulfillment) error {
	bare := f.CreatedAt.IsZero()
	for bare || f.Lines.PageInfo.HasNextPage {
		got, err := o.client.ask(ctx, ref, o.queries.fulfillment, variables(gid("Fulfillment", string(f.ID)), f.Lines.PageInfo.EndCursor))
		if err != nil {
			return err
		}
		switch {
		case got.Fulfillment == nil:
			return changed(ref)
		case bare:
			*f, bare = *got.Fulfillment, false
		default:
			if err := f.Lines.add(ref, got.Fulfillment.Lines); err != nil {
				return err
			}
		}
	}
	return nil
}

func changed(ref commerce.Ref) error {
	return &commerce.Error{Op: "shopify.order", Reason: commerce.Conflict, Ref: ref, Detail: "the order changed while it was read"}
}
