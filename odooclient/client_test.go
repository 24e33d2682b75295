package odooclient

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

func TestConcurrentFirstCallsShareOneLogin(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(context.Context, call) (any, error) { return true, nil }}
	bubble(t, f, 20, func(t *testing.T, c *Client) {
		open := make(chan struct{})
		f.login = func(ctx context.Context) (any, error) { return 7, gate(open).pass(ctx) }
		done := make(chan error)
		for range 20 {
			go func() {
				done <- c.Call(t.Context(), Request{Model: "res.partner", Method: "read", IDs: []int64{1}}, nil)
			}()
		}
		synctest.Wait()
		close(open)
		close(f.gate)
		for range 20 {
			require.NoError(t, <-done)
		}
		require.Equal(t, 1, f.logins)
		require.Len(t, f.seen(), 20)
	})
}

func TestWhoLeavesDuringTheLoginDoesNotEndItForOthers(t *testing.T) {
	f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return true, nil }}
	bubble(t, f, 2, func(t *testing.T, c *Client) {
		open := make(chan struct{})
		f.login = func(ctx context.Context) (any, error) { return 7, gate(open).pass(ctx) }
		first, leave := context.WithCancel(t.Context())
		left, stayed := make(chan error, 1), make(chan error, 1)
		go func() { left <- c.Call(first, Request{Model: "x", Method: "write", IDs: []int64{1}}, nil) }()
		synctest.Wait()
		go func() { stayed <- c.Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, nil) }()
		synctest.Wait()
		leave()
		err := <-left
		requireKind(t, Unreachable, err)
		require.ErrorIs(t, err, context.Canceled)
		close(open)
		require.NoError(t, <-stayed)
		require.Equal(t, 1, f.logins)
	})
}

func TestARefusedLoginIsTriedAnewOnceACall(t *testing.T) {
	denied := pyError{"odoo.exceptions.AccessDenied", "Access Denied"}
	t.Run("and then it works", func(t *testing.T) {
		uid := 7
		f := &fakeOdoo{login: func(context.Context) (any, error) { uid++; return uid, nil }}
		f.handle = func(context.Context, call) (any, error) {
			if len(f.seen()) == 2 { // the second call finds its uid no longer valid
				return nil, denied
			}
			return true, nil
		}
		c := f.client(t, 1)
		require.NoError(t, c.Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, nil))
		require.NoError(t, c.Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, nil))
		require.Equal(t, 2, f.logins)
		require.Len(t, f.seen(), 3)
	})
	t.Run("or the fault goes to the caller", func(t *testing.T) {
		f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return nil, denied }}
		err := f.client(t, 1).Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, nil)
		requireKind(t, AccessDenied, err)
		require.EqualError(t, err, `odoo: x.write: access_denied: Odoo refuses user "api" on database "books"; check odoo.user and odoo.password (an API key may have expired)`)
		require.Equal(t, 2, f.logins)
		require.Len(t, f.seen(), 2)
	})
	t.Run("a failed login is not kept", func(t *testing.T) {
		var answer any = false
		f := &fakeOdoo{login: func(context.Context) (any, error) { return answer, nil }, handle: func(context.Context, call) (any, error) { return true, nil }}
		c := f.client(t, 1)
		requireKind(t, AccessDenied, c.Call(t.Context(), Request{Model: "x", Method: "y"}, nil))
		answer = 7
		require.NoError(t, c.Call(t.Context(), Request{Model: "x", Method: "y"}, nil))
	})
}

func TestArgumentsTravelByName(t *testing.T) {
	f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return []any{4}, nil }}
	c := f.client(t, 1)
	vals := []any{map[string]any{"name": "A"}}
	for _, req := range []Request{
		{Model: "res.partner", Method: "create", Args: map[string]any{"vals_list": vals}, Context: map[string]any{"lang": "en_US"}},
		{Model: "res.partner", Method: "write", IDs: []int64{4}, Args: map[string]any{"vals": map[string]any{"name": "B"}}},
		{Model: "res.partner", Method: "search_read", Args: map[string]any{"domain": []any{}, "limit": 1}},
		{Model: "res.partner", Method: "context_get"},
	} {
		var ids []int64
		require.NoError(t, c.Call(t.Context(), req, &ids))
		require.Equal(t, []int64{4}, ids)
	}
	want := []call{
		{Model: "res.partner", Method: "create", Args: []any{vals}, Kwargs: map[string]any{"context": map[string]any{"lang": "en_US"}}},
		{Model: "res.partner", Method: "write", IDs: []int64{4}, Args: []any{[]any{4.0}}, Kwargs: map[string]any{"vals": map[string]any{"name": "B"}}},
		{Model: "res.partner", Method: "search_read", Args: []any{}, Kwargs: map[string]any{"domain": []any{}, "limit": 1.0}},
		{Model: "res.partner", Method: "context_get", Args: []any{}, Kwargs: map[string]any{}},
	}
	require.Empty(t, cmp.Diff(want, f.seen()))
}

func TestAnAnswerOfAnotherShapeIsABadAnswer(t *testing.T) {
	f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return "secret text", nil }}
	var id int64
	err := f.client(t, 1).Call(t.Context(), Request{Model: "x", Method: "read", IDs: []int64{1}}, &id)
	require.Equal(t, "the answer holds string where int64 is expected", requireKind(t, BadAnswer, err).Message)
}

func TestReadsAreRepeatedOnceAndWritesNever(t *testing.T) {
	for method, want := range map[string]int{"read": 2, "search_read": 2, "fields_get": 2, "get_external_id": 2, "write": 1, "create": 1, "action_confirm": 1} {
		f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return nil, errBroken }}
		err := f.client(t, 1).Call(t.Context(), Request{Model: "x", Method: method, IDs: []int64{1}}, nil)
		requireKind(t, Uncertain, err)
		require.ErrorIs(t, err, errBroken)
		require.Len(t, f.seen(), want, method)
	}
}

func TestASingleCallEndsWithItsDeadlineOrItsCallers(t *testing.T) {
	f := &fakeOdoo{handle: func(ctx context.Context, _ call) (any, error) { return nil, slow(ctx, time.Hour) }}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		began := time.Now()
		requireKind(t, Uncertain, c.Call(t.Context(), Request{Model: "x", Method: "read"}, nil))
		require.Equal(t, time.Minute, time.Since(began))

		busy := make(chan error, 1)
		go func() { busy <- c.Call(t.Context(), Request{Model: "x", Method: "read"}, nil) }()
		synctest.Wait()
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := c.Call(short, Request{Model: "x", Method: "read"}, nil)
		require.Equal(t, context.DeadlineExceeded, err, "its turn never came: nothing was sent")
		_, err = c.Version(t.Context())
		require.Equal(t, BadAnswer, KindOf(err), "a probe waits for no turn (the fake knows no version)")
		requireKind(t, Uncertain, <-busy)
	})
}

func TestFieldsAreAskedForOnce(t *testing.T) {
	fail := errors.New("broken")
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		if fail != nil {
			return nil, pyError{"odoo.exceptions.AccessError", "no"}
		}
		return map[string]any{"tax_id": map[string]any{"type": "many2many", "relation": "account.tax", "readonly": false, "required": false}}, nil
	}}
	c := f.client(t, 1)
	_, err := c.Fields(t.Context(), "sale.order.line")
	requireKind(t, AccessError, err)
	fail = nil
	for range 3 {
		fields, err := c.Fields(t.Context(), "sale.order.line")
		require.NoError(t, err)
		require.Equal(t, "tax_id", fields.First("tax_ids", "tax_id"))
	}
	require.Len(t, f.seen(), 2)
}

func TestEveryOutcomeIsMeasured(t *testing.T) {
	reg := prometheus.NewRegistry()
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		if c.Method == "unlink" {
			return nil, pyError{"odoo.exceptions.UserError", "no"}
		}
		return true, nil
	}}
	for range 2 { // the second client shares the first one's series
		c := New(testConfig("http://odoo.test", 1), Options{Transport: f, Metrics: reg})
		require.NoError(t, c.Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, nil))
		requireKind(t, UserError, c.Call(t.Context(), Request{Model: "x", Method: "unlink", IDs: []int64{1}}, nil))
		c.Close()
	}
	families, err := reg.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "odoogate_remote_request_seconds", families[0].GetName())
	got := map[string]uint64{}
	for _, m := range families[0].GetMetric() {
		got[fmt.Sprint(m.GetLabel()[0].GetValue(), m.GetLabel()[1].GetValue())] = m.GetHistogram().GetSampleCount()
	}
	require.Len(t, got, len(Kinds())+1, "all series are there from the start")
	require.EqualValues(t, 4, got["okodoo"], "two logins, two writes: %v", got)
	require.EqualValues(t, 2, got["user_errorodoo"])
}
