package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/tasks"
)

// soakEnv is how long TestSoak lasts; `make soak` sets it.
const soakEnv = "SOAK_TIME"

// limits are the figures that must not grow, with what they may move.
var limits = []struct {
	name string
	limit
}{
	// Memory in MB: "kept" is what garbage collections leave, times two.
	{"gateway heap in use", limit{.10, 2}}, {"gateway heap kept", limit{.05, 1}}, {"gateway resident", limit{.10, 4}},
	{"worker heap in use", limit{.10, 2}}, {"worker heap kept", limit{.05, 1}}, {"worker resident", limit{.10, 4}},
	{"gateway goroutines", limit{.10, 4}}, {"worker goroutines", limit{.10, 8}},
	{"gateway open files", limit{.10, 4}}, {"worker open files", limit{.10, 8}},
	{"gateway metric series", limit{0, 0}}, {"worker metric series", limit{0, 0}},
	{"Redis connections", limit{.05, 4}},
	{"leases", limit{.10, 4}}, {"leases listed", limit{.10, 4}},
	{"tasks pending", limit{.10, 8}}, {"tasks active", limit{.10, 8}}, {"tasks waiting to come again", limit{0, 2}},
	{"lists of shops", limit{0, 4}}, {"of the installation", limit{0, 1}}, {"of the queue", limit{0, 2}},
	{"events a delivery", limit{.05, 0}}, {"lists of events an order", limit{.05, 0}}, {"waiting for a person", limit{0, 1}}, {"seen", limit{.10, 20}}, {"tasks", limit{.10, 20}},
	{"records beyond one an order", limit{0, 0}}, {"bytes of one order's record", limit{.25, 100}},
}

// resting are the figures that are the same whenever nothing is under way. Pools
// are as large as what came at once has made them, up to their bound.
var resting = []struct {
	name string
	plus float64
}{
	{"gateway goroutines", 6}, {"worker goroutines", 6}, {"gateway metric series", 0}, {"worker metric series", 0},
	{"Redis connections", 2 * soakPool}, {"gateway open files", soakPool + 4}, {"worker open files", soakPool + 16},
	{"leases", 0}, {"leases listed", 0}, {"tasks pending", 0}, {"tasks active", 0}, {"tasks waiting to come again", 0},
	{"waiting for a person", 1}, {"lists of shops", 4}, {"of the installation", 1}, {"of the queue", 2}, {"records beyond one an order", 0}, {"bytes of one order's record", 1500},
}

// look measures everything once.
func (l *load) look() map[string]float64 {
	ctx := context.Background()
	all := l.keys()
	for _, m := range []*mate{l.gateway, l.worker} {
		got := m.metrics(l.t, l.client)
		all[m.name+" heap in use"] = got["go_memstats_heap_inuse_bytes"] / 1e6
		all[m.name+" heap kept"] = got["go_memstats_next_gc_bytes"] / 1e6
		all[m.name+" resident"] = got["process_resident_memory_bytes"] / 1e6
		all[m.name+" goroutines"] = got["go_goroutines"]
		all[m.name+" open files"] = got["process_open_fds"]
		all[m.name+" metric series"] = float64(len(got))
	}
	pipe := l.rdb.Pipeline()
	leases := pipe.ZCard(ctx, "odoogate:{"+demoShop+"}:leases")
	pending, active := pipe.LLen(ctx, "asynq:{live}:pending"), pipe.LLen(ctx, "asynq:{live}:active")
	scheduled, retry := pipe.ZCard(ctx, "asynq:{live}:scheduled"), pipe.ZCard(ctx, "asynq:{live}:retry")
	record := pipe.MemoryUsage(ctx, "odoogate:{"+demoShop+"}:record:order/"+l.told[0])
	_, err := pipe.Exec(ctx)
	require.NoError(l.t, err)
	all["leases listed"] = float64(leases.Val())
	all["tasks pending"], all["tasks active"] = float64(pending.Val()), float64(active.Val())
	all["tasks waiting to come again"] = float64(scheduled.Val() + retry.Val())
	all["bytes of one order's record"] = float64(record.Val())
	all["records beyond one an order"] = max(0, all["records"]-float64(l.orders.Load()))
	all["events a delivery"] = all["events"] / l.deliveries()
	all["lists of events an order"] = (all["lists of events"] + all["order numbers"] + all["orders of customers"]) / float64(l.orders.Load())
	all["Redis connections"] = l.info("clients", "connected_clients")
	all["Redis memory"] = l.info("memory", "used_memory") / 1e6
	return all
}

