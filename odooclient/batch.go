package odooclient

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"
)

const (
	maxRecords = 50   // records written in one call: above that Odoo gains nothing
	maxKeys    = 400  // records asked for in one call
	maxRows    = 1000 // rows in one load

	// overflow is how many must wait before a second call of the same shape goes
	// out beside the first. From 25 on a call reaches four fifths of what a call of
	// 50 does, so another of Odoo's workers is worth more than a fuller batch.
	overflow = 25

	// moment is what a batch's members get to come back, see regroup.
	moment = 3 * time.Millisecond
)

// grouping makes one call of concurrent ones of the same shape. While a call is
// in flight the next batch fills; nothing waits for a clock, and one that comes
// alone goes out at once.
type grouping[In, Out any] struct {
	client *Client
	most   int  // members of one call
	mixed  bool // those who do not hurry fill the calls of those who do: a record more costs next to nothing
	mu     sync.Mutex
	groups map[string]*group[In, Out]
}

func newGrouping[In, Out any](c *Client, most int, mixed bool) *grouping[In, Out] {
	return &grouping[In, Out]{client: c, most: most, mixed: mixed, groups: map[string]*group[In, Out]{}}
}

// group is the callers of one shape that nobody has sent yet.
type group[In, Out any] struct {
	key     string
	send    sender[In, Out]
	waiting []*member[In, Out]
	runners int
	flying  int             // runners whose call is in flight
	hurry   int             // of these, with those who hurry
	alone   bool            // one call at a time, however many wait
	busy    map[string]bool // records of the calls in flight, where a record may be sent once at a time
}

// hurried are those who wait and hurry.
func (q *group[In, Out]) hurried() (n int) {
	for _, m := range q.waiting {
		if m.hurry {
			n++
		}
	}
	return n
}

// single is filled by what names the record that it writes. Twice in one load,
// a new record gets its sub-records twice, external ids or not (measured on 17):
// the second waits for the next call and finds them.
type single interface{ record() string }

func recordOf[In any](in In) string {
	if s, ok := any(in).(single); ok {
		return s.record()
	}
	return ""
}

// member is one caller. out, err and answered belong to the runner until done closes.
type member[In, Out any] struct {
	ctx      context.Context
	in       In
	rows     int
	hurry    bool
	out      Out
	err      error
	answered bool
	done     chan struct{}
}

// sender calls Odoo once for all members and answers those it can; without an
// error those left over are sent again. An error is for every one not answered.
type sender[In, Out any] func(context.Context, []*member[In, Out]) error

// join brings one caller into the next batch of its shape and waits for its own
// answer. A caller whose ctx ends leaves with ctx's error: not yet sent it is
// taken out, else the batch goes on without it.
func (g *grouping[In, Out]) join(ctx context.Context, key string, send sender[In, Out], in In, rows int) (Out, error) {
	return g.joinAs(ctx, key, false, send, in, rows)
}

// joinAs is join, for work that must not run beside itself where alone says so.
func (g *grouping[In, Out]) joinAs(ctx context.Context, key string, alone bool, send sender[In, Out], in In, rows int) (Out, error) {
	m := &member[In, Out]{ctx: ctx, in: in, rows: rows, hurry: hurries(ctx), done: make(chan struct{})}
	var none Out
	if err := g.client.life.enter(); err != nil {
		return none, err
	}
	defer g.client.life.leave()
	if err := ctx.Err(); err != nil {
		return none, err
	}
	g.add(key, alone, send, m)
	select {
	case <-m.done:
		return m.out, m.err
	case <-ctx.Done():
		g.remove(key, m)
	}
	select {
	case <-m.done: // answered in the same moment: what happened counts more
		return m.out, m.err
	default:
		return none, ctx.Err()
	}
}

func (g *grouping[In, Out]) add(key string, alone bool, send sender[In, Out], m *member[In, Out]) {
	g.mu.Lock()
	q := g.groups[key]
	if q == nil {
		q = &group[In, Out]{key: key, send: send, alone: alone, busy: map[string]bool{}}
		g.groups[key] = q
	}
	q.waiting = append(q.waiting, m)
	waits := q.runners > q.flying // for a connection, perhaps as one that does not hurry
	overtakes := m.hurry && !waits && q.hurry == 0
	if q.runners == 0 || !q.alone && (overtakes || len(q.waiting) >= overflow*q.runners) { // the first one at once
		q.runners++
		g.client.life.spawn(func() { g.run(q) })
	}
	g.mu.Unlock()
	if m.hurry && waits {
		g.client.turns.look()
	}
}

func (g *grouping[In, Out]) remove(key string, m *member[In, Out]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	q := g.groups[key]
	if q == nil {
		return
	}
	if i := slices.Index(q.waiting, m); i >= 0 {
		q.waiting = slices.Delete(q.waiting, i, i+1)
	}
}

// shapeKey is equal for calls that may share one RPC. Maps are written in key
// order, so equal contexts give equal keys.
func shapeKey(model, method string, parts ...any) (string, error) {
	key, err := json.Marshal(parts)
	if err != nil {
		return "", &Fault{Kind: BadArgs, Model: model, Method: method, Message: "an argument cannot be sent as JSON", Err: err}
	}
	return model + "." + method + string(key), nil
}
