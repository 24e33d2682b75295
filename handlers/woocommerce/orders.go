package woocommerce

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// orders is the reading side of one shop.
type orders struct {
	decoder
	client *client
	open   func(method string) bool // its money is not registered in Odoo, in a part of the shop at least
}

func newOrders(shop config.Shop, set Settings, deps handlers.Deps) *orders {
	return &orders{decoder: decoder{shop: shop.ID, set: set, wants: shop.WantsMeta}, client: newClient(shop.ID, set, deps),
		open: staysOpen(shop)}
}

func (o *orders) ref(id string) commerce.Ref {
	return commerce.Ref{Shop: o.shop, Kind: commerce.KindOrder, ID: id}
}

// store names what is asked about no record.
func (d decoder) store() commerce.Ref {
	name := d.set.URL
	if u, err := url.Parse(d.set.URL); err == nil {
		name = u.Host + u.Path
	}
	return commerce.Ref{Shop: d.shop, Kind: commerce.KindShop, ID: name}
}

// Order reads one order: a call, and one more where it has refunds. A refund that is
// deleted between the two gives Conflict; one that is made is left for the next read. A
// draft is Ignored; an order in the trash is cancelled.
func (o *orders) Order(ctx context.Context, id string) (*commerce.Order, error) {
	k := call{op: "woocommerce.order", ref: o.ref(id), path: api + "orders/" + id}
	if !isDigits(id) {
		return nil, k.fail(commerce.NotFound, "this is no id of an order")
	}
	var raw json.RawMessage
	if _, err := o.client.ask(ctx, k, &raw); err != nil {
		return nil, err
	}
	rec, err := recordOf(raw)
	if err != nil {
		return nil, k.notUnderstood(raw, err)
	}
	if string(rec.ID) != id {
		return nil, k.fail(commerce.Invalid, "the shop answered with another record than was asked for")
	}
	return o.whole(ctx, rec)
}

// whole is the order of a record with its refunds.
func (o *orders) whole(ctx context.Context, rec *record) (*commerce.Order, error) {
	if isDraft(rec.Status) { // its refunds are of no interest
		return o.order(rec, nil)
	}
	refunds, err := o.refunds(ctx, rec)
	if err != nil {
		return nil, err
	}
	return o.order(rec, refunds)
}

// Updated yields the orders changed between since and until, oldest change first, those
// in the trash among them. What was deleted for good is in no list.
func (o *orders) Updated(ctx context.Context, since, until time.Time) iter.Seq2[handlers.Change, error] {
	l := listing{orders: o, op: "woocommerce.updated", by: byModified, fields: byModified.fields, from: since.Truncate(time.Second)}
	if !until.IsZero() {
		l.before = until.Truncate(time.Second).Add(time.Second)
	}
	return func(yield func(handlers.Change, error) bool) {
		for r, err := range l.all(ctx) {
			if err != nil {
				yield(handlers.Change{}, err)
				return
			}
			if !yield(handlers.Change{Ref: o.ref(string(r.id)), At: r.at}, nil) {
				return
			}
		}
	}
}
