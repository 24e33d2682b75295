package odooclient

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// partners is the shape of the loads here; partner makes the one row of number n.
var partners = Shape{Model: "res.partner", Fields: []string{"id", "name"}}

func partner(n int) [][]any { return [][]any{{fmt.Sprintf("odoogate.p%d", n), "P"}} }

// gate lets a handler's calls through one by one.
type gate chan struct{}

func (g gate) pass(ctx context.Context) error {
	select {
	case <-g:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// bubble runs a test in virtual time and closes the client inside of it.
func bubble(t *testing.T, f *fakeOdoo, connections int, test func(t *testing.T, c *Client)) {
	synctest.Test(t, func(t *testing.T) {
		f.gate = make(gate) // of this bubble, else waiting at it does not count as waiting
		c := New(testConfig("http://odoo.test", connections), Options{Transport: f})
		test(t, c)
		c.Close()
	})
}

// loadAll starts a load of every number and gives the function that waits for
// them and checks that each got its own id, or the error that wants names.
func loadAll(t *testing.T, c *Client, s Shape, from, to int) (wait func() []error) {
	errs := make([]error, to-from)
	var all sync.WaitGroup
	for n := from; n < to; n++ {
		all.Go(func() {
			id, err := c.Load(t.Context(), s, partner(n))
			errs[n-from] = err
			if err == nil && id != int64(n+1000) {
				errs[n-from] = fmt.Errorf("record %d got id %d", n, id)
			}
		})
	}
	return func() []error { all.Wait(); return errs }
}

func requireNone(t *testing.T, errs []error) {
	t.Helper()
	for i, err := range errs {
		require.NoError(t, err, "member %d", i)
	}
}

func TestALoneCallGoesOutAtOnce(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	bubble(t, f, 2, func(t *testing.T, c *Client) {
		began := time.Now()
		id, err := c.Load(t.Context(), partners, partner(1))
		require.NoError(t, err)
		require.EqualValues(t, 1001, id)
		require.Zero(t, time.Since(began), "virtual time passed: something waited for a clock")
		require.Len(t, f.seen(), 1)
	})
}

func TestWhileACallIsInFlightTheNextBatchFills(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	bubble(t, f, 4, func(t *testing.T, c *Client) {
		first := loadAll(t, c, partners, 0, 1)
		synctest.Wait()
		rest := loadAll(t, c, partners, 1, 21)
		synctest.Wait()
		require.Len(t, f.seen(), 1, "those that came later wait for the call in flight")
		f.gate <- struct{}{}
		f.gate <- struct{}{}
		requireNone(t, first())
		requireNone(t, rest())
		require.Len(t, f.seen(), 2)
		require.Len(t, f.seen()[1].rows(), 20)
	})
}

func TestAFullHalfBatchUsesAnotherConnection(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	bubble(t, f, 2, func(t *testing.T, c *Client) {
		first := loadAll(t, c, partners, 0, 1)
		synctest.Wait()
		rest := loadAll(t, c, partners, 1, 1+overflow)
		synctest.Wait()
		require.Len(t, f.seen(), 2, "the second call goes out beside the first")
		close(f.gate)
		requireNone(t, first())
		requireNone(t, rest())
	})
}

func TestWhoHurriesGoesBeforeAndApart(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	bubble(t, f, 2, func(t *testing.T, c *Client) {
		load := func(ctx context.Context, from, to int) (wait func()) {
			var all sync.WaitGroup
			for n := from; n < to; n++ {
				all.Go(func() {
					id, err := c.Load(ctx, partners, partner(n))
					assert.NoError(t, err)
					assert.EqualValues(t, n+1000, id)
				})
			}
			synctest.Wait()
			return all.Wait
		}
		first := load(Patiently(t.Context()), 0, 1)
		others := load(Patiently(t.Context()), 1, 11)
		require.Len(t, f.seen(), 1, "the patient ones wait for the call in flight")
		hurry := load(t.Context(), 11, 12)
		require.Len(t, f.seen(), 2, "who hurries does not")
		next := load(t.Context(), 12, 13)
		for range 4 {
			f.gate <- struct{}{}
			synctest.Wait()
		}
		first()
		hurry()
		next()
		others()
		var sizes []int
		for _, c := range f.seen() {
			sizes = append(sizes, len(c.rows()))
		}
		require.Equal(t, []int{1, 1, 1, 10}, sizes)
	})
}

func TestWhatIsReadPatientlyFillsTheCallsOfThoseWhoHurry(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return []any{}, nil }}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		var all sync.WaitGroup
		find := func(ctx context.Context, value string) {
			all.Go(func() {
				_, err := c.Find(ctx, Query{Model: "res.partner", Field: "email", Fields: []string{"email"}}, value)
				assert.NoError(t, err)
			})
			synctest.Wait()
		}
		find(t.Context(), "a")
		find(Patiently(t.Context()), "b")
		find(t.Context(), "c")
		close(f.gate)
		all.Wait()
		require.Len(t, f.seen(), 2)
	})
}

