package commerce

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Reason is why something failed: a small closed set, read in three places
// only: the HTTP status in gateway, the verdict in tasks, the label in metrics.
type Reason string

// The reasons.
const (
	Invalid      Reason = "invalid"      // the input can never work as it is
	Unauthorized Reason = "unauthorized" // the sender did not prove who it is
	Denied       Reason = "denied"       // our own credentials or rights do not suffice
	NotFound     Reason = "not_found"    // the record is not there
	TooLarge     Reason = "too_large"    // beyond the documented bound
	Ignored      Reason = "ignored"      // genuine, and nothing to do
	Missing      Reason = "missing"      // something must be mapped or made first; see Needs
	Exists       Reason = "exists"       // somebody else's record stands in the place
	Diverged     Reason = "diverged"     // changed on the other side; a person decides
	Mismatch     Reason = "mismatch"     // written and read back unequal
	Held         Reason = "held"         // waits for a person's word, see Remedy
	Conflict     Reason = "conflict"     // lost a race; at once again
	RateLimited  Reason = "rate_limited" // ask again after RetryAfter
	Unavailable  Reason = "unavailable"  // the other side is away or answered nonsense
	Internal     Reason = "internal"     // our own fault
)

// Reasons lists every reason, for metrics that show all series from the start.
func Reasons() []Reason {
	return []Reason{Invalid, Unauthorized, Denied, NotFound, TooLarge, Ignored, Missing, Exists,
		Diverged, Mismatch, Held, Conflict, RateLimited, Unavailable, Internal}
}

// Error says what was done (Op), why it failed, for which record, what a person
// can do about it, and when asking again makes sense. Its text holds no secret
// and no personal data.
type Error struct {
	Op     string
	Reason Reason
	Ref    Ref
	// Detail is what was found, in one sentence, for people.
	Detail string
	// Remedy is what a person should do, in one sentence.
	Remedy string
	// Needs are the things whose appearance lets this run again by itself, for
	// example "sku/fi/ABC" or "tax/fi/25.5/FI/incl".
	Needs []string
	// RetryAfter is how long the other side asked us to wait.
	RetryAfter time.Duration
	Err        error
}

func (e *Error) Error() string {
	var b strings.Builder
	if !e.Ref.IsZero() {
		b.WriteString(e.Ref.String() + ": ")
	}
	switch {
	case e.Detail != "":
		b.WriteString(e.Detail)
	case e.Op != "":
		b.WriteString(e.Op + ": " + string(e.Reason))
	default:
		b.WriteString(string(e.Reason))
	}
	if e.Err != nil {
		fmt.Fprintf(&b, ": %v", e.Err)
	}
	if e.Remedy != "" {
		b.WriteString("; " + e.Remedy)
	}
	return b.String()
}

func (e *Error) Unwrap() error { return e.Err }

// ReasonOf is the reason of the first Error in err's chain, Internal for any
// other error and "" for nil.
func ReasonOf(err error) Reason {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Reason
	}
	return Internal
}
