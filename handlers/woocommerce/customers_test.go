package woocommerce

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

// register puts n accounts into a store, every apart from each other; their ids.
func register(store *woocommercetest.Store, n int, every time.Duration) (ids []int64) {
	for i := range n {
		ids = append(ids, store.AddCustomer(woocommercetest.Customer{First: fmt.Sprint("Kaisa ", i), Email: fmt.Sprintf("buyer%d@example.com", i),
			CreatedAt: noon.Add(time.Duration(i) * every).Truncate(time.Second)}))
	}
	return ids
}

// registered are the ids that Registered yields, in its order.
func registered(t *testing.T, shop *handlers.Shop, from, until time.Time) (ids []int64) {
	t.Helper()
	for change, err := range shop.Customers.Registered(t.Context(), from, until) {
		require.NoError(t, err)
		require.Equal(t, "fi/"+commerce.KindCustomer, change.Ref.Shop+"/"+change.Ref.Kind)
		id, err := strconv.ParseInt(change.Ref.ID, 10, 64)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	return ids
}

func TestReadAccountsEqualDecodedOnes(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	order := store.Generate(7, 1)[0]
	require.NoError(t, store.Complete(order))
	register(store, 3, time.Second)
	store.AddCustomer(woocommercetest.Customer{First: "Ville", Role: "wholesale_customer", Email: "ville@example.com"})
	seen := 0
	for change, err := range shop.Customers.Registered(t.Context(), time.Time{}, time.Time{}) {
		require.NoError(t, err)
		asked := store.Requests()
		read, err := shop.Customers.Customer(t.Context(), change.Ref.ID)
		require.NoError(t, err)
		require.Equal(t, 1, store.Requests()-asked, "an account costs one call")
		require.Equal(t, change.Ref, read.Ref)
		require.Equal(t, read.UpdatedAt, change.At)
		sent, err := store.Deliveries(change.Ref.ID, "customer.updated")
		require.NoError(t, err)
		events, err := shop.Receiver.Events(handlers.Delivery{Header: sent[0].Header(), Body: sent[0].Body})
		require.NoError(t, err)
		require.Equal(t, read.UpdatedAt, events[0].UpdatedAt)
		decoded, err := shop.Customers.Decode(events[0].Body)
		require.NoError(t, err)
		if diff := cmp.Diff(decoded, read); diff != "" {
			t.Fatalf("%s: decoded and read differ (-decoded +read):\n%s", change.Ref, diff)
		}
		seen++
	}
	require.Equal(t, 5, seen)

	o, err := shop.Orders.Order(t.Context(), order)
	require.NoError(t, err)
	buyer, err := shop.Customers.Customer(t.Context(), o.Customer.ID)
	require.NoError(t, err)
	require.Equal(t, o.Customer, buyer.Party, "the account is who bought")
	require.Equal(t, o.Billing, buyer.Billing)
}

func TestWhatIsNoAccountIsNotFound(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	id := register(store, 1, 0)[0]
	for _, none := range []string{"77", "", "x", "batch", "0", "-1", "99999999999999999999999"} {
		_, err := shop.Customers.Customer(t.Context(), none)
		require.Equal(t, commerce.NotFound, commerce.ReasonOf(err), "%q: %v", none, err)
	}
	require.Equal(t, 1, store.Requests(), "what cannot be an id is not asked for")
	store.DeleteCustomer(id)
	_, err := shop.Customers.Customer(t.Context(), strconv.FormatInt(id, 10))
	require.Equal(t, commerce.NotFound, commerce.ReasonOf(err))
	for body, says := range map[string]string{`{"id":8,"is_paying_customer":true}`: "another record than was asked for", `{"id":2}`: "not a whole account", `{"id":2,"billing":7}`: "cannot be understood"} {
		store.Script(woocommercetest.Text(200, body))
		_, err = shop.Customers.Customer(t.Context(), "2")
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), body)
		require.ErrorContains(t, err, says)
	}
	store.Script(woocommercetest.Text(401, `{"code":"woocommerce_rest_cannot_view","message":"no","data":{"status":401}}`))
	_, err = shop.Customers.Customer(t.Context(), "2")
	require.Equal(t, commerce.Denied, commerce.ReasonOf(err))
}

func TestStaffIsListedAndReadOnceItBought(t *testing.T) {
	store, shop := serving(t, woocommercetest.Options{})
	staff := store.AddCustomer(woocommercetest.Customer{Role: "shop_manager", Email: "eeva@example.com"})
	other := store.AddCustomer(woocommercetest.Customer{Role: "subscriber", Email: "liisa@example.com"})
	require.Equal(t, []int64{other}, registered(t, shop, time.Time{}, time.Time{}))
	_, err := shop.Customers.Customer(t.Context(), strconv.FormatInt(staff, 10))
	require.Equal(t, commerce.Ignored, commerce.ReasonOf(err))
	require.ErrorContains(t, err, "has bought nothing")
	require.NoError(t, store.Complete(store.AddOrder(woocommercetest.Order{Customer: staff, Lines: []woocommercetest.Line{woocommercetest.LineOf(woocommercetest.Catalogue()[0], 1)}})))
	require.Equal(t, []int64{staff, other}, registered(t, shop, time.Time{}, time.Time{}))
	_, err = shop.Customers.Customer(t.Context(), strconv.FormatInt(staff, 10))
	require.NoError(t, err)
}