func TestABatchKeepsItsBounds(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	t.Run("of 50 records", func(t *testing.T) {
		bubble(t, f, 1, func(t *testing.T, c *Client) {
			wait := loadAll(t, c, partners, 0, 137)
			synctest.Wait()
			close(f.gate)
			requireNone(t, wait())
			records := 0
			for _, call := range f.seen() {
				require.LessOrEqual(t, len(call.rows()), maxRecords)
				records += len(call.rows())
			}
			require.Equal(t, 137, records, "each was sent once")
			require.LessOrEqual(t, len(f.seen()), 4)
		})
	})
	t.Run("of 1,000 rows", func(t *testing.T) {
		f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
		bubble(t, f, 1, func(t *testing.T, c *Client) {
			s := Shape{Model: "sale.order", Fields: []string{"id", "order_line/id", "order_line/name"}}
			var all sync.WaitGroup
			for n := range 9 {
				rows := [][]any{{fmt.Sprintf("odoogate.o%d", n), "odoogate.first", "x"}}
				for range 299 {
					rows = append(rows, []any{"", "odoogate.line", "x"})
				}
				all.Go(func() {
					id, err := c.Load(t.Context(), s, rows)
					require.NoError(t, err)
					require.EqualValues(t, n+1000, id)
				})
			}
			all.Wait()
			for _, call := range f.seen() {
				require.LessOrEqual(t, len(call.rows()), maxRows)
			}
		})
	})
}

func TestCallsInFlightNeverExceedTheConnections(t *testing.T) {
	f := &fakeOdoo{handle: func(ctx context.Context, c call) (any, error) {
		if err := slow(ctx, time.Second); err != nil {
			return nil, err
		}
		if c.Method == "load" {
			return loadIDs(c), nil
		}
		return true, nil
	}}
	bubble(t, f, 3, func(t *testing.T, c *Client) {
		var all sync.WaitGroup
		for n := range 120 {
			s := Shape{Model: "model." + strconv.Itoa(n%8), Fields: []string{"id", "name"}}
			all.Go(func() {
				_, err := c.Load(t.Context(), s, partner(n))
				require.NoError(t, err)
			})
			all.Go(func() {
				require.NoError(t, c.Do(t.Context(), Action{Model: "sale.order", Method: "act"}, int64(n+1)))
			})
			all.Go(func() {
				require.NoError(t, c.Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, nil))
			})
		}
		all.Wait()
		require.Equal(t, 3, f.widest)
	})
}

// slow is an answer that takes its time, or as long as ctx lasts.
func slow(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestDifferentShapesDoNotMix(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		shapes := []Shape{
			partners,
			{Model: "res.partner", Fields: []string{"id", "email"}},
			{Model: "product.product", Fields: []string{"id", "name"}},
			{Model: "res.partner", Fields: []string{"id", "name"}, Context: map[string]any{"allowed_company_ids": []int{2}}},
			{Model: "res.partner", Fields: []string{"id", "name"}, Context: map[string]any{"tracking_disable": true, "allowed_company_ids": []int{2}}},
		}
		var waits []func() []error
		for i, s := range shapes {
			waits = append(waits, loadAll(t, c, s, i*10, i*10+10))
		}
		synctest.Wait()
		close(f.gate)
		for _, wait := range waits {
			requireNone(t, wait())
		}
		seen := map[string]map[int64]bool{}
		for _, call := range f.seen() {
			key := fmt.Sprint(call.Model, call.Kwargs["fields"], call.Kwargs["context"])
			for _, row := range call.rows() {
				if seen[key] == nil {
					seen[key] = map[int64]bool{}
				}
				seen[key][numberIn(row[0].(string))/10] = true
			}
		}
		require.Len(t, seen, len(shapes))
		for key, tens := range seen {
			require.Len(t, tens, 1, "shape %s carried records of another", key)
		}
	})
}

func TestAMemberWhoseContextEndsLeavesTheOthersAlone(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		inFlight, leave := context.WithCancel(t.Context())
		left := make(chan error, 21)
		go func() {
			_, err := c.Load(inFlight, partners, partner(1))
			left <- err
		}()
		synctest.Wait()
		waiting, leaveToo := context.WithCancel(t.Context())
		for range 20 {
			go func() {
				_, err := c.Load(waiting, partners, partner(2))
				left <- err
			}()
		}
		synctest.Wait()
		others := loadAll(t, c, partners, 10, 60)
		synctest.Wait()
		leave()
		leaveToo()
		for range 21 {
			require.ErrorIs(t, <-left, context.Canceled)
		}
		synctest.Wait()
		close(f.gate)
		requireNone(t, others())
		require.Len(t, f.seen(), 2)
		require.Len(t, f.seen()[0].rows(), 1, "the call in flight goes on for the one that left")
		require.Len(t, f.seen()[1].rows(), 50, "those not yet sent are not sent and take no place")
	})
}

func TestABatchHasItsOwnDeadlineNotAMembers(t *testing.T) {
	f := &fakeOdoo{handle: func(ctx context.Context, _ call) (any, error) { return nil, slow(ctx, time.Hour) }}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		began := time.Now()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Load(short, partners, partner(1))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))

		err = c.Do(t.Context(), Action{Model: "sale.order", Method: "action_confirm"}, 5)
		f := requireKind(t, Uncertain, err)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.True(t, f.Temporary())
		require.Equal(t, 2*time.Minute, time.Since(began), "the first batch's minute, then this one's")
	})
}

func TestClosedClientsRefuse(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) { return true, nil }}
	c := f.client(t, 1)
	c.Close()
	requireKind(t, Unreachable, c.Call(t.Context(), Request{Model: "x", Method: "read"}, nil))
	requireKind(t, Unreachable, c.Do(t.Context(), Action{Model: "x", Method: "y"}, 1))
	_, err := c.Fields(t.Context(), "x")
	requireKind(t, Unreachable, err)
}
