package shopify

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// orders is the reading side of one store.
type orders struct {
	shop    string
	set     Settings
	client  *client
	queries queries
	located bool // the order's location matters
	shelves bool // the places that goods come back to do
	whole   bool // its transactions or its risk do
	wants   func(attribute string) bool
}

func newOrders(shop config.Shop, set Settings, deps handlers.Deps) *orders {
	return &orders{shop: shop.ID, set: set, client: newClient(shop.ID, set, deps), queries: newQueries(set.Money, set.Variants, shop.LocatesReturns()),
		located: shop.Locates(), shelves: shop.LocatesReturns(), whole: shop.WholeOrders(), wants: shop.WantsMeta}
}

// neutral is the order of a record, with those of its attributes that the
// configuration asks for apart.
func (o *orders) neutral(rec *record) *commerce.Order {
	out := rec.order(o.shop, o.set.adminURL(rec.id))
	for _, a := range out.Attributes {
		if o.wants(a.Name) {
			out.Meta = append(out.Meta, a)
		}
	}
	return out
}

func (o *orders) ref(id string) commerce.Ref {
	return commerce.Ref{Shop: o.shop, Kind: commerce.KindOrder, ID: id}
}

// Order reads one order, whole. One call does for ordinary ones; long ones are
// read on in pages. An order that changes between the pages gives Conflict.
func (o *orders) Order(ctx context.Context, id string) (*commerce.Order, error) {
	ref := o.ref(id)
	if !isDigits(id) {
		return nil, &commerce.Error{Op: "shopify.order", Reason: commerce.NotFound, Ref: ref, Detail: "this is no id of an order"}
	}
	got, err := o.read(ctx, ref, o.queries.order, "")
	if err != nil {
		return nil, err
	}
	if err := o.complete(ctx, ref, got); err != nil {
		return nil, err
	}
	if err := o.readReturns(ctx, ref, got); err != nil {
		return nil, err
	}
	rec, err := got.record(o.set.Money == "presentment")
	if err != nil {
		return nil, notUnderstood(ref, err)
	}
	if o.located {
		if rec.place, err = o.place(ctx, ref); err != nil {
			return nil, err
		}
	}
	return o.neutral(rec), nil
}

func notUnderstood(ref commerce.Ref, err error) error {
	return &commerce.Error{Op: "shopify.order", Reason: commerce.Invalid, Ref: ref, Detail: "the store's answer cannot be understood", Err: err}
}

// place is where the order leaves from, else where it was sold. It needs scopes
// of its own, so it is asked only where the configuration maps locations.
func (o *orders) place(ctx context.Context, ref commerce.Ref) (apiLocation, error) {
	got, err := o.read(ctx, ref, o.queries.place, "")
	if err != nil {
		return apiLocation{}, err
	}
	for _, f := range got.Assigned.Nodes {
		if l := f.To.Location; l != nil {
			return apiLocation{ID: l.ID, Name: f.To.Name}, nil
		}
	}
	if got.Retail != nil {
		return *got.Retail, nil
	}
	return apiLocation{}, nil
}

// read asks something of an order. Null is how the API says that there is none.
func (o *orders) read(ctx context.Context, ref commerce.Ref, q query, after string) (*apiOrder, error) {
	got, err := o.client.ask(ctx, ref, q, variables(gid("Order", ref.ID), after))
	if err != nil {
		return nil, err
	}
	if got.Order == nil {
		return nil, &commerce.Error{Op: "shopify." + q.name, Reason: commerce.NotFound, Ref: ref, Detail: "the store has no such order"}
	}
	return got.Order, nil
}

func variables(id, after string) map[string]any {
	vars := map[string]any{"id": id}
	if after != "" {
		vars["after"] = after
	}
	return vars
}

// maxResults is where the API ends a list, whatever its cursor says.
const maxResults = 25_000

