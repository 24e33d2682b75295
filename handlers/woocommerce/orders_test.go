package woocommerce

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// openAt opens a shop on a store that answers at an address; block is put to the end of
// the shop's block.
func openAt(t testing.TB, store *woocommercetest.Store, address, public, block string) *handlers.Shop {
	t.Helper()
	text := fmt.Sprintf("url: %s\nconsumer_key: %s\nconsumer_secret: %s\nsecrets: [%q, old]\nendpoint: %s\n%s",
		store.Home(), store.ConsumerKey(), store.ConsumerSecret(), store.Secret(), address, block)
	shop, err := config.NewShop("fi", Name, config.Books{}, text)
	require.NoError(t, err)
	shop.Mode = config.Live
	opened, err := Platform().Open(shop, handlers.Deps{PublicURL: public})
	require.NoError(t, err)
	t.Cleanup(opened.Orders.(*orders).client.http.CloseIdle)
	return opened
}

// serving opens a store over HTTP and a shop on it.
func serving(t testing.TB, opts woocommercetest.Options) (*woocommercetest.Store, *handlers.Shop) {
	t.Helper()
	store := woocommercetest.New(opts)
	address, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	shop := openAt(t, store, address, testPublic, "")
	t.Cleanup(func() { require.NoError(t, stop()) })
	return store, shop
}

const (
	testPublic = "https://hooks.example.com"
	testHook   = testPublic + "/hooks/fi"
)

func TestReadOrdersEqualDecodedOnes(t *testing.T) {
	for _, old := range []bool{false, true} {
		store, shop := serving(t, woocommercetest.Options{Old: old})
		for _, id := range store.Generate(7, 2*woocommercetest.Scenarios) {
			read, err := shop.Orders.Order(t.Context(), id)
			sent, signErr := store.Deliveries(id, "order.updated")
			require.NoError(t, signErr)
			decoded, decodeErr := shop.Orders.Decode(sent[0].Body)
			if commerce.ReasonOf(err) == commerce.Ignored { // a draft
				require.Equal(t, err.Error(), decodeErr.Error())
				continue
			}
			require.NoError(t, err)
			if len(read.Refunds) > 0 {
				require.ErrorIs(t, decodeErr, handlers.ErrPartial)
				continue
			}
			require.NoError(t, decodeErr)
			if diff := cmp.Diff(decoded, read); diff != "" {
				t.Fatalf("%s: decoded and read differ (-decoded +read):\n%s", read.Number, diff)
			}
		}
	}
}

func TestAnOrderIsReadWithItsRefunds(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	id := store.Generate(3, 1)[0]
	asked := store.Requests()
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Empty(t, o.Refunds)
	require.Equal(t, 1, store.Requests()-asked, "one call for an order without refunds")

	require.NoError(t, store.Refund(id, 0, 1))
	asked = store.Requests()
	o, err = shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, o.Refunds, 1)
	require.NotEmpty(t, o.Refunds[0].Lines)
	require.Equal(t, 2, store.Requests()-asked, "and two for one with refunds")

	id = store.Generate(3, 1)[0]
	cent := decimal.New(1, -2)
	for range 101 {
		_, err := store.RefundWith(id, woocommercetest.RefundRequest{Amount: &cent})
		require.NoError(t, err)
	}
	o, err = shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Len(t, o.Refunds, 101)
}

// before opens a shop on a store to which each call comes by way of front: it may answer
// in the store's place, and do something after it.
func before(t *testing.T, opts woocommercetest.Options, front func(store *woocommercetest.Store, asked int, w http.ResponseWriter, r *http.Request)) (*woocommercetest.Store, *handlers.Shop) {
	t.Helper()
	store := woocommercetest.New(opts)
	asked := 0
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		front(store, asked, w, r)
	}))
	t.Cleanup(srv.Close)
	return store, openAt(t, store, srv.URL, testPublic, "")
}

