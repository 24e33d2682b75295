package tasks

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// fails writes an event down that needs a person, as a run would have.
func (r *rig) fails(id string, state Outcome, reason commerce.Reason, detail, remedy string, needs ...string) Entry {
	r.t.Helper()
	e := hint("e"+id, id, 1)
	v := Verdict{Outcome: state, Reason: string(reason), Detail: detail, Remedy: remedy, Needs: needs}
	a := r.opt.Bodies.arrive(e)
	held, _, err := leases{rdb: r.rdb, ttl: time.Second}.enter(context.Background(), a)
	require.NoError(r.t, err)
	defer held.close()
	_, err = held.leave(context.Background(), ending{verdict: v, rec: Record{At: time.Now()}}, true)
	require.NoError(r.t, err)
	return r.event(e)
}

func TestFailuresAreGroupedByTheirCause(t *testing.T) {
	r := newRig(t)
	for i := range 7 {
		r.fails(fmt.Sprint(100+i), Parked, commerce.Missing, "no SKU", fmt.Sprintf("make product A%d", i), fmt.Sprintf("sku/fi/A%d", i))
	}
	newest := r.fails("200", Parked, commerce.Missing, "no SKU and no tax", "make them", "tax/fi/25.5/FI/incl", "sku/fi/B")
	for i := range 2 {
		r.fails(fmt.Sprint(300+i), Parked, commerce.Diverged, "changed", fmt.Sprintf("look at S0000%d in Odoo", i))
	}
	r.fails("400", Parked, commerce.Diverged, "changed", "unlock it")
	r.fails("500", Failed, commerce.Internal, "panic", "")
	list, err := r.operator().Failures(context.Background(), "")
	require.NoError(t, err)
	counts := map[int]int{}
	for _, c := range list {
		counts[c.Count]++
	}
	require.Equal(t, map[int]int{7: 1, 2: 1, 1: 3}, counts)
	sku := list[0]
	require.Equal(t, []any{"fi", "missing/sku", "missing", 7, "odoogate events retry fi --cause missing/sku"},
		[]any{sku.Shop, sku.Cause, sku.Reason, sku.Count, sku.Retry})
	require.Len(t, sku.Like, causeExamples)
	require.Equal(t, sku.Newest, sku.Like[0].At, "the newest first")
	require.Regexp(t, `^sku/fi/A\d$`, sku.Needs[0])
	require.False(t, sku.Oldest.After(sku.Newest))
	require.Regexp(t, `^make product A\d$`, sku.Remedy)
	require.Equal(t, []any{"diverged", 2}, []any{list[1].Reason, list[1].Count})

	// The command of a group means that group and no other.
	for _, c := range list {
		s, err := r.operator().SurveyRetry(context.Background(), Selection{Cause: c.Cause, Query: Query{Shop: "fi", States: needsPerson}})
		require.NoError(t, err)
		require.Equal(t, c.Count, s.Events, c.Cause)
	}
	s, err := r.operator().SurveyRetry(context.Background(), Selection{Cause: "missing/sku+tax", Query: Query{Shop: "fi", States: needsPerson}})
	require.NoError(t, err)
	require.Equal(t, newest.ID, s.Examples[0].ID)
	_, err = r.operator().Failures(context.Background(), "se")
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
}

func TestPagesOfEventsMeetEachOnceWhileEventsMoveAway(t *testing.T) {
	for _, oldest := range []bool{false, true} {
		r := newRig(t)
		ctx, journal := context.Background(), NewJournal(r.rdb)
		all := map[string]bool{}
		for i := range 340 {
			e := hint(fmt.Sprint("e", i), fmt.Sprint(i), 1)
			require.NoError(t, journal.note(ctx, r.opt.Bodies.arrive(e), Verdict{Outcome: []Outcome{Done, Skipped}[i%2]}, fmt.Sprint(i)))
			all[entryID(e.TaskID())] = true
		}
		// Many in one moment, so that only their ids order them.
		for _, state := range []Outcome{Done, Skipped} {
			key := listsKey("fi") + string(state)
			for i, id := range r.rdb.ZRange(ctx, key, 0, -1).Val() {
				if i%10 != 0 {
					require.NoError(t, r.rdb.Do(ctx, "ZADD", key, 1_000_000, id).Err())
				}
			}
		}
		q, seen := Query{Shop: "fi", Oldest: oldest}, map[string]int{}
		for {
			page, next, err := journal.EventsPage(ctx, q, 37)
			require.NoError(t, err)
			for _, e := range page {
				seen[e.ID]++
				require.NoError(t, r.rdb.ZRem(ctx, listsKey("fi")+string(e.State), e.ID).Err())
			}
			if q.After = next; next == "" {
				break
			}
			require.Len(t, page, 37)
		}
		require.Len(t, seen, len(all))
		for id, n := range seen {
			require.Equal(t, 1, n, id)
		}
		_, _, err := journal.EventsPage(ctx, Query{Shop: "fi", After: "nonsense"}, 10)
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	}
}
