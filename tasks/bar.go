package tasks

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// A Redis that comes back may have forgotten leases that are held: with appendfsync
// everysec those of its last second, after a wipe all. For the time of a lease it then
// gives none: whoever holds one asks again by then, which puts it back, or knows that its
// time is over. Two workers would else have one record at once, and what one of them is
// about to do at Odoo would meet what the other changed.
//
// That it was started again is seen by its not knowing the lease's script: Redis keeps
// scripts in memory alone (https://redis.io/docs/latest/develop/programmability/eval-intro/).
// That it was wiped is seen by a process that got leases of it before; one that has just
// begun takes a wiped Redis for a new one.

// leasesFromKey says since when leases are given, as Unix milliseconds, and in which run of
// the Redis process that was found.
const leasesFromKey = "odoogate:leases:from"

// barred reports whether the answer is that no lease is given now, and for how long.
func (a leaseAnswer) barred() (time.Duration, bool) {
	text, yes := strings.CutPrefix(string(a), "barred ")
	ms, err := strconv.ParseInt(text, 10, 64)
	return time.Duration(ms) * time.Millisecond, yes && err == nil
}

// await asks until the answer is another than that no lease is given now.
func await(ctx context.Context, ask func() (leaseAnswer, error)) (leaseAnswer, error) {
	for {
		answer, err := ask()
		left, barred := answer.barred()
		if err != nil || !barred {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(left):
		}
	}
}

// barred reports whether no lease is given now: tasks that run wait for theirs.
func (l leases) barred(ctx context.Context) (bool, error) {
	text, err := l.rdb.Get(ctx, leasesFromKey).Result()
	if err != nil {
		return false, ignoreNil(err)
	}
	now, err := l.rdb.Time(ctx).Result()
	if err != nil {
		return false, err
	}
	text, _, _ = strings.Cut(text, " ")
	from, err := strconv.ParseInt(text, 10, 64)
	return now.UnixMilli() < from, err
}
