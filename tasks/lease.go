package tasks

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

//go:embed scripts/enter.lua
var enterLua string

//go:embed scripts/leave.lua
var leaveLua string

var (
	enterScript = redis.NewScript(eventLua + enterLua)
	leaveScript = redis.NewScript(eventLua + leaveLua)
)

// errLeaseLost says that another worker holds the record now; whatever is left
// to do is its work.
var errLeaseLost = errors.New("the record's lease went to another worker")

// What enter and leave answer.
type leaseAnswer string

const (
	leasePaused leaseAnswer = "paused" // no order of the shop is worked on
	leaseFree   leaseAnswer = "free"
	leaseTook   leaseAnswer = "took" // the holder before us went silent without an outcome
	leaseHeld   leaseAnswer = "held" // another works on it and was told that more came
	leaseSeen   leaseAnswer = "seen" // this very event was handled before
	leaseAgain  leaseAnswer = "again"
	leaseLost   leaseAnswer = "lost"
	leaseForgot leaseAnswer = "unknown" // free, and Redis has forgotten the event
	leaseUnset  leaseAnswer = "unset"   // it is to be looked whether Redis forgot leases
	leaseLapsed leaseAnswer = "lapsed"  // taken again: it was gone, and another may have had it meanwhile
)

// leases hands out the right to work on one record: one holder at a time, for
// as long as it gives signs of life. All keys of a shop share one hash tag.
type leases struct {
	rdb   *redis.Client
	ttl   time.Duration
	lasts time.Duration // how long orders are found by number and customer; 0: for ever
	seen  *atomic.Bool  // this process asked this Redis before
}

// lease is a right that was handed out. Its context ends when the right does.
type lease struct {
	leases
	ref   commerce.Ref
	event arrival // whose run it is
	token string
	took  bool

	ctx  context.Context
	stop context.CancelCauseFunc
	done chan struct{}

	mu     sync.Mutex
	until  time.Time // by our clock, never later than Redis's deadline
	lapsed bool      // it was gone for a while
	looked bool      // what another run wrote meanwhile was looked for, since

	asking sync.Mutex // held while Redis is asked: a heartbeat must not take again what is given back
	left   bool
}

// enter asks for the record of an event and writes down that it came. Unless it
// answers free or took, there is no lease and somebody else does the work. An
// operator's or repair run (with a nonce) is never "seen". After a Redis came back that
// may have forgotten leases, it waits until none of these can be held any more.
func (l leases) enter(ctx context.Context, a arrival) (*lease, leaseAnswer, error) {
	token, start := uuid.NewString(), time.Time{}
	answer, err := await(ctx, func() (leaseAnswer, error) {
		start = time.Now()
		args := append([]any{listsKey(a.Ref.Shop), a.id, since(a.Received, start), a.Received.UnixMilli(), a.packed}, a.fields()...)
		return l.ask(ctx, a.Aggregate, token, append([]string{seenKey(a.Event), pausedKey(a.Ref.Shop)}, a.keys()...), args...)
	})
	if err != nil || (answer != leaseFree && answer != leaseTook) {
		return nil, answer, err
	}
	held := &lease{leases: l, ref: a.Aggregate, event: a, token: token, took: answer == leaseTook,
		done: make(chan struct{}), until: start.Add(l.ttl)}
	held.ctx, held.stop = context.WithCancelCause(ctx)
	go held.heartbeat()
	return held, answer, nil
}

// ask runs the script, and once more where it says that it is to be looked first whether
// leases were forgotten.
func (l leases) ask(ctx context.Context, ref commerce.Ref, token string, keys []string, event ...any) (leaseAnswer, error) {
	keys = append(append([]string{leaseKey(ref), leasesKey(ref.Shop)}, keys...), leasesFromKey)
	args := append([]any{token, l.ttl.Milliseconds(), member(ref)}, event...)
	answer, err := l.run(ctx, enterScript, keys, args...).Text()
	if leaseAnswer(answer) == leaseUnset {
		if _, err = l.bar(ctx); err == nil {
			answer, err = l.run(ctx, enterScript, keys, args...).Text()
		}
	}
	if err == nil && leaseAnswer(answer) == leaseUnset {
		err = errEmptied
	}
	if err != nil {
		return "", fmt.Errorf("lease of %s: %w", ref, err)
	}
	if l.seen != nil {
		l.seen.Store(true)
	}
	return leaseAnswer(answer), nil
}