func TestARefundThatGoesBetweenTheTwoCallsIsAConflict(t *testing.T) {
	for _, goes := range []bool{true, false} {
		var id string
		cent := decimal.New(1, -2)
		store, shop := before(t, woocommercetest.Options{}, func(store *woocommercetest.Store, asked int, w http.ResponseWriter, r *http.Request) {
			store.Handler().ServeHTTP(w, r)
			var err error
			switch {
			case asked != 1:
			case goes:
				err = store.UpdateOrder(id, func(o *woocommercetest.Order) { o.Refunds = nil })
			default:
				_, err = store.RefundWith(id, woocommercetest.RefundRequest{Amount: &cent})
			}
			assert.NoError(t, err)
		})
		id = store.Generate(3, 1)[0]
		require.NoError(t, store.Refund(id, 0, 1))
		o, err := shop.Orders.Order(t.Context(), id)
		if goes {
			require.Equal(t, commerce.Conflict, commerce.ReasonOf(err), "%v", err)
			continue
		}
		require.NoError(t, err)
		require.Len(t, o.Refunds, 1, "one that comes later is not of the state that was read")
	}
}

func TestWhatIsNoOrderIsNotFound(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	id := store.Generate(3, 1)[0]
	for _, none := range []string{"1", "", "x", "1/refunds", "0", "-1", "99999999999999999999999"} {
		_, err := shop.Orders.Order(t.Context(), none)
		require.Equal(t, commerce.NotFound, commerce.ReasonOf(err), "%q: %v", none, err)
	}
	require.Equal(t, 1, store.Requests(), "what cannot be an id is not asked for")
	require.NoError(t, store.DeleteOrder(id))
	_, err := shop.Orders.Order(t.Context(), id)
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
	store.Script(woocommercetest.Text(200, `{"id":8,"status":"processing"}`))
	_, err = shop.Orders.Order(t.Context(), id)
	require.Equal(t, commerce.Invalid, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "another record than was asked for")
}

func TestDraftsAreIgnoredAndTheTrashIsCancelled(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	ids := store.Generate(3, 2)
	require.NoError(t, store.TrashOrder(ids[0]))
	o, err := shop.Orders.Order(t.Context(), ids[0])
	require.NoError(t, err)
	require.True(t, o.Cancelled())
	require.Equal(t, "trash", o.Financial)

	require.NoError(t, store.UpdateOrder(ids[1], func(o *woocommercetest.Order) { o.Status = "checkout-draft" }))
	_, err = shop.Orders.Order(t.Context(), ids[1])
	require.Equal(t, commerce.Ignored, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "a draft")
}

func TestUpdatedHoldsWhatASweepMustSee(t *testing.T) {
	for _, old := range []bool{false, true} {
		store, shop := serving(t, woocommercetest.Options{Old: old})
		begin := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC) // summer time ends in Berlin meanwhile
		ids := store.Generate(5, 250)
		for i, id := range ids {
			require.NoError(t, store.SetUpdated(id, begin.Add(time.Duration(i)*20*time.Second)))
		}
		require.NoError(t, store.UpdateOrder(ids[249], func(o *woocommercetest.Order) { o.Status = "checkout-draft" }))
		require.NoError(t, store.TrashOrder(ids[3]))
		require.NoError(t, store.SetUpdated(ids[3], begin.Add(60*time.Second)))
		until := begin.Add(248 * 20 * time.Second)
		var got []string
		for change, err := range shop.Orders.Updated(t.Context(), begin, until) {
			require.NoError(t, err)
			got = append(got, change.Ref.ID)
		}
		var want []string
		for _, id := range ids[:249] {
			o, err := shop.Orders.Order(t.Context(), id)
			if commerce.ReasonOf(err) == commerce.Ignored {
				continue // a draft by its scenario
			}
			require.NoError(t, err)
			if !o.UpdatedAt.Before(begin) && !o.UpdatedAt.After(until) {
				want = append(want, id)
			}
		}
		require.Equal(t, want, got)
	}
}

func TestPlacedWholeIsWhatOrderSaysInAsFewCallsAsCanBe(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	ids := store.Generate(5, 230)
	refunded := 0
	want := map[string]*commerce.Order{}
	require.NoError(t, store.TrashOrder(ids[10]))
	for i, id := range ids {
		if i%40 == 0 {
			_ = store.Refund(id, 0, 1) // some cannot be refunded
		}
		o, err := shop.Orders.Order(t.Context(), id)
		if commerce.ReasonOf(err) == commerce.Ignored {
			continue
		}
		require.NoError(t, err)
		want[id] = o
		if len(o.Refunds) > 0 {
			refunded++
		}
	}
	require.Positive(t, refunded)
	asked := store.Requests()
	lister := shop.Orders.(handlers.OrderLister)
	var last time.Time
	for o, err := range lister.PlacedWhole(t.Context(), time.Now().Add(-24*time.Hour), time.Now()) {
		require.NoError(t, err)
		require.False(t, o.CreatedAt.Before(last), "the oldest first")
		last = o.CreatedAt
		if diff := cmp.Diff(want[o.Ref.ID], o); diff != "" {
			t.Fatalf("%s: listed and read differ (-read +listed):\n%s", o.Number, diff)
		}
		delete(want, o.Ref.ID)
	}
	require.Empty(t, want, "each came once")
	require.Equal(t, 1+3+refunded, store.Requests()-asked, "the trash, three pages, and the refunds")
}

