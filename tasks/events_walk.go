package tasks

import (
	"context"
	"encoding/base64"
	"fmt"
	"iter"
	"strconv"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// place is where an event stands in an ordered list: no two stand in one, so that a
// walk goes on from it whatever came or went meanwhile.
type place struct {
	score int64
	id    string
}

// String is what a page hands out; readPlace reads it.
func (p place) String() string {
	return base64.RawURLEncoding.EncodeToString([]byte(strconv.FormatInt(p.score, 10) + "/" + p.id))
}

// readPlace is the zero place for the empty text.
func readPlace(text string) (place, error) {
	if text == "" {
		return place{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	score, id, _ := strings.Cut(string(raw), "/")
	var p place
	if err == nil {
		p.id = id
		p.score, err = strconv.ParseInt(score, 10, 64)
	}
	if err != nil || !IsEntryID(id) {
		return place{}, &commerce.Error{Op: "page", Reason: commerce.Invalid, Detail: fmt.Sprintf("%q is where no page ended", text),
			Remedy: "give what the page before said, or begin without"}
	}
	return p, nil
}

// before says whether p comes before q.
func (p place) before(q place, oldest bool) bool {
	if p.score == q.score {
		return p.id < q.id == oldest && p.id != q.id
	}
	return p.score < q.score == oldest
}

// walk goes through one sorted list of events, a page at a time.
type walk struct {
	read   func(from string, offset int64) ([]redis.Z, error)
	oldest bool
	after  place
	page   []place
	from   string // the score at which the next page begins
	same   int64  // how many of that score were seen
	ended  bool
	err    error
}

func (j *Journal) walk(ctx context.Context, key string, q Query) *walk {
	lowest, highest := "-inf", "+inf"
	if !q.From.IsZero() {
		lowest = strconv.FormatInt(q.From.UnixMilli(), 10)
	}
	if !q.To.IsZero() {
		highest = strconv.FormatInt(q.To.UnixMilli(), 10)
	}
	w := &walk{oldest: q.Oldest, from: highest}
	if q.Oldest {
		w.from = lowest
	}
	if w.after, w.err = readPlace(q.After); w.after.id != "" {
		w.from = strconv.FormatInt(w.after.score, 10)
	}
	w.read = func(from string, offset int64) ([]redis.Z, error) {
		args := redis.ZRangeArgs{Key: key, ByScore: true, Start: from, Stop: highest, Offset: offset, Count: eventsPage}
		if !q.Oldest {
			args.Stop, args.Rev = lowest, true
		}
		return j.rdb.ZRangeArgsWithScores(ctx, args).Result()
	}
	return w
}

// peek is the next event of the list; ok is false at its end.
func (w *walk) peek() (p place, ok bool) {
	for len(w.page) == 0 && !w.ended && w.err == nil {
		w.next()
	}
	if len(w.page) == 0 {
		return place{}, false
	}
	return w.page[0], true
}

// next reads a page, without what came before the walk began.
func (w *walk) next() {
	var page []redis.Z
	page, w.err = w.read(w.from, w.same)
	w.ended = len(page) < eventsPage
	for _, z := range page {
		id, _ := z.Member.(string)
		p := place{int64(z.Score), id}
		if at := strconv.FormatInt(p.score, 10); at == w.from {
			w.same++
		} else {
			w.from, w.same = at, 1
		}
		if w.after.id == "" || w.after.before(p, w.oldest) {
			w.page = append(w.page, p)
		}
	}
}

// merged yields the events of several lists in one order.
func merged(walks []*walk, oldest bool) iter.Seq2[place, error] {
	return func(yield func(place, error) bool) {
		for {
			var next *walk
			var best place
			for _, w := range walks {
				p, ok := w.peek()
				if w.err != nil {
					yield(place{}, w.err)
					return
				}
				if ok && (next == nil || p.before(best, oldest)) {
					next, best = w, p
				}
			}
			if next == nil {
				return
			}
			next.page = next.page[1:]
			if !yield(best, nil) {
				return
			}
		}
	}
}