// deliveries is how many distinct ones were accepted, or soon are.
func (l *load) deliveries() float64 { return float64(l.sent.Load()) + float64(len(l.script.genuine)) }

// hurry lets what Redis keeps of deliveries for 15 minutes and for 72 hours end
// after keep, so that a short run sees the end of it.
func (l *load) hurry(keep time.Duration) {
	ctx := context.Background()
	soon := float64(time.Now().Add(keep).Unix())
	done, err := l.rdb.ZRangeWithScores(ctx, "asynq:{live}:completed", 0, -1).Result()
	require.NoError(l.t, err)
	pipe := l.rdb.Pipeline()
	for _, z := range slices.Backward(done) {
		if z.Score <= soon+1 { // hurried before, as are all before it
			break
		}
		z.Score = soon
		pipe.ZAddXX(ctx, "asynq:{live}:completed", z)
	}
	for keys := l.rdb.Scan(ctx, 0, "odoogate:{"+demoShop+"}:seen:*", 1000).Iterator(); keys.Next(ctx); {
		pipe.ExpireLT(ctx, keys.Val(), keep)
	}
	_, err = pipe.Exec(ctx)
	require.NoError(l.t, err)
}

// TestSoak holds a gateway and a worker under a steady load. What grows by design
// is one record an order; what is kept of a delivery ends by itself. Everything
// else is the same in the last quarter as in the second. Without SOAK_TIME it is
// done in seconds: no figure is higher after several bursts than after the first.
func TestSoak(t *testing.T) {
	text := os.Getenv(soakEnv)
	if text == "" {
		openCrew(t, 20).load(50).bursts()
		return
	}
	length, err := time.ParseDuration(text)
	require.NoError(t, err, "%s is to be a duration such as 10m", soakEnv)
	require.GreaterOrEqual(t, length, time.Minute, "shorter runs tell nothing")
	openCrew(t, 21).load(100).steady(length)
}

func (l *load) steady(length time.Duration) {
	const every = 50 * time.Millisecond // between two steps of the load
	l.warm()
	ctx, stop := context.WithTimeout(l.t.Context(), length)
	defer stop()
	ended := make(chan struct{})
	go func() { defer close(ended); l.run(ctx, every) }()

	looks := map[string][]float64{}
	tick := time.NewTicker(length / 120)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			for name, v := range l.look() {
				looks[name] = append(looks[name], v)
			}
			l.hurry(length / 10)
		}
	}
	<-ended
	grew := l.tell(length, looks)
	l.atRest(time.Minute)
	l.booked()
	l.given()
	require.Empty(l.t, grew, "these grew")
}

func (l *load) bursts() {
	const bursts, steps = 3, 100
	l.warm()
	l.client.CloseIdleConnections()
	first := l.look()
	for range bursts {
		var all []post
		for range steps {
			all = append(all, l.next()...)
		}
		for list := range slices.Chunk(all, demoParallel) {
			l.post(l.t.Context(), list)
		}
		l.atRest(time.Minute)
	}
	l.client.CloseIdleConnections()
	var more []string
	require.Eventually(l.t, func() bool {
		now := l.look()
		more = nil
		for _, f := range resting {
			if now[f.name] > first[f.name]+f.plus {
				more = append(more, fmt.Sprintf("%s: %g, at first %g", f.name, now[f.name], first[f.name]))
			}
		}
		return len(more) == 0
	}, time.Minute, 200*time.Millisecond, "more after %d answers: %v", len(l.took), lazy(func() string { return strings.Join(more, "; ") }))
	keys := l.keys()
	require.LessOrEqual(l.t, keys["seen"], l.deliveries(), "more than one a delivery")
	require.LessOrEqual(l.t, keys["bodies"], l.deliveries(), "more than one a delivery")
	l.booked()
	l.given()
	l.t.Logf("%d answers, %d orders; at rest after the first burst %v", len(l.took), len(l.told), first)
}