func TestRegisteredYieldsEachAccountOfTheTimeOnce(t *testing.T) {
	for _, n := range []int{0, 1, 99, 100, 101, 199, 250} {
		for _, every := range []time.Duration{time.Second, 10 * time.Millisecond, 0} { // of a second of its own, 100 in one, all in one
			for _, old := range []bool{false, true} {
				store, shop := serving(t, woocommercetest.Options{Old: old})
				ids := register(store, n, every)
				require.Equal(t, ids, registered(t, shop, time.Time{}, time.Time{}), "%d accounts, one every %s", n, every)
				if 0 < n && n <= pageSize {
					require.Equal(t, 1, store.Requests())
				}
			}
		}
	}
	store, shop := serving(t, woocommercetest.Options{})
	ids := register(store, 9, time.Second)
	imported := store.AddCustomer(woocommercetest.Customer{CreatedAt: noon.Add(4 * time.Second)}) // the newest, and yet of old
	for _, tc := range []struct {
		from, until time.Time
		want        []int64
	}{
		{noon.Add(3 * time.Second), noon.Add(6 * time.Second), []int64{ids[3], ids[4], ids[5], imported}},
		{noon.Add(3*time.Second + 1), noon.Add(6*time.Second + 1), []int64{ids[4], ids[5], ids[6], imported}},
		{noon.Add(7 * time.Second), time.Time{}, ids[7:]},
		{time.Time{}, noon.Add(2 * time.Second), ids[:2]},
		{noon, noon, nil},
	} {
		require.Equal(t, tc.want, registered(t, shop, tc.from, tc.until), "%s to %s", tc.from, tc.until)
	}
}

func TestAListOfAccountsAsksForLittle(t *testing.T) {
	var asked []string
	store, shop := before(t, woocommercetest.Options{}, func(store *woocommercetest.Store, _ int, w http.ResponseWriter, r *http.Request) {
		asked = append(asked, strings.Join(r.URL.Query()["_fields"], ";")+" "+r.URL.Query().Get("role")+" "+r.URL.Query().Get("orderby")+" "+r.URL.Query().Get("offset"))
		store.Handler().ServeHTTP(w, r)
	})
	register(store, 150, 0)
	for range shop.Customers.Registered(t.Context(), time.Time{}, time.Time{}) {
		break
	}
	require.Equal(t, []string{"id,role,is_paying_customer,date_created_gmt,date_modified_gmt all id 0"}, asked, "a caller that breaks asks for no further page")
	require.Len(t, registered(t, shop, time.Time{}, time.Time{}), 150)
	require.Len(t, asked, 3)
}

// Whatever comes, changes and goes between the pages, none that stays is left out, none
// comes twice, and it ends.
func TestNoChurnHidesAnAccountThatStays(t *testing.T) {
	for seed := range uint64(40) {
		rnd := rand.New(rand.NewPCG(seed, 9))
		var ids, gone []int64
		most := 1 + rnd.IntN(60)
		store, shop := before(t, woocommercetest.Options{Old: seed%2 == 0}, func(store *woocommercetest.Store, asked int, w http.ResponseWriter, r *http.Request) {
			store.Handler().ServeHTTP(w, r)
			if asked > 8 {
				return
			}
			for range rnd.IntN(most) {
				id := ids[rnd.IntN(len(ids))]
				switch rnd.IntN(3) {
				case 0:
					store.DeleteCustomer(id)
					gone = append(gone, id)
				case 1:
					_ = store.UpdateCustomer(id, func(c *woocommercetest.Customer) { c.Billing.City = "Turku" }) // it may have gone
				default:
					store.AddCustomer(woocommercetest.Customer{})
				}
			}
		})
		ids = register(store, 150+rnd.IntN(300), time.Duration(rnd.IntN(3))*300*time.Millisecond)
		got := registered(t, shop, time.Time{}, time.Time{})
		require.True(t, slices.IsSorted(got), "seed %d", seed)
		require.Len(t, slices.Compact(slices.Clone(got)), len(got), "seed %d: none comes twice", seed)
		for _, id := range ids {
			require.True(t, slices.Contains(got, id) || slices.Contains(gone, id), "seed %d: account %d is left out", seed, id)
		}
	}
}

func TestAListOfAccountsWaitsOutLimitsAndEndsWithAnError(t *testing.T) {
	store, shop := before(t, woocommercetest.Options{}, func(store *woocommercetest.Store, asked int, w http.ResponseWriter, r *http.Request) {
		switch asked {
		case 2:
			woocommercetest.Status(429, 3*time.Second)(w, r)
		case 4, 5:
			refused(401, "woocommerce_rest_cannot_view")(w, r)
		case 6:
			woocommercetest.Text(200, `[{"id":2,"date_created_gmt":"kaisa@example.com"}]`)(w, r)
		default:
			store.Handler().ServeHTTP(w, r)
		}
	})
	ids := register(store, 150, 0)
	begun := time.Now()
	require.Equal(t, ids, registered(t, shop, time.Time{}, time.Time{}))
	require.GreaterOrEqual(t, time.Since(begun), 3*time.Second)
	for _, reason := range []commerce.Reason{commerce.Denied, commerce.Denied, commerce.Invalid} {
		var failures []error
		for change, err := range shop.Customers.Registered(t.Context(), time.Time{}, time.Time{}) {
			assert.Empty(t, failures, "%v came after an error", change)
			failures = append(failures, err)
			require.Zero(t, change)
		}
		require.Len(t, failures, 1)
		require.Equal(t, reason, commerce.ReasonOf(failures[0]))
		require.NotContains(t, failures[0].Error(), "kaisa")
	}
}
