package shopify

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serving opens a store over HTTP and a shop on it.
func serving(t testing.TB, opts shopifytest.Options, money string) (*shopifytest.Store, *handlers.Shop) {
	store := shopifytest.New(opts)
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	shop := openShop(t, store, url, money)
	t.Cleanup(func() {
		shop.Orders.(*orders).client.http.CloseIdle()
		require.NoError(t, stop())
	})
	return store, shop
}

// onlyInBodies leaves out what a webhook body never has.
func onlyInBodies() cmp.Option { return cmpopts.IgnoreFields(commerce.Order{}, "Payments", "Risk") }

// untold is onlyInBodies and, of an order in another currency than the store's,
// what is outstanding.
func untold(o *commerce.Order, store string) cmp.Option {
	if o.Currency == store {
		return onlyInBodies()
	}
	return cmpopts.IgnoreFields(commerce.Order{}, "Payments", "Risk", "Outstanding")
}

func TestAttributesThatTheConfigurationAsksForStandApart(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{}, "shop")
	asking := shop.Orders.(*orders)
	asking.wants = config.Shop{Books: config.Books{Fields: []config.FieldRule{{From: "_source_Campaign", On: config.OnOrder, Field: "x_campaign"}}}}.WantsMeta
	id := store.AddOrder(shopifytest.Order{Attributes: [][2]string{{"Gift text", "Hei"}, {"_source_campaign", "x1"}},
		Lines: []shopifytest.Line{{SKU: "A", Title: "A", Quantity: 1, Current: 1, Price: decimal.NewFromInt(3)}}})
	read, err := asking.Order(t.Context(), id)
	require.NoError(t, err)
	decoded, err := asking.Decode(delivered(t, store, id, "orders/create").Body)
	require.NoError(t, err)
	for _, o := range []*commerce.Order{read, decoded} {
		require.Equal(t, []commerce.Property{{Name: "_source_campaign", Value: "x1"}}, o.Meta)
		require.Len(t, o.Attributes, 2)
	}
}

func TestReadOrdersEqualDecodedOnes(t *testing.T) {
	for _, money := range []string{"shop", "presentment"} {
		t.Run(money, func(t *testing.T) {
			store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, money)
			ids := store.Generate(7, 3*shopifytest.Scenarios)
			require.NoError(t, store.UpdateOrder(ids[0], func(o *shopifytest.Order) { o.Lines[0].Quantity, o.Lines[0].Current = 9, 7 }))
			require.NoError(t, store.CancelOrder(ids[1]))
			require.NoError(t, store.Fulfill(ids[2], "Posti", "JJFI123"))
			require.NoError(t, store.Refund(ids[3], 0, 1))
			require.NoError(t, store.RaiseLine(ids[4], 0, 2))
			seen := map[string]string{} // lines are known by their ids in the whole store
			for _, id := range ids {
				read, err := shop.Orders.Order(t.Context(), id)
				require.NoError(t, err)
				for _, l := range read.Lines {
					key := string(l.Kind) + " " + l.ID
					require.Empty(t, seen[key], "%s: the line %s is one of %s too", read.Number, key, seen[key])
					seen[key] = read.Number
				}
				decoded, err := shop.Orders.Decode(delivered(t, store, id, "orders/updated").Body)
				if bundled(read) || len(read.Refunds) > 0 {
					require.ErrorIs(t, err, handlers.ErrPartial, "a body does not tell its bundles and refunds")
					continue
				}
				require.NoError(t, err)
				if diff := cmp.Diff(decoded, read, untold(read, "EUR")); diff != "" {
					t.Fatalf("%s: decoded and read differ (-decoded +read):\n%s", read.Number, diff)
				}
				require.Equal(t, decoded.Digest(), read.Digest())
			}
		})
	}
}

func TestReadOrderHasPaymentsAndRisk(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{}, "shop")
	id := store.AddOrder(shopifytest.Order{Gateway: "Bank Deposit", Manual: true, RiskLevel: "HIGH",
		Lines: []shopifytest.Line{{SKU: "A", Title: "A", Quantity: 1, Current: 1, Price: decimal.NewFromInt(10)}}})
	o, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "pending", o.Financial)
	require.Equal(t, commerce.Risk{Level: "high", Recommendation: "cancel"}, o.Risk)
	require.NoError(t, store.Pay(id))
	o, err = shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, "paid", o.Financial)
	require.Len(t, o.Payments, 1)
	require.Equal(t, "10.00 EUR", o.Payments[0].Amount.String())
	require.True(t, o.Payments[0].Manual)
}

