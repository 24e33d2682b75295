package wire

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestLimiterLetsCallersLeaveAsPointsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		require.NoError(t, l.Wait(t.Context(), "fi", 1e9), "unknown buckets are not limited")
		l.Observe("fi", 100, 1000, 50)
		begun := time.Now()
		require.NoError(t, l.Wait(t.Context(), "fi", 100))
		require.Zero(t, time.Since(begun))
		require.NoError(t, l.Wait(t.Context(), "fi", 100))
		require.Equal(t, 2*time.Second, time.Since(begun).Round(time.Millisecond))
		require.NoError(t, l.Wait(t.Context(), "se", 100), "other shops are not held up")
		require.Equal(t, 2*time.Second, time.Since(begun).Round(time.Millisecond))
	})
}

func TestLimiterWakesCallersWhenReservedPointsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		l.Observe("fi", 0, 1000, 1)
		done := make(chan error)
		begun := time.Now()
		go func() { done <- l.Wait(t.Context(), "fi", 900) }()
		synctest.Wait()
		l.Observe("fi", 950, 1000, 1)
		require.NoError(t, <-done)
		require.Zero(t, time.Since(begun))
	})
}

func TestLimiterReturnsRateLimitedAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		l.Observe("fi", 0, 1000, 10)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := l.Wait(ctx, "fi", 100)
		var ours *commerce.Error
		require.ErrorAs(t, err, &ours)
		require.Equal(t, commerce.RateLimited, ours.Reason)
		require.Equal(t, 10*time.Second, ours.RetryAfter.Round(time.Second))
		begun := time.Now()
		require.NoError(t, l.Wait(t.Context(), "fi", 10))
		require.Zero(t, time.Since(begun), "what was refused was not spent")
	})
}