// noEvent stands for the keys of an event where none is written down.
var noEvent = []string{"", "", "", "", "", ""}

// heartbeat extends the lease while the work goes on.
func (l *lease) heartbeat() {
	defer close(l.done)
	tick := time.NewTicker(l.ttl / 4)
	defer tick.Stop()
	for {
		select {
		case <-l.ctx.Done():
			return
		case <-tick.C:
		}
		if l.extend() {
			return
		}
	}
}

// extend asks for more time. Who is late has lost the lease, even if it is free:
// another may have had it and given it back since.
func (l *lease) extend() (lost bool) {
	l.asking.Lock()
	defer l.asking.Unlock()
	if l.left {
		return true
	}
	start := time.Now()
	l.mu.Lock()
	late := start.After(l.until)
	l.mu.Unlock()
	if late {
		l.stop(errLeaseLost)
		return true
	}
	answer, err := l.ask(l.ctx, l.ref, l.token, noEvent)
	switch {
	case err == nil && answer == leaseHeld:
		l.stop(errLeaseLost)
		return true
	case err == nil:
		l.mu.Lock()
		l.until = start.Add(l.ttl)
		if answer == leaseLapsed || answer == leaseTook {
			l.lapsed, l.looked = true, false
		}
		l.mu.Unlock()
	}
	return false
}

// still is asked before each write: it fails once the lease is gone or may be.
func (l *lease) still(ctx context.Context) error {
	if err := context.Cause(l.ctx); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if time.Now().After(l.until) {
		return errLeaseLost
	}
	return nil
}

// leave writes down how the run ended and gives the lease back, unless more
// came meanwhile: then it is still ours and the record must be looked at again.
// With final it is given back all the same.
func (l *lease) leave(ctx context.Context, end ending, final bool) (leaseAnswer, error) {
	shop, v := l.ref.Shop, end.verdict
	keys := []string{leaseKey(l.ref), leasesKey(shop), recordKey(l.ref), parkedKey(shop), end.seen, waitingKey(shop),
		entryKey(shop, l.event.id), openKey(shop, member(l.ref)), "", ""}
	if end.number != "" {
		keys[8] = numberKey(shop, end.number)
	}
	if end.customer != "" {
		keys[9] = ordersKey(shop, end.customer)
	}
	args := []any{l.token, member(l.ref), l.ttl.Milliseconds(), flag(final), end.place(),
		end.remember().Milliseconds(), end.keep().Milliseconds(),
		listsKey(shop), l.event.id, string(v.Outcome), writeSteps(l.event.Received, end.steps), v.Reason, v.Detail, v.Remedy, end.number, l.lasts.Milliseconds()}
	l.asking.Lock()
	defer l.asking.Unlock()
	if l.unlooked() {
		return leaseLost, nil
	}
	start := time.Now()
	answer, err := leaveScript.Run(ctx, l.rdb, keys, append(args, end.fields()...)...).Text()
	l.left = err != nil || leaseAnswer(answer) != leaseAgain
	if err != nil {
		return "", fmt.Errorf("leave %s: %w", l.ref, err)
	}
	if leaseAnswer(answer) == leaseForgot {
		return leaseFree, NewJournal(l.rdb).note(ctx, l.event, v, member(l.ref))
	}
	if leaseAnswer(answer) == leaseAgain {
		l.mu.Lock()
		l.until = start.Add(l.ttl)
		l.mu.Unlock()
	}
	return leaseAnswer(answer), nil
}

// close ends the heartbeat and waits for it. The lease itself ends by leave or
// by its deadline.
func (l *lease) close() {
	l.stop(context.Canceled)
	<-l.done
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}
