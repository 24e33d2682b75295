package shopify

import (
	"context"
	"github.com/odoogate/odoogate/handlers/commerce"
	"iter"
	"time"

	"github.com/odoogate/odoogate/handlers"
)

// orders is the reading side of one store.
type orders struct {
	shop string
	set  Settings
}

func newOrders(shop string, set Settings, _ handlers.Deps) *orders {
	return &orders{shop: shop, set: set}
}

func (o *orders) Order(ctx context.Context, id string) (*commerce.Order, error) {
	return nil, &commerce.Error{Op: "shopify.order", Reason: commerce.Unavailable, Ref: commerce.Ref{Shop: o.shop, Kind: commerce.KindOrder, ID: id}}
}

func (o *orders) Updated(context.Context, time.Time) iter.Seq2[commerce.Ref, error] {
	return func(func(commerce.Ref, error) bool) {}
}
