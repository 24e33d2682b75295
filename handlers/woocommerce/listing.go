package woocommerce

import (
	"context"
	"iter"
	"net/url"
	"time"
)

// listing is a list of the orders of a time, the oldest first, without drafts.
type listing struct {
	*orders
	op           string
	by           span
	fields       string    // that are told of a row; "": all
	from, before time.Time // before zero: no end
	patient      bool      // waits out rate limits
}

// all yields the orders of the list and those of the trash, which the shop lists
// apart. One that is trashed meanwhile may be in both.
func (l listing) all(ctx context.Context) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		seen := map[ident]bool{} // of the second that was reached
		var second time.Time
		for r, err := range merged(l.of(ctx, "any"), l.of(ctx, "trash")) {
			if err != nil {
				yield(row{}, err)
				return
			}
			if !r.at.Equal(second) {
				second, seen = r.at, map[ident]bool{}
			}
			if seen[r.id] {
				continue
			}
			seen[r.id] = true
			if !yield(r, nil) {
				return
			}
		}
	}
}

// merged yields the rows of two lists in the order of their times; the caller ends with
// the first error.
func merged(a, b iter.Seq2[row, error]) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		next, stop := iter.Pull2(b)
		defer stop()
		other, failed, more := next()
		for r, err := range a {
			for more && (failed != nil || other.at.Before(r.at)) {
				if !yield(other, failed) {
					return
				}
				other, failed, more = next()
			}
			if !yield(r, err) {
				return
			}
		}
		for more && yield(other, failed) {
			other, failed, more = next()
		}
	}
}

// of yields the orders with a status, and with "any" those that are not hidden.
func (l listing) of(ctx context.Context, status string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		for r, err := range l.list(status).rows(ctx) {
			if (err != nil || l.wants(r)) && !yield(r, err) {
				return
			}
		}
	}
}

// list is what is asked of the shop for one of its lists.
func (l listing) list(status string) list {
	query := url.Values{"status": {status}, "orderby": {l.by.orderby}, "order": {"asc"}, "dates_are_gmt": {"true"}}
	if l.fields != "" {
		query.Set("_fields", l.fields)
	}
	if l.from.Unix() > 0 {
		query.Set(l.by.after, gmt(l.from.Add(-time.Second)))
	}
	if !l.before.IsZero() {
		query.Set(l.by.before, gmt(l.before.Add(time.Second-1))) // rounded up
	}
	return list{client: l.client, call: call{op: l.op, ref: l.store(), path: api + "orders", query: query},
		at: l.by.at, whole: l.fields == "", patient: l.patient}
}

// wants reports whether a row is of the list's time and was placed. Shops that do not
// know a bound list everything.
func (l listing) wants(r row) bool {
	return !isDraft(r.status) && !r.at.Before(l.from) && (l.before.IsZero() || r.at.Before(l.before))
}