func TestPlacedWholeWaitsOutRateLimitsAndReadsAnewWhatChanges(t *testing.T) {
	for _, deleted := range []bool{false, true} {
		var ids []string
		store, shop := before(t, woocommercetest.Options{}, func(store *woocommercetest.Store, asked int, w http.ResponseWriter, r *http.Request) {
			if asked == 2 { // the trash was read
				woocommercetest.Status(429, 3*time.Second)(w, r)
				return
			}
			store.Handler().ServeHTTP(w, r)
			switch {
			case asked != 3: // the page
			case deleted:
				assert.NoError(t, store.DeleteOrder(ids[1]))
			default:
				assert.NoError(t, store.UpdateOrder(ids[1], func(o *woocommercetest.Order) { o.Refunds, o.Note = nil, "changed" }))
			}
		})
		ids = store.Generate(5, 3)
		require.NoError(t, store.Refund(ids[1], 0, 1))
		begun := time.Now()
		var got []string
		for o, err := range shop.Orders.(handlers.OrderLister).PlacedWhole(t.Context(), time.Now().Add(-time.Hour), time.Now()) {
			require.NoError(t, err)
			if got = append(got, o.Ref.ID); o.Ref.ID == ids[1] {
				require.Empty(t, o.Refunds)
				require.Equal(t, "changed", o.Note)
			}
		}
		if deleted {
			require.Equal(t, []string{ids[0], ids[2]}, got, "one that has gone meanwhile is left out")
		} else {
			require.Equal(t, ids, got)
		}
		require.GreaterOrEqual(t, time.Since(begun), 3*time.Second)
	}
}

func TestTheKeysOpenAShopInEachWay(t *testing.T) {
	for _, tc := range []struct {
		auth string
		opts woocommercetest.Options
		want commerce.Reason
	}{
		{"oauth", woocommercetest.Options{}, ""},
		{"oauth", woocommercetest.Options{Now: func() time.Time { return time.Now().Add(-time.Hour) }}, commerce.Denied},
	} {
		store, shop := serving(t, tc.opts)
		id := store.Generate(3, 1)[0]
		for range 3 { // a nonce holds once
			_, err := shop.Orders.Order(t.Context(), id)
			require.Equal(t, tc.want, commerce.ReasonOf(err), "%s: %v", tc.auth, err)
		}
	}
	for _, auth := range []string{authBasic, authQuery, authOAuth} {
		store := woocommercetest.New(woocommercetest.Options{})
		srv := httptest.NewTLSServer(store.Handler())
		shop := openAt(t, store, srv.URL, "", "auth: "+auth)
		c := shop.Orders.(*orders).client
		c.http.CloseIdle()
		c.http = wire.New(wire.Policy{Remote: Name, Authorize: newKeys(shop.Orders.(*orders).set).put}, wire.Deps{Base: srv.Client().Transport})
		id := store.Generate(3, 1)[0]
		o, err := shop.Orders.Order(t.Context(), id)
		require.NoError(t, err, auth)
		require.Equal(t, id, o.Ref.ID)
		require.WithinDuration(t, srv.Certificate().NotAfter, c.last.Load().expires, 0)
		srv.Close()
	}
}

func TestAHostsLimitsGoBackToTheQueue(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{PerSecond: 0.2})
	id := store.Generate(3, 1)[0]
	_, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	_, err = shop.Orders.Order(t.Context(), id)
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, commerce.RateLimited, e.Reason)
	require.Positive(t, e.RetryAfter)
	require.Equal(t, id, e.Ref.ID)
	require.Equal(t, 1, store.Throttled())
}
