package tasks

import (
	"context"
	_ "embed"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"

	"github.com/odoogate/odoogate/handlers/commerce"
)

//go:embed scripts/beside.lua
var besideLua string

//go:embed scripts/settle.lua
var settleLua string

var (
	besideScript = redis.NewScript(besideLua)
	settleScript = redis.NewScript(settleLua)
)

// beside is the lease of a second record for a run that holds one, so that nobody else
// works on that record meanwhile; nil: somebody has it, went silent with it, or may have
// it as long as no lease is given, and comes first. What comes for the record while it is
// held is coalesced, and is for settle to ask for. A run that dies with it is seen by the
// rescuer, as of any lease.
func (l leases) beside(ctx context.Context, ref commerce.Ref) (*lease, error) {
	held := &lease{leases: l, ref: ref, token: uuid.NewString(), done: make(chan struct{}), until: time.Now().Add(l.ttl)}
	ours, err := l.run(ctx, besideScript, []string{leaseKey(ref), leasesKey(ref.Shop), leasesFromKey}, held.token, l.ttl.Milliseconds(), member(ref)).Bool()
	if err != nil {
		return nil, fmt.Errorf("lease of %s: %w", ref, err)
	}
	if !ours {
		return nil, nil //nolint:nilnil // nobody's fault, and nothing to hold
	}
	held.ctx, held.stop = context.WithCancelCause(ctx)
	go held.heartbeat()
	return held, nil
}

// settled writes fields of the record down that the account of a contact is now known by,
// none: nothing, and gives the lease back. email is the contact's: its account is not being
// made any more. Where more came for the record meanwhile, it
// answers leaseAgain and keeps it, unless final.
func (l *lease) settled(ctx context.Context, contact commerce.Ref, email string, fields []any, final bool) (leaseAnswer, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	l.asking.Lock()
	defer l.asking.Unlock()
	args := append([]any{l.token, member(l.ref), flag(final), doneFor.Milliseconds(), l.ref.ID}, fields...)
	answer, err := settleScript.Run(ctx, l.rdb, []string{leaseKey(l.ref), leasesKey(l.ref.Shop), recordKey(l.ref), accountKey(contact), recordKey(contact), newKey(l.ref.Shop, email)}, args...).Text()
	l.left = err != nil || leaseAnswer(answer) != leaseAgain
	if err != nil {
		return "", &commerce.Error{Op: "settle", Reason: commerce.Unavailable, Ref: l.ref, Err: err}
	}
	return leaseAnswer(answer), nil
}
