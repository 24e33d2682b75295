package tasks

import (
	"context"
	_ "embed"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// A Redis that comes back may have forgotten leases that are held: with appendfsync
// everysec those of its last second, after a wipe all. For the time of the longest lease
// it then gives none: whoever holds one asks again by then, which puts it back, or knows
// that its time is over. Two workers would else have one record at once, and what one of
// them is about to do at Odoo would meet what the other changed.
//
// That another Redis answers, started again or failed over to, is looked for before a
// lease's script is brought to one that does not know it: Redis keeps scripts in memory
// (https://redis.io/docs/latest/develop/programmability/eval-intro/). Each worker looks
// every second besides: a replica that takes over may know it from before, and gives
// leases until then. That Redis was emptied is seen by a process that saw it before; one
// that has just begun takes it for new.

//go:embed scripts/bar.lua
var barLua string

var barScript = redis.NewScript(barLua)

// leasesFromKey says since when leases are given: see bar.lua.
const leasesFromKey = "odoogate:leases:from"

// bar looks whether Redis may have forgotten leases, and says for how long it gives none.
func (l leases) bar(ctx context.Context) (time.Duration, error) {
	left, err := barScript.Run(ctx, l.rdb, []string{leasesFromKey}, l.ttl.Milliseconds(), flag(l.seen != nil && l.seen.Load())).Int64()
	if err == nil && l.seen != nil {
		l.seen.Store(true)
	}
	return time.Duration(left) * time.Millisecond, err
}

// run runs a script that gives leases. Before one that Redis does not know is brought
// there, it is looked whether leases were forgotten: its being known says that this was done.
func (l leases) run(ctx context.Context, script *redis.Script, keys []string, args ...any) *redis.Cmd {
	cmd := script.EvalSha(ctx, l.rdb, keys, args...)
	if !errors.Is(cmd.Err(), redis.ErrNoScript) {
		return cmd
	}
	if _, err := l.bar(ctx); err != nil {
		cmd.SetErr(err)
		return cmd
	}
	return script.Eval(ctx, l.rdb, keys, args...)
}

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
		case <-time.After(min(left, time.Second)): // the clock may be set
		}
	}
}

// sayBar says once that workers begin nothing for a while.
func (c *carer) sayBar(left time.Duration) {
	if left > 0 && !c.barred {
		c.log.Warn("Redis may have forgotten who works on what; nothing is begun until that is known", "for", left.Round(time.Millisecond))
	}
	c.barred = left > 0
}

// errEmptied says that Redis was emptied while it was asked.
var errEmptied = &commerce.Error{Op: "enter", Reason: commerce.Unavailable, Detail: "Redis was emptied at this moment"}
