package tasks

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/tasks/redistest"
)

// A Redis that comes back has forgotten its last second, and with it a lease. Nobody else
// gets it before its holder has put it back.
func TestARedisThatForgotLeasesGivesNoneUntilTheirHoldersHaveAsked(t *testing.T) {
	for name, c := range map[string]struct {
		forgets func(*redistest.Server)
		knew    bool // a worker asks that got leases before
	}{
		"killed, by a worker":            {forgets: (*redistest.Server).Restart, knew: true},
		"killed, by one that just began": {forgets: (*redistest.Server).Restart},
		"emptied, by a worker":           {forgets: (*redistest.Server).Flush, knew: true},
		"started again, and came empty":  {forgets: func(s *redistest.Server) { s.Flush(); s.Restart() }, knew: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRig(t)
			srv := redistest.Start(t, "--appendonly", "yes", "--appendfsync", "always")
			r.rdb = srv.Client()
			ctx := t.Context()
			l := leases{rdb: r.rdb, ttl: 4 * time.Second, given: new(atomic.Bool)}
			a, answer, err := l.enter(ctx, r.opt.Bodies.arrive(hint("a", "5001", 1)))
			require.NoError(t, err)
			require.Equal(t, leaseFree, answer, "a new Redis gives leases at once")
			defer a.close()
			require.NoError(t, r.rdb.Del(ctx, leaseKey(ref("5001"))).Err())
			c.forgets(srv)
			l.given = new(atomic.Bool)
			l.given.Store(c.knew)
			_, answer, err = l.enter(ctx, r.opt.Bodies.arrive(hint("b", "5001", 2)))
			require.NoError(t, err)
			require.Equal(t, leaseHeld, answer)
			require.NoError(t, a.still(ctx))
			require.False(t, a.overlapped(leaseFree), "nobody else had it")
			barred, err := l.barred(ctx)
			require.NoError(t, err)
			require.False(t, barred)
			answer, err = a.leave(ctx, ending{verdict: Verdict{Outcome: Done}}, false)
			require.NoError(t, err)
			require.Equal(t, leaseAgain, answer, "what came meanwhile is not lost")
		})
	}
}

// While none is given, tasks that wait for theirs are not taken for those of dead workers,
// and no second lease is given beside another.
func TestWhoWaitsForALeaseIsNotTakenForDead(t *testing.T) {
	r := newRig(t)
	ctx := context.Background()
	require.NoError(t, r.rdb.Set(ctx, leasesFromKey, time.Now().Add(time.Minute).UnixMilli(), 0).Err())
	c := &carer{Worker: NewWorker(r.opt), active: map[string]time.Time{"live/a": time.Now()}}
	require.NoError(t, c.rescueTasks(ctx))
	require.Empty(t, c.active)
	held, err := c.leases.beside(ctx, ref("5001"))
	require.NoError(t, err)
	require.Nil(t, held)
	waiting, cancel := context.WithCancel(ctx)
	cancel()
	_, _, err = c.leases.enter(waiting, r.opt.Bodies.arrive(hint("a", "5001", 1)))
	require.ErrorIs(t, err, context.Canceled)
}