// long makes an order that fits into no first page of anything.
func long(store *shopifytest.Store) shopifytest.Order {
	o := shopifytest.Order{TaxesIncluded: true, Gateway: "cash"}
	for i := range 170 {
		o.Lines = append(o.Lines, shopifytest.Line{SKU: fmt.Sprint("SKU-", i), Title: "thing", Quantity: 30, Current: 30, Price: decimal.NewFromInt(int64(i + 1))})
	}
	for i := range 25 {
		o.ShippingLines = append(o.ShippingLines, shopifytest.ShippingLine{Code: fmt.Sprint(i), Title: "way", Price: decimal.NewFromInt(1)})
	}
	return o
}

func TestLongOrdersAreReadInPages(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	id := store.AddOrder(long(store))
	for range 6 {
		require.NoError(t, store.Fulfill(id, "Posti", "JJFI"))
	}
	before, err := shop.Orders.Decode(delivered(t, store, id, "orders/updated").Body)
	require.NoError(t, err)
	for i := range 12 {
		require.NoError(t, store.Refund(id, i, 1))
	}
	all := shopifytest.RefundRequest{FullShipping: true}
	for i := range 90 {
		all.Lines = append(all.Lines, shopifytest.RefundItem{Line: i + 12, Quantity: 1})
	}
	_, err = store.RefundWith(id, all)
	require.NoError(t, err)
	read, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	if diff := cmp.Diff(before.Shipments, read.Shipments); diff != "" {
		t.Fatalf("decoded and read differ (-decoded +read):\n%s", diff)
	}
	require.True(t, addUp(read).Equal(read.Total.Amount), "lines give %s, the order says %s", addUp(read), read.Total)
	require.Len(t, read.Lines, 170+25)
	require.Len(t, read.Payments, 14)
	require.Len(t, read.Shipments, 6)
	require.Len(t, read.Shipments[0].Lines, 170)
	require.Len(t, read.Refunds, 13)
	require.Len(t, read.Refunds[12].Lines, 90)
	require.Len(t, read.Refunds[12].Shipping, 25)
}

func TestAnOrderThatChangesBetweenPagesIsAConflict(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	id := store.AddOrder(long(store))
	store.Script(func(w http.ResponseWriter, r *http.Request) {
		store.Handler().ServeHTTP(w, r)
		require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Note = "changed" }))
	})
	_, err := shop.Orders.Order(t.Context(), id)
	require.Equal(t, commerce.Conflict, commerce.ReasonOf(err))
}