// Updated yields the orders changed between since and until, oldest change first. A
// cursor of the API names the last change before its page, so one that changes
// meanwhile shifts no other past us: it comes again, or leaves the list where its
// change is after until. Where the API ends its list, it begins again at the last
// change seen.
func (o *orders) Updated(ctx context.Context, since, until time.Time) iter.Seq2[handlers.Change, error] {
	return func(yield func(handlers.Change, error) bool) {
		for {
			last, count, more := o.window(ctx, since, until, yield)
			switch {
			case !more || count < maxResults:
				return
			case !last.After(since): // what else there is of this second is not told
				yield(handlers.Change{}, tooMany("shopify.updated", o.store(), last))
				return
			}
			since = last
		}
	}
}

// tooMany is about a second of which the API's list holds only a part.
func tooMany(op string, store commerce.Ref, second time.Time) error {
	return &commerce.Error{Op: op, Reason: commerce.Invalid, Ref: store,
		Detail: fmt.Sprintf("the store lists %d orders of one second (%s) and no more of it", maxResults, second.UTC().Format(time.RFC3339)),
		Remedy: "pull the orders of that day (odoogate pull orders --from), then set the cursor behind that second (odoogate cursor set)"}
}

// window yields one list to its end and returns the last change in it.
func (o *orders) window(ctx context.Context, since, until time.Time, yield func(handlers.Change, error) bool) (last time.Time, count int, more bool) {
	search := fmt.Sprintf("updated_at:>='%s'", since.UTC().Format(time.RFC3339))
	if !until.IsZero() {
		search += fmt.Sprintf(" AND updated_at:<='%s'", until.UTC().Format(time.RFC3339))
	}
	vars := map[string]any{"query": search}
	for {
		got, err := o.page(ctx, vars)
		if err != nil {
			yield(handlers.Change{}, err)
			return last, count, false
		}
		for _, node := range got.Nodes {
			if !yield(handlers.Change{Ref: o.ref(string(node.ID)), At: node.UpdatedAt}, nil) {
				return last, count, false
			}
			last, count = node.UpdatedAt, count+1
		}
		if !got.PageInfo.HasNextPage || count >= maxResults {
			return last, count, true
		}
		vars["after"] = got.PageInfo.EndCursor
	}
}

// clockFor is how long an answer tells the store's clock: two clocks part by far less
// than a second in that time.
const clockFor = 10 * time.Minute

// clock is the time by the Date header of the store's answers, the clock that
// updated_at is of. Its seconds are whole, so it is up to one late, and an answer on its
// way makes it later still: it never says a moment that is yet to come, also where
// somebody sets our own clock meanwhile.
func (o *orders) clock(ctx context.Context) (time.Time, error) {
	last := o.client.last.Load()
	if last == nil || last.date.IsZero() || time.Since(last.at) > clockFor {
		store := commerce.Ref{Shop: o.shop, Kind: commerce.KindShop, ID: o.set.Domain}
		if _, err := o.client.ask(ctx, store, o.queries.store, nil); err != nil {
			return time.Time{}, err
		}
		if last = o.client.last.Load(); last == nil || last.date.IsZero() {
			return time.Time{}, &commerce.Error{Op: "shopify.clock", Reason: commerce.Invalid, Ref: store, Detail: "the store's answer has no date"}
		}
	}
	return last.date.Add(time.Since(last.at)), nil
}

func (o *orders) page(ctx context.Context, vars map[string]any) (*connection[tip], error) {
	got, err := o.client.ask(ctx, o.store(), o.queries.updated, vars)
	if err != nil {
		return nil, err
	}
	if list := got.Orders; list != nil && (!list.PageInfo.HasNextPage || list.PageInfo.EndCursor != vars["after"]) {
		return list, nil
	}
	return nil, notMoving("shopify.updated", o.store())
}

// store names what is asked about no record.
func (o *orders) store() commerce.Ref {
	return commerce.Ref{Shop: o.shop, Kind: commerce.KindShop, ID: o.set.Domain}
}

func notMoving(op string, ref commerce.Ref) error {
	return &commerce.Error{Op: op, Reason: commerce.Invalid, Ref: ref, Detail: "the store's answer holds no orders, or pages that do not move on"}
}
