package main

import (
	"context"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
)

const (
	backfillOrders = 20_000
	backfillLive   = 300                    // live orders of one measurement
	backfillEvery  = 200 * time.Millisecond // between two of them, on the average
)

// BenchmarkLiveDuringABackfill measures how long live orders take from their delivery to
// Odoo, without and with a sweep over 20,000 older orders beside them. Store, Redis and
// Odoo are real over HTTP, Odoo answers after 60 ms and has four workers; all of it shares
// this machine. One iteration is the whole run, three minutes.
func BenchmarkLiveDuringABackfill(b *testing.B) {
	if b.N > 1 {
		b.Skip("one iteration is a whole run: use -benchtime 1x")
	}
	rest, _ := liveBeside(b, 0)
	busy, swept := liveBeside(b, backfillOrders)
	for _, p := range []int{50, 95} {
		alone, beside := percentile(rest, p), percentile(busy, p)
		b.Logf("live p%d: %s alone, %s during a backfill of %d orders: %+.1f %%", p, alone.Round(time.Millisecond), beside.Round(time.Millisecond),
			backfillOrders, 100*(beside.Seconds()/alone.Seconds()-1))
		if p == 95 {
			b.ReportMetric(alone.Seconds()*1000, "ms-p95-alone")
			b.ReportMetric(beside.Seconds()*1000, "ms-p95-backfill")
			b.ReportMetric(beside.Seconds()/alone.Seconds(), "ratio")
		}
	}
	b.Logf("%d orders of the backfill came in meanwhile", swept)
}

func percentile(list []time.Duration, p int) time.Duration {
	slices.Sort(list)
	return list[min(len(list)-1, len(list)*p/100)]
}

// liveBeside sells live orders beside a backfill of so many, and says how long each took
// and how many others came in.
func liveBeside(b *testing.B, older int) (took []time.Duration, swept int) {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	w, err := openWorld(ctx, process{out: io.Discard, err: io.Discard}, demoOptions{
		listen: "127.0.0.1:0", redis: redistest.Start(b, "--appendonly", "yes").URL,
		latency: func(string, string) time.Duration { return 60 * time.Millisecond },
		store:   shopifytest.Options{Bucket: 20_000, Restore: 1_000},
	})
	require.NoError(b, err)
	defer func() { require.NoError(b, w.close()) }()
	for i, id := range w.store.Generate(1, older) {
		require.NoError(b, w.store.SetUpdated(id, time.Now().Add(-time.Hour+time.Duration(i)*50*time.Millisecond)))
	}
	text := strings.Replace(w.text, "odoo: {", "odoo: {connections: 4, ", 1)
	if older == 0 {
		text += "jobs: {sweep: {enabled: false}}\n"
	}
	w.cfg, err = config.Parse([]byte(text), "bench.yml", nil)
	require.NoError(b, err)
	shops, err := all.Open(w.cfg, handlers.Deps{})
	require.NoError(b, err)
	a, err := w.app(slog.New(slog.DiscardHandler))
	require.NoError(b, err)
	ln, err := listen(w.cfg.Server.Listen)
	require.NoError(b, err)
	ended := make(chan error, 1)
	run, stop := context.WithCancel(ctx)
	go func() { ended <- a.run(run, ln) }()
	defer func() { stop(); require.NoError(b, <-ended) }()
	require.NoError(b, w.ready(ctx))
	require.Eventually(b, func() bool { return older == 0 || len(w.odoo.Orders()) > 50 }, 2*time.Minute, 50*time.Millisecond, "the backfill does not begin")

	before, rng := len(w.odoo.Orders()), rand.New(rand.NewPCG(1, 1))
	var ids []string
	for i := range backfillLive {
		order := w.store.Generate(uint64(1000+i), 1)[0]
		ds, err := w.store.Deliveries(order, "orders/create")
		require.NoError(b, err)
		status, err := shopifytest.Post(ctx, w.client, w.url+"/hooks/"+demoShop, ds[0])
		require.NoError(b, err)
		require.Equal(b, 200, status)
		events, err := shops[demoShop].Receiver.Events(handlers.Delivery{Header: ds[0].Header(), Body: ds[0].Body, Received: time.Now()})
		require.NoError(b, err)
		ids = append(ids, events[0].TaskID())
		pause(ctx, time.Duration(rng.ExpFloat64()*float64(backfillEvery)))
	}
	swept = len(w.odoo.Orders()) - before - backfillLive
	for _, id := range ids {
		var e tasks.Entry
		require.Eventually(b, func() bool {
			e, _, err = w.journal.Event(ctx, demoShop, id)
			return err == nil && e.State == tasks.Done
		}, time.Minute, 10*time.Millisecond, "%s: %v", id, lazy(func() string { return string(e.State) + " " + e.Reason }))
		took = append(took, e.At.Sub(e.Received))
	}
	return took, swept
}
