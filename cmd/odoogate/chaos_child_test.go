package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// proc is one process of odoogate that is started again whenever it ends, as an
// init system would.
type proc struct {
	role   string
	url    string // where it listens
	redis  *cutter
	log    string
	args   []string
	env    []string
	hidden sync.WaitGroup // the keeper

	mu     sync.Mutex
	cmd    *exec.Cmd
	killed int
	ended  []string // how it ended by itself
}

// restartAfter is how long an init system waits.
const restartAfter = 300 * time.Millisecond

// openProc prepares a process; keep runs it.
func openProc(t *testing.T, role string, n int, config, redisAddr string) *proc {
	t.Helper()
	dir := t.TempDir()
	p := &proc{role: role, redis: openCutter(t, redisAddr), log: filepath.Join(dir, fmt.Sprintf("%s-%d.log", role, n))}
	addr := quietAddr(t)
	p.url = "http://" + addr
	p.args = []string{"serve", "--config", config, "--role", role, "--listen", addr}
	p.env = append(os.Environ(), childEnv+"=1", "ODOOGATE_SPOOL_PATH="+filepath.Join(dir, "spool.db"),
		"ODOOGATE_REDIS_URL=redis://"+p.redis.ln.Addr().String()+"/0")
	return p
}

// quietAddr is a free address below those that the system gives to outgoing
// connections: it stays free while the process is down.
func quietAddr(t *testing.T) string {
	t.Helper()
	for port := 20_000 + os.Getpid()%5_000; port < 32_000; port++ {
		ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port))
		if err == nil && !given[port] {
			given[port] = true
			require.NoError(t, ln.Close())
			return ln.Addr().String()
		}
		if err == nil {
			require.NoError(t, ln.Close())
		}
	}
	t.Fatal("no port between 20000 and 32000 is free")
	return ""
}

var given = map[int]bool{} // by quietAddr

// keep runs the process until stop is called, which ends it in good order and says
// how that went.
func (p *proc) keep(t *testing.T) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var last error
	p.hidden.Go(func() {
		for ctx.Err() == nil {
			if last = p.once(); last != nil && ctx.Err() == nil {
				p.note(last)
			}
			pause(ctx, restartAfter)
		}
	})
	return func() error {
		cancel()
		p.signal(syscall.SIGTERM)
		p.hidden.Wait()
		return last
	}
}

// once runs the process to its end; nil says that it was killed or ended well.
func (p *proc) once() error {
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command(os.Args[0], p.args...)
	cmd.Env, cmd.Stdout, cmd.Stderr = p.env, out, out
	p.mu.Lock()
	if err = cmd.Start(); err == nil {
		p.cmd = cmd
	}
	p.mu.Unlock()
	if err != nil {
		return err
	}
	err = cmd.Wait()
	p.mu.Lock()
	p.cmd = nil
	p.mu.Unlock()
	if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
		return nil
	}
	return err
}

// note keeps how the process ended by itself.
func (p *proc) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = append(p.ended, p.role+": "+err.Error())
}

// kill ends the process at once, if it runs.
func (p *proc) kill() {
	if p.signal(syscall.SIGKILL) {
		p.mu.Lock()
		p.killed++
		p.mu.Unlock()
	}
}

func (p *proc) signal(sig syscall.Signal) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.cmd != nil && p.cmd.Process.Signal(sig) == nil
}
