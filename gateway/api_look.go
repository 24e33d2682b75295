package gateway

import (
	"context"
	"net/url"
	"time"
)

// lookWithin is how long each side may take to tell of an order; one that does not is told
// to be away.
const lookWithin = 10 * time.Second

// showOrder reads an order from the shop, from Odoo and from the journal.
func showOrder(k *call) (any, error) {
	ctx, order, cancel, err := k.order()
	if err != nil {
		return nil, err
	}
	defer cancel()
	l, err := k.op.Look(ctx, k.Params("shop"), order, lookWithin)
	if err != nil {
		return nil, err
	}
	return l.View(), nil
}

func explainOrder(k *call) (any, error) {
	ctx, order, cancel, err := k.order()
	if err != nil {
		return nil, err
	}
	defer cancel()
	return k.op.Explain(ctx, k.Params("shop"), order)
}

// order is the one of the path, whose number may hold any character, and the time in
// which shop and Odoo must tell of it.
func (k *call) order() (ctx context.Context, order string, cancel context.CancelFunc, err error) {
	if order, err = url.PathUnescape(k.Params("order")); err != nil {
		return nil, "", nil, invalid("the path names no order: " + err.Error())
	}
	ctx, cancel = k.longer()
	return ctx, order, cancel, nil
}

// longer is the time of what reads more than Redis, and changes nothing.
func (k *call) longer() (context.Context, context.CancelFunc) {
	return context.WithTimeout(k.UserContext(), operateWithin)
}
