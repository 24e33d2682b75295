package gateway

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
	"github.com/odoogate/odoogate/tasks/spool"
)

// spooled is a house with a spool beside its Redis.
type spooled struct {
	*house
	spool *spool.Spool
	next  atomic.Int64
}

func openSpooled(t *testing.T, opt spool.Options) *spooled {
	t.Helper()
	srv := redistest.Start(t)
	cfg := config.Redis{URL: config.NewSecret(srv.URL), AcceptTimeout: 300 * time.Millisecond, PoolSize: 20}
	rdb, err := tasks.OpenAccept(cfg)
	require.NoError(t, err)
	opt.Log = slog.New(slog.DiscardHandler)
	kept, err := spool.Open(filepath.Join(t.TempDir(), "spool.db"), opt)
	require.NoError(t, err)
	s := &spooled{spool: kept}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	s.house = open(t, func(o *Options) {
		in := tasks.NewIntake(rdb, cfg, kept, o.Log, o.Metrics)
		go func() { ended <- in.Run(ctx) }()
		t.Cleanup(func() {
			stop()
			require.NoError(t, <-ended)
			require.NoError(t, rdb.Close())
			require.NoError(t, kept.Close())
		})
		o.Accept = in
		o.Checks = []Check{{Name: "redis", Store: true, Ask: in.Ping}, {Name: "spool", Store: true, Ask: in.CanSpool}}
	})
	s.redis = srv
	return s
}

// sale posts n deliveries from 16 senders, in order of their numbers as far as
// each sender goes, and returns how long the answers took, the quickest first.
func (s *spooled) sale(n int) (took []time.Duration) {
	s.t.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 16}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	var mu sync.Mutex
	last := s.next.Load() + int64(n)
	for range 16 {
		wg.Go(func() {
			for i := s.next.Add(1); i <= last; i = s.next.Add(1) {
				start := time.Now()
				status, err := s.deliver(client, i)
				mu.Lock()
				took = append(took, time.Since(start))
				mu.Unlock()
				if err != nil || status != http.StatusOK {
					s.t.Errorf("delivery %d: %d %v", i, status, err)
				}
			}
		})
	}
	wg.Wait()
	s.next.Store(last)
	slices.Sort(took)
	return took
}

// prompt holds that answers came within a second. All senders at once may meet a moment at
// which the machine, not the gateway, stands still: one in ten may be late by that.
func prompt(t *testing.T, took []time.Duration) (slowest time.Duration) {
	t.Helper()
	slowest = took[len(took)-1]
	require.Less(t, took[len(took)*9/10], time.Second, "nine in ten; the slowest took %s", slowest)
	require.Less(t, slowest, 4*time.Second)
	return slowest
}

var spooledNote = noise(3000)

