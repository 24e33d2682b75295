package woocommercetest

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// page is what a list is asked for.
type page struct {
	per, offset int
	number      int
	desc        bool
}

// invalid is how WordPress refuses parameters.
func invalid(name, message string) object {
	out := failure("rest_invalid_param", "Invalid parameter(s): "+name, http.StatusBadRequest)
	out["data"] = object{"status": http.StatusBadRequest, "params": object{name: message},
		"details": object{name: object{"code": "rest_invalid_param", "message": message, "data": nil}}}
	return out
}

func pageOf(r *http.Request) (page, object) {
	q, p := r.URL.Query(), page{per: 10, number: 1, desc: true}
	read := func(name string, into *int, least, most int) object {
		text := q.Get(name)
		if text == "" {
			return nil
		}
		n, err := strconv.Atoi(text)
		switch {
		case err != nil:
			return invalid(name, name+" is not of type integer.")
		case n < least || n > most:
			return invalid(name, fmt.Sprintf("%s must be between %d (inclusive) and %d (inclusive)", name, least, most))
		}
		*into = n
		return nil
	}
	const any = 1 << 30
	for _, bad := range []object{read("per_page", &p.per, 1, 100), read("page", &p.number, 1, any), read("offset", &p.offset, 0, any)} {
		if bad != nil {
			return p, bad
		}
	}
	if q.Get("offset") == "" {
		p.offset = (p.number - 1) * p.per
	}
	switch q.Get("order") {
	case "asc":
		p.desc = false
	case "", "desc":
	default:
		return p, invalid("order", "order is not one of asc and desc.")
	}
	return p, nil
}

// tellPage writes one page of records, with how many there are in all. Past the end new
// shops say that there are none.
func (s *Store) tellPage(w http.ResponseWriter, r *http.Request, p page, all []object) {
	total := len(all)
	from, to := min(p.offset, total), min(p.offset+p.per, total)
	out := make([]object, 0, to-from)
	for _, record := range all[from:to] {
		out = append(out, trimmed(r, record))
	}
	pages := (total + p.per - 1) / p.per
	if len(out) == 0 && !s.opts.Old {
		total, pages = 0, 0
	}
	h := w.Header()
	h.Set("X-WP-Total", strconv.Itoa(total))
	h.Set("X-WP-TotalPages", strconv.Itoa(pages))
	var links []string
	link := func(n int, rel string) {
		q := r.URL.Query()
		q.Set("page", strconv.Itoa(n))
		u := url.URL{Path: r.URL.Path, RawQuery: q.Encode()}
		links = append(links, fmt.Sprintf("<%s%s>; rel=%q", s.opts.Home, u.String(), rel))
	}
	if p.number > 1 {
		link(min(p.number-1, max(1, pages)), "prev")
	}
	if p.number < pages {
		link(p.number+1, "next")
	}
	if len(links) > 0 {
		h.Set("Link", strings.Join(links, ", "))
	}
	reply(w, http.StatusOK, out)
}

// span is a condition on a time of orders: strictly after or before a wall clock's
// time, which is the shop's own or, with dates_are_gmt, GMT's.
type span struct {
	of     func(*Order) time.Time
	before bool
	wall   time.Time // as if the wall clock were UTC
	zone   *time.Location
}

// spansOf reads after, before, modified_after and modified_before. A time with a zone is
// turned into the shop's, also where GMT is then read off it: that is how real shops
// miss an hour.
func (s *Store) spansOf(r *http.Request) ([]span, object) {
	q, zone := r.URL.Query(), s.opts.Zone
	switch q.Get("dates_are_gmt") {
	case "true", "1":
		zone = time.UTC
	case "", "false", "0":
	default:
		return nil, invalid("dates_are_gmt", "dates_are_gmt is not of type boolean.")
	}
	var out []span
	for _, name := range []string{"after", "before", "modified_after", "modified_before"} {
		text := q.Get(name)
		if text == "" {
			continue
		}
		wall, err := time.Parse("2006-01-02T15:04:05", text)
		if err != nil {
			zoned, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+"))
			if err != nil {
				return nil, invalid(name, "Invalid date.")
			}
			wall = wallOf(zoned, s.opts.Zone)
		}
		one := span{of: func(o *Order) time.Time { return o.CreatedAt }, before: strings.HasSuffix(name, "before"), wall: wall, zone: zone}
		if strings.HasPrefix(name, "modified") {
			one.of = func(o *Order) time.Time { return o.UpdatedAt }
		}
		out = append(out, one)
	}
	return out, nil
}

