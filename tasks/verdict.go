package tasks

import (
	"context"
	"errors"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Outcome is how one run of a task ended.
type Outcome string

// The outcomes.
const (
	Done      Outcome = "done"
	Duplicate Outcome = "duplicate" // this very event was handled before
	Skipped   Outcome = "skipped"   // nothing to do, with the reason
	Stale     Outcome = "stale"     // a newer state was applied before
	Coalesced Outcome = "coalesced" // another run of the same record does it
	Parked    Outcome = "parked"    // a person must look; the remedy says at what
	Retry     Outcome = "retry"     // failed for now, runs again by itself
	Snooze    Outcome = "snooze"    // told to wait; costs no attempt
	Failed    Outcome = "failed"    // failed too often; a person must look
)

// Outcomes lists them all, for metrics that show all series from the start.
func Outcomes() []Outcome {
	return []Outcome{Done, Duplicate, Skipped, Stale, Coalesced, Parked, Retry, Snooze, Failed}
}

// maxAttempts is how often a record fails before a person is asked: with the
// default pauses a little over five hours. Our own faults are given up then;
// outages and missing rights are still tried.
const maxAttempts = 30

// Verdict is an outcome with what a person needs to know about it.
type Verdict struct {
	Outcome Outcome
	Reason  string // a commerce.Reason, or why it was skipped
	Detail  string // what was found, one sentence
	Remedy  string // what to do, one sentence
	Needs   []string
	After   time.Duration // snooze: ask again after

	op string // what was done when it failed
}

// verdict turns what went wrong into what happens next. attempt counts from 1.
func verdict(err error, attempt int) Verdict {
	if errors.Is(err, errLeaseLost) || errors.Is(err, context.Canceled) {
		return Verdict{Outcome: Snooze, Reason: string(commerce.Conflict), Detail: err.Error(), After: time.Second}
	}
	var e *commerce.Error
	switch {
	case errors.As(err, &e):
	case errors.Is(err, context.DeadlineExceeded): // the run's own time is over
		e = &commerce.Error{Reason: commerce.Unavailable, Err: err}
	default:
		e = &commerce.Error{Reason: commerce.Internal, Err: err}
	}
	v := Verdict{Outcome: Retry, Reason: string(e.Reason), Detail: detail(e), Remedy: e.Remedy, Needs: e.Needs, op: e.Op}
	switch e.Reason {
	case commerce.Invalid, commerce.NotFound, commerce.TooLarge, commerce.Unauthorized,
		commerce.Missing, commerce.Exists, commerce.Diverged, commerce.Mismatch, commerce.Held:
		v.Outcome = Parked
	case commerce.Ignored:
		v.Outcome = Skipped
	case commerce.RateLimited:
		v.Outcome, v.After = Snooze, max(e.RetryAfter, time.Second)
	case commerce.Internal:
		if attempt >= maxAttempts {
			v.Outcome = Failed
		}
	default: // an outage heals by itself, however long it takes
		v.After = e.RetryAfter
	}
	return v
}

// detail is the error's sentence without its remedy, which stands by itself.
func detail(e *commerce.Error) string {
	bare := *e
	bare.Remedy, bare.Ref = "", commerce.Ref{}
	return bare.Error()
}

// again is what a task returns to Asynq to be run once more.
type again struct {
	verdict Verdict
}

func (a *again) Error() string { return string(a.verdict.Outcome) + ": " + a.verdict.Reason }
