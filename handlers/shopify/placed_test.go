package shopify

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func placedIDs(t *testing.T, shop *handlers.Shop, from, until time.Time) []string {
	t.Helper()
	var got []string
	for ref, err := range shop.Orders.Placed(t.Context(), from, until) {
		require.NoError(t, err)
		got = append(got, ref.ID)
	}
	return got
}

func TestPlacedIsAClosedOpenTimeOfWhenOrdersWereMade(t *testing.T) {
	begin := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6, Now: func() time.Time { return begin.Add(600 * time.Minute) }}, "shop")
	ids := store.Generate(5, 600) // one a minute
	require.NoError(t, store.UpdateOrder(ids[10], func(o *shopifytest.Order) { o.Note = "late" }))
	require.Equal(t, ids, placedIDs(t, shop, begin, begin.Add(24*time.Hour)), "a later change moves none")
	require.Equal(t, ids[300:400], placedIDs(t, shop, begin.Add(300*time.Minute), begin.Add(400*time.Minute)))
	require.Equal(t, ids[301:401], placedIDs(t, shop, begin.Add(300*time.Minute+1), begin.Add(400*time.Minute+1)), "to the nanosecond")
	require.Empty(t, placedIDs(t, shop, begin, begin))
	before := store.Requests()
	for range shop.Orders.Placed(t.Context(), begin, begin.Add(24*time.Hour)) {
		break
	}
	require.Equal(t, before+1, store.Requests())
	store.Script(shopifytest.AccessDenied())
	for _, err := range shop.Orders.Placed(t.Context(), begin, begin.Add(24*time.Hour)) {
		require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
	}
}

// Every case that the store knows, and what comes after an order, is the same read
// with others and read alone.
func TestOrdersThatAreReadTogetherAreThoseReadAlone(t *testing.T) {
	for _, money := range []string{"shop", "presentment"} {
		store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, money)
		ids := store.Generate(7, 60)
		for i, id := range ids {
			switch i % 6 {
			case 1:
				_ = store.Fulfill(id, "Posti", "JJFI") // one of no goods cannot
			case 2:
				_ = store.Refund(id, 0, 1)
			case 3:
				_, _ = store.CancelAndRefund(id)
			}
		}
		before := store.Requests()
		var got []*commerce.Order
		for o, err := range shop.Orders.(handlers.OrderLister).PlacedWhole(t.Context(), time.Now().Add(-24*time.Hour), time.Now()) {
			require.NoError(t, err)
			got = append(got, o)
		}
		t.Logf("%d orders took %d calls", len(got), store.Requests()-before)
		require.Less(t, store.Requests()-before, len(ids))
		require.Len(t, got, len(ids))
		for i, id := range ids {
			want, err := shop.Orders.Order(t.Context(), id)
			require.NoError(t, err)
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Errorf("%s: read alone and with others (-alone +with others):\n%s", id, diff)
			}
		}
	}
}

func TestPlacedWaitsOutTheStoresRate(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1000, Restore: 20_000}, "shop")
	ids := store.Generate(3, 40)
	empty := shopifytest.Throttled(200 * time.Millisecond)
	store.Script(empty, empty, empty) // more often than a call asks
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	n := 0
	for o, err := range shop.Orders.(handlers.OrderLister).PlacedWhole(ctx, time.Now().Add(-24*time.Hour), time.Now()) {
		require.NoError(t, err)
		require.Equal(t, ids[n], o.Ref.ID)
		n++
	}
	require.Len(t, ids, n)
}

// crowded is a store that lists the first 25,000 of what a search finds. Orders are
// placed as many a second as perSecond says.
func crowded(t *testing.T, orders, perSecond int) *httptest.Server {
	begin := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var q struct{ Variables struct{ Query, After string } }
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&q))
		var since, until string
		_, err := fmt.Sscanf(q.Variables.Query, "created_at:>='%20s' AND created_at:<'%20s'", &since, &until)
		assert.NoError(t, err, q.Variables.Query)
		from, err := time.Parse(time.RFC3339, since)
		assert.NoError(t, err)
		offset, _ := strconv.Atoi(q.Variables.After) // "" is the beginning
		first := max(0, int(from.Sub(begin).Seconds())*perSecond)
		end := min(orders, first+maxResults)
		var page connection[map[string]any]
		for n := first + offset; n < min(end, first+offset+250); n++ {
			page.Nodes = append(page.Nodes, map[string]any{"id": gid("Order", strconv.Itoa(n+1)), "createdAt": begin.Add(time.Duration(n/perSecond) * time.Second)})
		}
		page.PageInfo.HasNextPage = first+offset+250 < end
		page.PageInfo.EndCursor = strconv.Itoa(offset + 250)
		assert.NoError(t, json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"placed": page}}))
	}))
}

func TestPlacedGoesOnWhereTheAPIEndsItsListAndYieldsNoneTwice(t *testing.T) {
	const count = maxResults + 600
	srv := crowded(t, count, 7)
	defer srv.Close()
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), srv.URL, "shop")
	defer shop.Orders.(*orders).client.http.CloseIdle()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	seen := map[string]bool{}
	for ref, err := range shop.Orders.Placed(t.Context(), from, from.Add(240*time.Hour)) {
		require.NoError(t, err)
		require.False(t, seen[ref.ID], "%s comes twice", ref.ID)
		seen[ref.ID] = true
	}
	require.Len(t, seen, count)
}

func TestPlacedSaysThatItCannotGoOnInsteadOfEndingEarly(t *testing.T) {
	srv := crowded(t, maxResults+600, maxResults+600)
	defer srv.Close()
	shop := openShop(t, shopifytest.New(shopifytest.Options{}), srv.URL, "shop")
	defer shop.Orders.(*orders).client.http.CloseIdle()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var last error
	for _, err := range shop.Orders.Placed(t.Context(), from, from.Add(time.Hour)) {
		last = err
	}
	require.ErrorContains(t, last, "lists 25000 orders of one second")
}

func TestTheListsOfOrdersReadTogetherAreAsLongAsTheirQuerySays(t *testing.T) {
	for _, q := range everyQueries() {
		for _, part := range []string{fmt.Sprintf("transactions(first: %d)", shortTransactions), fmt.Sprintf("fulfillments(first: %d)", shortFulfillments),
			fmt.Sprintf("refunds(first: %d)", shortRefunds)} {
			require.Contains(t, q.placedWhole.text, part)
		}
	}
}
