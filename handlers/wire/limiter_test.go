package wire

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func wait(ctx context.Context, l *LocalLimiter, key string, cost float64) error {
	_, err := l.Wait(ctx, key, cost)
	return err
}

func TestLimiterLetsCallersLeaveAsPointsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		require.NoError(t, wait(t.Context(), l, "fi", 1e9), "unknown buckets are not limited")
		l.Done("fi", "", commerce.Quota{Available: 100, Maximum: 1000, Restore: 50})
		begun := time.Now()
		require.NoError(t, wait(t.Context(), l, "fi", 100))
		require.Zero(t, time.Since(begun))
		require.NoError(t, wait(t.Context(), l, "fi", 100))
		require.Equal(t, 2*time.Second, time.Since(begun).Round(time.Millisecond))
		require.NoError(t, wait(t.Context(), l, "se", 100), "other shops are not held up")
		require.Equal(t, 2*time.Second, time.Since(begun).Round(time.Millisecond))
	})
}

func TestLimiterWakesCallersWhenReservedPointsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		l.Done("fi", "", commerce.Quota{Available: 0, Maximum: 1000, Restore: 1})
		done := make(chan error)
		begun := time.Now()
		go func() { done <- wait(t.Context(), l, "fi", 900) }()
		synctest.Wait()
		l.Done("fi", "", commerce.Quota{Available: 950, Maximum: 1000, Restore: 1})
		require.NoError(t, <-done)
		require.Zero(t, time.Since(begun))
	})
}

func TestLimiterReturnsRateLimitedAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := NewLimiter()
		l.Done("fi", "", commerce.Quota{Available: 0, Maximum: 1000, Restore: 10})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := wait(ctx, l, "fi", 100)
		var ours *commerce.Error
		require.ErrorAs(t, err, &ours)
		require.Equal(t, commerce.RateLimited, ours.Reason)
		require.Equal(t, 10*time.Second, ours.RetryAfter.Round(time.Second))
		begun := time.Now()
		require.NoError(t, wait(t.Context(), l, "fi", 10))
		require.Zero(t, time.Since(begun), "what was refused was not spent")
	})
}
