package shopifytest_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// ear is what a store posts to: it notes what came, and fails while deaf.
type ear struct {
	*httptest.Server
	mu    sync.Mutex
	deaf  bool
	heard []string // path, topic and webhook id
	posts int
}

func listen(t *testing.T) *ear {
	e := &ear{}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.posts++
		if e.deaf {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		e.heard = append(e.heard, r.URL.Path+" "+r.Header.Get("X-Shopify-Topic")+" "+r.Header.Get("X-Shopify-Webhook-Id"))
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *ear) set(deaf bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.deaf = deaf
}

// topics are the paths and topics that were heard, sorted.
func (e *ear) topics() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	var out []string
	for _, h := range e.heard {
		path, rest, _ := strings.Cut(h, " ")
		topic, _, _ := strings.Cut(rest, " ")
		out = append(out, path+" "+topic)
	}
	slices.Sort(out)
	return out
}

func announce(t *testing.T, store *shopifytest.Store, taken, failed int) {
	t.Helper()
	ok, not, err := store.Announce(t.Context(), http.DefaultClient)
	require.NoError(t, err)
	require.Equal(t, [2]int{taken, failed}, [2]int{ok, not}, "taken and failed")
}

func TestDeliveriesGoToTheSubscriptionsThatStand(t *testing.T) {
	e := listen(t)
	store := shopifytest.New(shopifytest.Options{})
	id := store.Generate(1, 1)[0]
	announce(t, store, 0, 0) // nobody wants to hear of it, and it is not told later
	for _, s := range []shopifytest.Subscription{
		{Topic: "orders/updated", URI: e.URL + "/a"}, {Topic: "orders/updated", URI: e.URL + "/b", Declared: true},
		{Topic: "orders/cancelled", URI: e.URL + "/a"}, {Topic: "orders/updated", URI: e.URL + "/none", Filter: "nothing:like it"},
	} {
		require.NoError(t, store.Subscribe(s))
	}
	require.ErrorContains(t, store.Subscribe(shopifytest.Subscription{Topic: "orders/updated", URI: e.URL + "/a"}), "already been taken")
	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Note = "ring twice" }))
	announce(t, store, 2, 0)
	require.Equal(t, []string{"/a orders/updated", "/b orders/updated"}, e.topics())
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(e.heard))), 2, "each subscription gets a delivery of its own")
}

func TestASubscriptionThatFailsEightTimesInARowIsDeleted(t *testing.T) {
	e := listen(t)
	store := shopifytest.New(shopifytest.Options{})
	id := store.Generate(1, 1)[0]
	announce(t, store, 0, 0)
	made := shopifytest.Subscription{Topic: "orders/updated", URI: e.URL + "/made"}
	declared := shopifytest.Subscription{Topic: "orders/updated", URI: e.URL + "/declared", Declared: true}
	require.NoError(t, store.Subscribe(made))
	require.NoError(t, store.Subscribe(declared))
	change := func() { require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Note += "!" })) }

	e.set(true)
	change()
	for range 7 {
		announce(t, store, 0, 2)
	}
	e.set(false)
	announce(t, store, 2, 0) // what failed comes again, and the row is broken
	require.Len(t, store.Subscriptions(), 2)

	e.set(true)
	change()
	for range 8 {
		announce(t, store, 0, 2)
	}
	require.Equal(t, []shopifytest.Subscription{declared}, store.Subscriptions())
	e.set(false)
	announce(t, store, 1, 0)
	change()
	announce(t, store, 1, 0)
	require.Equal(t, []string{"/declared orders/updated", "/declared orders/updated", "/declared orders/updated", "/made orders/updated"}, e.topics(),
		"what waited for a deleted one is lost")
}
