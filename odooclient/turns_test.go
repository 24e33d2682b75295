package odooclient

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// taker is one who waits for a connection.
type taker struct {
	size    int
	patient bool
}

func (k taker) want() (int, bool) { return k.size, !k.patient }

// inLine starts takers one after the other and returns the order in which they get the
// one connection.
func inLine(t *testing.T, takers []taker) []taker {
	t.Helper()
	var got []taker
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		_, err := turns.take(t.Context(), taker{}.want)
		require.NoError(t, err)
		var mu sync.Mutex
		var all sync.WaitGroup
		for _, k := range takers {
			all.Go(func() {
				hurry, err := turns.take(t.Context(), k.want)
				if err == nil {
					mu.Lock()
					got = append(got, k)
					mu.Unlock()
					turns.give(hurry)
				}
			})
			synctest.Wait()
		}
		turns.give(true)
		all.Wait()
		require.Equal(t, 1, turns.free)
		require.Zero(t, turns.patient)
	})
	return got
}

func TestAFreeConnectionGoesToTheLargestBatchOfThoseWhoHurry(t *testing.T) {
	require.Equal(t, []taker{{size: 7}, {size: 3}, {size: 1}, {50, true}, {2, true}},
		inLine(t, []taker{{size: 1}, {2, true}, {size: 7}, {size: 3}, {50, true}}))
}

func TestNobodyIsPassedOverForEver(t *testing.T) {
	for after, first := range map[int]taker{patience: {size: 1}, courtesy: {200, true}} {
		takers := []taker{first}
		for n := range 20 {
			takers = append(takers, taker{size: 100 - n})
		}
		got := inLine(t, takers)
		require.Equal(t, first, got[after], "%v", got)
	}
}

func TestWhoLeavesTheLineLosesNoConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(1)
		one := taker{size: 1}.want
		_, err := turns.take(t.Context(), one)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error)
		go func() { _, err := turns.take(ctx, one); left <- err }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-left, context.Canceled)
		turns.give(true)
		_, err = turns.take(t.Context(), one)
		require.NoError(t, err, "the connection is free again")
	})
}

// With somebody who hurries about, one of several connections is kept for them; when
// nobody is, patient ones have all.
func TestAConnectionIsKeptForThoseWhoHurry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		turns := newTurns(3)
		given := make(chan bool, 10)
		start := func(k taker) {
			go func() {
				hurry, err := turns.take(context.Background(), k.want)
				if err == nil {
					given <- hurry
				}
			}()
			synctest.Wait()
		}
		for range 4 {
			start(taker{1, true})
		}
		require.Len(t, given, 3, "nobody hurries")
		start(taker{size: 1})
		turns.give(<-given) // goes to the one who hurries
		synctest.Wait()
		require.Len(t, given, 3)
		turns.give(false)
		turns.give(false)
		synctest.Wait()
		require.Equal(t, []int{1, 1}, []int{turns.free, turns.patient}, "the fourth has had one")
		turns.give(true)
		synctest.Wait()
		start(taker{1, true})
		start(taker{1, true})
		require.Equal(t, 2, turns.patient)
		require.Equal(t, 1, turns.free)
		<-time.After(quiet)
		turns.look()
		synctest.Wait()
		require.Equal(t, 3, turns.patient)
		for range 3 {
			turns.give(false)
		}
	})
}
