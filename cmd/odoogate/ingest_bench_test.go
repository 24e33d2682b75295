package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// listenEnv tells a plain server where to listen.
const listenEnv = "INGEST_LISTEN"

// The run is interleaved, so that what else the machine does hits all alike, and
// takes under two minutes.
const (
	ingestRounds = 5
	ingestWarm   = 500 * time.Millisecond
	ingestFor    = 3 * time.Second
)

// BenchmarkIngest measures the whole accepting path against an empty Fiber app and
// against the same app with verification and a plain Enqueue. Senders, servers and
// a Redis that fsyncs every second share this machine. `make bench-ingest` runs it.
func BenchmarkIngest(b *testing.B) {
	if b.N > 1 {
		b.Skip("one iteration is a whole run: use -benchtime 1x")
	}
	g := openRange(b)
	for range ingestRounds {
		for _, t := range g.targets {
			g.shoot(t, 0, &t.full)
		}
	}
	half := median(g.ours().full, func(l volley) float64 { return l.rate }) / 2
	for range ingestRounds {
		for _, t := range g.targets {
			g.shoot(t, half, &t.half)
		}
	}
	g.print(half)
}

// target is one server under load.
type target struct {
	name, addr string
	pid        int
	full, half []volley
	refused    int
	rss        []float64 // MB, at the end of each round
	// µs of CPU a request at full load: the server's, Redis' and the senders'.
	cpu, store, senders []float64
}

// shootingRange is all that stands around the servers.
type shootingRange struct {
	b       *testing.B
	rdb     *redis.Client
	pid     int // of Redis
	list    []request
	size    int // of their bodies
	targets []*target
}

func openRange(b *testing.B) *shootingRange {
	// Redis rewrites its file between the rounds, not in one of them.
	srv := redistest.Start(b, "--appendonly", "yes", "--appendfsync", "everysec", "--auto-aof-rewrite-percentage", "0")
	store := shopifytest.New(shopifytest.Options{})
	g := &shootingRange{b: b, rdb: srv.Client()}
	g.pid = redisPID(b, g.rdb)
	g.list, g.size = ingestRequests(b, store, "hooks.example.com")
	odoo := config.Odoo{URL: "http://127.0.0.1:9", Database: "none", User: "none", Password: config.NewSecret("none")}
	dir := b.TempDir()
	for _, name := range []string{beEmpty, bePlain, "odoogate"} {
		addr, err := demoAddress("127.0.0.1:0")
		require.NoError(b, err)
		text := demoConfig(addr, srv.URL, "http://127.0.0.1:9", odoo, store) +
			fmt.Sprintf("spool: {path: %q, min_free: 0}\n", filepath.Join(dir, "spool.db"))
		path := filepath.Join(dir, name+".yml")
		require.NoError(b, os.WriteFile(path, []byte(text), 0o600))
		g.start(name, addr, path)
	}
	return g
}

func (g *shootingRange) start(name, addr, file string) {
	out, err := os.Create(file + ".log")
	require.NoError(g.b, err)
	defer out.Close()
	cmd := exec.Command(os.Args[0], "serve", "--config", file, "--role", "gateway")
	be := name
	if name == "odoogate" {
		be = "1"
	}
	// All collect as seldom as a gateway does, which leaves alone what is set.
	cmd.Env = append(os.Environ(), childEnv+"="+be, listenEnv+"="+addr, fmt.Sprint("GOGC=", gatewayGC))
	cmd.Stdout, cmd.Stderr = out, out
	require.NoError(g.b, cmd.Start())
	g.b.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if g.b.Failed() {
			raw, _ := os.ReadFile(file + ".log")
			g.b.Logf("the end of the log of %s:\n%s", name, raw[max(0, len(raw)-2000):])
		}
	})
	require.Eventually(g.b, func() bool {
		conn, err := net.Dial("tcp", addr)
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}, time.Minute, 10*time.Millisecond, "%s does not listen", name)
	g.targets = append(g.targets, &target{name: name, addr: addr, pid: cmd.Process.Pid})
}

func (g *shootingRange) ours() *target { return g.targets[2] }

