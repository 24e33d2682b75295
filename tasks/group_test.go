package tasks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// journeys counts what travels together.
type journeys struct {
	groups, members, largest atomic.Int64 // largest: bytes of a member
}

func (j *journeys) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}
func (j *journeys) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }
func (j *journeys) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		if _, ok := cmds[0].(*redis.Cmd); !ok { // a new connection introduces itself
			return next(ctx, cmds)
		}
		j.groups.Add(1)
		j.members.Add(int64(len(cmds)))
		for _, c := range cmds {
			j.largest.Store(max(j.largest.Load(), int64(sizeOf(c.(*redis.Cmd)))))
		}
		return next(ctx, cmds)
	}
}

func openGrouped(t *testing.T, srv *redistest.Server, within time.Duration) (*redis.Client, *journeys) {
	t.Helper()
	rdb, err := OpenAccept(config.Redis{URL: config.NewSecret(srv.URL), AcceptTimeout: within, PoolSize: 10})
	require.NoError(t, err)
	t.Cleanup(func() { _ = rdb.Close() })
	j := &journeys{}
	rdb.AddHook(j)
	return rdb, j
}

// atOnce runs fn for 0 to n-1 at the same time and waits for all.
func atOnce(n int, fn func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { fn(i) })
	}
	wg.Wait()
}

var (
	echo  = redis.NewScript("return ARGV[1]")
	fails = redis.NewScript("return redis.error_reply('OWN ' .. ARGV[1])")
)

func TestWhoCallsAtTheSameTimeTravelsTogetherAndGetsHisOwnAnswer(t *testing.T) {
	srv := redistest.Start(t)
	rdb, j := openGrouped(t, srv, time.Minute)
	ctx := context.Background()
	const callers, times = 64, 50
	atOnce(callers, func(i int) {
		for n := range times {
			want := fmt.Sprintf("%d of %d", n, i)
			// The script is loaded by the first, and once more after it was forgotten.
			if got, err := echo.Run(ctx, rdb, nil, want).Text(); err != nil || got != want {
				t.Errorf("got %q %v, want %q", got, err, want)
			}
			if err := fails.Run(ctx, rdb, nil, want).Err(); err == nil || err.Error() != "OWN "+want {
				t.Errorf("got %v, want the error of %q alone", err, want)
			}
			if i == 0 && n == times/2 {
				if err := srv.Client().ScriptFlush(ctx).Err(); err != nil {
					t.Error(err)
				}
			}
		}
	})
	require.Greater(t, j.members.Load(), int64(callers*times), "most of the commands had company")
	require.Less(t, 2*j.groups.Load(), j.members.Load(), "a round trip is shared")
}

func TestEventsAcceptedTogetherAreQueuedOnceEach(t *testing.T) {
	srv := redistest.Start(t)
	rdb, _ := openGrouped(t, srv, time.Minute)
	q := NewQueue(rdb, 0)
	var fresh atomic.Int64
	atOnce(64, func(i int) {
		ref := commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fmt.Sprint(1 + i/2)}
		duplicate, err := q.Accept(context.Background(), commerce.Event{ID: "e", Topic: "orders/create", Hint: commerce.HintOrder, Ref: ref, Aggregate: ref})
		if err != nil {
			t.Error(err)
		}
		if !duplicate {
			fresh.Add(1)
		}
	})
	require.EqualValues(t, 32, fresh.Load(), "of two alike one is told that it is a duplicate")
	require.EqualValues(t, 32, srv.Client().LLen(context.Background(), "asynq:{live}:pending").Val())
}

func TestALoneCommandAndALargeOneTravelAlone(t *testing.T) {
	srv := redistest.Start(t)
	rdb, j := openGrouped(t, srv, time.Minute)
	ctx := context.Background()
	for range 10 {
		require.NoError(t, echo.Run(ctx, rdb, nil, "x").Err())
		require.NoError(t, rdb.Ping(ctx).Err())
	}
	require.Zero(t, j.groups.Load())
	large := bytes.Repeat([]byte("x"), 4<<20)
	atOnce(32, func(i int) {
		arg := large[:10]
		if i%16 == 0 {
			arg = large
		}
		got, err := echo.Run(ctx, rdb, nil, arg).Text()
		if err != nil || got != string(arg) {
			t.Errorf("%d bytes came back of %d: %v", len(got), len(arg), err)
		}
	})
	require.Less(t, j.largest.Load(), int64(aloneFrom))
}

