package woocommerce

import (
	"context"
	"encoding/json"
	"iter"
	"net/url"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// customers is the reading side of one shop's accounts. WooCommerce tells every user of
// the site as a customer, whatever the role: staff that never bought is left out.
type customers struct {
	decoder decoder
	client  *client
}

var _ handlers.Customers = customers{}

func (c customers) ref(id string) commerce.Ref {
	return commerce.Ref{Shop: c.decoder.shop, Kind: commerce.KindCustomer, ID: id}
}

// Decode understands the payload of customer.created and customer.updated: the account
// as the REST API tells it. A payload of another version of the API is ErrPartial, an
// account of staff Ignored.
func (c customers) Decode(body []byte) (*commerce.Customer, error) {
	invalid := &commerce.Error{Op: "woocommerce.decode", Reason: commerce.Invalid, Detail: "the body is not an account"}
	f, err := read(body)
	if err != nil || f.ID == "" || !f.is(commerce.KindCustomer) {
		return nil, invalid
	}
	a, err := accountOf(body)
	if err != nil {
		invalid.Err = err
		return nil, invalid
	}
	if !a.whole() || a.changed().IsZero() || a.ID != f.ID { // a plugin's ID stands beside the id
		return nil, handlers.ErrPartial
	}
	return c.decoder.customer(a)
}

// Customer reads one account: a call. One of staff is Ignored.
func (c customers) Customer(ctx context.Context, id string) (*commerce.Customer, error) {
	k := call{op: "woocommerce.customer", ref: c.ref(id), path: api + "customers/" + id}
	if !isDigits(id) {
		return nil, k.fail(commerce.NotFound, "this is no id of an account")
	}
	var raw json.RawMessage
	if _, err := c.client.ask(ctx, k, &raw); err != nil {
		return nil, err
	}
	a, err := accountOf(raw)
	if err != nil {
		return nil, k.notUnderstood(raw, err)
	}
	if string(a.ID) != id {
		return nil, k.fail(commerce.Invalid, "the shop answered with another record than was asked for")
	}
	return c.decoder.customer(a)
}

// Registered yields the accounts made in a time, by their ids, and waits out rate limits.
// The shop's list knows no times, and sorted by when accounts were made those of one
// second change places from page to page: so all are listed, a call for each hundred,
// without an end before the last. An import may give the newest account an old time.
func (c customers) Registered(ctx context.Context, from, until time.Time) iter.Seq2[handlers.Change, error] {
	return func(yield func(handlers.Change, error) bool) {
		l := c.list()
		for r, err := range l.rows(ctx) {
			var a *account
			if err == nil {
				if a, err = accountOf(r.raw); err != nil {
					err = l.call.notUnderstood(r.raw, err)
				}
			}
			if err != nil {
				yield(handlers.Change{}, err)
				return
			}
			if a.isStaff() || a.Created.Before(from) || !until.IsZero() && !a.Created.Before(until) {
				continue
			}
			if !yield(handlers.Change{Ref: c.ref(string(a.ID)), At: a.changed()}, nil) {
				return
			}
		}
	}
}

// list is that of all accounts. Without a role the shop lists those of customers alone.
func (c customers) list() list {
	return list{client: c.client, patient: true, call: call{op: "woocommerce.registered", ref: c.decoder.store(), path: api + "customers",
		query: url.Values{"role": {"all"}, "orderby": {"id"}, "order": {"asc"},
			"_fields": {"id,role,is_paying_customer,date_created_gmt,date_modified_gmt"}}}}
}
