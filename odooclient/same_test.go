package odooclient

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// On a real 17 the same new order twice in one load got its lines twice, although
// order and lines carried external ids: 10.00 became 20.00.
func TestTheSameRecordIsNeverTwiceInOneCallNorInTwoAtOnce(t *testing.T) {
	var mu sync.Mutex
	inFlight := map[any]int{}
	f := &fakeOdoo{gated: true}
	f.handle = func(_ context.Context, c call) (any, error) {
		for _, row := range c.rows() {
			mu.Lock()
			inFlight[row[0]]++
			doubled := inFlight[row[0]] > 1
			mu.Unlock()
			if doubled {
				return nil, pyError{"Doubled", row[0].(string)}
			}
		}
		mu.Lock()
		defer mu.Unlock()
		for _, row := range c.rows() {
			inFlight[row[0]]--
		}
		return loadIDs(c), nil
	}
	bubble(t, f, 4, func(t *testing.T, c *Client) {
		var all sync.WaitGroup
		var failed atomic.Int32
		for range 3 {
			for n := range 40 {
				all.Go(func() {
					if id, err := c.Load(t.Context(), partners, partner(n)); err != nil || id != int64(n+1000) {
						failed.Add(1)
					}
				})
			}
		}
		synctest.Wait()
		close(f.gate)
		all.Wait()
		require.Zero(t, failed.Load())
	})
}
