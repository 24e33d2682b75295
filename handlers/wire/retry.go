package wire

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

type repeatableKey struct{}

// Repeatable declares that sending the request twice does no harm. Nothing else
// is ever repeated, whatever its method: a shop may book a GET.
func Repeatable(req *http.Request) *http.Request {
	return req.WithContext(context.WithValue(req.Context(), repeatableKey{}, true))
}

func isRepeatable(req *http.Request) bool {
	declared, _ := req.Context().Value(repeatableKey{}).(bool)
	return declared && (req.Body == nil || req.Body == http.NoBody || req.GetBody != nil)
}

// retry sends a repeatable request again when there was no answer or one that
// says so, after the pause that the remote asked for or one of its own.
type retry struct {
	next http.RoundTripper
	rule Retry
}

// RoundTrip returns the last attempt's answer or error.
func (l retry) RoundTrip(req *http.Request) (*http.Response, error) {
	if !isRepeatable(req) {
		return l.next.RoundTrip(req)
	}
	for attempt := 1; ; attempt++ {
		resp, err := l.next.RoundTrip(req)
		if attempt >= l.rule.Attempts || !again(req, resp, err) {
			return resp, err
		}
		pause := l.pause(attempt, resp)
		if pause > l.rule.Patience || !enough(req.Context(), pause) {
			return resp, err
		}
		if resp != nil {
			drain(resp)
		}
		if err := Pause(req.Context(), pause); err != nil {
			return nil, err
		}
		if req, err = rewound(req); err != nil {
			return nil, err
		}
	}
}

// again tells passing trouble from answers that would only come once more.
func again(req *http.Request, resp *http.Response, err error) bool {
	if req.Context().Err() != nil {
		return false
	}
	if err != nil {
		return !isOurs(err)
	}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// pause is what the remote asked for, else a doubling one with jitter.
func (l retry) pause(attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, ok := RetryAfter(resp.Header, time.Now()); ok {
			return wait
		}
	}
	d := l.rule.Pause << (attempt - 1)
	return d/2 + rand.N(d/2+1)
}

// longestWait is the longest pause that a remote may mean.
const longestWait = 1_000_000 * time.Second

// RetryAfter reads the header of that name: seconds, with or without a fraction,
// or a date. What is further away than anybody means is not read.
func RetryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	text := h.Get("Retry-After")
	if seconds, err := strconv.ParseFloat(text, 64); err == nil && seconds >= 0 && seconds < longestWait.Seconds() {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if at, err := http.ParseTime(text); err == nil && at.Sub(now) < longestWait {
		return max(0, at.Sub(now)), true
	}
	return 0, false
}

// enough reports whether ctx leaves time for a pause.
func enough(ctx context.Context, pause time.Duration) bool {
	end, bounded := ctx.Deadline()
	return !bounded || time.Until(end) > pause
}

func rewound(req *http.Request) (*http.Request, error) {
	next := req.Clone(req.Context())
	if req.GetBody == nil {
		return next, nil
	}
	body, err := req.GetBody()
	next.Body = body
	return next, err
}

// drain lets the connection be used again.
func drain(resp *http.Response) {
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // the answer is not wanted
	_ = resp.Body.Close()
}

// Pause waits for d, or returns the error of ctx when that ends first.
func Pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// Patiently asks again for as long as ctx lasts, while the remote only wants to be
// asked later.
func Patiently(ctx context.Context, ask func() error) error {
	for {
		err := ask()
		var limited *commerce.Error
		if !errors.As(err, &limited) || limited.Reason != commerce.RateLimited || Pause(ctx, max(limited.RetryAfter, time.Second)) != nil {
			return err
		}
	}
}
