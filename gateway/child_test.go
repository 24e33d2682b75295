package gateway

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/tasks"
)

// childEnv makes this test binary be a gateway; its value is the Redis behind it.
const childEnv = "BE_GATEWAY"

// beGateway serves with nearly the defaults of the configuration until SIGTERM: a shop fi
// that repeats, and a shop wc that does not. It says where.
func beGateway() {
	if err := serveGateway(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serveGateway() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	set, log, reg := config.Default(), slog.New(slog.DiscardHandler), prometheus.NewRegistry()
	set.Redis.URL = config.NewSecret(os.Getenv(childEnv))
	set.Spool.Path = os.Getenv("SPOOL")
	set.Server.ReadTimeout = time.Minute // two hundred senders share a machine with others
	kept, err := tasks.OpenSpool(set.Spool, log)
	if err != nil {
		return err
	}
	defer kept.Close()
	rdb, err := tasks.OpenAccept(set.Redis)
	if err != nil {
		return err
	}
	defer rdb.Close()
	in := tasks.NewIntake(rdb, set.Redis, kept, log, reg)
	drained := make(chan error, 1)
	go func() { drained <- in.Run(ctx) }()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	g := New(Options{Config: set.Server, Accept: in, Metrics: reg, Log: log, Shops: map[string]*handlers.Shop{
		"fi": {ID: "fi", Platform: "fake", Receiver: signed{}},
		"wc": {ID: "wc", Platform: "fake", Receiver: signed{}, SendsOnce: true},
	}})
	fmt.Println(ln.Addr())
	err = g.Serve(ctx, ln)
	<-drained
	return err
}

// withoutRace is this test binary without the race detector, which takes several
// times the memory that it watches over.
func withoutRace(t *testing.T) string {
	t.Helper()
	info, ok := debug.ReadBuildInfo()
	require.True(t, ok)
	if !slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"}) {
		return os.Args[0]
	}
	path := filepath.Join(t.TempDir(), "gateway.test")
	out, err := exec.Command("go", "test", "-c", "-o", path, ".").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return path
}

// child is a gateway as a process of its own.
type child struct {
	url string
	cmd *exec.Cmd
}

func startChild(t *testing.T, redis string) *child {
	t.Helper()
	cmd := exec.Command(withoutRace(t))
	cmd.Env = append(os.Environ(), childEnv+"="+redis, "SPOOL="+t.TempDir()+"/spool.db")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		require.NoError(t, cmd.Wait())
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return &child{url: "http://" + address[:len(address)-1], cmd: cmd}
}

var anonymous = regexp.MustCompile(`RssAnon:\s+(\d+) kB`)

// memory is what the process has in RAM and cannot be taken from it. The pages of
// the spool's file, which the system keeps as long as it likes, are not among it.
func (c *child) memory() (int, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	found := anonymous.FindSubmatch(status)
	if found == nil {
		return 0, errors.New("this system does not tell a process's anonymous memory")
	}
	kb, err := strconv.Atoi(string(found[1]))
	return kb << 10, err
}

// watchMemory looks every few milliseconds until the returned function is called.
func (c *child) watchMemory(t *testing.T) (stop func() (idle, peak int)) {
	t.Helper()
	idle, err := c.memory()
	require.NoError(t, err)
	over, ended, peak := make(chan struct{}), make(chan error, 1), idle
	go func() {
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-over:
				ended <- nil
				return
			case <-tick.C:
			}
			now, err := c.memory()
			if err != nil {
				ended <- err
				return
			}
			peak = max(peak, now)
		}
	}()
	return func() (int, int) {
		close(over)
		require.NoError(t, <-ended)
		return idle, peak
	}
}
