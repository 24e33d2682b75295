package tasks

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestEveryReasonHasItsVerdict(t *testing.T) {
	want := map[commerce.Reason]Outcome{
		commerce.Invalid: Parked, commerce.Unauthorized: Parked, commerce.NotFound: Parked, commerce.TooLarge: Parked,
		commerce.Missing: Parked, commerce.Exists: Parked, commerce.Diverged: Parked, commerce.Mismatch: Parked, commerce.Held: Parked,
		commerce.Ignored: Skipped, commerce.RateLimited: Snooze,
		commerce.Denied: Retry, commerce.Conflict: Retry, commerce.Unavailable: Retry, commerce.Internal: Retry,
	}
	for _, r := range commerce.Reasons() {
		err := fmt.Errorf("book: %w", &commerce.Error{Reason: r, Detail: "what was found", Remedy: "what to do", Needs: []string{"sku/fi/X"}})
		v := verdict(err, 1)
		require.Equal(t, want[r], v.Outcome, "reason %s", r)
		require.Equal(t, string(r), v.Reason)
		require.Equal(t, "what was found", v.Detail)
		require.Equal(t, "what to do", v.Remedy)
	}
}

func TestVerdictsOfWhatIsNobodysFault(t *testing.T) {
	require.Equal(t, Snooze, verdict(errLeaseLost, 1).Outcome)
	require.Equal(t, Snooze, verdict(fmt.Errorf("x: %w", context.Canceled), 1).Outcome)
	require.Equal(t, 7*time.Second, verdict(&commerce.Error{Reason: commerce.RateLimited, RetryAfter: 7 * time.Second}, 1).After)
	require.Equal(t, Retry, verdict(errors.New("boom"), maxAttempts-1).Outcome)
	require.Equal(t, Failed, verdict(errors.New("boom"), maxAttempts).Outcome)
	require.Equal(t, Retry, verdict(&commerce.Error{Reason: commerce.Unavailable}, 1000).Outcome, "an outage must never end in failed")
}

func TestAPauseGrowsWithJitterUpToTheConfiguredMost(t *testing.T) {
	w := &Worker{cfg: config.Worker{Retry: 10 * time.Second}}
	for n, most := range []time.Duration{1, 2, 4, 8, 10, 10, 10} {
		for range 50 {
			got := w.retryDelay(n, errors.New("x"), nil)
			require.LessOrEqual(t, got, most*time.Second, "attempt %d", n)
			require.GreaterOrEqual(t, got, most*time.Second/2, "attempt %d", n)
		}
	}
	asked := w.retryDelay(3, &again{Verdict{After: 7 * time.Second}}, nil)
	require.InDelta(t, 7.35, asked.Seconds(), 0.35, "what the other side asked for, and a little jitter")
	asked = w.retryDelay(3, &again{Verdict{After: 11 * 24 * time.Hour}}, nil)
	require.LessOrEqual(t, asked, 11*time.Second, "whoever asks for days is asked again before")
}

func TestASnoozeIsNoFailure(t *testing.T) {
	require.False(t, isFailure(&again{Verdict{Outcome: Snooze}}))
	require.True(t, isFailure(&again{Verdict{Outcome: Retry}}))
	require.True(t, isFailure(errors.New("x")))
}

func TestTheGateLetsNobodyThroughUntilAProbeSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		probes := 0
		g := &gate{probe: func(context.Context) error {
			if probes++; probes < 4 {
				return errors.New("away")
			}
			return nil
		}}
		require.NoError(t, g.wait(t.Context()))
		g.trip(t.Context())
		g.trip(t.Context())
		start := time.Now()
		require.NoError(t, g.wait(t.Context()))
		require.Equal(t, (200+400+800)*time.Millisecond, time.Since(start))
		require.Equal(t, 4, probes, "one goroutine probes for everybody")
		g.close()
	})
}

func TestAWaiterAtTheGateLeavesWithItsOwnContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base, stop := context.WithCancel(t.Context())
		g := &gate{probe: func(context.Context) error { return errors.New("away") }}
		g.trip(base)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		require.ErrorIs(t, g.wait(ctx), context.DeadlineExceeded)
		stop()
		g.close()
	})
}
