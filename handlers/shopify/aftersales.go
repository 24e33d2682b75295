package shopify

import (
	"context"
	"errors"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// The reading of what becomes of an order after it was placed.

// completeRefund reads a refund of which only the id is known, or the rest of
// its lists.
func (o *orders) completeRefund(ctx context.Context, ref commerce.Ref, r *apiRefund) error {
	for r.bare() || r.more() {
		got, err := o.client.ask(ctx, ref, o.queries.refund, cursors{
			"lines": r.Lines.PageInfo.EndCursor, "shipping": r.Shipping.PageInfo.EndCursor, "money": r.Money.PageInfo.EndCursor,
			"adjusted": r.Adjusted.PageInfo.EndCursor,
		}.of(gid("Refund", string(r.ID))))
		if err != nil {
			return err
		}
		switch next := got.Refund; {
		case next == nil:
			return changed(ref)
		case r.bare():
			*r = *next
		default:
			if err := errors.Join(r.Lines.more(ref, next.Lines), r.Shipping.more(ref, next.Shipping), r.Money.more(ref, next.Money),
				r.Adjusted.more(ref, next.Adjusted)); err != nil {
				return err
			}
		}
	}
	return nil
}

// cursors say where each list of one record goes on.
type cursors map[string]string

func (c cursors) of(id string) map[string]any {
	vars := map[string]any{"id": id}
	for name, at := range c {
		if at != "" {
			vars[name] = at
		}
	}
	return vars
}

// readReturns reads what goes back, where anything does. An app without the scope
// read_returns gets none, which check tells; so does the log, once.
func (o *orders) readReturns(ctx context.Context, ref commerce.Ref, got *apiOrder) error {
	if got.ReturnStatus == "" || got.ReturnStatus == "NO_RETURN" {
		return nil
	}
	for more := true; more; more = got.Returns.PageInfo.HasNextPage {
		next, err := o.again(ctx, ref, o.queries.returns, got, got.Returns.PageInfo.EndCursor)
		if errors.Is(err, errNotGranted) {
			if o.client.once("returns") {
				o.client.log.Warn("returns are not read: the app has not the scope read_returns", "shop", o.shop, "platform", Name)
			}
			return nil
		}
		if err != nil {
			return err
		}
		if err := got.Returns.add(ref, next.Returns); err != nil {
			return err
		}
	}
	for i := range got.Returns.Nodes {
		if err := o.completeReturn(ctx, ref, &got.Returns.Nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *orders) completeReturn(ctx context.Context, ref commerce.Ref, r *apiReturn) error {
	for r.more() {
		got, err := o.client.ask(ctx, ref, o.queries.oneReturn, cursors{
			"lines": r.Lines.PageInfo.EndCursor, "exchange": r.Exchange.PageInfo.EndCursor,
			"refunds": r.Refunds.PageInfo.EndCursor, "reverse": r.Reverse.PageInfo.EndCursor,
		}.of(gid("Return", string(r.ID))))
		if err != nil {
			return err
		}
		next := got.Return
		if next == nil {
			return changed(ref)
		}
		if err := errors.Join(r.Lines.more(ref, next.Lines), r.Exchange.more(ref, next.Exchange),
			r.Refunds.more(ref, next.Refunds), r.Reverse.more(ref, next.Reverse)); err != nil {
			return err
		}
	}
	for i := range r.Reverse.Nodes {
		if err := o.completeReverse(ctx, ref, &r.Reverse.Nodes[i]); err != nil {
			return err
		}
	}
	return nil
}

func (o *orders) completeReverse(ctx context.Context, ref commerce.Ref, r *apiReverse) error {
	for r.Lines.PageInfo.HasNextPage {
		got, err := o.client.ask(ctx, ref, o.queries.reverse, variables(gid("ReverseFulfillmentOrder", string(r.ID)), r.Lines.PageInfo.EndCursor))
		if err != nil {
			return err
		}
		if got.Reverse == nil {
			return changed(ref)
		}
		if err := r.Lines.add(ref, got.Reverse.Lines); err != nil {
			return err
		}
	}
	return nil
}

// OrderOf is the id of the order that a return, the work with it, or a parcel
// with it belongs to: bodies of these do not name it.
func (o *orders) OrderOf(ctx context.Context, ref commerce.Ref) (string, error) {
	var of ident
	var err error
	switch ref.Kind {
	case kindReturn:
		of, err = o.orderOf(ctx, ref, o.queries.orderOfReturn, "Return")
	case kindReverse:
		of, err = o.orderOf(ctx, ref, o.queries.orderOfReverse, "ReverseFulfillmentOrder")
	case kindParcel:
		of, err = o.orderOf(ctx, ref, o.queries.orderOfParcel, "ReverseDelivery")
	}
	if err == nil && of == "" {
		err = &commerce.Error{Op: "shopify.order_of", Reason: commerce.NotFound, Ref: ref, Detail: "the store names no order of it"}
	}
	return string(of), err
}

func (o *orders) orderOf(ctx context.Context, ref commerce.Ref, q query, kind string) (ident, error) {
	got, err := o.client.ask(ctx, ref, q, map[string]any{"id": gid(kind, ref.ID)})
	switch {
	case err != nil:
		return "", err
	case got.Return != nil:
		return got.Return.Order.ID, nil
	case got.Reverse != nil:
		return got.Reverse.Order.ID, nil
	case got.Parcel != nil:
		return got.Parcel.Reverse.Order.ID, nil
	}
	return "", nil
}
