package tasks

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/redis/go-redis/v9"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
	"github.com/odoogate/odoogate/tasks/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// rig is a worker over a real Redis with a shop and books that remember.
type rig struct {
	t     *testing.T
	redis *redistest.Server
	rdb   *redis.Client
	queue *Queue
	shop  *fakeShop
	books *fakeBooks
	lines *logLines
	reg   *prometheus.Registry
	opt   Options
}

func newRig(t *testing.T) *rig {
	t.Helper()
	srv := redistest.Start(t)
	cfg := config.Redis{URL: config.NewSecret(srv.URL), AcceptTimeout: 2 * time.Second, PoolSize: 20}
	rdb, err := OpenWork(cfg)
	require.NoError(t, err)
	t.Cleanup(func() { _ = rdb.Close() })
	r := &rig{t: t, redis: srv, rdb: rdb, queue: NewQueue(rdb, 0), reg: prometheus.NewRegistry(),
		shop: &fakeShop{orders: map[string]*commerce.Order{}}, lines: &logLines{}}
	r.books = &fakeBooks{shop: r.shop, booked: map[string]int{}, known: map[string]bool{}, met: map[string]bool{}}
	shop := &handlers.Shop{ID: "fi", Platform: "fake", Config: config.Shop{ID: "fi"}, Orders: r.shop}
	r.opt = Options{Redis: rdb, Shops: map[string]*handlers.Shop{"fi": shop}, Books: r.books,
		Journal: config.Journal{Bodies: true, Keep: config.Keep(30 * 24 * time.Hour)},
		Config:  config.Worker{Live: 16, Sweep: 4, Lease: 4 * time.Second, Retry: time.Second, Lookback: time.Hour},
		Grace:   5 * time.Second, Log: slog.New(r.lines), Metrics: r.reg}
	r.opt.Bodies, err = NewBodies(r.opt.Journal)
	require.NoError(t, err)
	return r
}

// event is what is written down of one that was accepted.
func (r *rig) event(e commerce.Event) Entry {
	r.t.Helper()
	entry, ok, err := NewJournal(r.rdb).Event(context.Background(), e.Ref.Shop, e.TaskID())
	require.NoError(r.t, err)
	require.True(r.t, ok, "nothing is written down of %s", e.TaskID())
	return entry
}

// start runs a worker until the test ends or stop is called.
func (r *rig) start() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	opt := r.opt
	opt.Metrics = nil
	w := NewWorker(opt)
	go func() { ended <- w.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		require.NoError(r.t, <-ended)
	})
	r.t.Cleanup(stop)
	return stop
}

func (r *rig) accept(e commerce.Event) (duplicate bool) {
	r.t.Helper()
	duplicate, err := r.queue.Accept(context.Background(), e)
	require.NoError(r.t, err)
	return duplicate
}

func (r *rig) record(id string) Record {
	r.t.Helper()
	rec, _, err := NewJournal(r.rdb).Get(context.Background(), ref(id))
	require.NoError(r.t, err)
	return rec
}

func ref(id string) commerce.Ref {
	return commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: id}
}

// hint is a delivery about an order; version counts its updates in seconds.
func hint(event, id string, version int) commerce.Event {
	return commerce.Event{ID: event, Topic: "orders/updated", Hint: commerce.HintOrder, Ref: ref(id), Aggregate: ref(id),
		UpdatedAt: at(version), Received: time.Now(), Body: fmt.Appendf(nil, "%s %d", id, version)}
}

func at(version int) time.Time {
	return time.Date(2026, 11, 22, 10, 0, version, 0, time.UTC)
}

func order(id string, version int) *commerce.Order {
	total := commerce.Money{Amount: decimal.NewFromInt(int64(version)), Currency: "EUR"}
	return &commerce.Order{Ref: ref(id), Number: "#" + id, UpdatedAt: at(version), Currency: "EUR", Total: total}
}

