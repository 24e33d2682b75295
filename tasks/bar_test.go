package tasks

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/redistest"
)

// leasesOf are those of a process; knew says that it got leases before.
func leasesOf(rdb *redis.Client, ttl time.Duration, knew bool) leases {
	l := leases{rdb: rdb, ttl: ttl, seen: new(atomic.Bool)}
	l.seen.Store(knew)
	return l
}

// A Redis that comes back has forgotten its last second, and with it a lease. Nobody else
// gets it before its holder has put it back.
func TestARedisThatForgotLeasesGivesNoneUntilTheirHoldersHaveAsked(t *testing.T) {
	forgets := map[string]func(*redistest.Server){
		"started again":               (*redistest.Server).Restart,
		"emptied":                     (*redistest.Server).Flush,
		"emptied and started again":   func(s *redistest.Server) { s.Flush(); s.Restart() },
		"another, which knew scripts": func(s *redistest.Server) { require.NoError(t, anotherRun(s.Client())) },
	}
	for name, forget := range forgets {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			srv := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			r.rdb = srv.Client()
			ctx := t.Context()
			a, answer, err := leasesOf(r.rdb, time.Minute, false).enter(ctx, r.opt.Bodies.arrive(hint("a", "5001", 1)))
			require.NoError(t, err)
			require.Equal(t, leaseFree, answer, "a new Redis gives leases at once")
			defer a.close()
			require.NoError(t, r.rdb.Del(ctx, leaseKey(ref("5001"))).Err())
			forget(srv)
			other := leasesOf(r.rdb, time.Minute, true)
			if name == "another, which knew scripts" {
				_, err = other.bar(ctx) // as each worker does every second
				require.NoError(t, err)
			}
			beside, err := other.beside(ctx, ref("5001"))
			require.NoError(t, err)
			require.Nil(t, beside)
			waiting, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
			defer cancel()
			_, _, err = other.enter(waiting, r.opt.Bodies.arrive(hint("b", "5001", 2)))
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.False(t, a.extend())
			require.NoError(t, barUntil(r.rdb, 0))
			_, answer, err = other.enter(ctx, r.opt.Bodies.arrive(hint("b", "5001", 2)))
			require.NoError(t, err)
			require.Equal(t, leaseHeld, answer)
		})
	}
}

// anotherRun lets the key be of another Redis process.
func anotherRun(rdb *redis.Client) error {
	return rdb.Set(context.Background(), leasesFromKey, "0 another 60000", 0).Err()
}

// barUntil lets leases be given from then on, in Unix milliseconds.
func barUntil(rdb *redis.Client, from int64) error {
	parts := strings.Fields(rdb.Get(context.Background(), leasesFromKey).Val())
	parts[0] = strconv.FormatInt(from, 10)
	return rdb.Set(context.Background(), leasesFromKey, strings.Join(parts, " "), 0).Err()
}

func TestAProcessThatHasJustBegunIsBarredByARedisThatWasStartedAgain(t *testing.T) {
	r := newRig(t)
	srv := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
	rdb := srv.Client()
	_, err := leasesOf(rdb, time.Minute, false).bar(t.Context())
	require.NoError(t, err)
	srv.Restart()
	l := leasesOf(rdb, time.Second, false)

	// Nothing of what is found may be lost to a Redis that cannot write yet.
	require.NoError(t, rdb.ConfigSet(t.Context(), "min-replicas-to-write", "1").Err())
	_, _, err = l.enter(t.Context(), r.opt.Bodies.arrive(hint("a", "5001", 1)))
	require.ErrorContains(t, err, "NOREPLICAS")
	require.NoError(t, rdb.ConfigSet(t.Context(), "min-replicas-to-write", "0").Err())

	waiting, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, _, err = l.enter(waiting, r.opt.Bodies.arrive(hint("a", "5001", 1)))
	require.Error(t, err)
	left, err := l.bar(t.Context())
	require.NoError(t, err)
	require.Greater(t, left, 10*time.Second, "for the longest lease that anybody has")
}

// A wiped Redis is seen by a process that only looked.
func TestAProcessThatOnlyLookedSeesThatRedisWasEmptied(t *testing.T) {
	r := newRig(t)
	l := leasesOf(r.rdb, time.Minute, false)
	_, err := l.bar(t.Context())
	require.NoError(t, err)
	r.redis.Flush()
	left, err := l.bar(t.Context())
	require.NoError(t, err)
	require.Positive(t, left)
}

// A clock that was set back does not bar for longer than a lease.
func TestNoBarLastsLongerThanTheLongestLease(t *testing.T) {
	r := newRig(t)
	l := leasesOf(r.rdb, 50*time.Millisecond, true)
	_, err := l.bar(t.Context())
	require.NoError(t, err)
	require.NoError(t, barUntil(r.rdb, time.Now().Add(time.Hour).UnixMilli()))
	held, answer, err := l.enter(t.Context(), r.opt.Bodies.arrive(hint("a", "5001", 1)))
	require.NoError(t, err)
	require.Equal(t, leaseFree, answer)
	held.close()
}

// While none is given, tasks that wait for theirs are not taken for those of dead workers,
// and that is said once.
func TestWhoWaitsForALeaseIsNotTakenForDead(t *testing.T) {
	r := newRig(t)
	r.opt.Config.Lease = time.Minute
	require.NoError(t, anotherRun(r.rdb))
	c := &carer{Worker: NewWorker(r.opt)}
	for range 2 {
		c.active = map[string]time.Time{"live/a": time.Now()}
		require.NoError(t, c.rescue(t.Context()))
		require.Empty(t, c.active)
	}
	require.Len(t, r.lines.lines, 1)
	waiting, cancel := context.WithCancel(t.Context())
	cancel()
	_, _, err := c.leases.enter(waiting, r.opt.Bodies.arrive(hint("a", "5001", 1)))
	require.ErrorIs(t, err, context.Canceled)
}
