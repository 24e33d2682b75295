package odooclient

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// refuse answers a load like Odoo does when the rows that bad says are bad: no
// ids, and a message for each. Without bad rows it loads them.
func refuse(c call, bad func(name string) string) map[string]any {
	var messages []any
	for i, row := range c.rows() {
		if text := bad(row[0].(string)); text != "" {
			messages = append(messages, map[string]any{"type": "error", "record": i, "field": "country_id",
				"rows": map[string]any{"from": i, "to": i}, "message": text})
		}
	}
	if messages == nil {
		return loadIDs(c)
	}
	return map[string]any{"ids": false, "messages": messages, "nextrow": 0}
}

func TestOneBadRowFailsAloneInTwoCalls(t *testing.T) {
	unknown := "No matching record found for external id 'base.nosuch' in field 'Country'"
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		return refuse(c, func(name string) string {
			if name == "odoogate.p7" {
				return unknown
			}
			return ""
		}), nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		first := loadAll(t, c, partners, 0, 1)
		synctest.Wait()
		wait := loadAll(t, c, partners, 1, 21)
		synctest.Wait()
		close(f.gate)
		requireNone(t, first())
		for i, err := range wait() {
			if i+1 != 7 {
				require.NoError(t, err, "record %d", i+1)
				continue
			}
			var row *RowError
			require.ErrorAs(t, err, &row)
			require.True(t, row.MissingXID())
			require.Equal(t, "country_id", row.Field)
			require.EqualError(t, err, "odoo: res.partner.load: field country_id: "+unknown)
		}
		require.Len(t, f.seen(), 3, "the lone one, the batch, the batch without its culprit")
	})
}

func TestTheReferenceThatIsNotFoundIsTheReason(t *testing.T) {
	for _, tc := range []struct {
		field   string
		columns []string
		missing bool
	}{
		{"order_line", []string{"id", "partner_id/.id", "order_line/id", "order_line/product_id/id"}, true},
		{"order_line", []string{"id", "partner_id/id", "order_line/id", "order_line/product_id/.id", "order_line/name"}, false},
		{"country_id", []string{"id", "country_id/id"}, true},
		{"country_id", []string{"id", "country_id/.id", "parent_id/id"}, false},
	} {
		members := []*member[packed, int64]{{ctx: t.Context(), done: make(chan struct{})}}
		record := 0
		c := (&fakeOdoo{}).client(t, 1)
		err := c.blame(Shape{Model: "sale.order", Fields: tc.columns}, members, []message{
			{Type: "warning", Message: "Found more than 10 errors"},
			{Type: "error", Record: &record, Field: tc.field, Message: "Kein passender Datensatz", MoreInfo: json.RawMessage(`{"res_model":"ir.model.data"}`)},
			{Type: "error", Record: &record, Field: "partner_id", Message: "Missing required value"},
		})
		require.NoError(t, err)
		var row *RowError
		require.ErrorAs(t, members[0].err, &row)
		require.Equal(t, tc.field, row.Field)
		require.Equal(t, tc.missing, row.MissingXID(), "known by its table, whatever the user's language: %v", tc.columns)
	}
}

func TestALoserOfARaceIsLoadedAgain(t *testing.T) {
	lost := readRecording(t, "testdata/rpc/load_parallel_loser.json").Response.Body["result"]
	var tries atomic.Int32
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		if tries.Add(1) < 4 {
			return lost, nil
		}
		return loadIDs(c), nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		id, err := c.Load(t.Context(), partners, partner(3))
		require.NoError(t, err)
		require.EqualValues(t, 1003, id)
		require.EqualValues(t, 4, tries.Load())
	})
}

func TestAnEndlessRaceEndsWithTheBatchsDeadline(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
		return refuse(c, func(string) string { return "could not serialize access due to concurrent update\n" }), nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		began := time.Now()
		_, err := c.Load(t.Context(), partners, partner(3))
		require.True(t, requireKind(t, Serialization, err).Temporary())
		require.InDelta(t, time.Minute, time.Since(began), float64(2*time.Second))
		require.Less(t, len(f.seen()), 80, "the pauses grow")
	})
}

func TestAnExceptionInLoadIsHalvedToItsRecord(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		for _, row := range c.rows() {
			if row[0] == "odoogate.p5" {
				return nil, pyError{"builtins.AttributeError", "'bool' object has no attribute 'lower'"}
			}
		}
		return loadIDs(c), nil
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		wait := loadAll(t, c, partners, 0, 16)
		synctest.Wait()
		close(f.gate)
		for n, err := range wait() {
			if n == 5 {
				requireKind(t, Other, err)
			} else {
				require.NoError(t, err)
			}
		}
	})
}

func TestAnUnknownColumnFailsItsBatchInOneCall(t *testing.T) {
	f := &fakeOdoo{gated: true, handle: func(_ context.Context, c call) (any, error) {
		return nil, pyError{"builtins.KeyError", "no_such"}
	}}
	bubble(t, f, 1, func(t *testing.T, c *Client) {
		s := Shape{Model: "res.partner", Fields: []string{"id", "no_such"}}
		first := loadAll(t, c, s, 0, 1)
		synctest.Wait()
		rest := loadAll(t, c, s, 1, 11)
		synctest.Wait()
		close(f.gate)
		for _, err := range slices.Concat(first(), rest()) {
			requireKind(t, BadField, err)
		}
		require.Len(t, f.seen(), 2)
	})
}