func (s *spooled) deliver(client *http.Client, i int64) (int, error) {
	body := fmt.Sprintf(`{"id":"%d","note":"%s"}`, i, spooledNote)
	req, err := http.NewRequest(http.MethodPost, s.url+"/hooks/fi", strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("X-Sign", "good")
	req.Header.Set("X-Event", fmt.Sprint(i))
	resp, err := client.Do(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode, err
}

// queued waits until the spool is empty, and returns how often each task is there.
func (s *spooled) queued(within time.Duration) map[string]int {
	s.t.Helper()
	require.Eventually(s.t, func() bool { return s.spool.Stats().Records == 0 }, within, 5*time.Millisecond)
	ids, err := s.redis.Client().LRange(context.Background(), "asynq:{live}:pending", 0, -1).Result()
	require.NoError(s.t, err)
	count := map[string]int{}
	for _, id := range ids {
		count[id]++
	}
	return count
}

func (s *spooled) eachOnce(from, to int64, count map[string]int) {
	s.t.Helper()
	for i := from; i <= to; i++ {
		require.Equal(s.t, 1, count[fmt.Sprintf("fi/orders/create/order/%d/%d", i, i)], "delivery %d", i)
	}
}

func (s *spooled) config(name, value string) {
	require.NoError(s.t, s.redis.Client().ConfigSet(context.Background(), name, value).Err())
}

func roomy() spool.Options { return spool.Options{MaxBytes: 1 << 30} }

func TestWhateverAilsRedisEveryDeliveryIsTakenWithinASecondAndQueuedOnce(t *testing.T) {
	ctx := context.Background()
	for _, row := range []struct {
		name       string
		ail, mend  func(s *spooled)
		forgetting bool
	}{
		{"stopped and restarted empty", func(s *spooled) { s.redis.Kill() }, func(s *spooled) { s.redis.Restart() }, true},
		{"stalled", func(s *spooled) { s.redis.Stall() }, func(s *spooled) { s.redis.Resume() }, false},
		{"full", func(s *spooled) { s.config("maxmemory", "1") }, func(s *spooled) { s.config("maxmemory", "0") }, false},
		{"read-only", func(s *spooled) { require.NoError(s.t, s.redis.Client().ReplicaOf(ctx, "127.0.0.1", "1").Err()) },
			func(s *spooled) { require.NoError(s.t, s.redis.Client().ReplicaOf(ctx, "NO", "ONE").Err()) }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := openSpooled(t, roomy())
			s.sale(50)
			row.ail(s)
			slowest := prompt(t, s.sale(300))
			require.Positive(t, s.spool.Stats().Records)
			status, parts := s.get("/readyz")
			require.Equal(t, http.StatusOK, status, parts)
			require.Contains(t, parts, "degraded")
			row.mend(s)
			s.sale(50) // while it is drained
			first := int64(1)
			if row.forgetting {
				first = 51
			}
			s.eachOnce(first, 400, s.queued(time.Minute))
			t.Logf("slowest answer while away: %s", slowest.Round(time.Millisecond))
		})
	}
}

// Half an hour at five deliveries a second, as fast as they go.
func TestThirtyMinutesWithoutRedisLoseNothing(t *testing.T) {
	const n = 9000
	s := openSpooled(t, roomy())
	s.redis.Kill()
	start := time.Now()
	slowest := prompt(t, s.sale(n))
	took := time.Since(start)
	require.Equal(t, n, s.spool.Stats().Records)
	require.EqualValues(t, n, s.metric("odoogate_spool_records", ""))
	require.EqualValues(t, n, s.metric("odoogate_accepted_total", "spool"))
	s.redis.Restart()
	start = time.Now()
	s.eachOnce(1, n, s.queued(time.Minute))
	t.Logf("%d deliveries in %s, slowest %s; drained in %s", n, took.Round(time.Millisecond), slowest.Round(time.Millisecond), time.Since(start).Round(time.Millisecond))
}

// metric is the value of a series with at most one label.
func (s *spooled) metric(name, label string) float64 {
	families, err := s.reg.Gather()
	require.NoError(s.t, err)
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	s.t.Fatalf("there is no %s of %q", name, label)
	return 0
}

func TestWhenRedisIsAwayAndTheSpoolIsFullItIsSaid(t *testing.T) {
	s := openSpooled(t, spool.Options{MaxBytes: 20_000})
	s.redis.Kill()
	s.sale(5)
	refused := 0
	for i := range 10 {
		status, err := s.deliver(http.DefaultClient, int64(100+i))
		require.NoError(t, err)
		if status == http.StatusServiceUnavailable {
			refused++
		}
	}
	require.GreaterOrEqual(t, refused, 8)
	require.EqualValues(t, refused, s.metric("odoogate_spool_refused_total", ""))
	require.NoError(t, s.spool.Put(context.Background(), spool.Record{Payload: make([]byte, 20_000-17-s.spool.Stats().Bytes)}), "filled to the last byte")
	require.Eventually(t, func() bool {
		status, _ := s.get("/readyz")
		return status == http.StatusServiceUnavailable
	}, time.Minute, 20*time.Millisecond)
}

func (s *spooled) get(path string) (int, string) {
	s.t.Helper()
	resp, err := http.Get(s.url + path)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	return resp.StatusCode, string(text)
}

func TestOrderIsKeptThroughTheSpool(t *testing.T) {
	s := openSpooled(t, roomy())
	s.redis.Kill()
	for i := range int64(250) {
		status, err := s.deliver(http.DefaultClient, i)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
	}
	s.redis.Restart()
	s.queued(time.Minute)
	ids, err := s.redis.Client().LRange(context.Background(), "asynq:{live}:pending", 0, -1).Result()
	require.NoError(t, err)
	for i, id := range ids { // the list is read from its other end
		n := len(ids) - 1 - i
		require.Equal(t, fmt.Sprintf("fi/orders/create/order/%d/%d", n, n), id)
	}
}

func TestAKnownOutageIsNotWaitedForAgain(t *testing.T) {
	s := openSpooled(t, roomy())
	s.redis.Stall()
	t.Cleanup(s.redis.Resume)
	slow := 0
	start := time.Now()
	for i := range int64(200) {
		at := time.Now()
		status, err := s.deliver(http.DefaultClient, i)
		require.NoError(t, err)
		require.Equal(t, http.StatusOK, status)
		if time.Since(at) > 250*time.Millisecond {
			slow++
		}
	}
	require.LessOrEqual(t, slow, 1+int(time.Since(start)/time.Second), "only probes may wait for Redis")
}
