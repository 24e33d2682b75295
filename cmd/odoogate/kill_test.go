package main

import (
	"context"
	"math/rand/v2"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func TestKilledAtRandomMomentsEveryOrderIsBookedOnce(t *testing.T) {
	const kills = 6
	s := openStage(t, 7, 60*time.Millisecond)
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	s.start()
	posted := s.posting()
	for range kills {
		<-time.After(time.Duration(50+rng.IntN(450)) * time.Millisecond) // a random moment is what is tested
		_ = s.end(syscall.SIGKILL)                                       // its status says "killed"
		s.start()
	}
	restarted := time.Now()
	<-posted
	v := s.settledWithin(15*time.Second - time.Since(restarted))
	require.Empty(t, v.wrong)
	require.Equal(t, 1, v.parked, "the unknown SKU")
	s.nobodyDoubled()
	t.Logf("%d kills, settled %s after the last restart", kills, time.Since(restarted).Round(time.Millisecond))
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
	s := openStage(t, 8, 30*time.Millisecond)
	s.start()
	posted := s.posting()
	for range 3 {
		<-time.After(300 * time.Millisecond)
		require.NoError(t, s.end(syscall.SIGTERM), "a stop by signal is no failure")
		s.start()
	}
	<-posted
	v := s.settledWithin(15 * time.Second)
	require.Empty(t, v.wrong)
	require.Equal(t, 1, v.parked, "the unknown SKU")
	s.nobodyDoubled()
}

func TestARedisWipedInMidWorkCostsNoOrder(t *testing.T) {
	s := openStage(t, 9, 30*time.Millisecond)
	s.start()
	posted := s.posting()
	for range 2 {
		<-time.After(400 * time.Millisecond)
		s.redis.Flush()
	}
	<-posted
	// An order that was changed in the shop after it was booked, while nothing is
	// remembered of the booking, is left to a person: it is there once, unequal.
	var v verdict
	require.Eventually(t, func() bool {
		v = s.judge(context.Background(), s.script)
		return v.equal+v.parked+v.diverged == len(v.rows)
	}, 30*time.Second, 20*time.Millisecond, "%v", lazy(func() string { return s.judge(context.Background(), s.script).report() }))
	s.nobodyDoubled()
	t.Logf("equal %d, parked %d, diverged %d", v.equal, v.parked, v.diverged)
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
	s.settledWithin(10 * time.Second)
	require.Len(t, s.odoo.Orders(), 1)
}
