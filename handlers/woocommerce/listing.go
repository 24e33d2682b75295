package woocommerce

import (
	"context"
	"iter"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
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

// of yields one list of the shop, page by page. An order that changes or goes while the
// list is read moves all behind it. So pages are told by their place and not by their
// number, and each begins with a row that was seen: else rows have moved past us, and it
// goes back until it finds them. A short page is no end, for rows may be hidden from the
// key's user, and neither is an empty one, for they may have gone.
func (l listing) of(ctx context.Context, status string) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		seen := sights{}
		size, idle, jumped := pageSize, 0, false
		for at := 0; ; {
			got, err := l.page(ctx, status, at, &size)
			if err != nil {
				yield(row{}, err)
				return
			}
			if at > 0 && !jumped && !got.joins(seen) {
				at = max(0, at-size+1)
				continue
			}
			idle++
			for _, r := range got.rows {
				if !seen.first(r) {
					continue
				}
				if idle = 0; l.wants(r) && !yield(r, nil) {
					return
				}
			}
			switch jumped = false; {
			case got.isLast(at, size, idle == 0):
				return
			case idle > 1:
				yield(row{}, l.call().fail(commerce.Invalid, "the shop's pages do not move on"))
				return
			case idle == 1 && len(got.rows) < size:
				at, jumped = at+size, true
			default:
				at += max(len(got.rows)-1, 1)
			}
		}
	}
}

// wants reports whether a row is of the list's time and was placed. Shops that do not
// know a bound list everything.
func (l listing) wants(r row) bool {
	return !isDraft(r.status) && !r.at.Before(l.from) && (l.before.IsZero() || r.at.Before(l.before))
}

// sights are the rows that were seen, each with its time: one that changes meanwhile
// is another.
type sights map[sight]bool

type sight struct {
	id ident
	at int64
}

func (r row) sight() sight { return sight{r.id, r.at.Unix()} }

// first notes a row and reports whether it is new.
func (s sights) first(r row) bool {
	known := s[r.sight()]
	s[r.sight()] = true
	return !known
}