// fakeShop holds orders; payloads are "id version", and perhaps "customer" and more words.
type fakeShop struct {
	mu     sync.Mutex
	orders map[string]*commerce.Order
	reads  int
	err    error

	listErr error
	since   time.Time // of the last list
	undated bool      // lists hold all orders, whenever they changed
}

// asked is since when the shop was asked for changes.
func (s *fakeShop) asked() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.since
}

func (s *fakeShop) put(o *commerce.Order) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.orders[o.Ref.ID] = o
}

func (s *fakeShop) readCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.reads
}

func (s *fakeShop) Decode(body []byte) (*commerce.Order, error) {
	var id string
	var version int
	if _, err := fmt.Sscanf(string(body), "%s %d", &id, &version); err != nil {
		return nil, &commerce.Error{Op: "decode", Reason: commerce.Invalid, Err: err}
	}
	o := order(id, version)
	if words := strings.Fields(string(body)); len(words) > 2 {
		o.Customer.ID = words[2]
	}
	return o, nil
}

func (s *fakeShop) Order(_ context.Context, id string) (*commerce.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reads++
	if s.err != nil {
		return nil, s.err
	}
	o := s.orders[id]
	if o == nil {
		return nil, &commerce.Error{Op: "order", Reason: commerce.NotFound, Ref: ref(id)}
	}
	copied := *o
	return &copied, nil
}

func (s *fakeShop) Updated(_ context.Context, since, until time.Time) iter.Seq2[handlers.Change, error] {
	return func(yield func(handlers.Change, error) bool) {
		if s.listErr != nil {
			yield(handlers.Change{}, s.listErr)
			return
		}
		s.mu.Lock()
		s.since = since
		var list []handlers.Change
		for _, o := range s.orders {
			if !o.UpdatedAt.After(until) && (s.undated || !o.UpdatedAt.Before(since)) {
				list = append(list, handlers.Change{Ref: o.Ref, At: o.UpdatedAt})
			}
		}
		s.mu.Unlock()
		slices.SortFunc(list, func(a, b handlers.Change) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ref.ID, b.Ref.ID)) })
		for _, change := range list {
			if !yield(change, nil) {
				return
			}
		}
	}
}

// Placed yields the orders by their numbers, as far as they were made in that time.
func (s *fakeShop) Placed(_ context.Context, from, until time.Time) iter.Seq2[commerce.Ref, error] {
	return func(yield func(commerce.Ref, error) bool) {
		if s.listErr != nil {
			yield(commerce.Ref{}, s.listErr)
			return
		}
		s.mu.Lock()
		var refs []commerce.Ref
		for _, id := range slices.Sorted(maps.Keys(s.orders)) {
			if at := s.orders[id].CreatedAt; !at.Before(from) && at.Before(until) {
				refs = append(refs, s.orders[id].Ref)
			}
		}
		s.mu.Unlock()
		for _, r := range refs {
			if !yield(r, nil) {
				return
			}
		}
	}
}

// fakeBooks counts what it books; during, if set, runs in the middle of a booking.
type fakeBooks struct {
	shop   *fakeShop
	mu     sync.Mutex
	booked map[string]int // order id → the total booked last
	calls  int
	known  map[string]bool
	met    map[string]bool
	during func(ctx context.Context, o *commerce.Order, still func(context.Context) error) error
	down   bool
	out    *erp.Outcome // what Order answers, nil: that it was created
	fails  error        // what it answers beside
	last   erp.Applied  // what it was told was applied before

	contacts fakeContacts
	story    *erp.Story // what Story answers, nil: an order that was booked or is known

	stories int // how often it was asked for
}

