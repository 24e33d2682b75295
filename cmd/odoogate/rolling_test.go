package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// sibling is one of several gateways over the stage's Redis.
type sibling struct {
	s              *stage
	listen, config string
	cmd            *exec.Cmd
}

func (s *stage) sibling(name string, drain time.Duration) *sibling {
	s.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(s.t, err)
	require.NoError(s.t, ln.Close())
	dir := s.t.TempDir()
	g := &sibling{s: s, listen: ln.Addr().String(), config: filepath.Join(dir, name+".yml")}
	text := strings.NewReplacer(s.cfg.Spool.Path, filepath.Join(dir, "spool.db"), "drain: 0s", "drain: "+drain.String()).Replace(s.text)
	require.NoError(s.t, os.WriteFile(g.config, []byte(text), 0o600))
	s.t.Cleanup(func() {
		if g.cmd != nil {
			g.end(syscall.SIGKILL)
		}
	})
	return g
}

func (g *sibling) start() {
	g.s.t.Helper()
	out, err := os.OpenFile(g.s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(g.s.t, err)
	defer out.Close()
	g.cmd = exec.Command(os.Args[0], "serve", "--config", g.config, "--role", "gateway", "--listen", g.listen)
	g.cmd.Env = append(os.Environ(), childEnv+"=1")
	g.cmd.Stdout, g.cmd.Stderr = out, out
	require.NoError(g.s.t, g.cmd.Start())
}

func (g *sibling) end(sig syscall.Signal) {
	_ = g.cmd.Process.Signal(sig)
	err := g.cmd.Wait()
	if sig != syscall.SIGKILL {
		require.NoError(g.s.t, err, "a stop by signal is no failure")
	}
	g.cmd = nil
}

// steady posts deliveries through url from several senders until the returned
// function is called. Each sender posts at an even pace, repeats once what is not
// answered 200, and goes on.
type steady struct {
	url      string
	store    *shopifytest.Store
	order    string
	repeated atomic.Int64
	mu       sync.Mutex
	sent     []string // webhook ids
	wrong    []string
}

func (l *steady) begin(senders int, pace time.Duration) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
			defer client.CloseIdleConnections()
			tick := time.NewTicker(pace)
			defer tick.Stop()
			for {
				select {
				case <-ctx.Done():
					return
				case <-tick.C:
					l.post(client)
				}
			}
		})
	}
	return func() { cancel(); wg.Wait() }
}

func (l *steady) post(client *http.Client) {
	list, err := l.store.Deliveries(l.order, "orders/updated")
	var first, second int
	if err == nil {
		first, err = shopifytest.Post(context.Background(), client, l.url+"/hooks/"+demoShop, list[0])
		if err != nil || first != http.StatusOK {
			l.repeated.Add(1)
			second, err = shopifytest.Post(context.Background(), client, l.url+"/hooks/"+demoShop, list[0])
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil || first != http.StatusOK && second != http.StatusOK {
		l.wrong = append(l.wrong, fmt.Sprint(first, " ", second, " ", err))
		return
	}
	l.sent = append(l.sent, list[0].WebhookID)
}

// queuedOnce waits until the queue holds each of the deliveries, and sees that it
// holds none twice.
func (l *steady) queuedOnce(s *stage) {
	s.t.Helper()
	rdb, ctx := s.redis.Client(), context.Background()
	require.Eventually(s.t, func() bool {
		n, err := rdb.LLen(ctx, "asynq:{live}:pending").Result()
		return err == nil && int(n) >= len(l.sent)
	}, time.Minute, 20*time.Millisecond, "a delivery that was answered 200 is not there")
	ids, err := rdb.LRange(ctx, "asynq:{live}:pending", 0, -1).Result()
	require.NoError(s.t, err)
	count := map[string]int{}
	for _, id := range ids {
		count[id[strings.LastIndex(id, "/")+1:]]++
	}
	for _, id := range l.sent {
		require.Equal(s.t, 1, count[id], "delivery %s", id)
	}
	require.Len(s.t, ids, len(l.sent), "the queue holds what nobody was told is there")
}

func TestRollingRestartsAreNotSeenByWhoRepeatsOnce(t *testing.T) {
	const restarts = 20
	s := openStage(t, 31, 0)
	gates := []*sibling{s.sibling("one", 500*time.Millisecond), s.sibling("two", 500*time.Millisecond)}
	b := openBalancer(t, 50*time.Millisecond, gates[0].listen, gates[1].listen)
	for i, g := range gates {
		g.start()
		b.awaitReady(i)
	}
	load := &steady{url: b.url, store: s.store, order: s.script.orders[0]}
	stop := load.begin(6, 25*time.Millisecond)
	began := time.Now()
	for i := range restarts {
		g := gates[i%2]
		g.end(syscall.SIGTERM)
		g.start()
		b.awaitReady(i % 2)
	}
	stop()
	require.Empty(t, load.wrong)
	load.queuedOnce(s)
	for _, g := range gates {
		g.end(syscall.SIGTERM)
	}
	t.Logf("%d restarts in %s, %d deliveries, %d of them repeated", restarts, time.Since(began).Round(time.Millisecond), len(load.sent), load.repeated.Load())
}
