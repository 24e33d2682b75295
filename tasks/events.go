package tasks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// eventsPage is how many entries are read in one round trip.
const eventsPage = 100

// Query says which events of a shop are wanted: those that meet all that is set.
type Query struct {
	Shop   string
	States []Outcome    // none: all
	Ref    commerce.Ref // the record that they name or are worked on under
	Number string       // of an order, with or without its mark
	// From and To bound the last change, both included; zero: no bound.
	From, To time.Time
	Oldest   bool // first; else the latest is
}

func (q Query) wants(e Entry) bool {
	return (len(q.States) == 0 || slices.Contains(q.States, e.State)) &&
		(q.From.IsZero() || !e.At.Before(q.From)) && (q.To.IsZero() || !e.At.After(q.To))
}

// Event is one entry, by its ID or by the id of its task; ok is false where there is
// none: no worker has touched it yet, or it is older than journal.keep.
func (j *Journal) Event(ctx context.Context, shop, id string) (e Entry, ok bool, err error) {
	if !IsEntryID(id) {
		id = entryID(id)
	}
	m, err := j.rdb.HGetAll(ctx, entryKey(shop, id)).Result()
	if err != nil {
		return Entry{}, false, fmt.Errorf("event %s of %s: %w", id, shop, err)
	}
	return readEntry(shop, id, m), m["ref"] != "", nil
}

// Events yields entries in the order of their last change, those of one record in the
// order in which they came. The caller breaks when it has enough: each page costs
// O(log n) of all that are there. One that changes meanwhile may be missed, or told
// twice.
func (j *Journal) Events(ctx context.Context, q Query) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		ids, err := j.idsOf(ctx, q)
		if err != nil {
			yield(Entry{}, err)
			return
		}
		page := make([]string, 0, eventsPage)
		flush := func() bool {
			entries, err := j.entries(ctx, q.Shop, page)
			page = page[:0]
			if err != nil {
				yield(Entry{}, err)
				return false
			}
			for _, e := range entries {
				if q.wants(e) && !yield(e, nil) {
					return false
				}
			}
			return true
		}
		for id, err := range ids {
			if err != nil {
				yield(Entry{}, err)
				return
			}
			if page = append(page, id); len(page) == eventsPage && !flush() {
				return
			}
		}
		flush()
	}
}

// entries reads several entries in one round trip; those that have gone are left out.
func (j *Journal) entries(ctx context.Context, shop string, ids []string) ([]Entry, error) {
	keys := make([]string, len(ids))
	for i, id := range ids {
		keys[i] = entryKey(shop, id)
	}
	hashes, err := j.hashes(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", shop, err)
	}
	var list []Entry
	for i, id := range ids {
		if m := hashes[i]; m["ref"] != "" {
			list = append(list, readEntry(shop, id, m))
		}
	}
	return list, nil
}

// idsOf chooses the shortest way to what is asked for.
func (j *Journal) idsOf(ctx context.Context, q Query) (iter.Seq2[string, error], error) {
	switch {
	case q.Ref.ID != "":
		return j.walk(ctx, entriesKey(q.Ref), Query{Oldest: q.Oldest}).ids(), nil
	case q.Number != "":
		members, err := j.rdb.SMembers(ctx, numberKey(q.Shop, q.Number)).Result()
		if err != nil {
			return nil, fmt.Errorf("order %s of %s: %w", q.Number, q.Shop, err)
		}
		slices.Sort(members)
		var walks []*walk
		for _, m := range members {
			ref, err := commerce.ParseRef(q.Shop + "/" + m)
			if err != nil {
				return nil, fmt.Errorf("order %s of %s: %w", q.Number, q.Shop, err)
			}
			walks = append(walks, j.walk(ctx, entriesKey(ref), Query{Oldest: q.Oldest}))
		}
		return merged(walks, q.Oldest), nil
	}
	states := q.States
	if len(states) == 0 {
		states = States()
	}
	var walks []*walk
	for _, s := range states {
		walks = append(walks, j.walk(ctx, listsKey(q.Shop)+string(s), q))
	}
	return merged(walks, q.Oldest), nil
}

// CountEvents is how many entries stand in each state.
func (j *Journal) CountEvents(ctx context.Context, shop string) (map[Outcome]int64, error) {
	pipe := j.rdb.Pipeline()
	counts := map[Outcome]*redis.IntCmd{}
	for _, s := range States() {
		counts[s] = pipe.ZCard(ctx, listsKey(shop)+string(s))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("count the events of %s: %w", shop, err)
	}
	out := map[Outcome]int64{}
	for s, n := range counts {
		out[s] = n.Val()
	}
	return out, nil
}

// walk goes through one sorted list of events, a page at a time.
type walk struct {
	read  func(from string, offset int64) ([]redis.Z, error)
	page  []redis.Z
	from  string // the score at which the next page begins
	same  int64  // how many of that score were seen
	ended bool
	err   error
}

func (j *Journal) walk(ctx context.Context, key string, q Query) *walk {
	lowest, highest := "-inf", "+inf"
	if !q.From.IsZero() {
		lowest = strconv.FormatInt(q.From.UnixMilli(), 10)
	}
	if !q.To.IsZero() {
		highest = strconv.FormatInt(q.To.UnixMilli(), 10)
	}
	w := &walk{from: highest}
	if q.Oldest {
		w.from = lowest
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
func (w *walk) peek() (z redis.Z, ok bool) {
	if len(w.page) == 0 && !w.ended && w.err == nil {
		w.page, w.err = w.read(w.from, w.same)
		w.ended = len(w.page) < eventsPage
		for _, z := range w.page {
			if at := strconv.FormatInt(int64(z.Score), 10); at == w.from {
				w.same++
			} else {
				w.from, w.same = at, 1
			}
		}
	}
	if len(w.page) == 0 {
		return redis.Z{}, false
	}
	return w.page[0], true
}

func (w *walk) ids() iter.Seq2[string, error] { return merged([]*walk{w}, false) }

// merged yields the events of several lists in the order of their scores.
func merged(walks []*walk, oldest bool) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for {
			var next *walk
			var best redis.Z
			for _, w := range walks {
				z, ok := w.peek()
				if w.err != nil {
					yield("", w.err)
					return
				}
				if ok && (next == nil || oldest && z.Score < best.Score || !oldest && z.Score > best.Score) {
					next, best = w, z
				}
			}
			if next == nil {
				return
			}
			next.page = next.page[1:]
			id, _ := best.Member.(string)
			if !yield(id, nil) {
				return
			}
		}
	}
}

// ignoreNil takes "there is none" for no error.
func ignoreNil(err error) error {
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}
