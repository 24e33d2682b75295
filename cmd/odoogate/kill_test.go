package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// underWay is how many orders a worker is at, and whether the shop is still
// posting.
func (s *stage) underWay() (orders int64, posting bool) {
	s.t.Helper()
	n, err := s.redis.Client().ZCard(context.Background(), "odoogate:{"+demoShop+"}:leases").Result()
	require.NoError(s.t, err)
	return n, int(s.script.sent.Load()) < len(s.script.genuine)+len(s.script.forged)
}

func TestKilledAtRandomMomentsEveryOrderIsBookedOnce(t *testing.T) {
	const kills = 6
	s := openStage(t, 7, 60*time.Millisecond)
	s.script.pace = 200 * time.Millisecond
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	s.start()
	posted := s.posting()
	midWork, midPost := 0, 0
	for range kills {
		<-time.After(time.Duration(50+rng.IntN(400)) * time.Millisecond) // a random moment is what is tested
		if orders, posting := s.underWay(); orders > 0 || posting {
			midWork += min(int(orders), 1)
			midPost++
		}
		_ = s.end(syscall.SIGKILL) // its status says "killed"
		s.start()
	}
	restarted := time.Now()
	require.NotZero(t, midWork, "no kill hit a worker at work")
	require.NotZero(t, midPost, "no kill hit while the shop was posting")
	<-posted
	v := s.settled()
	require.Empty(t, v.wrong)
	require.Equal(t, 1, v.parked, "the unknown SKU")
	s.nobodyDoubled()
	t.Logf("%d kills, %d of them with orders under way, settled %s after the last restart",
		kills, midWork, time.Since(restarted).Round(time.Millisecond))
}

// posting sends the whole script in the background; the channel is closed when
// every delivery was answered.
func (s *stage) posting() <-chan struct{} {
	posted := make(chan struct{})
	go func() {
		defer close(posted)
		s.post(context.Background(), s.script)
	}()
	return posted
}

func TestStoppedUnderLoadNothingIsLost(t *testing.T) {
	s := openStage(t, 8, 200*time.Millisecond)
	s.script.pace = 150 * time.Millisecond
	s.start()
	posted := s.posting()
	for range 3 {
		require.Eventually(t, func() bool { // a moment at which there is something to lose
			orders, posting := s.underWay()
			return orders > 0 && posting
		}, time.Minute, time.Millisecond)
		require.NoError(t, s.end(syscall.SIGTERM), "a stop by signal is no failure")
		orders, _ := s.underWay()
		require.Zero(t, orders, "a lease was not given back")
		s.start()
	}
	<-posted
	v := s.settled()
	require.Empty(t, v.wrong)
	require.Equal(t, 1, v.parked, "the unknown SKU")
	s.nobodyDoubled()
}

func TestARedisWipedInMidWorkCostsNoOrder(t *testing.T) {
	s := openStage(t, 9, 30*time.Millisecond)
	s.configure(strings.Replace(s.text, "enabled: false", "enabled: true", 1))
	s.script.pace = 50 * time.Millisecond
	s.start()
	posted := s.posting()
	require.Eventually(t, func() bool { orders, posting := s.underWay(); return orders > 0 && posting }, time.Minute, time.Millisecond)
	s.redis.Flush()
	<-posted
	// Once leases are given again.
	require.Eventually(t, func() bool { orders, _ := s.underWay(); return orders > 0 }, time.Minute, time.Millisecond)
	s.redis.Flush()
	// An order that was changed in the shop after it was booked, while nothing is
	// remembered of the booking, is left to a person: it is there once, unequal.
	var v verdict
	require.Eventually(t, func() bool {
		v = s.judge(context.Background(), s.script)
		return v.equal+v.parked+v.diverged == len(v.rows)
	}, time.Minute, 20*time.Millisecond, "%v", lazy(func() string { return s.judge(context.Background(), s.script).report() }))
	require.Equal(t, 1, v.parked, "the unknown SKU")
	require.LessOrEqual(t, v.diverged, s.edited(), "an order that nobody edited diverged")
	s.nobodyDoubled()
	t.Logf("equal %d, parked %d, diverged %d", v.equal, v.parked, v.diverged)
}

// edited counts the orders whose lines the script changes after creating them.
func (s *stage) edited() int {
	n := 0
	for i := range s.script.orders {
		if i%9 == 4 {
			n++
		}
	}
	return n
}

func TestAHundredCopiesOfOneDeliveryAreBookedOnce(t *testing.T) {
	s := openStage(t, 10, 0)
	s.start()
	id := s.script.orders[0]
	list, err := s.store.Deliveries(id, "orders/create")
	require.NoError(t, err)
	var wg sync.WaitGroup
	var ok atomic.Int32
	for range 100 {
		wg.Go(func() {
			status, err := shopifytest.Post(context.Background(), s.client, s.url+"/hooks/"+demoShop, list[0])
			if err == nil && status == http.StatusOK {
				ok.Add(1)
			}
		})
	}
	wg.Wait()
	require.EqualValues(t, 100, ok.Load())
	only := &script{orders: []string{id}, deliveries: map[string]int{id: 100}}
	s.script = only
	s.settled()
	require.Len(t, s.odoo.Orders(), 1)
}