// shoot is one round: Redis is emptied, the server warms up, then it counts.
func (g *shootingRange) shoot(t *target, rate float64, into *[]volley) {
	g.empty()
	shoot(g.b, t.addr, g.list, rate, ingestWarm)
	pids := [...]int{t.pid, g.pid, os.Getpid()}
	var before [len(pids)]time.Duration
	for i, pid := range pids {
		before[i] = processorTime(g.b, pid)
	}
	l := shoot(g.b, t.addr, g.list, rate, ingestFor)
	*into = append(*into, l)
	t.refused += l.refused
	for i, list := range []*[]float64{&t.cpu, &t.store, &t.senders} {
		if rate == 0 {
			*list = append(*list, float64((processorTime(g.b, pids[i])-before[i]).Microseconds())/float64(len(l.took)))
		}
	}
	t.rss = append(t.rss, memory(g.b, t.pid, "VmRSS"))
}

// empty lets Redis forget everything and write its file anew, so that neither grows
// from round to round.
func (g *shootingRange) empty() {
	ctx := context.Background()
	require.NoError(g.b, g.rdb.FlushAll(ctx).Err())
	require.NoError(g.b, g.rdb.BgRewriteAOF(ctx).Err())
	require.Eventually(g.b, func() bool {
		info, err := g.rdb.Info(ctx, "persistence").Result()
		return err == nil && strings.Contains(info, "aof_rewrite_in_progress:0") && strings.Contains(info, "aof_rewrite_scheduled:0")
	}, time.Minute, 10*time.Millisecond)
}

// memory is a line of /proc/<pid>/status, in MB.
func memory(b *testing.B, pid int, line string) float64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	require.NoError(b, err)
	found := regexp.MustCompile(line + `:\s+(\d+) kB`).FindSubmatch(raw)
	require.NotNil(b, found, "no %s", line)
	kb, err := strconv.Atoi(string(found[1]))
	require.NoError(b, err)
	return float64(kb) / 1024
}

// processorTime is what a process has used of the CPUs so far.
func processorTime(b *testing.B, pid int) time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	require.NoError(b, err)
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	var ticks int
	for _, f := range fields[11:13] { // user and system, in hundredths of a second
		n, err := strconv.Atoi(f)
		require.NoError(b, err)
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond
}

func redisPID(b *testing.B, rdb *redis.Client) int {
	info, err := rdb.InfoMap(context.Background(), "server").Result()
	require.NoError(b, err)
	pid, err := strconv.Atoi(info["Server"]["process_id"])
	require.NoError(b, err)
	return pid
}

func median[T any, N cmp.Ordered](list []T, of func(T) N) N {
	var all []N
	for _, v := range list {
		all = append(all, of(v))
	}
	slices.Sort(all)
	return all[len(all)/2]
}

func (g *shootingRange) print(half float64) {
	rate := func(l volley) float64 { return l.rate }
	plain := median(g.targets[1].full, rate)
	fmt.Printf("\n%d CPUs shared by senders, server and Redis (AOF everysec); %d connections, bodies of %d bytes;\n"+
		"medians of %d interleaved rounds of %s. Half load: %.0f a second, latency from when a delivery was due.\n\n",
		runtime.NumCPU(), ingestSenders, g.size, ingestRounds, ingestFor, half)
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "\trequests/s\t× plain\tp50\tp99\tp99.9\thalf: p50\tp99\tp99.9\tRSS\tpeak\tCPU: server\tRedis\tsenders\t503\t")
	for _, t := range g.targets {
		fmt.Fprintf(w, "%s\t%.0f\t%.2f\t", t.name, median(t.full, rate), median(t.full, rate)/plain)
		for _, loads := range [][]volley{t.full, t.half} {
			for _, share := range []float64{.5, .99, .999} {
				at := median(loads, func(l volley) time.Duration { return l.at(share) })
				fmt.Fprintf(w, "%.2f ms\t", float64(at.Microseconds())/1000)
			}
		}
		same := func(n float64) float64 { return n }
		fmt.Fprintf(w, "%.0f MB\t%.0f MB\t%.0f µs\t%.0f µs\t%.0f µs\t%d\t\n", median(t.rss, same), memory(g.b, t.pid, "VmHWM"),
			median(t.cpu, same), median(t.store, same), median(t.senders, same), t.refused)
	}
	_ = w.Flush()
	for _, t := range g.targets {
		fmt.Printf("%9s rounds:", t.name)
		for _, l := range t.full {
			fmt.Printf(" %.0f", l.rate)
		}
		fmt.Println()
	}
}
