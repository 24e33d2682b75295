package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// Two workers read one store's orders as fast as it lets them, live events in between.
// The store keeps its bucket of points itself: it refuses nothing, since the workers know
// together what is left, and a live event waits for no more than its own points.
func TestTwoWorkersProvokeNoRefusalAndLiveEventsComeFirst(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{Bucket: 2000, Restore: 400})
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, stop()) }()
	ids := store.Generate(3, 50)
	srv := redistest.Start(t)
	shop := func() *handlers.Shop {
		set, err := config.NewShop("fi", shopify.Name, config.Books{}, fmt.Sprintf("domain: %s\nendpoint: %s\naccess_token: %s\nsecrets: [x]", store.Domain(), url, store.Token()))
		require.NoError(t, err)
		opened, err := shopify.Platform().Open(set, handlers.Deps{Limiter: tasks.NewLimiter(srv.Client())})
		require.NoError(t, err)
		return opened
	}
	workers := []*handlers.Shop{shop(), shop()}
	ctx, cancel := context.WithTimeout(context.Background(), 4*time.Second)
	defer cancel()
	var all sync.WaitGroup
	var swept, live atomic.Int64
	var longest atomic.Int64
	for _, w := range workers {
		for i := range 8 {
			all.Go(func() {
				for n := i; ctx.Err() == nil; n++ {
					if _, err := w.Orders.Order(handlers.WithLane(ctx, handlers.LaneSweep), ids[n%len(ids)]); err == nil {
						swept.Add(1)
					}
				}
			})
		}
		all.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				begun := time.Now()
				_, err := w.Orders.Order(handlers.WithLane(ctx, handlers.LaneLive), ids[n%len(ids)])
				if err != nil {
					if ctx.Err() == nil {
						t.Errorf("a live event was not let through: %v (%s)", err, commerce.ReasonOf(err))
					}
					return
				}
				live.Add(1)
				longest.Store(max(longest.Load(), int64(time.Since(begun))))
				pause(ctx, 200*time.Millisecond)
			}
		})
	}
	all.Wait()
	require.Zero(t, store.Throttled())
	require.NotZero(t, swept.Load())
	require.Greater(t, live.Load(), int64(2*len(workers)))
	t.Logf("%d orders swept, %d read live, of which the longest took %s", swept.Load(), live.Load(), time.Duration(longest.Load()).Round(time.Millisecond))
}