func TestReadFailuresAreClassified(t *testing.T) {
	for _, tc := range []struct {
		name   string
		script []http.HandlerFunc
		want   commerce.Reason
		after  time.Duration
	}{
		{"a long throttle goes back to the queue", []http.HandlerFunc{shopifytest.Throttled(time.Minute)}, commerce.RateLimited, time.Minute},
		{"a short throttle is waited out", []http.HandlerFunc{shopifytest.Throttled(100 * time.Millisecond)}, "", 0},
		{"too many requests with a long pause", []http.HandlerFunc{shopifytest.Status(429, 30*time.Second)}, commerce.RateLimited, 30 * time.Second},
		{"a scope is missing", []http.HandlerFunc{shopifytest.AccessDenied()}, commerce.Denied, 0},
		{"customer data is protected", []http.HandlerFunc{shopifytest.Protected("order", "customer")}, commerce.Denied, 0},
		{"the token was revoked", []http.HandlerFunc{shopifytest.Status(401, 0)}, commerce.Denied, 0},
		{"the store is not there", []http.HandlerFunc{shopifytest.Status(404, 0)}, commerce.Denied, 0},
		{"the store is frozen", []http.HandlerFunc{shopifytest.Status(402, 0)}, commerce.Denied, 0},
		{"the store broke down", []http.HandlerFunc{shopifytest.Status(500, 0)}, commerce.Unavailable, 0},
		{"a proxy answers with a page", []http.HandlerFunc{shopifytest.Text(200, "<html>busy</html>")}, commerce.Unavailable, 0},
		{"the answer breaks off", []http.HandlerFunc{shopifytest.Text(200, `{"data":{"order":{"id":`)}, commerce.Unavailable, 0},
		{"the answer has other types", []http.HandlerFunc{shopifytest.Text(200, `{"data":{"order":[1]}}`)}, commerce.Invalid, 0},
		{"the answer is empty JSON", []http.HandlerFunc{shopifytest.Text(200, `{}`)}, commerce.Invalid, 0},
		{"an amount is in another currency", []http.HandlerFunc{shopifytest.Text(200,
			`{"data":{"order":{"id":"gid://shopify/Order/1","currencyCode":"EUR","currentTotalPriceSet":{"money":{"amount":"1.0","currencyCode":"USD"}}}}}`)}, commerce.Invalid, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			store, shop := serving(t, shopifytest.Options{}, "shop")
			id := store.Generate(1, 1)[0]
			store.Script(tc.script...)
			_, err := shop.Orders.Order(t.Context(), id)
			require.Equal(t, tc.want, commerce.ReasonOf(err), "%v", err)
			var e *commerce.Error
			if tc.want != "" {
				require.ErrorAs(t, err, &e)
				require.Equal(t, id, e.Ref.ID)
				require.Equal(t, tc.after, e.RetryAfter.Round(time.Second))
				require.NotContains(t, err.Error(), store.Token())
			}
		})
	}
}

func TestUnknownOrdersAreNotFound(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{}, "shop")
	for _, id := range []string{"1", "", "x", "1 OR 1", "99999999999999999999999"} {
		_, err := shop.Orders.Order(t.Context(), id)
		require.Equal(t, commerce.NotFound, commerce.ReasonOf(err), "%q", id)
	}
	require.Equal(t, 1, store.Requests(), "what cannot be an id is not asked for")
}

func TestADeadlineEndsARead(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{}, "shop")
	id := store.Generate(1, 1)[0]
	store.Script(shopifytest.Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := shop.Orders.Order(ctx, id)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(begun), 2*time.Second)
}

func TestTheStoresBucketIsRespected(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 700, Restore: 2000}, "shop")
	ids := store.Generate(3, 12)
	for _, id := range ids {
		_, err := shop.Orders.Order(t.Context(), id)
		require.NoError(t, err)
	}
	require.Equal(t, len(ids), store.Requests(), "none was throttled: the limiter knew")
}

func TestAnotherAPIVersionIsToldOnce(t *testing.T) {
	store := shopifytest.New(shopifytest.Options{APIVersion: "2026-10"})
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	var lines bytes.Buffer
	shop, err := config.NewShop("fi", Name, config.Books{}, "domain: "+store.Domain()+"\naccess_token: "+store.Token()+"\nsecrets: [x]\nendpoint: "+url)
	require.NoError(t, err)
	opened, err := Platform().Open(shop, handlers.Deps{Log: slog.New(slog.NewTextHandler(&lines, nil))})
	require.NoError(t, err)
	for _, id := range store.Generate(1, 2) {
		_, err = opened.Orders.Order(t.Context(), id)
		require.NoError(t, err)
	}
	require.Equal(t, 1, strings.Count(lines.String(), "served=2026-10"), lines.String())
	opened.Orders.(*orders).client.http.CloseIdle()
	require.NoError(t, stop())
}

// everyQueries are the queries in all their forms.
func everyQueries() []queries {
	return []queries{newQueries("shop", false, false), newQueries("presentment", false, true), newQueries("shop", true, true), newQueries("presentment", true, false)}
}

func bundled(o *commerce.Order) bool {
	return slices.ContainsFunc(o.Lines, func(l commerce.Line) bool { return l.Bundle != "" })
}

