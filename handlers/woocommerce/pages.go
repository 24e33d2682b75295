package woocommerce

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
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

// tip is what places an order in a list.
type tip struct {
	ID       ident  `json:"id"`
	Status   string `json:"status"`
	Created  stamp  `json:"date_created_gmt"`
	Modified stamp  `json:"date_modified_gmt"`
}

// row is one order of a list.
type row struct {
	id     ident
	status string
	at     time.Time
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

func (l listing) call() call { return call{op: l.op, ref: l.store(), path: api + "orders"} }

// page reads so many rows from a place on. A host that cannot make a page so large is
// asked for a smaller one.
func (l listing) page(ctx context.Context, status string, at int, size *int) (page, error) {
	for {
		got, err := l.ask(ctx, status, at, *size)
		var e *commerce.Error
		switch errors.As(err, &e); {
		case err == nil, *size <= pageLeast, ctx.Err() != nil:
			return got, err
		case e.Reason == commerce.TooLarge:
			*size = max(*size/2, pageLeast)
		case e.Reason == commerce.Unavailable && e.RetryAfter == 0 && l.fields == "":
			*size = pageLeast
		default:
			return got, err
		}
	}
}

func (l listing) ask(ctx context.Context, status string, at, size int) (got page, err error) {
	k := l.call()
	k.query = url.Values{"status": {status}, "orderby": {l.by.orderby}, "order": {"asc"}, "dates_are_gmt": {"true"},
		"per_page": {strconv.Itoa(size)}, "offset": {strconv.Itoa(at)}}
	if l.fields != "" {
		k.query.Set("_fields", l.fields)
	}
	if l.from.Unix() > 0 {
		k.query.Set(l.by.after, gmt(l.from.Add(-time.Second)))
	}
	if !l.before.IsZero() {
		k.query.Set(l.by.before, gmt(l.before.Add(time.Second-1))) // rounded up
	}
	var list []json.RawMessage
	var header http.Header
	read := func() error {
		header, err = l.client.ask(ctx, k, &list)
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
	for _, raw := range list {
		var t tip
		if err := json.Unmarshal(raw, &t); err != nil || t.ID == "" {
			return page{}, k.fail(commerce.Invalid, "the shop lists an order that cannot be understood")
		}
		got.rows = append(got.rows, row{id: t.ID, status: t.Status, at: l.by.at(&t).Time, raw: raw})
	}
	return got, nil
}

// gmt is a time as the API reads it together with dates_are_gmt: one with a Z it would
// take for another.
func gmt(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }
