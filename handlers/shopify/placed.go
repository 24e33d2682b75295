package shopify

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// How many the query for whole orders asks for of the lists that have no cursor. A
// test holds these against its text.
const (
	shortTransactions = 3
	shortFulfillments = 2
	shortRefunds      = 1
)

// rereads is how often an order is read that changes while it is read.
const rereads = 5

// placed is one order of the list of those that were placed in a time.
type placed struct {
	ID        ident     `json:"id"`
	CreatedAt time.Time `json:"createdAt"`
}

// Placed yields the orders placed at from or later and before until, the oldest first.
func (o *orders) Placed(ctx context.Context, from, until time.Time) iter.Seq2[commerce.Ref, error] {
	list := placing[placed]{orders: o, query: o.queries.placed, from: from, until: until,
		page: func(r *reply) *connection[placed] { return r.Placed }, tip: func(p *placed) placed { return *p }}
	return func(yield func(commerce.Ref, error) bool) {
		for node, err := range list.all(ctx) {
			if err != nil {
				yield(commerce.Ref{}, err)
				return
			}
			if !yield(o.ref(string(node.ID)), nil) {
				return
			}
		}
	}
}

// PlacedWhole yields the same orders, whole: small ones several in a call, others
// each by itself. Where an order leaves from is not told.
func (o *orders) PlacedWhole(ctx context.Context, from, until time.Time) iter.Seq2[*commerce.Order, error] {
	list := placing[apiOrder]{orders: o, query: o.queries.placedWhole, from: from, until: until,
		page: func(r *reply) *connection[apiOrder] { return r.Whole }, tip: func(a *apiOrder) placed { return placed{a.ID, a.CreatedAt} }}
	return func(yield func(*commerce.Order, error) bool) {
		for node, err := range list.all(ctx) {
			var whole *commerce.Order
			if err == nil {
				whole, err = o.wholeOf(ctx, node)
			}
			if commerce.ReasonOf(err) == commerce.NotFound {
				continue
			}
			if !yield(whole, err) || err != nil {
				return
			}
		}
	}
}

// wholeOf is the order of an answer, read by itself where the answer holds not all of it.
func (o *orders) wholeOf(ctx context.Context, got *apiOrder) (whole *commerce.Order, err error) {
	id := string(got.ID)
	if got.short() {
		rec, err := got.record(o.set.Money == "presentment")
		if err != nil {
			return nil, notUnderstood(o.ref(id), err)
		}
		return o.neutral(rec), nil
	}
	for range rereads {
		err = wire.Patiently(ctx, func() error {
			whole, err = o.Order(ctx, id)
			return err
		})
		if commerce.ReasonOf(err) != commerce.Conflict {
			break
		}
	}
	return whole, err
}

// short reports whether the answer to the query for whole orders holds all of one.
func (a *apiOrder) short() bool {
	if a.LineItems.PageInfo.HasNextPage || a.ShippingLines.PageInfo.HasNextPage || a.ReturnStatus != "" && a.ReturnStatus != "NO_RETURN" ||
		len(a.Transactions) >= shortTransactions || len(a.Fulfillments) >= shortFulfillments || len(a.Refunds) >= shortRefunds {
		return false
	}
	for _, f := range a.Fulfillments {
		if f.Lines.PageInfo.HasNextPage {
			return false
		}
	}
	return true
}

// placing is a list of what was placed in a time, in nodes of one kind.
type placing[T any] struct {
	*orders
	query       query
	from, until time.Time
	page        func(*reply) *connection[T]
	tip         func(*T) placed
}

// all yields every node once. When an order was placed never changes, so none moves
// in the list while it is read. Where the API ends its list, the next begins in the
// second of the last node, without those of it that were seen.
func (p placing[T]) all(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		seen := map[ident]bool{} // of the second that was reached
		second := p.from.Truncate(time.Second)
		for begin := second; ; begin = second {
			count := 0
			for node, err := range p.list(ctx, begin) {
				if err != nil {
					yield(nil, err)
					return
				}
				count++
				tip := p.tip(node)
				if at := tip.CreatedAt.Truncate(time.Second); at.After(second) {
					second, seen = at, map[ident]bool{}
				}
				if seen[tip.ID] || tip.CreatedAt.Before(p.from) || !tip.CreatedAt.Before(p.until) {
					continue
				}
				seen[tip.ID] = true
				if !yield(node, nil) {
					return
				}
			}
			switch {
			case count < maxResults:
				return
			case !second.After(begin):
				yield(nil, tooMany("shopify.placed", p.store(), begin))
				return
			}
		}
	}
}

// list yields one list of the API to its end.
func (p placing[T]) list(ctx context.Context, begin time.Time) iter.Seq2[*T, error] {
	end := p.until.Add(time.Second - 1).Truncate(time.Second)
	vars := map[string]any{"query": fmt.Sprintf("created_at:>='%s' AND created_at:<'%s'", begin.UTC().Format(time.RFC3339), end.UTC().Format(time.RFC3339))}
	return func(yield func(*T, error) bool) {
		for count := 0; count < maxResults; {
			var got *reply
			err := wire.Patiently(ctx, func() (err error) {
				got, err = p.client.ask(ctx, p.store(), p.query, vars)
				return err
			})
			if err != nil {
				yield(nil, err)
				return
			}
			list := p.page(got)
			if list == nil || list.PageInfo.HasNextPage && (len(list.Nodes) == 0 || list.PageInfo.EndCursor == vars["after"]) {
				yield(nil, notMoving("shopify.placed", p.store()))
				return
			}
			for i := range list.Nodes {
				if !yield(&list.Nodes[i], nil) {
					return
				}
			}
			if count += len(list.Nodes); !list.PageInfo.HasNextPage {
				return
			}
			vars["after"] = list.PageInfo.EndCursor
		}
	}
}