func TestQueriesFitTheirBudget(t *testing.T) {
	for _, q := range everyQueries() {
		for _, one := range q.all() {
			got, err := shopifytest.Cost(one.text, map[string]any{"id": "x", "query": "x"})
			require.NoError(t, err, one.name)
			require.LessOrEqual(t, got, 1000.0, one.name)
			require.Equal(t, got, one.cost, "the cost noted for %s", one.name)
		}
		for _, part := range []string{
			fmt.Sprintf("transactions(first: %d)", firstTransactions),
			fmt.Sprintf("fulfillments(first: %d)", firstFulfillments),
			fmt.Sprintf("refunds(first: %d)", firstRefunds),
		} {
			require.Contains(t, q.order.text, part)
		}
	}
}

func TestALocationIsReadWhereWarehousesAreMapped(t *testing.T) {
	store, plain := serving(t, shopifytest.Options{Bucket: 1e6, Scopes: []string{"read_orders", "read_customers", "read_locations"}}, "shop")
	url := plain.Orders.(*orders).set.Endpoint
	set, err := config.NewShop("fi", Name, config.Books{Warehouses: map[string]string{"68014080299": "Helsinki"}},
		"domain: "+store.Domain()+"\naccess_token: "+store.Token()+"\nsecrets: [x]\nendpoint: "+url)
	require.NoError(t, err)
	shop, err := Platform().Open(set, handlers.Deps{})
	require.NoError(t, err)
	t.Cleanup(shop.Orders.(*orders).client.http.CloseIdle)
	at := shopifytest.Location{ID: 68014080299, Name: "Helsinki store"}
	for _, till := range []bool{false, true} {
		id := store.Generate(3, 1)[0]
		require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.Location, o.AtTill = at, till }))
		_, err = shop.Orders.Decode(delivered(t, store, id, "orders/create").Body)
		require.ErrorIs(t, err, handlers.ErrPartial, "a body does not tell it")
		o, err := shop.Orders.Order(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, "68014080299", o.Location)
		require.Equal(t, "Helsinki store", o.LocationName)
		o, err = plain.Orders.Order(t.Context(), id)
		require.NoError(t, err)
		require.Empty(t, o.Location, "nobody asked, and it needs scopes of its own")
	}
	nowhere, err := shop.Orders.Order(t.Context(), store.Generate(4, 1)[0])
	require.NoError(t, err)
	require.Empty(t, nowhere.Location)
}

func TestWordsForPeopleAreReadAndDecodedAlike(t *testing.T) {
	store, shop := serving(t, shopifytest.Options{Bucket: 1e6}, "shop")
	id := store.Generate(3, 1)[0]
	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) {
		o.PONumber, o.Attributes, o.Source, o.Test = "PO 7", [][2]string{{"Gift text", "Hei"}}, "shopify_draft_order", true
	}))
	decoded, err := shop.Orders.Decode(delivered(t, store, id, "orders/updated").Body)
	require.NoError(t, err)
	read, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	if diff := cmp.Diff(decoded, read, onlyInBodies()); diff != "" {
		t.Errorf("decoded and read differ (-decoded +read):\n%s", diff)
	}
	require.Equal(t, "PO 7", read.PurchaseOrder)
	require.Equal(t, []commerce.Property{{Name: "Gift text", Value: "Hei"}}, read.Attributes)
	require.Equal(t, []string{"shopify_payments"}, read.Gateways)
	require.True(t, read.Draft)
	require.True(t, read.Test)
	require.True(t, read.Paid)
	require.NoError(t, store.UpdateOrder(id, func(o *shopifytest.Order) { o.PONumber, o.Attributes, o.Note, o.Test = "", nil, "x", false }))
	after, err := shop.Orders.Order(t.Context(), id)
	require.NoError(t, err)
	require.Equal(t, read.Digest(), after.Digest(), "such words reopen nothing")
}

func TestACheckWantsTheScopesThatLocationsNeed(t *testing.T) {
	store, plain := serving(t, shopifytest.Options{}, "shop")
	o := *plain.Orders.(*orders)
	o.located = true
	found := checker{orders: &o, topics: topics(), now: time.Now}.check(t.Context())
	text := fmt.Sprint(found)
	require.Contains(t, text, "the scope read_locations is not granted, which books.warehouses needs")
	require.Contains(t, text, "read_merchant_managed_fulfillment_orders")
	require.NotContains(t, fmt.Sprint(checker{orders: plain.Orders.(*orders), topics: topics(), now: time.Now}.check(t.Context())), "read_locations")
	require.Positive(t, store.Requests())
}
