package main

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// stage is the demo's world with a real Redis, and odoogate as a process of its
// own beside it.
type stage struct {
	*world
	t      *testing.T
	redis  *redistest.Server
	script *script
	config string
	log    string

	mu    sync.Mutex
	child *exec.Cmd
}

func openStage(t *testing.T, seed uint64, latency time.Duration) *stage {
	t.Helper()
	srv := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
	w, err := openWorld(context.Background(), process{out: io.Discard, err: io.Discard}, demoOptions{
		listen: "127.0.0.1:0", redis: srv.URL,
		latency: func(string, string) time.Duration { return latency },
		// A store on a large plan: reading again what was being worked on costs
		// more points than the smallest plan gives back in these seconds.
		store: shopifytest.Options{Bucket: 20_000, Restore: 1_000},
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, w.close()) })
	dir := t.TempDir()
	s := &stage{world: w, t: t, redis: srv, config: filepath.Join(dir, "odoogate.yml"), log: filepath.Join(dir, "log")}
	// Only what is posted comes in, unless a test is about asking the shop again.
	s.text += "jobs: {sweep: {enabled: false}}\n"
	s.configure(s.text)
	s.script = w.script(seed)
	t.Cleanup(func() {
		s.end(syscall.SIGKILL)
		if t.Failed() {
			s.showLog()
		}
	})
	return s
}

func (s *stage) configure(text string) {
	s.t.Helper()
	require.NoError(s.t, os.WriteFile(s.config, []byte(text), 0o600))
}

// start runs odoogate and returns once it takes deliveries.
func (s *stage) start() {
	s.t.Helper()
	out, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(s.t, err)
	defer out.Close()
	cmd := exec.Command(os.Args[0], "serve", "--config", s.config)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(s.t, cmd.Start())
	s.mu.Lock()
	s.child = cmd
	s.mu.Unlock()
	require.NoError(s.t, s.ready(context.Background()))
}

// end sends the child a signal and waits for its end.
func (s *stage) end(sig syscall.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.child == nil {
		return nil
	}
	_ = s.child.Process.Signal(sig)
	err := s.child.Wait()
	s.child = nil
	return err
}

func (s *stage) showLog() {
	raw, err := os.ReadFile(s.log)
	if err != nil {
		return
	}
	lines := strings.Split(string(raw), "\n")
	end := max(0, len(lines)-40)
	warnings := slices.DeleteFunc(slices.Clone(lines[:end]), func(line string) bool { return strings.Contains(line, `"level":"INFO"`) })
	s.t.Logf("the warnings of the child's log, and its end:\n%s", strings.Join(append(warnings, lines[end:]...), "\n"))
}

// settled waits until every order is in Odoo once and equal, or parked.
func (s *stage) settled() verdict {
	s.t.Helper()
	var v verdict
	require.Eventually(s.t, func() bool {
		v = s.judge(context.Background(), s.script)
		return v.settled()
	}, time.Minute, 20*time.Millisecond, "not settled: %v", lazy(func() string { return s.judge(context.Background(), s.script).report() }))
	return v
}

// report is what is wrong, as text.
func (v verdict) report() string { return strings.Join(v.wrong, "; ") }

type lazy func() string

func (l lazy) String() string { return l() }

// nobodyDoubled looks at Odoo alone: each person and each line is there once.
func (s *stage) nobodyDoubled() {
	s.t.Helper()
	people, lines := map[string]int{}, map[string]int{}
	for _, p := range s.odoo.Partners() {
		if p.Parent == 0 && p.Email != "" {
			people[p.Email]++
			require.LessOrEqual(s.t, people[p.Email], 1, "a partner is doubled")
		}
	}
	for _, o := range s.odoo.Orders() {
		require.NotEmpty(s.t, o.XID, "order %s has no external id", o.Name)
		for _, l := range o.Lines {
			require.NotEmpty(s.t, l.XID, "a line of %s has no external id", o.Name)
			lines[l.XID]++
			require.LessOrEqual(s.t, lines[l.XID], 1, "a line of %s is doubled", o.Name)
		}
	}
}
