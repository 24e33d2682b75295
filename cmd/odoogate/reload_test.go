package main

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func (s *stage) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	require.NoError(s.t, s.child.Process.Signal(syscall.SIGHUP))
}

// logSays waits until the child's log holds all words in one line.
func (s *stage) logSays(words ...string) {
	s.t.Helper()
	require.Eventually(s.t, func() bool {
		raw, err := os.ReadFile(s.log)
		if err != nil {
			return false
		}
		for line := range strings.Lines(string(raw)) {
			found := true
			for _, w := range words {
				found = found && strings.Contains(line, w)
			}
			if found {
				return true
			}
		}
		return false
	}, time.Minute, 20*time.Millisecond, "the log never says %q", words)
}

func TestAWrongConfigurationChangesNothing(t *testing.T) {
	s := openStage(t, 11, 0)
	s.start()
	require.NoError(t, os.WriteFile(s.config, []byte(strings.Replace(s.text, "platform: shopify", "platform: shopfy", 1)), 0o600))
	s.logSays("the changed configuration is not used", "shopfy") // a changed file is noticed by itself
	s.postAll(s.script.genuine[:3])

	require.NoError(t, os.WriteFile(s.config, []byte(strings.Replace(s.text, s.cfg.Server.Listen, "127.0.0.1:1", 1)), 0o600))
	s.hangUp()
	s.logSays("the changed configuration is not used", "server.listen changes only with a restart")
	s.postAll(s.script.genuine[3:6])
	require.NoError(t, s.end(syscall.SIGTERM))
}

func (s *stage) postAll(list []post) {
	s.t.Helper()
	for _, p := range list {
		status, err := shopifytest.Post(context.Background(), s.client, s.url+p.path, p.d)
		require.NoError(s.t, err)
		require.Equal(s.t, http.StatusOK, status)
	}
}

func TestARotatedSecretIsTakenUnderLoadWithoutOneRefusal(t *testing.T) {
	s := openStage(t, 12, 5*time.Millisecond)
	s.start()
	ctx, cancel := context.WithCancel(context.Background())
	var refused, sent atomic.Int64
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			// A sender that is told to close opens a new connection, as they all do.
			client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
			for i := w; ctx.Err() == nil; i += 4 {
				p := s.script.genuine[i%len(s.script.genuine)]
				status, err := shopifytest.Post(context.Background(), client, s.url+p.path, p.d)
				sent.Add(1)
				if err != nil || status != http.StatusOK {
					refused.Add(1)
				}
			}
		})
	}
	const next = "the next client secret"
	text := strings.Replace(s.text, `secrets: ["`, `secrets: ["`+next+`", "`, 1)
	require.NoError(t, os.WriteFile(s.config, []byte(text), 0o600))
	s.hangUp()
	s.logSays("configuration reloaded", "shops[fi].shopify.secrets: changed")
	s.logSays("odoogate has stopped") // the one before
	cancel()
	wg.Wait()
	require.Zero(t, refused.Load(), "of %d deliveries", sent.Load())

	renewed := shopifytest.New(shopifytest.Options{Secret: next})
	status, err := shopifytest.Post(context.Background(), s.client, s.url+"/hooks/"+demoShop, renewed.Sign("orders/create", s.script.genuine[0].d.Body))
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, status)
	raw, err := os.ReadFile(s.log)
	require.NoError(t, err)
	require.NotContains(t, string(raw), next, "a secret is in the log")
	s.post(context.Background(), s.script)
	s.settled()
	require.NoError(t, s.end(syscall.SIGTERM))
}
