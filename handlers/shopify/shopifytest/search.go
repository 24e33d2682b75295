package shopifytest

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// term is one condition of a search, such as created_at:>='2026-11-01T00:00:00Z'.
var term = regexp.MustCompile(`^(created_at|updated_at):(>=|<=|>|<)'([^']+)'$`)

// named is the condition of a search for an order's name, perhaps one of several.
var named = regexp.MustCompile(`name:'([^']*)'`)

// searchNodes answers orders(query: …) for terms about times, joined with AND, and
// for names, joined with OR, which it finds by how they begin. Like
// the real search it leaves out a term that it does not understand, and knows whole
// seconds only.
func (s *Store) searchNodes(args object) []*node {
	text, _ := args["query"].(string)
	var terms []func(*Order) bool
	for part := range strings.SplitSeq(text, " AND ") {
		if m := term.FindStringSubmatch(strings.TrimSpace(part)); m != nil {
			if at, err := time.Parse(time.RFC3339, m[3]); err == nil {
				terms = append(terms, func(o *Order) bool { return meets(o.times(m[1]).Truncate(time.Second).Compare(at), m[2]) })
			}
		}
	}
	if m := named.FindAllStringSubmatch(text, -1); m != nil {
		terms = append(terms, func(o *Order) bool {
			return slices.ContainsFunc(m, func(n []string) bool { return strings.HasPrefix(o.name(), n[1]) })
		})
	}
	field := "created_at"
	if args["sortKey"] == "UPDATED_AT" {
		field = "updated_at"
	}
	var found []*Order
	for _, o := range s.orders {
		if !slices.ContainsFunc(terms, func(meets func(*Order) bool) bool { return !meets(o) }) {
			found = append(found, o)
		}
	}
	slices.SortFunc(found, func(x, y *Order) int {
		return cmp.Or(x.times(field).Compare(y.times(field)), cmp.Compare(x.ID, y.ID))
	})
	if args["reverse"] == true {
		slices.Reverse(found)
	}
	return s.pageOf(found, field, args)
}

func (o *Order) times(field string) time.Time {
	if field == "created_at" {
		return o.CreatedAt
	}
	return o.UpdatedAt
}

// meets reads a comparison: c is -1, 0 or 1.
func meets(c int, op string) bool {
	switch op {
	case ">=":
		return c >= 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c < 0
}

// pageOf is the nodes of the page that is asked for, with the one before it and the one
// after it: a long list is not made whole for each of its pages.
func (s *Store) pageOf(found []*Order, field string, args object) []*node {
	placeOf := func(o *Order) string { return fmt.Sprintf("%020d %020d", o.times(field).UnixNano(), o.ID) }
	if after, ok := args["after"].(string); ok {
		if raw, err := base64.StdEncoding.DecodeString(after); err == nil {
			at := slices.IndexFunc(found, func(o *Order) bool {
				return args["reverse"] == true && placeOf(o) < string(raw) || args["reverse"] != true && placeOf(o) > string(raw)
			})
			if at < 0 {
				at = len(found)
			}
			found = found[max(0, at-1):]
		}
	}
	if first, ok := args["first"].(int64); ok {
		found = found[:min(int64(len(found)), first+2)]
	}
	out := make([]*node, 0, len(found))
	for _, o := range found {
		n := s.node(o)
		n.fields[place] = placeOf(o)
		out = append(out, n)
	}
	return out
}
