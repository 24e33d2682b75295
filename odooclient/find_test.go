package odooclient

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

func TestFindsOfOneFieldShareACallAndNeverMix(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		rows := []any{map[string]any{"id": 999, "default_code": "sku1"}} // other case: nobody's
		for i, v := range c.values() {
			sku := v.(string)
			for copy := range int(numberIn(sku)) % 3 { // SKU 0, 3, 6 … do not exist, 2, 5 … twice
				rows = append(rows, map[string]any{"id": i*10 + copy, "default_code": sku})
			}
		}
		return rows, nil
	}}
	q := Query{Model: "product.product", Field: "default_code", Fields: []string{"name"}, Domain: []any{[]any{"sale_ok", "=", true}}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		var all sync.WaitGroup
		for n := range 60 {
			sku := "SKU" + strconv.Itoa(n%30) // each asked for twice
			all.Go(func() {
				rows, err := c.Find(t.Context(), q, sku)
				require.NoError(t, err)
				require.Len(t, rows, n%30%3)
				for _, row := range rows {
					require.Equal(t, sku, row.Str("default_code"))
					row["default_code"] = "mine" // a member may do with its rows what it likes
				}
			})
		}
		synctest.Wait()
		close(f.gate)
		all.Wait()
	})
	calls := f.seen()
	require.Less(t, len(calls), 4)
	require.Equal(t, map[string]any{
		"domain": []any{[]any{"default_code", "in", calls[0].values()}, []any{"sale_ok", "=", true}},
		"fields": []any{"name", "default_code"}, "order": "id"}, calls[0].Kwargs)
	for _, c := range calls {
		seen := map[any]bool{}
		for _, v := range c.values() {
			require.False(t, seen[v], "%v is asked for twice in a call", v)
			seen[v] = true
		}
	}
}

// A record that two keys lead to is answered once, and every caller gets its own.
func TestFindsByEitherOfTwoKeysShareACall(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(context.Context, call) (any, error) {
		return []any{
			map[string]any{"id": 4, "client_order_ref": "#1", "origin": "fi/1"},
			map[string]any{"id": 3, "client_order_ref": "renamed", "origin": "fi/2"},
			map[string]any{"id": 2, "client_order_ref": "#2", "origin": false},
		}, nil
	}}
	q := Query{Model: "sale.order", Field: "client_order_ref", Or: "origin", Fields: []string{"name"}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		var all sync.WaitGroup
		for n, want := range map[string][]int64{"1": {4}, "2": {2, 3}, "3": nil} {
			all.Go(func() {
				rows, err := c.FindEither(t.Context(), q, "#"+n, "fi/"+n)
				require.NoError(t, err)
				var ids []int64
				for _, r := range rows {
					ids = append(ids, r.ID())
				}
				require.Equal(t, want, ids)
			})
		}
		synctest.Wait()
		close(f.gate)
		all.Wait()
	})
	last := f.seen()[len(f.seen())-1]
	domain := last.Kwargs["domain"].([]any)
	require.Equal(t, "|", domain[0])
	require.Len(t, domain, 3)
}

func TestIDsAndRelationsAreAskedForByNumber(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		id := c.values()[0].(float64)
		return []any{map[string]any{"id": 5, "order_id": []any{id, "S00012"}}}, nil
	}}
	c := f.client(t, 1)
	rows, err := c.Find(t.Context(), Query{Model: "sale.order.line", Field: "order_id"}, "012")
	require.NoError(t, err)
	require.Len(t, rows, 1)
	for _, wrong := range []string{"x", "-1", "0", "1.5"} {
		_, err = c.Find(t.Context(), Query{Model: "sale.order.line", Field: "order_id"}, wrong)
		requireKind(t, BadArgs, err)
	}
	rows, err = c.Find(t.Context(), Query{Model: "product.product", Field: "default_code"}, "")
	require.NoError(t, err)
	require.Empty(t, rows)
	require.Len(t, f.seen(), 1, "nothing is asked for an empty value")
}

func TestGetReadsArchivedRecordsToo(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		rows := []any{}
		for _, v := range c.values() {
			if v.(float64) < 100 {
				rows = append(rows, map[string]any{"id": v, "name": fmt.Sprint("N", v)})
			}
		}
		return rows, nil
	}}
	c := f.client(t, 1)
	given := map[string]any{"lang": "fi_FI"}
	q := Query{Model: "sale.order", Fields: []string{"name"}, Context: given}
	row, ok, err := c.Get(t.Context(), q, 12)
	require.NoError(t, err)
	require.True(t, ok)
	require.EqualValues(t, 12, row.ID())
	require.Equal(t, "N12", row.Str("name"))
	_, ok, err = c.Get(t.Context(), q, 100)
	require.NoError(t, err)
	require.False(t, ok)
	require.Equal(t, map[string]any{"lang": "fi_FI", "active_test": false}, f.seen()[0].Kwargs["context"])
	require.Empty(t, cmp.Diff(map[string]any{"lang": "fi_FI"}, given), "the caller's context is not changed")
}

func TestRowsReadOdoosTypes(t *testing.T) {
	var r Row
	require.NoError(t, decode(json.RawMessage(`{"id":7,"n":3.0,"big":9007199254740993,"f":279.45000000000005,"huge":1e999999999,
		"no":false,"yes":true,"s":"text","ref":[4,"Four"],"bare":4,"ids":[1,2],"day":"2026-11-21","at":"2026-11-21 22:59:33.123456"}`), &r, Request{}))
	require.EqualValues(t, 7, r.ID())
	require.EqualValues(t, 3, r.Int("n"))
	require.EqualValues(t, 9007199254740993, r.Int("big"))
	require.Equal(t, "279.45000000000005", r.Dec("f").String())
	require.True(t, r.Dec("huge").IsZero(), "no number of Odoo's")
	require.True(t, r.Bool("yes"))
	require.Equal(t, []int64{1, 2}, r.IDs("ids"))
	require.Equal(t, "2026-11-21 00:00:00 +0000 UTC", r.Time("day").String())
	require.Equal(t, "2026-11-21 22:59:33.123456 +0000 UTC", r.Time("at").String())
	id, name := r.Ref("ref")
	require.EqualValues(t, 4, id)
	require.Equal(t, "Four", name)
	id, _ = r.Ref("bare")
	require.EqualValues(t, 4, id)
	for _, f := range []string{"no", "absent"} {
		require.Zero(t, r.Int(f))
		require.Empty(t, r.Str(f))
		require.False(t, r.Bool(f))
		require.True(t, r.Dec(f).IsZero())
		require.True(t, r.Time(f).IsZero())
		require.Empty(t, r.IDs(f))
		id, name = r.Ref(f)
		require.Zero(t, id)
		require.Empty(t, name)
	}
}
