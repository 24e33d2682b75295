package woocommerce

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"maps"
	"net/http"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// How many rows a page holds: the most that the API gives, and the fewest that are
// asked for where a host cannot make a large one.
const (
	pageSize  = 100
	pageLeast = 10
)

// span is one of the two times by which orders are listed. Both bounds are exclusive,
// to the second.
type span struct {
	after, before, orderby string
	fields                 string // that place a row
	at                     func(*tip) stamp
}

var (
	byModified = span{"modified_after", "modified_before", "modified", "id,status,date_modified_gmt", func(t *tip) stamp { return t.Modified }}
	byCreated  = span{"after", "before", "date", "id,status,date_created_gmt", func(t *tip) stamp { return t.Created }}
)

// tip is what places a record in a list.
type tip struct {
	ID       ident  `json:"id"`
	Status   string `json:"status"`
	Created  stamp  `json:"date_created_gmt"`
	Modified stamp  `json:"date_modified_gmt"`
}

// row is one record of a list.
type row struct {
	id     ident
	status string
	at     time.Time       // by which the list is sorted
	raw    json.RawMessage // all that was told of it
}

// page is a part of a list.
type page struct {
	rows  []row
	total int // of the whole list; 0: not told
}

// joins reports whether a page begins where rows were seen.
func (p page) joins(seen sights) bool { return len(p.rows) > 0 && seen[p.rows[0].sight()] }

// isLast reports whether nothing comes after a page; fresh says that it brought
// something. The total is wrong beyond the end, and some shops do not tell it.
func (p page) isLast(at, size int, fresh bool) bool {
	if p.total > 0 && len(p.rows) > 0 {
		return at+size >= p.total
	}
	return !fresh && len(p.rows) < size
}

// list is one list of the shop.
type list struct {
	client  *client
	call    call             // asks for all of it, in one order
	at      func(*tip) stamp // when a row is, by which the list is sorted; nil: by ids
	whole   bool             // its rows are whole records
	patient bool             // waits out rate limits
}

// rows yields a list, page by page. A record that changes or goes while the list is read
// moves all behind it. So pages are told by their place and not by their number, and
// each begins with a row that was seen: else rows have moved past us, and it goes back
// until it finds them. A short page is no end, for rows may be hidden from the key's
// user, and neither is an empty one, for they may have gone.
func (l list) rows(ctx context.Context) iter.Seq2[row, error] {
	return func(yield func(row, error) bool) {
		seen := sights{}
		size, idle, jumped := pageSize, 0, false
		for at := 0; ; {
			got, err := l.page(ctx, at, &size)
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
				if idle = 0; !yield(r, nil) {
					return
				}
			}
			switch jumped = false; {
			case got.isLast(at, size, idle == 0):
				return
			case idle > 1:
				yield(row{}, l.call.fail(commerce.Invalid, "the shop's pages do not move on"))
				return
			case idle == 1 && len(got.rows) < size:
				at, jumped = at+size, true
			default:
				at += max(len(got.rows)-1, 1)
			}
		}
	}
}

// page reads so many rows from a place on. A host that cannot make a page so large is
// asked for a smaller one.
func (l list) page(ctx context.Context, at int, size *int) (page, error) {
	for {
		got, err := l.ask(ctx, at, *size)
		var e *commerce.Error
		switch errors.As(err, &e); {
		case err == nil, *size <= pageLeast, ctx.Err() != nil:
			return got, err
		case e.Reason == commerce.TooLarge:
			*size = max(*size/2, pageLeast)
		case e.Reason == commerce.Unavailable && e.RetryAfter == 0 && l.whole:
			*size = pageLeast
		default:
			return got, err
		}
	}
}

func (l list) ask(ctx context.Context, at, size int) (got page, err error) {
	k := l.call
	k.query = maps.Clone(k.query)
	k.query.Set("per_page", strconv.Itoa(size))
	k.query.Set("offset", strconv.Itoa(at))
	var all []json.RawMessage
	var header http.Header
	read := func() error {
		header, err = l.client.ask(ctx, k, &all)
		return err
	}
	if !l.patient {
		err = read()
	} else {
		err = wire.Patiently(ctx, read)
	}
	if err != nil {
		return page{}, err
	}
	got.total, _ = strconv.Atoi(header.Get("X-WP-Total")) // "": not told
	for _, raw := range all {
		var t tip
		if err := json.Unmarshal(raw, &t); err != nil || t.ID == "" {
			return page{}, k.fail(commerce.Invalid, "the shop lists a record that cannot be understood")
		}
		r := row{id: t.ID, status: t.Status, raw: raw}
		if l.at != nil {
			r.at = l.at(&t).Time
		}
		got.rows = append(got.rows, r)
	}
	return got, nil
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

// gmt is a time as the API reads it together with dates_are_gmt: one with a Z it would
// take for another.
func gmt(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }
