package odooclient

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// inLine starts takers of the given sizes one after the other and returns the order
// in which they get the one connection.
func inLine(t *testing.T, sizes []int) []int {
	t.Helper()
	var got []int
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		require.NoError(t, turns.take(t.Context(), func() int { return 0 }))
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, n := range sizes {
			all.Go(func() {
				if turns.take(t.Context(), func() int { return n }) == nil {
					mu.Lock()
					got = append(got, n)
					mu.Unlock()
					turns.give()
				}
			})
			synctest.Wait()
		}
		turns.give()
		all.Wait()
		require.Equal(t, 1, turns.free)
	})
	return got
}

func TestAFreeConnectionGoesToTheLargestBatch(t *testing.T) {
	require.Equal(t, []int{50, 7, 3, 1}, inLine(t, []int{1, 7, 3, 50}))
}

func TestNobodyIsPassedOverForEver(t *testing.T) {
	sizes := []int{1}
	for n := range 20 {
		sizes = append(sizes, 100-n)
	}
	got := inLine(t, sizes)
	require.Equal(t, 1, got[patience], "%v", got)
}

func TestWhoLeavesTheLineLosesNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		one := func() int { return 1 }
		require.NoError(t, turns.take(t.Context(), one))
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error)
		go func() { left <- turns.take(ctx, one) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-left, context.Canceled)
		turns.give()
		require.NoError(t, turns.take(t.Context(), one), "the connection is free again")
	})
}
