package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// mate is one process of odoogate.
type mate struct {
	name, url string
	cmd       *exec.Cmd
}

// crew is odoogate as two processes, a gateway and a worker, in the demo's world.
type crew struct {
	*stage
	gateway, worker *mate
	rdb             *redis.Client
	ours            float64 // connections to Redis before odoogate came
}

// soakPool is the size of each process's pool of connections to Redis.
const soakPool = 16

// openCrew starts both. Their pools are small, so that a burst opens all the
// connections that there will ever be.
func openCrew(t *testing.T, seed uint64) *crew {
	t.Helper()
	s := openStage(t, seed, 5*time.Millisecond)
	s.configure(strings.Replace(s.text, "redis: {", fmt.Sprintf("redis: {pool_size: %d, ", soakPool), 1) + "log: {level: warn}\n")
	c := &crew{stage: s, rdb: s.redis.Client()}
	require.NoError(t, c.rdb.Ping(t.Context()).Err())
	c.ours = c.info("clients", "connected_clients")
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := ln.Addr().String()
	require.NoError(t, ln.Close())
	c.gateway = c.hire("gateway", s.url)
	c.worker = c.hire("worker", "http://"+addr, "--listen", addr)
	return c
}

// hire starts a process of odoogate in a role and returns once it is ready.
func (c *crew) hire(role, url string, args ...string) *mate {
	c.t.Helper()
	out, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	require.NoError(c.t, err)
	defer out.Close()
	m := &mate{name: role, url: url, cmd: exec.Command(os.Args[0], append([]string{"serve", "--config", c.config, "--role", role}, args...)...)}
	m.cmd.Env = append(os.Environ(), childEnv+"=1")
	m.cmd.Stdout, m.cmd.Stderr = out, out
	require.NoError(c.t, m.cmd.Start())
	c.t.Cleanup(func() {
		if m.cmd.ProcessState == nil {
			_ = m.cmd.Process.Kill()
			_ = m.cmd.Wait() // its status says "killed"
		}
	})
	require.NoError(c.t, (&world{url: url, client: c.client}).ready(c.t.Context()))
	return m
}

// retire ends both by a signal: they finish and give back what they hold.
func (c *crew) retire() {
	c.t.Helper()
	for _, m := range []*mate{c.gateway, c.worker} {
		require.NoError(c.t, m.cmd.Process.Signal(syscall.SIGTERM))
		require.NoError(c.t, m.cmd.Wait(), "%s: a stop by signal is no failure", m.name)
	}
}

// metrics are the process's own figures, labels included in their names.
func (m *mate) metrics(t *testing.T, client *http.Client) map[string]float64 {
	t.Helper()
	resp, err := client.Get(m.url + "/metrics")
	require.NoError(t, err)
	defer resp.Body.Close()
	all := map[string]float64{}
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		at := strings.LastIndexByte(lines.Text(), ' ')
		if at < 0 || lines.Text()[0] == '#' {
			continue
		}
		all[lines.Text()[:at]], err = strconv.ParseFloat(lines.Text()[at+1:], 64)
		require.NoError(t, err, lines.Text())
	}
	return all
}

// info is one number of what Redis says of itself.
func (c *crew) info(section, name string) float64 {
	c.t.Helper()
	text, err := c.rdb.Info(context.Background(), section).Result()
	require.NoError(c.t, err)
	_, rest, found := strings.Cut(text, name+":")
	require.True(c.t, found, "Redis tells no %s", name)
	number, _, _ := strings.Cut(rest, "\r\n")
	n, err := strconv.ParseFloat(number, 64)
	require.NoError(c.t, err)
	return n
}

// classes are all kinds of keys that odoogate and its queue keep in Redis, and why
// there may be more of them with time.
var classes = []struct {
	name string
	key  *regexp.Regexp
}{
	{"records", regexp.MustCompile(`^odoogate:\{\w+\}:record:`)},                // one an order, for 400 days
	{"seen", regexp.MustCompile(`^odoogate:\{\w+\}:seen:`)},                     // one a delivery, for 72 h
	{"tasks", regexp.MustCompile(`^asynq:\{\w+\}:t:`)},                          // one a delivery, for 15 min
	{"events", regexp.MustCompile(`^odoogate:\{\w+\}:event:`)},                  // one a delivery and one a run that was asked for, for journal.keep
	{"bodies", regexp.MustCompile(`^odoogate:\{\w+\}:body:`)},                   // as long as their events
	{"lists of events", regexp.MustCompile(`^odoogate:\{\w+\}:events of:`)},     // one a record, as long as its events
	{"order numbers", regexp.MustCompile(`^odoogate:\{\w+\}:number:`)},          // one an order, as long as its record
	{"orders of customers", regexp.MustCompile(`^odoogate:\{\w+\}:orders of:`)}, // one a customer, as long as their records
	{"waiting for a person", regexp.MustCompile(`^odoogate:\{\w+\}:open:`)},     // one a parked record
	{"leases", regexp.MustCompile(`^odoogate:\{\w+\}:lease:`)},                  // one an order that is worked on
	// One each, whatever comes in.
	{"lists of shops", regexp.MustCompile(`^odoogate:\{\w+\}:(leases|parked|waiting|job:\w+|job hold:\w+|cursor|cursor log|webhooks|ties|audit|observed since|events:\w+)$`)},
	{"of the installation", regexp.MustCompile(`^odoogate:(tick$|shops$|leases:from$|job:|rate:)`)},
	{"of the queue", regexp.MustCompile(`^asynq:(\{\w+\}:[\w:-]+|queues|servers.*|workers.*)$`)},
}

// keys counts the keys of each class; one of no class fails the test, for nobody
// has thought of its end.
func (c *crew) keys() map[string]float64 {
	c.t.Helper()
	count := map[string]float64{}
	for _, class := range classes {
		count[class.name] = 0
	}
	all := c.rdb.Scan(context.Background(), 0, "*", 1000).Iterator()
	seen := map[string]bool{}
next:
	for all.Next(context.Background()) {
		if key := all.Val(); !seen[key] {
			seen[key] = true
			for _, class := range classes {
				if class.key.MatchString(key) {
					count[class.name]++
					continue next
				}
			}
			c.t.Errorf("the key %s is of no known class", key)
		}
	}
	require.NoError(c.t, all.Err())
	return count
}
