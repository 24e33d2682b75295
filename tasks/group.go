package tasks

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	// groupsInFlight groups are under way at once, each on a connection of its own.
	// Fewer are larger: with three a delivery takes a twentieth less of all processors
	// than with eight, and a Redis that is a millisecond away is still no bound.
	groupsInFlight = 3
	// mostBytes is the buffer that a connection writes at once; Redis reads half of
	// it in one turn, and with appendfsync always each turn ends on the disk.
	mostBytes = 32 << 10
	// mostTogether bounds how many have to wait for each other.
	mostTogether = 64
	// aloneFrom is the size from which a command goes alone, so that nobody waits
	// behind it.
	aloneFrom = mostBytes
)

// grouping is a hook that sends scripts which are called at the same time to Redis
// together. While a group is in flight the next one fills: nothing waits for a
// timer, and a lone command goes at once. Each caller keeps its own deadline and
// gets its own answer; one that gives up may have its command executed all the
// same, as with any command.
type grouping struct {
	client *redis.Client
	most   int           // groups in flight
	within time.Duration // bounds one group

	mu      sync.Mutex
	flying  int // groups and lone commands
	waiting []*together
}

// together is one command of a group. It is a copy, since a caller that gave up
// may look at its own while the group is still under way.
type together struct {
	cmd  *redis.Cmd
	ctx  context.Context //nolint:containedctx // the caller's, which says whether anybody still waits
	size int
	done chan struct{}
}

// group puts the hook on a client that has connections for so many groups.
func group(client *redis.Client, most int, within time.Duration) {
	client.AddHook(&grouping{client: client, most: most, within: within})
}

// DialHook changes nothing.
func (g *grouping) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

// ProcessPipelineHook changes nothing: a pipeline is a group already.
func (g *grouping) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// ProcessHook lets scripts travel together; whatever else is asked goes alone, as
// do large ones.
func (g *grouping) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		script, ok := cmd.(*redis.Cmd)
		if !ok {
			return next(ctx, cmd)
		}
		size := sizeOf(script)
		if size >= aloneFrom {
			return next(ctx, cmd)
		}
		m := g.board(ctx, script, size)
		if m == nil {
			defer g.land()
			return next(ctx, cmd)
		}
		select {
		case <-m.done:
			script.SetVal(m.cmd.Val())
			script.SetErr(m.cmd.Err())
		case <-ctx.Done():
			script.SetErr(ctx.Err())
		}
		return script.Err()
	}
}

// sizeOf is about what a command takes on the wire.
func sizeOf(cmd *redis.Cmd) int {
	n := 0
	for _, arg := range cmd.Args() {
		switch v := arg.(type) {
		case string:
			n += len(v)
		case []byte:
			n += len(v)
		}
	}
	return n
}

// board finds a command its place in the next group. nil: nobody has to be waited
// for, it goes at once, and its caller calls land when it is back.
func (g *grouping) board(ctx context.Context, cmd *redis.Cmd, size int) *together {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.flying < g.most {
		g.flying++
		return nil
	}
	m := &together{cmd: redis.NewCmd(ctx, cmd.Args()...), ctx: ctx, size: size, done: make(chan struct{})}
	g.waiting = append(g.waiting, m)
	return m
}

// land lets those go who met while a command was in flight.
func (g *grouping) land() {
	if next := g.depart(); next != nil {
		go g.fly(next)
	}
}

// depart takes the next group off those who wait; nil: nobody waits, and there is
// room in flight again.
func (g *grouping) depart() []*together {
	g.mu.Lock()
	defer g.mu.Unlock()
	n, bytes := 0, 0
	for n < len(g.waiting) && n < mostTogether && (n == 0 || bytes+g.waiting[n].size <= mostBytes) {
		bytes += g.waiting[n].size
		n++
	}
	if n == 0 {
		g.flying--
		g.waiting = nil
		return nil
	}
	next := g.waiting[:n:n]
	g.waiting = g.waiting[n:]
	return next
}

// fly sends group after group until nobody waits.
func (g *grouping) fly(group []*together) {
	for ; group != nil; group = g.depart() {
		g.send(group)
	}
}

var errNoAnswer = errors.New("redis gave no answer")

// send is one round trip. Who gave up while waiting is left behind.
func (g *grouping) send(group []*together) {
	ctx, cancel := context.WithTimeout(context.Background(), g.within)
	defer cancel()
	pipe := g.client.Pipeline()
	for _, m := range group {
		if err := m.ctx.Err(); err != nil {
			m.cmd.SetErr(err)
			continue
		}
		m.cmd.SetErr(errNoAnswer) // unless one comes
		_ = pipe.Process(ctx, m.cmd)
	}
	_, err := pipe.Exec(ctx)
	for _, m := range group {
		if err != nil && errors.Is(m.cmd.Err(), errNoAnswer) {
			m.cmd.SetErr(err)
		}
		close(m.done)
	}
}
