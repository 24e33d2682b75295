// Package redistest gives a test a real redis-server of its own on a free port.
package redistest

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// Server is one running redis-server; it ends with the test.
type Server struct {
	Addr string
	URL  string

	t    testing.TB
	dir  string
	args []string
	mu   sync.Mutex
	cmd  *exec.Cmd
}

// Start runs a redis-server without persistence; args are further settings, for
// example "--appendonly", "yes". The test fails where none is installed.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	if _, err := exec.LookPath("redis-server"); err != nil {
		t.Fatal("no redis-server on the PATH; `make test` installs one, or install Debian's package redis-server")
	}
	s := &Server{t: t, dir: t.TempDir(), args: args}
	for range 10 { // another process may take the free port before we do
		s.Addr = freeAddr(t)
		if s.run() == nil {
			s.URL = "redis://" + s.Addr + "/0"
			t.Cleanup(s.Kill)
			return s
		}
	}
	t.Fatal("redis-server did not start on ten free ports")
	return nil
}

func freeAddr(t testing.TB) string {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

// run starts the process and returns once it says that it is ready.
func (s *Server) run() error {
	_, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	args := append([]string{"--port", port, "--bind", "127.0.0.1", "--save", "", "--dir", s.dir}, s.args...)
	cmd := exec.Command("redis-server", args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "eady to accept connections") {
				ready <- true
			}
		}
		close(ready)
	}()
	select {
	case ok := <-ready:
		if !ok {
			return fmt.Errorf("redis-server ended: %w", cmd.Wait())
		}
	case <-time.After(10 * time.Second):
		_ = cmd.Process.Kill()
		return fmt.Errorf("redis-server was not ready in 10 s")
	}
	s.mu.Lock()
	s.cmd = cmd
	s.mu.Unlock()
	return nil
}

// Client is a plain client for looking into the server.
func (s *Server) Client() *redis.Client {
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

// Flush forgets everything, as a FLUSHALL by somebody would.
func (s *Server) Flush() {
	if err := s.Client().FlushAll(context.Background()).Err(); err != nil {
		s.t.Errorf("flush redis: %v", err)
	}
}

// Stall freezes the process: connections stand, nothing is answered.
func (s *Server) Stall() { s.signal(syscall.SIGSTOP) }

// Resume ends a Stall.
func (s *Server) Resume() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Signal(sig)
	}
}

// Kill ends the process at once, as a power cut would.
func (s *Server) Kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd != nil {
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
		s.cmd = nil
	}
}

// Restart starts the process again on the same address.
func (s *Server) Restart() {
	s.Kill()
	if err := s.run(); err != nil {
		s.t.Fatalf("restart redis-server: %v", err)
	}
}
