package tasks

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
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
	Oldest   bool   // first; else the latest is
	Reason   string // of the state; "": any
	// After is where a page before ended, see EventsPage; "": from the beginning.
	After string
}

func (q Query) wants(e Entry) bool {
	return (len(q.States) == 0 || slices.Contains(q.States, e.State)) && (q.Reason == "" || q.Reason == e.Reason) &&
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
		for p, err := range j.placed(ctx, q) {
			if !yield(p.Entry, err) || err != nil {
				return
			}
		}
	}
}

// EventsPage is at most limit of them, and where the next page begins, for Query.After;
// "" where there is none. Pages stay in step however much changes between them.
func (j *Journal) EventsPage(ctx context.Context, q Query, limit int) (page []Entry, next string, err error) {
	if _, err := readPlace(q.After); err != nil {
		return nil, "", err
	}
	var last place
	for p, err := range j.placed(ctx, q) {
		if err != nil {
			return nil, "", err
		}
		if len(page) == limit {
			return page, last.String(), nil
		}
		page, last = append(page, p.Entry), p.at
	}
	return page, "", nil
}

// placedEntry is an entry and where it stands in the order of what was asked for.
type placedEntry struct {
	Entry
	at place
}

func (j *Journal) placed(ctx context.Context, q Query) iter.Seq2[placedEntry, error] {
	return func(yield func(placedEntry, error) bool) {
		places, err := j.placesOf(ctx, q)
		if err != nil {
			yield(placedEntry{}, err)
			return
		}
		page := make([]place, 0, eventsPage)
		flush := func() bool {
			entries, err := j.entriesAt(ctx, q.Shop, page)
			page = page[:0]
			if err != nil {
				yield(placedEntry{}, err)
				return false
			}
			for _, e := range entries {
				if q.wants(e.Entry) && !yield(e, nil) {
					return false
				}
			}
			return true
		}
		for p, err := range places {
			if err != nil {
				yield(placedEntry{}, err)
				return
			}
			if page = append(page, p); len(page) == eventsPage && !flush() {
				return
			}
		}
		flush()
	}
}

// entriesAt reads several entries in one round trip; those that have gone are left out.
func (j *Journal) entriesAt(ctx context.Context, shop string, places []place) ([]placedEntry, error) {
	keys := make([]string, len(places))
	for i, p := range places {
		keys[i] = entryKey(shop, p.id)
	}
	hashes, err := j.hashes(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("events of %s: %w", shop, err)
	}
	var list []placedEntry
	for i, p := range places {
		if m := hashes[i]; m["ref"] != "" {
			list = append(list, placedEntry{readEntry(shop, p.id, m), p})
		}
	}
	return list, nil
}

// placesOf chooses the shortest way to what is asked for.
func (j *Journal) placesOf(ctx context.Context, q Query) (iter.Seq2[place, error], error) {
	switch {
	case q.Ref.ID != "":
		return merged([]*walk{j.walk(ctx, entriesKey(q.Ref), Query{Oldest: q.Oldest, After: q.After})}, q.Oldest), nil
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
			walks = append(walks, j.walk(ctx, entriesKey(ref), Query{Oldest: q.Oldest, After: q.After}))
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

// ignoreNil takes "there is none" for no error.
func ignoreNil(err error) error {
	if errors.Is(err, redis.Nil) {
		return nil
	}
	return err
}
