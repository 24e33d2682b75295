package handlers

import (
	"context"
	"errors"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// How long a call waits for its rate. What a shop just told goes back to the queue
// soon, which waits better; all else has its place in the line until its turn comes.
const (
	shortPatience = 5 * time.Second
	longPatience  = time.Minute
)

// Await is Limiter.Wait for no longer than the lane of ctx bears. Its error is
// RateLimited with RetryAfter; Unavailable where ctx ended or there is no limiter.
func Await(ctx context.Context, l Limiter, key string, cost float64) (grant string, err error) {
	most := longPatience
	if LaneOf(ctx) == LaneLive {
		most = shortPatience
	}
	short, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	if grant, err = l.Wait(short, key, cost); err == nil {
		return grant, nil
	}
	e := &commerce.Error{Op: "rate", Reason: commerce.RateLimited, RetryAfter: shortPatience, Detail: "the shop's rate limit is used up"}
	var limited *commerce.Error
	switch {
	case errors.As(err, &limited):
		e.Reason, e.RetryAfter = limited.Reason, max(limited.RetryAfter, time.Second)
	case ctx.Err() != nil || !errors.Is(err, context.DeadlineExceeded):
		e.Reason, e.RetryAfter, e.Detail, e.Err = commerce.Unavailable, 0, "gave up waiting for the shop's rate limit", err
	}
	return "", e
}
