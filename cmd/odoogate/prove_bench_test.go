package main

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// months is a shop of which every order was booked.
type months struct {
	tasks.Prover
	store *shopifytest.Store
	odoo  *odootest.Server
	count int
}

// bookMonths makes so many orders and books them, past the queue.
func bookMonths(t testing.TB, count int) *months {
	t.Helper()
	m := &months{store: shopifytest.New(shopifytest.Options{Bucket: 1e9, Restore: 1e9, Presentment: true}), odoo: odootest.Start(t, odootest.Options{}), count: count}
	seedOdoo(m.odoo)
	url, stop, err := m.store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, stop()) })
	odoo := m.odoo.Config()
	cfg, err := config.Parse([]byte(demoConfig("127.0.0.1:0", redistest.Start(t).URL, url, odoo, m.store)), "demo.yml", nil)
	require.NoError(t, err)
	shops, err := all.Open(cfg, handlers.Deps{})
	require.NoError(t, err)
	rdb, err := tasks.OpenWork(cfg.Redis)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	client := odooclient.New(odoo, odooclient.Options{})
	t.Cleanup(client.Close)
	books := erp.New(client, erp.Options{})
	m.Prover = tasks.Prover{Shop: shops[demoShop], Books: books, Journal: tasks.NewJournal(rdb)}
	m.store.Generate(1, count)
	var booking errgroup.Group
	booking.SetLimit(64)
	for o, err := range m.Shop.Orders.(handlers.OrderLister).PlacedWhole(t.Context(), time.Now().Add(-24*300*time.Hour), time.Now()) {
		require.NoError(t, err)
		booking.Go(func() error {
			_, err := books.Order(t.Context(), m.Shop.Config, o, erp.Applied{}, func(ctx context.Context) error { return ctx.Err() })
			return err
		})
	}
	require.NoError(t, booking.Wait())
	return m
}

// prove holds all of it against Odoo, and counts the calls.
func (m *months) prove(t testing.TB) (proof *tasks.Proof, rpc, shop int) {
	t.Helper()
	rpc, shop = m.odoo.CallCount(), m.store.Requests()
	proof, err := m.Prove(t.Context(), time.Now().Add(-24*300*time.Hour), time.Now())
	require.NoError(t, err)
	require.True(t, proof.Equal, "%+v", proof.Apart)
	require.Equal(t, m.count, proof.Orders.Equal+proof.Orders.StayOut)
	return proof, m.odoo.CallCount() - rpc, m.store.Requests() - shop
}

func TestAProofTakesItsCallsByTheBatchAndReadsOnly(t *testing.T) {
	m := bookMonths(t, 300)
	before := m.odoo.Calls()
	_, rpc, shop := m.prove(t)
	t.Logf("%d orders: %d calls to Odoo, %d to the shop", m.count, rpc, shop)
	require.Less(t, rpc, m.count/2)
	require.Less(t, shop, m.count*2/3)
	for name, n := range m.odoo.Calls() {
		if n > before[name] {
			require.True(t, strings.HasSuffix(name, ".search_read") || strings.HasSuffix(name, ".get_external_id"), "%s was called", name)
		}
	}
}

// BenchmarkProve proves ODOOGATE_ORDERS (10,000) orders: calls to Odoo and to the shop
// for all of them, and the most memory that the proof holds beyond the rest.
func BenchmarkProve(b *testing.B) {
	count, err := strconv.Atoi(os.Getenv("ODOOGATE_ORDERS"))
	if err != nil {
		count = 10_000
	}
	m := bookMonths(b, count)
	for b.Loop() {
		runtime.GC()
		var mem runtime.MemStats
		runtime.ReadMemStats(&mem)
		base, most := mem.HeapAlloc, atomic.Uint64{}
		m.Progress = func(int, float64) {
			runtime.GC()
			runtime.ReadMemStats(&mem)
			most.Store(max(most.Load(), mem.HeapAlloc))
		}
		_, rpc, shop := m.prove(b)
		b.ReportMetric(float64(rpc), "odoo-calls")
		b.ReportMetric(float64(shop), "shop-calls")
		b.ReportMetric((float64(most.Load())-float64(base))/1e6, "MB-held")
	}
}
