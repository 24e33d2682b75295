package tasks

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/spool"
)

// spooled adds a spool to a rig, whose intake runs until the test ends or stop is
// called; the spool stays open.
func (r *rig) spooled() (in *Intake, start func() (stop func())) {
	r.t.Helper()
	kept, err := OpenSpool(config.Spool{Path: filepath.Join(r.t.TempDir(), "spool.db"), MaxSize: 1 << 30}, slog.New(r.lines))
	require.NoError(r.t, err)
	cfg := config.Redis{URL: config.NewSecret(r.redis.URL), AcceptTimeout: 300 * time.Millisecond, PoolSize: 10}
	rdb, err := OpenAccept(cfg)
	require.NoError(r.t, err)
	r.t.Cleanup(func() { require.NoError(r.t, kept.Close()); _ = rdb.Close() })
	in = NewIntake(rdb, cfg, kept, slog.New(r.lines), r.reg)
	return in, func() func() {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- in.Run(ctx) }()
		stop := sync.OnceFunc(func() { cancel(); require.NoError(r.t, <-ended) })
		r.t.Cleanup(stop)
		return stop
	}
}

func (r *rig) takes(in *Intake, e commerce.Event) {
	r.t.Helper()
	_, err := in.Accept(context.Background(), e)
	require.NoError(r.t, err)
}

func TestWhatWasSpooledIsBookedOnceThoughRedisHasItToo(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	r.start()
	r.quiet()
	r.takes(in, hint("a", "5001", 1))
	r.ended("a", Done)
	r.redis.Stall()
	for i := range 20 { // the first ones may be stored by Redis all the same
		r.takes(in, hint(fmt.Sprint("b", i), fmt.Sprint(6000+i), 1))
	}
	r.takes(in, hint("a", "5001", 1)) // as a sender repeats
	require.Positive(t, in.spool.Stats().Records)
	r.redis.Resume()
	start()
	for i := range 20 {
		r.lines.wait(t, "the spooled order to be booked", func(map[string]string) bool { return r.books.total(fmt.Sprint(6000+i)) == 1 })
	}
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	r.books.mu.Lock()
	defer r.books.mu.Unlock()
	require.Equal(t, 21, r.books.calls)
}

// A kill between the two stores leaves a task in both.
func TestADrainThatWasCutRepeatsOnlyItself(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	r.redis.Stall()
	r.takes(in, hint("a", "5001", 1))
	r.redis.Resume()
	batch, err := in.spool.Oldest(context.Background(), 10)
	require.NoError(t, err)
	taken, err := in.take(context.Background(), batch)
	require.NoError(t, err)
	require.Equal(t, 1, taken)
	start()
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	require.EqualValues(t, 1, r.rdb.LLen(context.Background(), "asynq:{live}:pending").Val())
}

func TestAStoppedDrainGoesOnWithTheNext(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	r.redis.Kill()
	stop := start()
	for i := range 300 {
		r.takes(in, hint(fmt.Sprint(i), fmt.Sprint(i), 1))
	}
	stop()
	require.Equal(t, 300, in.spool.Stats().Records)
	r.redis.Restart()
	start()
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	require.EqualValues(t, 300, r.rdb.LLen(context.Background(), "asynq:{live}:pending").Val())
	require.NoError(t, in.Ping(context.Background()))
}

func TestATaskOfAnUnknownKindIsSetAside(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	require.NoError(t, in.spool.Put(context.Background(), spool.Record{Kind: "order:foretell", ID: "fi/x"}))
	r.redis.Stall()
	r.takes(in, hint("a", "5001", 1))
	r.redis.Resume()
	start()
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	require.EqualValues(t, 1, in.spool.Stats().SetAside)
	line := r.lines.wait(t, "the record to be named", func(l map[string]string) bool { return l["msg"] == "a record of the spool is set aside" })
	require.Contains(t, line["detail"], "order:foretell")
}

func TestWithoutRedisAndSpoolAnEventIsUnavailable(t *testing.T) {
	r := newRig(t)
	in, _ := r.spooled()
	require.NoError(t, in.spool.Close())
	r.redis.Kill()
	_, err := in.Accept(context.Background(), hint("a", "5001", 1))
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.ErrorIs(t, err, spool.ErrClosed)
	r.redis.Restart()
	require.Eventually(t, func() bool { // no probe is due, and nobody else takes it; the client dials again within a second
		_, err = in.Accept(context.Background(), hint("a", "5001", 1))
		return err == nil
	}, time.Minute, 20*time.Millisecond)
}

func TestAnErasureAlsoReachesWhatWasInTheSpool(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	r.redis.Stall()
	r.takes(in, of("14", "a", "5001", 1))
	r.redis.Kill() // so that only the spool has it
	r.redis.Restart()
	// The request passes it by, and is carried out before it comes.
	require.Equal(t, Done, r.carry(wish("redact", commerce.WishErase, "5001")).Outcome)
	start()
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	require.NotEmpty(t, r.holding(canary))
	again := 0
	for q, err := range r.requests().held.tasks(context.Background(), "fi") {
		require.NoError(t, err)
		if q.ours() {
			again++
			require.Equal(t, Done, r.carry(q.event).Outcome)
		}
	}
	require.Equal(t, 1, again)
	require.Empty(t, r.holding(canary))
	require.Equal(t, 1, r.request("customers/redact/14").Removed.Tasks)
	r.silent()
}

func TestARequestBeforeADeliveryIsNotCarriedOutAgain(t *testing.T) {
	r := newRig(t)
	in, start := r.spooled()
	require.Equal(t, Done, r.carry(wish("redact", commerce.WishErase, "5001")).Outcome)
	r.redis.Stall()
	later := of("14", "a", "5001", 1)
	later.Received = time.Now().Add(time.Second)
	r.takes(in, later)
	r.redis.Resume()
	start()
	require.Eventually(t, func() bool { return in.spool.Stats().Records == 0 }, time.Minute, 5*time.Millisecond)
	for q, err := range r.requests().held.tasks(context.Background(), "fi") {
		require.NoError(t, err)
		require.False(t, q.ours())
	}
}

func TestOneCallerIsLetThroughWhileTheCircuitIsOpen(t *testing.T) {
	var c circuit
	now := time.Now()
	require.True(t, c.allows(now))
	require.True(t, c.fails(now))
	require.False(t, c.fails(now))
	require.False(t, c.allows(now.Add(probeEvery-1)))
	require.True(t, c.allows(now.Add(probeEvery)))
	require.False(t, c.allows(now.Add(probeEvery+1)))
	c.works()
	require.True(t, c.allows(now.Add(probeEvery+2)))
}

func TestWhatCouldNotBeTakenBringsTheSweepForwardOnceAMinute(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	in, _ := r.spooled()
	require.NoError(t, r.rdb.HSet(ctx, stateKey("fi", JobSweep), "next", time.Now().Add(time.Hour).UnixMilli()).Err())
	require.Equal(t, "waits", r.job("fi", JobSweep).State)
	in.Missed(ctx, "fi")
	require.Equal(t, "due", r.job("fi", JobSweep).State)
	require.NoError(t, r.rdb.HDel(ctx, stateKey("fi", JobSweep), "asked").Err()) // as a run does that begins
	in.Missed(ctx, "fi")
	require.Equal(t, "waits", r.job("fi", JobSweep).State, "anybody can send too much")

	r.redis.Kill()
	in.Missed(ctx, "se") // and nobody is held up
	r.lines.wait(t, "that it is said", func(m map[string]string) bool { return m["shop"] == "se" && m["detail"] != "" })
}