// warm begins with a burst, which opens all connections, and waits for its end.
func (l *load) warm() {
	l.t.Helper()
	l.stage.post(l.t.Context(), l.script)
	l.settled()
	l.jobsRan(time.Minute)
	l.atRest(time.Minute)
}

// jobsRan waits until every job that is on has ended once: each leaves lists of its shop.
func (l *load) jobsRan(within time.Duration) {
	l.t.Helper()
	cfg, err := config.Load(l.config, os.Environ())
	require.NoError(l.t, err)
	shops, err := all.Open(cfg, handlers.Deps{})
	require.NoError(l.t, err)
	require.Eventually(l.t, func() bool {
		for _, shop := range shops {
			list, err := tasks.NewJobs(l.rdb).List(context.Background(), shop)
			if err != nil || slices.ContainsFunc(list, func(j tasks.JobState) bool { return j.State != "off" && j.Ended.IsZero() }) {
				return false
			}
		}
		return true
	}, within, 20*time.Millisecond, "a job never ended")
}

// booked says that all answers were right and every order is in Odoo once, equal.
func (l *load) booked() {
	l.t.Helper()
	require.Empty(l.t, l.wrong)
	require.LessOrEqual(l.t, len(l.again), len(l.took)/100, "too many had to come again: %v", l.again)
	v := l.judge(context.Background(), l.script)
	require.Empty(l.t, v.wrong)
	require.Len(l.t, v.rows, len(l.told))
	require.Equal(l.t, 1, v.parked, "the unknown SKU")
	l.nobodyDoubled()
}

// given says that at rest nothing is held and there is one record an order, and
// after the end of both processes nothing of them is left.
func (l *load) given() {
	l.t.Helper()
	keys := l.keys()
	require.Zero(l.t, keys["leases"], "leases are held by nobody")
	require.EqualValues(l.t, len(l.told), keys["records"], "not one record an order")
	l.retire()
	const judges = 4 // connections at most, with which the test reads the journal
	require.Eventually(l.t, func() bool { return l.info("clients", "connected_clients") <= l.ours+judges }, time.Minute, 50*time.Millisecond,
		"connections to Redis outlive the processes")
	require.Zero(l.t, l.keys()["leases"])
}

// tell prints all figures and returns the names of those that grew.
func (l *load) tell(length time.Duration, looks map[string][]float64) (grew []string) {
	var all []figure
	for _, f := range limits {
		require.NotEmpty(l.t, looks[f.name], f.name)
		all = append(all, figure{f.name, f.limit, looks[f.name]})
	}
	var out bytes.Buffer
	grew = table(&out, all)
	slices.Sort(l.took)
	n := len(looks["records"])
	records, memory := looks["records"], looks["Redis memory"]
	fmt.Fprintf(&out, "%s, %d answers (median %s, 99 of 100 within %s), %d distinct deliveries, %d orders\n", length, len(l.took),
		l.took[len(l.took)/2].Round(time.Microsecond), l.took[len(l.took)*99/100].Round(time.Microsecond), l.sent.Load(), len(l.told))
	fmt.Fprintf(&out, "Redis: %.1f MB at last; from the second quarter on %s bytes an order\n", memory[n-1],
		strconv.FormatFloat((memory[n-1]-memory[n/4])*1e6/(records[n-1]-records[n/4]), 'f', 0, 64))
	fmt.Fprintf(&out, "asked to come again: %d %v\n", len(l.again), l.again)
	l.t.Log("\n" + out.String())
	return grew
}
