package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// script answers with one step after the other and keeps the bodies it got.
type script struct {
	steps  []func() (*http.Response, error)
	bodies []string
}

func (s *script) RoundTrip(req *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	s.bodies = append(s.bodies, string(raw))
	step := s.steps[min(len(s.bodies), len(s.steps))-1]
	return step()
}

func status(code int, headers ...string) func() (*http.Response, error) {
	return func() (*http.Response, error) { return answer(code, "", headers...), nil }
}

func broken() (*http.Response, error) { return nil, errors.New("connection reset") }

func TestRetry(t *testing.T) {
	for _, tc := range []struct {
		name       string
		steps      []func() (*http.Response, error)
		repeatable bool
		attempts   int
		waited     time.Duration // at least
		status     int           // 0: an error
	}{
		{"waits out a short pause", []func() (*http.Response, error){status(429, "Retry-After", "2"), status(200)}, true, 2, 2 * time.Second, 200},
		{"gives back a long pause at once", []func() (*http.Response, error){status(429, "Retry-After", "60"), status(200)}, true, 1, 0, 429},
		{"sends again after a broken connection", []func() (*http.Response, error){broken, broken, status(200)}, true, 3, 300 * time.Millisecond, 200},
		{"gives up after its attempts", []func() (*http.Response, error){broken}, true, 3, 0, 0},
		{"never repeats what was not declared", []func() (*http.Response, error){status(503), status(200)}, false, 1, 0, 503},
		{"does not repeat what would only come again", []func() (*http.Response, error){status(500), status(200)}, true, 1, 0, 500},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{steps: tc.steps}
				req := request(t, "POST", "body")
				if tc.repeatable {
					req = Repeatable(req)
				}
				begun := time.Now()
				resp, err := retry{next: s, rule: Policy{}.withDefaults().Retry}.RoundTrip(req)
				require.Len(t, s.bodies, tc.attempts)
				for _, b := range s.bodies {
					require.Equal(t, "body", b)
				}
				require.GreaterOrEqual(t, time.Since(begun), tc.waited)
				if tc.status == 0 {
					require.Error(t, err)
					return
				}
				require.NoError(t, err)
				require.Equal(t, tc.status, resp.StatusCode)
			})
		})
	}
}

func TestRetryDoesNotWaitBeyondTheCallersDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		s := &script{steps: []func() (*http.Response, error){status(503, "Retry-After", "2")}}
		begun := time.Now()
		resp, err := retry{next: s, rule: Policy{}.withDefaults().Retry}.RoundTrip(Repeatable(request(t, "POST", "x").WithContext(ctx)))
		require.NoError(t, err)
		require.Equal(t, 503, resp.StatusCode)
		require.Zero(t, time.Since(begun))
	})
}

func TestRetryAfterIsReadInBothForms(t *testing.T) {
	now := time.Date(2026, 11, 22, 1, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{
		"2": 2 * time.Second, "2.5": 2500 * time.Millisecond, "Sun, 22 Nov 2026 01:00:30 GMT": 30 * time.Second,
		"Sun, 22 Nov 2026 00:00:00 GMT": 0,
	} {
		got, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		require.True(t, ok, text)
		require.Equal(t, want, got, text)
	}
	for _, text := range []string{"", "-1", "soon", "1e300", "NaN"} {
		_, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		require.False(t, ok, text)
	}
}

func TestPatientlyWaitsOutRateLimitsAndNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limited := &commerce.Error{Reason: commerce.RateLimited, RetryAfter: time.Minute}
		begun, asked := time.Now(), 0
		require.NoError(t, Patiently(t.Context(), func() error {
			if asked++; asked < 3 {
				return fmt.Errorf("page 2: %w", limited)
			}
			return nil
		}))
		require.Equal(t, 2*time.Minute, time.Since(begun))
		denied := &commerce.Error{Reason: commerce.Denied}
		require.Equal(t, denied, Patiently(t.Context(), func() error { return denied }))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		require.Equal(t, limited, Patiently(ctx, func() error { return limited }))
	})
}
