package tasks

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// BenchmarkJournal times what is done with the journal when it holds few entries and
// when it holds ODOOGATE_ENTRIES (100,000), through a real Redis: what grows with more
// than their logarithm shows. It tells the memory of an entry too, without bodies, with
// a third of its order's record.
func BenchmarkJournal(b *testing.B) {
	most, err := strconv.Atoi(os.Getenv("ODOOGATE_ENTRIES"))
	if err != nil {
		most = 100_000
	}
	srv := redistest.Start(b)
	rdb, err := OpenWork(config.Redis{URL: config.NewSecret(srv.URL), AcceptTimeout: 2 * time.Second, PoolSize: 20})
	require.NoError(b, err)
	defer rdb.Close()
	f := &filling{rdb: rdb, leases: leases{rdb: rdb, ttl: time.Minute}, bodies: &Bodies{}}
	f.to(b, 1) // the scripts are there
	empty := memory(b, rdb)
	for _, n := range []int{most / 100, most} {
		f.to(b, n)
		perEntry := float64(memory(b, rdb)-empty) / float64(n)
		b.Run(fmt.Sprintf("%d entries", n), func(b *testing.B) { f.operations(b, perEntry) })
	}
}

// filling makes entries as a worker does: three events an order, one order in a
// hundred parked.
type filling struct {
	rdb    *redis.Client
	leases leases
	bodies *Bodies
	n      int
}

// to fills up to n entries. Those of one order come one after the other.
func (f *filling) to(b *testing.B, n int) {
	b.Helper()
	var g errgroup.Group
	g.SetLimit(16)
	for f.n += (3 - f.n%3) % 3; f.n < n; f.n += 3 {
		from := f.n
		g.Go(func() error {
			for i := from; i < from+3; i++ {
				if err := f.life(i); err != nil {
					return err
				}
			}
			return nil
		})
	}
	require.NoError(b, g.Wait())
}

func (f *filling) event(i int) commerce.Event {
	e := hint(fmt.Sprintf("b54557e4-bdd9-4b37-8a5f-%012d", i), strconv.Itoa(5_000_000+i/3), i%3)
	e.Body = nil
	return e
}

// life is one event from its first touch to its end.
func (f *filling) life(i int) error {
	e := f.event(i)
	held, answer, err := f.leases.enter(context.Background(), f.bodies.arrive(e))
	if err != nil || held == nil {
		return fmt.Errorf("%s: %w", answer, err)
	}
	defer held.close()
	now := time.Now()
	v := Verdict{Outcome: Done, Reason: "created"}
	if i/3%100 == 0 {
		v = Verdict{Outcome: Parked, Reason: "missing", Detail: "Odoo has no product with SKU ABC-123", Remedy: "make it, or map it under books.products"}
	}
	end := ending{verdict: v, rec: Record{At: now, OdooID: int64(i), OdooName: "S" + strconv.Itoa(i), UpdatedAt: now, Digest: e.ID}, number: "#" + e.Ref.ID, customer: e.Ref.ID,
		steps: []Step{{What: "read", At: now}, {What: "planned", At: now}, {What: "written", At: now}, {What: "verified", At: now}, {What: string(v.Outcome), At: now, Why: v.Reason}}}
	_, err = held.leave(context.Background(), end, true)
	return err
}

func memory(b *testing.B, rdb *redis.Client) int64 {
	b.Helper()
	info, err := rdb.InfoMap(context.Background(), "memory").Result()
	require.NoError(b, err)
	n, err := strconv.ParseInt(info["Memory"]["used_memory"], 10, 64)
	require.NoError(b, err)
	return n
}

func (f *filling) operations(b *testing.B, perEntry float64) {
	ctx := context.Background()
	j := NewJournal(f.rdb)
	first := func(q Query) func(int) error {
		q.Shop = "fi"
		return func(int) error {
			got := 0
			for _, err := range j.Events(ctx, q) {
				if got++; err != nil || got == 20 {
					return err
				}
			}
			return nil
		}
	}
	middle, o := f.event(f.n/2), NewOperator(OperatorOptions{Redis: f.rdb, Shops: map[string]*handlers.Shop{"fi": {ID: "fi"}}, Who: "bench"})
	for _, op := range []struct {
		name string
		do   func(int) error
	}{
		{"write a life", func(i int) error { f.n++; return f.life(f.n - 1) }},
		{"read one", func(i int) error { _, _, err := j.Event(ctx, "fi", f.event(i%f.n).TaskID()); return err }},
		{"find by record", first(Query{Ref: middle.Ref})},
		{"find by order number", first(Query{Number: middle.Ref.ID})},
		{"20 of a state", first(Query{States: []Outcome{Parked}})},
		{"20 of a time", first(Query{To: time.Now().Add(-time.Millisecond)})},
		{"20 oldest of all", first(Query{Oldest: true})},
		{"count", func(int) error { _, err := j.CountEvents(ctx, "fi"); return err }},
		{"look through all for a delivery", func(int) error { _, _, err := o.delivered(ctx, "fi", "none"); return err }},
		{"causes of 1 percent", func(int) error { _, err := o.Failures(ctx, "fi"); return err }},
		{"forget one", func(int) error { return f.forgetOne(ctx) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			for i := 0; b.Loop(); i++ {
				if err := op.do(i); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(perEntry, "B/entry")
		})
	}
}

// forgetOne trims the oldest finished entry.
func (f *filling) forgetOne(ctx context.Context) error {
	return trimScript.Run(ctx, f.rdb, []string{listsKey("fi") + string(Done)}, string(Done), "+inf", 1,
		entryKey("fi", ""), bodyKey("fi", ""), shopKey("fi", "events of:")).Err()
}