// wallOf is what a clock on the wall there shows, as if it were UTC.
func wallOf(at time.Time, zone *time.Location) time.Time {
	at = at.In(zone)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}

func (c span) holds(o *Order) bool {
	at := wallOf(c.of(o), c.zone)
	if c.before {
		return at.Before(c.wall)
	}
	return at.After(c.wall)
}

// statusesOf reads what orders are asked for; nil: any but the hidden ones.
func (s *Store) statusesOf(r *http.Request) ([]string, object) {
	all := listOf(r, "status")
	for i, one := range all {
		if one == "any" {
			return nil, nil
		}
		if one != trash && !s.isStatus(one) {
			return nil, invalid("status", fmt.Sprintf("status[%d] is not one of any, trash, %s.", i, strings.Join(append(statuses(), s.opts.Statuses...), ", ")))
		}
	}
	return all, nil
}

// orderBy compares orders by what a list is sorted by; the id breaks ties.
func orderBy(by string) (func(a, b *Order) int, object) {
	first := map[string]func(a, b *Order) int{
		"":         func(a, b *Order) int { return a.CreatedAt.Compare(b.CreatedAt) },
		"date":     func(a, b *Order) int { return a.CreatedAt.Compare(b.CreatedAt) },
		"modified": func(a, b *Order) int { return a.UpdatedAt.Compare(b.UpdatedAt) },
		"id":       func(*Order, *Order) int { return 0 },
		"include":  func(*Order, *Order) int { return 0 },
	}[by]
	if first == nil {
		return nil, invalid("orderby", "orderby is not one of date, modified, id, include, title, and slug.")
	}
	return func(a, b *Order) int {
		if n := first(a, b); n != 0 {
			return n
		}
		return int(a.ID - b.ID)
	}, nil
}

// numbersOf are a list of ids.
func numbersOf(r *http.Request, name string) ([]int64, object) {
	var out []int64
	for i, one := range listOf(r, name) {
		n, err := strconv.ParseInt(one, 10, 64)
		if err != nil {
			return nil, invalid(name, fmt.Sprintf("%s[%d] is not of type integer.", name, i))
		}
		out = append(out, n)
	}
	return out, nil
}

// ordersFor are the orders that a list asks for, sorted.
func (s *Store) ordersFor(r *http.Request, p page) ([]*Order, object) {
	spans, bad := s.spansOf(r)
	if bad != nil {
		return nil, bad
	}
	wanted, bad := s.statusesOf(r)
	if bad != nil {
		return nil, bad
	}
	include, bad := numbersOf(r, "include")
	if bad != nil {
		return nil, bad
	}
	exclude, bad := numbersOf(r, "exclude")
	if bad != nil {
		return nil, bad
	}
	compare, bad := orderBy(r.URL.Query().Get("orderby"))
	if bad != nil {
		return nil, bad
	}
	customer := r.URL.Query().Get("customer")
	var out []*Order
	for _, o := range s.orders {
		switch {
		case wanted == nil && hidden(o.Status), wanted != nil && !slices.Contains(wanted, o.Status):
		case len(include) > 0 && !slices.Contains(include, o.ID), slices.Contains(exclude, o.ID):
		case customer != "" && customer != strconv.FormatInt(o.Customer, 10):
		case slices.ContainsFunc(spans, func(c span) bool { return !c.holds(o) }):
		default:
			out = append(out, o)
		}
	}
	slices.SortFunc(out, inOrder(p, compare))
	return out, nil
}

// inOrder is a comparison, turned round where a list is asked for from its end.
func inOrder[T any](p page, compare func(a, b T) int) func(a, b T) int {
	if !p.desc {
		return compare
	}
	return func(a, b T) int { return compare(b, a) }
}
