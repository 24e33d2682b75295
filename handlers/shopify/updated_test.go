package shopify

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func TestUpdatedYieldsTheOldestChangeFirst(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	ids := store.Generate(5, 600)
	require.NoError(t, store.UpdateOrder(ids[0], func(o *shopifytest.Order) { o.Note = "late" }))
	var got []string
	for change, err := range shop.Orders.Updated(t.Context(), time.Now().Add(-24*time.Hour), time.Time{}) {
		require.NoError(t, err)
		require.Equal(t, "fi", change.Ref.Shop)
		got = append(got, change.Ref.ID)
	}
	require.Equal(t, append(ids[1:len(ids):len(ids)], ids[0]), got)
	require.Equal(t, 3, store.Requests())

	for range shop.Orders.Updated(t.Context(), time.Now().Add(-24*time.Hour), time.Time{}) {
		break
	}
	require.Equal(t, 4, store.Requests(), "a caller that breaks asks for no further page")

	store.Script(shopifytest.AccessDenied())
	count := 0
	for _, err := range shop.Orders.Updated(t.Context(), time.Now(), time.Time{}) {
		require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
		count++
	}
	require.Equal(t, 1, count, "after an error nothing more comes")
}

func TestUpdatedEndsWithTheWindowAndTellsWhenEachChanged(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	begin := time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC)
	ids := store.Generate(5, 10)
	for i, id := range ids {
		require.NoError(t, store.SetUpdated(id, begin.Add(time.Duration(i)*time.Second)))
	}
	var got []handlers.Change
	for change, err := range shop.Orders.Updated(t.Context(), begin.Add(3*time.Second), begin.Add(5*time.Second)) {
		require.NoError(t, err)
		got = append(got, change)
	}
	var want []handlers.Change
	for i := 3; i <= 5; i++ {
		want = append(want, handlers.Change{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: ids[i]}, At: begin.Add(time.Duration(i) * time.Second)})
	}
	require.Equal(t, want, got)
}

func TestTheClockIsTheStoresAndNotOurs(t *testing.T) {
	ahead := 3 * time.Hour
	store, shop := serving(t, shopifytest.Options{Now: func() time.Time { return time.Now().Add(ahead) }}, "shop")
	for range 2 {
		now, err := shop.Clock(t.Context())
		require.NoError(t, err)
		require.WithinRange(t, now, time.Now().Add(ahead-2*time.Second), time.Now().Add(ahead))
	}
	require.Equal(t, 1, store.Requests(), "what an answer said holds for a while")
}

func TestAnOrderThatChangesMeanwhileShiftsNonePastTheReader(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	ids := store.Generate(5, 600)
	got := map[string]bool{}
	for change, err := range shop.Orders.Updated(t.Context(), time.Now().Add(-24*time.Hour), time.Time{}) {
		require.NoError(t, err)
		if got[change.Ref.ID] = true; len(got) == 100 {
			for _, id := range ids[:50] { // they move to the end of the list
				require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Note = "late" }))
			}
		}
	}
	require.Len(t, got, len(ids))
}

// endless is a store with more changes than the API lists, one a second or all in one,
// of which each list holds the first 25,000.
func endless(t *testing.T, orders int, every time.Duration) *httptest.Server {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Variables struct{ Query, After string } }
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&q))
		since, err := time.Parse("updated_at:>='"+time.RFC3339+"'", q.Variables.Query)
		assert.NoError(t, err)
		offset, _ := strconv.Atoi(q.Variables.After) // "" is the beginning
		first := 0
		if every > 0 {
			first = max(0, int(since.Sub(begin)/every))
		}
		end := min(orders, first+maxResults)
		var page connection[map[string]any]
		for n := first + offset; n < min(end, first+offset+250); n++ {
			page.Nodes = append(page.Nodes, map[string]any{"id": gid("Order", strconv.Itoa(n+1)), "updatedAt": begin.Add(time.Duration(n) * every)})
		}
		page.PageInfo.HasNextPage = first+offset+250 < end
		page.PageInfo.EndCursor = strconv.Itoa(offset + 250)
		assert.NoError(t, json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"orders": page}}))
	}))
}

func TestUpdatedGoesOnWhereTheAPIEndsItsList(t *testing.T) {
	const count = maxResults + 600
	srv := endless(t, count, time.Second)
	defer srv.Close()
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), srv.URL, "shop")
	defer shop.Orders.(*orders).client.http.CloseIdle()
	seen := map[string]int{}
	for change, err := range shop.Orders.Updated(t.Context(), time.Time{}, time.Time{}) {
		require.NoError(t, err)
		seen[change.Ref.ID]++
	}
	require.Len(t, seen, count)
	require.Equal(t, 2, seen[strconv.Itoa(maxResults)], "where one list ends the next begins")
}

// What the API does not list of one second is said, and not left out in silence.
func TestMoreChangesOfOneSecondThanTheAPIListsAreAnError(t *testing.T) {
	srv := endless(t, maxResults+600, 0)
	defer srv.Close()
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), srv.URL, "shop")
	defer shop.Orders.(*orders).client.http.CloseIdle()
	seen := 0
	var failed error
	for _, err := range shop.Orders.Updated(t.Context(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), time.Time{}) {
		if failed = err; err == nil {
			seen++
		}
	}
	require.Equal(t, maxResults, seen)
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(failed))
	require.ErrorContains(t, failed, "of one second (2026-01-01T00:00:00Z)")
}
