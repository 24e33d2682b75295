package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// balancer sends each request to one of the gateways whose /readyz said 200 when
// it was last asked, or to nobody. It never sends a request twice.
type balancer struct {
	t      *testing.T
	url    string
	client *http.Client
	behind []*behind
	next   atomic.Int64
}

type behind struct {
	url   string
	ready atomic.Bool
}

func openBalancer(t *testing.T, every time.Duration, addresses ...string) *balancer {
	t.Helper()
	b := &balancer{t: t, client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 16}}}
	over := make(chan struct{})
	var probes sync.WaitGroup
	for _, a := range addresses {
		to := &behind{url: "http://" + a}
		b.behind = append(b.behind, to)
		probes.Go(func() {
			tick := time.NewTicker(every)
			defer tick.Stop()
			for {
				to.ready.Store(b.ask(to))
				select {
				case <-over:
					return
				case <-tick.C:
				}
			}
		})
	}
	srv := httptest.NewServer(b)
	b.url = srv.URL
	t.Cleanup(func() {
		close(over)
		probes.Wait()
		srv.Close()
		b.client.CloseIdleConnections()
	})
	return b
}

func (b *balancer) ask(to *behind) bool {
	resp, err := b.client.Get(to.url + "/readyz")
	if err != nil {
		return false
	}
	_ = resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (b *balancer) awaitReady(i int) {
	b.t.Helper()
	require.Eventually(b.t, b.behind[i].ready.Load, time.Minute, 5*time.Millisecond, "gateway %d", i)
}

func (b *balancer) choose() *behind {
	first := int(b.next.Add(1))
	for i := range b.behind {
		if to := b.behind[(first+i)%len(b.behind)]; to.ready.Load() {
			return to
		}
	}
	return nil
}

func (b *balancer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	to := b.choose()
	if err != nil || to == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	// A reader of no known type cannot be read again: the client sends it once.
	req, err := http.NewRequestWithContext(r.Context(), r.Method, to.url+r.URL.Path, io.NopCloser(bytes.NewReader(body)))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	req.Header, req.ContentLength = r.Header.Clone(), int64(len(body))
	resp, err := b.client.Do(req)
	if err != nil {
		to.ready.Store(false) // until it is asked again
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
	_, _ = io.Copy(w, resp.Body)
}