func TestOnlyALoadWithExternalIDsIsSentAgainOnABrokenConnection(t *testing.T) {
	order := Shape{Model: "sale.order", Fields: []string{"id", "partner_id/id", "order_line/id", "order_line/name"}}
	bare := Shape{Model: "sale.order", Fields: []string{"id", "partner_id/id", "order_line/name"}}
	for _, tc := range []struct {
		name  string
		shape Shape
		rows  [][]any
		sent  int
	}{
		{"record with an id", partners, partner(1), 2},
		{"record without an id column", Shape{Model: "res.partner", Fields: []string{"name"}}, [][]any{{"P"}}, 1},
		{"record with a database id", Shape{Model: "res.partner", Fields: []string{".id", "name"}}, [][]any{{4, "P"}}, 1},
		{"record with an empty id", partners, [][]any{{"", "P"}}, 1},
		{"lines with ids", order, [][]any{{"o1", "p1", "l1", "A"}, {"", "", "l2", "B"}}, 2},
		{"a line with an empty id", order, [][]any{{"o1", "p1", "l1", "A"}, {"", "", "", "B"}}, 1},
		{"lines without an id column", bare, [][]any{{"o1", "p1", "A"}}, 1},
		{"no lines in the header row", order, [][]any{{"o1", "p1", "", ""}}, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return nil, errBroken }}
			_, err := f.client(t, 1).Load(t.Context(), tc.shape, tc.rows)
			requireKind(t, Uncertain, err)
			require.Len(t, f.seen(), tc.sent)
		})
	}
}

func TestRowsThatWouldHurtOthersAreRefusedUnsent(t *testing.T) {
	order := Shape{Model: "sale.order", Fields: []string{"id", "name", "order_line/id", "order_line/name"}}
	for _, tc := range []struct {
		name string
		rows [][]any
		want string
	}{
		{"no rows", nil, "no rows"},
		{"too few values", [][]any{{"o1"}}, "row 0 has 1 values for 4 columns"},
		{"sub-record without a header", [][]any{{"", nil, "l1", "A"}}, "the first row has no header value"},
		{"second header", [][]any{{"o1", "S1", "l1", "A"}, {"o2", "", "l2", "B"}}, "row 1 follows a header and may not fill column id"},
		{"empty follow-up row", [][]any{{"o1", "S1", "l1", "A"}, {"", "", "", nil}}, "row 1 is empty"},
		{"not JSON", [][]any{{"o1", "S1", "l1", math.NaN()}}, "row 0 has a value that cannot be sent as JSON"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			f := &fakeOdoo{}
			_, err := f.client(t, 1).Load(t.Context(), order, tc.rows)
			require.Equal(t, tc.want, requireKind(t, BadArgs, err).Message)
			require.Empty(t, f.seen())
		})
	}
}

func TestBoolsAreSentAsOdooReadsThem(t *testing.T) {
	f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) { return loadIDs(c), nil }}
	s := Shape{Model: "res.partner", Fields: []string{"id", "is_company", "active", "ref"}}
	_, err := f.client(t, 1).Load(t.Context(), s, [][]any{{"odoogate.p1", true, false, nil}})
	require.NoError(t, err)
	require.Equal(t, []any{"odoogate.p1", "1", "0", nil}, f.seen()[0].rows()[0])
}

// The answer's delay decides how many orders meet in a call: without one the
// client's own cost shows, with one the grouping.
func BenchmarkLoad50Concurrent(b *testing.B) {
	for _, delay := range []time.Duration{0, 5 * time.Millisecond} {
		b.Run("answer after "+delay.String(), func(b *testing.B) { load50(b, delay) })
	}
}

func load50(b *testing.B, delay time.Duration) {
	f := &fakeOdoo{handle: func(ctx context.Context, c call) (any, error) { return loadIDs(c), slow(ctx, delay) }}
	c := f.client(b, 2)
	s := Shape{Model: "sale.order", Fields: []string{"id", "partner_id/id", "order_line/id", "order_line/name", "order_line/price_unit"}}
	orders := make([][][]any, 50)
	for n := range orders {
		orders[n] = [][]any{{fmt.Sprintf("odoogate.o%d", n), "odoogate.p", "odoogate.l1", "A", "9.50"},
			{"", "", "odoogate.l2", "B", "1.00"}, {"", "", "odoogate.l3", "C", "2.00"}}
	}
	b.ReportAllocs()
	for b.Loop() {
		done := make(chan error, len(orders))
		for _, rows := range orders {
			go func() {
				_, err := c.Load(b.Context(), s, rows)
				done <- err
			}()
		}
		for range orders {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(len(f.seen()))/float64(b.N), "rpcs/op")
	b.ReportMetric(50*float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
