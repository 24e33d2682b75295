package handlers_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// full is a limiter that grants nothing.
type full struct{ fails error }

func (f full) Wait(ctx context.Context, _ string, _ float64) (string, error) {
	if f.fails != nil {
		return "", f.fails
	}
	<-ctx.Done()
	return "", &commerce.Error{Reason: commerce.RateLimited, RetryAfter: 7 * time.Second}
}

func (full) Done(string, string, commerce.Quota) {}

func TestACallWaitsForItsRateAsLongAsItsLaneBears(t *testing.T) {
	for lane, want := range map[handlers.Lane]time.Duration{
		handlers.LaneLive: 5 * time.Second, handlers.LaneOperator: time.Minute, handlers.LaneSweep: time.Minute,
	} {
		synctest.Test(t, func(t *testing.T) {
			begun := time.Now()
			_, err := handlers.Await(handlers.WithLane(t.Context(), lane), full{}, "test/fi", 1)
			require.Equal(t, want, time.Since(begun), lane)
			var e *commerce.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, commerce.RateLimited, e.Reason)
			require.Equal(t, 7*time.Second, e.RetryAfter)
		})
	}
}

func TestWhatEndsAWaitForARateIsSaid(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := handlers.Await(ended, full{fails: context.Canceled}, "test/fi", 1)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "%v", err)
	_, err = handlers.Await(t.Context(), full{fails: errors.New("odd")}, "test/fi", 1)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "%v", err)
	_, err = handlers.Await(t.Context(), full{fails: &commerce.Error{Reason: commerce.Unavailable, Detail: "Redis is away"}}, "test/fi", 1)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "%v", err)
}
