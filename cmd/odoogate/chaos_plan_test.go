package main

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/odoogate/odoogate/odooclient/odootest"
)

// odooFaults are what goes wrong at Odoo, and with how many of a thousand calls.
// Slow calls go on when their caller is gone, as Odoo's do.
var odooFaults = []struct {
	name string
	mode odootest.FaultMode
	of   uint64
}{
	{"connection dropped before", odootest.DropBefore, 5},
	{"connection dropped after commit", odootest.DropAfter, 8},
	{"500 before", odootest.Err500, 5},
	{"502 after commit", odootest.Err502After, 8},
	{"no answer after commit", odootest.SilentAfter, 2},
	{"serialisation error", odootest.Serialize, 8},
	{"slow", odootest.None, 8},
}

// odooPlan decides by the seed what goes wrong with the n-th call of each method.
type odooPlan struct {
	seed  uint64
	over  atomic.Bool
	mu    sync.Mutex
	calls map[string]int
	made  map[string]int // by the fault's name
}

func (p *odooPlan) fault(model, method string) odootest.FaultMode {
	if p.over.Load() {
		return odootest.None
	}
	call := model + "." + method
	p.mu.Lock()
	n := p.calls[call]
	p.calls[call]++
	p.mu.Unlock()
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%d %s %d", p.seed, call, n)
	rng := rand.New(rand.NewPCG(p.seed, h.Sum64()))
	at := rng.Uint64N(1000)
	for _, f := range odooFaults {
		if at >= f.of {
			at -= f.of
			continue
		}
		p.mu.Lock()
		p.made[f.name]++
		p.mu.Unlock()
		if f.mode == odootest.None {
			<-time.After(time.Duration(200+rng.IntN(2000)) * time.Millisecond) // the fault itself
		}
		return f.mode
	}
	return odootest.None
}

// blow is something done to the processes or their Redis, and when.
type blow struct {
	at   time.Duration
	name string
	do   func(*chaos)
}

// blows is what is done in a length of time, the wipe in its middle: each kind once,
// in any order, and then whatever comes, kills above all. What heals an outage is a blow
// without a name.
func blows(rng *rand.Rand, length time.Duration) []blow {
	const gap = 4 * time.Second // around the wipe, and before the end
	list := []blow{{length / 2, "Redis wiped", (*chaos).wipe}}
	first := rng.Perm(len(kinds))
	var redisBack time.Duration // until then it has its own trouble
	for at, n := time.Second, 0; at < length-gap; n++ {
		k := kinds[kindOf(rng)]
		if n < len(first) {
			k = kinds[first[n]]
		}
		lasts := time.Duration(300+rng.IntN(3200)) * time.Millisecond
		if k.still {
			lasts += chaosLease
		}
		who := rng.IntN(processes)
		if k.redis && (at < redisBack || at+lasts > length/2-gap && at < length/2+gap) {
			k = kinds[0] // a kill of a process fits everywhere
		}
		if k.redis {
			redisBack = at + lasts + time.Second
		}
		list = append(list, blow{at, k.name, func(c *chaos) { k.hit(c, who) }})
		if k.heal != nil {
			list = append(list, blow{at + lasts, "", func(c *chaos) { k.heal(c, who) }})
		}
		at += time.Duration(1500+rng.IntN(3000)) * time.Millisecond
	}
	slices.SortStableFunc(list, func(a, b blow) int { return cmp.Compare(a.at, b.at) })
	return list
}

// kind is a kind of blow; redis says that it befalls Redis itself, still that it takes
// longer than a lease, as a pause of the machine does.
type kind struct {
	name      string
	redis     bool
	still     bool
	hit, heal func(c *chaos, who int)
}

var kinds = []kind{
	{name: "process killed", hit: func(c *chaos, who int) { c.procs[who].kill() }},
	{name: "gateway killed", hit: func(c *chaos, who int) { c.procs[who%2].kill() }},
	{name: "worker killed", hit: func(c *chaos, who int) { c.procs[2+who%2].kill() }},
	{name: "Redis killed and restarted", redis: true, hit: func(c *chaos, _ int) { c.redis.Kill() }, heal: func(c *chaos, _ int) { c.redis.Restart() }},
	{name: "Redis stalled", redis: true, hit: func(c *chaos, _ int) { c.redis.Stall() }, heal: func(c *chaos, _ int) { c.redis.Resume() }},
	{name: "process stood still", still: true, hit: func(c *chaos, who int) { c.procs[who].signal(syscall.SIGSTOP) }, heal: func(c *chaos, who int) { c.procs[who].signal(syscall.SIGCONT) }},
	disturbed("cut off from Redis", lineCut),
	disturbed("line to Redis stalled", lineStall),
	disturbed("answers of Redis lost", lineDeaf),
}

func disturbed(name string, l line) kind {
	return kind{name: name, hit: func(c *chaos, who int) { c.procs[who].redis.set(l) }, heal: func(c *chaos, who int) { c.procs[who].redis.set(lineOpen) }}
}

// kindOf draws one: every second is a kill of any process.
func kindOf(rng *rand.Rand) int {
	if rng.IntN(2) == 0 {
		return 0
	}
	return rng.IntN(len(kinds))
}