// stuck stalls Redis and returns once n calls are under way or wait; their errors
// come out of the channel.
func stuck(t *testing.T, srv *redistest.Server, n int, call func(i int) error) <-chan error {
	t.Helper()
	srv.Stall()
	t.Cleanup(srv.Resume)
	ended := make(chan error, n)
	var begun sync.WaitGroup
	begun.Add(n)
	for i := range n {
		go func() {
			begun.Done()
			ended <- call(i)
		}()
	}
	begun.Wait()
	return ended
}

func TestWhoGivesUpIsAnsweredAtOnceAndTheOthersGoOn(t *testing.T) {
	srv := redistest.Start(t)
	rdb, _ := openGrouped(t, srv, time.Minute)
	require.NoError(t, echo.Load(context.Background(), rdb).Err())
	impatient, giveUp := context.WithCancel(context.Background())
	const n = 64
	ended := stuck(t, srv, n, func(i int) error {
		ctx := context.Background()
		if i%2 == 0 {
			ctx = impatient
		}
		return echo.Run(ctx, rdb, nil, i).Err()
	})
	giveUp()
	gaveUp := 0
	for gaveUp < n/2-groupsInFlight { // those in flight alone are go-redis' own matter
		require.ErrorIs(t, <-ended, context.Canceled)
		gaveUp++
	}
	srv.Resume()
	for i := gaveUp; i < n; i++ {
		if err := <-ended; err != nil {
			require.ErrorIs(t, err, context.Canceled)
			gaveUp++
		}
	}
	require.LessOrEqual(t, gaveUp, n/2)
	require.NoError(t, echo.Run(context.Background(), rdb, nil, "after").Err())
}

func TestAStalledRedisHoldsNobodyLongerThanItsDeadline(t *testing.T) {
	srv := redistest.Start(t)
	rdb, _ := openGrouped(t, srv, 100*time.Millisecond)
	q := NewQueue(rdb, 100*time.Millisecond)
	start := time.Now()
	ended := stuck(t, srv, 64, func(i int) error {
		ref := commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fmt.Sprint(1 + i)}
		_, err := q.Accept(context.Background(), commerce.Event{ID: "e", Topic: "orders/create", Hint: commerce.HintOrder, Ref: ref, Aggregate: ref})
		return err
	})
	for range 64 {
		require.Equal(t, commerce.Unavailable, commerce.ReasonOf(<-ended))
	}
	require.Less(t, time.Since(start), time.Second)
	srv.Resume()
	require.Eventually(t, func() bool { return echo.Run(context.Background(), rdb, nil, "x").Err() == nil }, time.Minute, 10*time.Millisecond)
}

func TestWhenRedisDiesEverybodyInTheGroupIsTold(t *testing.T) {
	srv := redistest.Start(t)
	rdb, _ := openGrouped(t, srv, time.Minute)
	require.NoError(t, echo.Load(context.Background(), rdb).Err())
	ended := stuck(t, srv, 64, func(i int) error { return echo.Run(context.Background(), rdb, nil, i).Err() })
	srv.Kill()
	for range 64 {
		require.Error(t, <-ended)
	}
	srv.Restart()
	require.Eventually(t, func() bool { return echo.Run(context.Background(), rdb, nil, "x").Err() == nil }, time.Minute, 10*time.Millisecond)
}

func TestClosingTheClientLeavesNobodyBehind(t *testing.T) {
	srv := redistest.Start(t)
	look := srv.Client() // its goroutines are its own
	require.NoError(t, look.Ping(context.Background()).Err())
	before := goleak.IgnoreCurrent()
	rdb, _ := openGrouped(t, srv, time.Minute)
	require.NoError(t, echo.Load(context.Background(), rdb).Err())
	ended := stuck(t, srv, 64, func(i int) error { return echo.Run(context.Background(), rdb, nil, i).Err() })
	require.NoError(t, rdb.Close())
	for range 64 {
		require.Error(t, <-ended)
	}
	require.True(t, errors.Is(echo.Run(context.Background(), rdb, nil, "x").Err(), redis.ErrClosed))
	goleak.VerifyNone(t, before)
}

func TestAGroupIsBoundedInNumberAndBytes(t *testing.T) {
	g := &grouping{most: 1, flying: 1}
	add := func(n, size int) {
		for range n {
			require.NotNil(t, g.board(context.Background(), redis.NewCmd(context.Background()), size))
		}
	}
	sizes := func() []int {
		var list []int
		for next := g.depart(); next != nil; next = g.depart() {
			list = append(list, len(next))
		}
		g.flying++
		return list
	}
	add(2*mostTogether+1, 10)
	require.Equal(t, []int{mostTogether, mostTogether, 1}, sizes())
	add(5, mostBytes/2-1)
	require.Equal(t, []int{2, 2, 1}, sizes())
	add(2, mostBytes+1)
	require.Equal(t, []int{1, 1}, sizes())
	require.Empty(t, sizes())
}