func (b *fakeBooks) Order(ctx context.Context, _ config.Shop, o *commerce.Order, last erp.Applied, still func(context.Context) error) (erp.Outcome, error) {
	b.mu.Lock()
	b.calls++
	b.last = last
	during, down := b.during, b.down
	_, stands := b.booked[o.Ref.ID]
	stands = stands || b.known[o.Ref.ID]
	b.mu.Unlock()
	if last.Unread && stands {
		return erp.Outcome{}, erp.ErrStands
	}
	if down {
		return erp.Outcome{}, &commerce.Error{Op: "odoo", Reason: commerce.Unavailable}
	}
	if during != nil {
		if err := during(ctx, o, still); err != nil {
			return erp.Outcome{}, err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.out != nil {
		return *b.out, b.fails
	}
	b.booked[o.Ref.ID] = int(o.Total.Amount.IntPart())
	return erp.Outcome{Action: "created", Booked: true, OdooID: 7, OdooName: "S00007", Total: o.Total, Writes: 1}, nil
}

func (b *fakeBooks) Story(_ context.Context, _ config.Shop, ref commerce.Ref, _ string) (erp.Story, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stories++
	_, stands := b.booked[ref.ID]
	switch {
	case b.down:
		return erp.Story{}, &commerce.Error{Op: "odoo", Reason: commerce.Unavailable}
	case b.story != nil:
		return *b.story, nil
	case stands || b.known[ref.ID]:
		return erp.Story{Order: &erp.StoryOrder{ID: 7, Name: "S00007", State: "sale"}}, nil
	}
	return erp.Story{}, nil
}

func (b *fakeBooks) Met(_ context.Context, _ config.Shop, needs []string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var met []string
	for _, n := range needs {
		if b.met[n] {
			met = append(met, n)
		}
	}
	return met, nil
}

func (b *fakeBooks) Ping(context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.down {
		return &commerce.Error{Op: "ping", Reason: commerce.Unavailable}
	}
	return nil
}

func (b *fakeBooks) set(change func(b *fakeBooks)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	change(b)
}

// count is how often the books were asked.
func (b *fakeBooks) count() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls
}

func (b *fakeBooks) total(id string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.booked[id]
}

// logLines is a log that tests wait on: how events ended is said there.
type logLines struct {
	mu    sync.Mutex
	lines []map[string]string
	more  chan struct{}
}

func (l *logLines) Enabled(context.Context, slog.Level) bool { return true }
func (l *logLines) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logLines) WithGroup(string) slog.Handler            { return l }

func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	line := map[string]string{"msg": r.Message}
	r.Attrs(func(a slog.Attr) bool { line[a.Key] = a.Value.String(); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	if l.more != nil {
		close(l.more)
		l.more = nil
	}
	return nil
}

// wait returns the first line for which ok holds, or fails after a minute.
func (l *logLines) wait(t *testing.T, what string, ok func(map[string]string) bool) map[string]string {
	t.Helper()
	deadline := time.After(time.Minute)
	for seen := 0; ; {
		l.mu.Lock()
		for ; seen < len(l.lines); seen++ {
			if ok(l.lines[seen]) {
				defer l.mu.Unlock()
				return l.lines[seen]
			}
		}
		if l.more == nil {
			l.more = make(chan struct{})
		}
		more := l.more
		l.mu.Unlock()
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("waited a minute for %s; the log has %v", what, l.lines)
		}
	}
}

// ended waits for the end of an event with that outcome.
func (r *rig) ended(event string, outcome Outcome) map[string]string {
	r.t.Helper()
	return r.lines.wait(r.t, event+" to end "+string(outcome), func(m map[string]string) bool {
		return m["event"] == event && m["outcome"] == string(outcome)
	})
}

// enters takes the lease of an event's record, as a worker does.
func (r *rig) enters(ttl time.Duration, e commerce.Event) *lease {
	r.t.Helper()
	held, answer, err := leases{rdb: r.rdb, ttl: ttl}.enter(context.Background(), r.opt.Bodies.arrive(e))
	require.NoError(r.t, err)
	require.NotNil(r.t, held, answer)
	return held
}
