package odooclient

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var confirm = Action{Model: "sale.order", Method: "action_confirm"}

// doAll confirms the ids 1 to n at the same time.
func doAll(t *testing.T, c *Client, n int) (wait func() []error) {
	errs := make([]error, n)
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { errs[i] = c.Do(t.Context(), confirm, int64(i+1)) })
	}
	return func() []error { all.Wait(); return errs }
}

func TestARefusedActionIsHalvedToItsCulprits(t *testing.T) {
	bad := []int64{13, 14, 40}
	applied := map[int64]int{}
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		for _, id := range c.IDs {
			if slices.Contains(bad, id) {
				return nil, pyError{"odoo.exceptions.UserError", "The following orders are not in a state requiring confirmation"}
			}
		}
		for _, id := range c.IDs {
			applied[id]++
		}
		return true, nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		wait := doAll(t, c, 50)
		synctest.Wait()
		close(f.gate)
		for i, err := range wait() {
			if slices.Contains(bad, int64(i+1)) {
				requireKind(t, UserError, err)
				require.EqualError(t, err, "odoo: sale.order.action_confirm: user_error: The following orders are not in a state requiring confirmation")
				continue
			}
			require.NoError(t, err)
			require.Equal(t, 1, applied[int64(i+1)], "id %d was done once", i+1)
		}
		require.Less(t, len(f.seen()), 40, "three culprits cost at most twelve calls each")
	})
}

func TestAnUnknownOutcomeIsEveryMembers(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		return nil, errBroken
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		wait := doAll(t, c, 1)
		synctest.Wait()
		rest := doAll(t, c, 20)
		synctest.Wait()
		close(f.gate)
		for _, err := range slices.Concat(wait(), rest()) {
			requireKind(t, Uncertain, err)
		}
		require.Len(t, f.seen(), 2, "an action is never sent again")
	})
}

func TestAMemberThatLeftIsNotSentAgainWhenItsGroupIsHalved(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		if slices.Contains(c.IDs, 1) {
			return nil, pyError{"odoo.exceptions.MissingError", "Record does not exist or has been deleted."}
		}
		return true, nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		blocker := doAll(t, c, 1)
		synctest.Wait()
		others := doAll(t, c, 3)
		lease, lose := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { gone <- c.Do(lease, confirm, 4) }()
		synctest.Wait()
		f.gate <- struct{}{} // the lone call
		synctest.Wait()      // now 1, 2, 3 and 4 are in flight together
		lose()
		require.ErrorIs(t, <-gone, context.Canceled)
		close(f.gate)
		requireKind(t, MissingRecord, blocker()[0])
		errs := others()
		requireKind(t, MissingRecord, errs[0])
		requireNone(t, errs[1:])
		for _, c := range f.seen()[2:] {
			require.NotContains(t, c.IDs, int64(4))
		}
	})
}

func TestTheSameIDGoesOnceAndAnswersAll(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) { return true, nil }}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		first := doAll(t, c, 1)
		synctest.Wait()
		second, third := doAll(t, c, 2), doAll(t, c, 2)
		synctest.Wait()
		close(f.gate)
		requireNone(t, slices.Concat(first(), second(), third()))
		ids := slices.Sorted(slices.Values(f.seen()[1].IDs))
		require.Equal(t, []int64{1, 2}, ids)
	})
}

func TestNoCallWithoutARecord(t *testing.T) {
	f := &fakeOdoo{}
	c := f.client(t, 1)
	requireKind(t, BadArgs, c.Do(t.Context(), confirm, 0))
	requireKind(t, BadArgs, c.Call(t.Context(), Request{Model: "x", Method: "unlink", IDs: []int64{4, 0}}, nil))
	_, err := c.ExternalID(t.Context(), "x", -1)
	requireKind(t, BadArgs, err)
	require.Empty(t, f.seen())
}

func TestExternalIDsComeInOneCall(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		names := map[string]any{}
		for _, id := range c.IDs {
			names[strconv.FormatInt(id, 10)] = ""
			if id%2 == 0 {
				names[strconv.FormatInt(id, 10)] = "odoogate.fi_order_" + strconv.FormatInt(id, 10)
			}
		}
		return names, nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		var all sync.WaitGroup
		for id := int64(1); id <= 20; id++ {
			all.Go(func() {
				name, err := c.ExternalID(t.Context(), "sale.order", id)
				require.NoError(t, err)
				want := ""
				if id%2 == 0 {
					want = "odoogate.fi_order_" + strconv.FormatInt(id, 10)
				}
				require.Equal(t, want, name)
			})
		}
		synctest.Wait()
		close(f.gate)
		all.Wait()
		require.LessOrEqual(t, len(f.seen()), 2)
	})
}

func TestResolveKnowsOnlyWhatTheUserMaySee(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		switch c.Kwargs["xml_id"] {
		case "fi_order_1":
			return []any{"sale.order", 12}, nil
		case "hidden":
			return []any{"ir.rule", false}, nil
		case "a.b":
			return []any{c.Kwargs["module"], 3}, nil
		}
		return nil, pyError{"builtins.ValueError", "External ID not found in the system: odoogate." + c.Kwargs["xml_id"].(string)}
	}}
	c := f.client(t, 1)
	model, id, ok, err := c.Resolve(t.Context(), "odoogate.fi_order_1")
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, "sale.order", model)
	require.EqualValues(t, 12, id)
	_, _, ok, err = c.Resolve(t.Context(), "odoogate.fi_order_2")
	require.NoError(t, err)
	require.False(t, ok)
	_, _, ok, err = c.Resolve(t.Context(), "base.hidden")
	require.NoError(t, err)
	require.False(t, ok)
	model, _, _, err = c.Resolve(t.Context(), "odoogate.a.b")
	require.NoError(t, err)
	require.Equal(t, "odoogate", model)
}

// Actions that must not run beside themselves wait for each other, however many
// connections are free.
func TestAnActionThatRunsAloneHasOneCallAtATime(t *testing.T) {
	var mu sync.Mutex
	running, most := 0, 0
	f := &fakeOdoo{handle: func(ctx context.Context, _ call) (any, error) {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		<-time.After(time.Second) // of the bubble's clock
		mu.Lock()
		running--
		mu.Unlock()
		return true, nil
	}}
	for _, alone := range []bool{true, false} {
		most = 0
		bubble(t, f, 4, func(t *testing.T, c *Client) {
			var all sync.WaitGroup
			for id := range int64(200) {
				all.Go(func() {
					require.NoError(t, c.Do(t.Context(), Action{Model: "sale.order", Method: "action_confirm", Alone: alone}, id+1))
				})
			}
			all.Wait()
		})
		require.Equal(t, alone, most == 1, "%d at once", most)
	}
}
