package shopifytest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestGeneratedOrdersAddUp works every amount out a second time, from the body
// alone and in words of its own.
func TestGeneratedOrdersAddUp(t *testing.T) {
	s := New(Options{UnknownSKU: "NOBODY-KNOWS"})
	ids := s.Generate(42, 8*Scenarios)
	bodies := map[string]bool{}
	for _, id := range ids {
		d, err := s.Deliveries(id, "orders/create")
		require.NoError(t, err)
		bodies[string(d[0].Body)] = true
		var b map[string]any
		require.NoError(t, json.Unmarshal(d[0].Body, &b))
		for _, side := range []string{"shop_money", "presentment_money"} {
			checkBody(t, b, side)
		}
	}
	require.Len(t, bodies, len(ids), "all orders differ")
	known := map[string]bool{"": true} // of gift cards and tips
	for _, p := range Catalogue() {
		known[p.SKU] = true
	}
	var unknown []string
	for _, o := range s.Orders() {
		for _, sku := range o.SKUs {
			if !known[sku] {
				unknown = append(unknown, o.ID+" "+sku)
			}
		}
	}
	require.Equal(t, []string{ids[len(ids)-1] + " NOBODY-KNOWS"}, unknown)
}

func set(o map[string]any, key, side string) decimal.Decimal {
	return decimal.RequireFromString(o[key].(map[string]any)[side].(map[string]any)["amount"].(string))
}

func objects(o map[string]any, key string) []map[string]any {
	var out []map[string]any
	for _, one := range o[key].([]any) {
		out = append(out, one.(map[string]any))
	}
	return out
}

// checkBody: line = quantity × price − allocations; tax = half up of the line at
// its rate; totals are sums.
func checkBody(t *testing.T, b map[string]any, side string) {
	var subtotal, taxes decimal.Decimal
	included := b["taxes_included"].(bool)
	line := func(l map[string]any, quantity decimal.Decimal) {
		total := set(l, "price_set", side).Mul(quantity)
		for _, a := range objects(l, "discount_allocations") {
			off := set(a, "amount_set", side)
			require.False(t, off.IsNegative())
			total = total.Sub(off)
		}
		require.False(t, total.IsNegative(), "%s", b["name"])
		subtotal = subtotal.Add(total)
		for _, tax := range objects(l, "tax_lines") {
			rate := decimal.NewFromFloat(tax["rate"].(float64))
			want := total.Mul(rate)
			if included {
				want = want.Div(rate.Add(decimal.NewFromInt(1)))
			}
			require.Equal(t, want.Round(2).StringFixed(2), set(tax, "price_set", side).StringFixed(2))
			taxes = taxes.Add(set(tax, "price_set", side))
		}
	}
	for _, l := range objects(b, "line_items") {
		line(l, decimal.NewFromFloat(l["quantity"].(float64)))
	}
	for _, l := range objects(b, "shipping_lines") {
		line(l, decimal.NewFromInt(1))
	}
	if !included {
		subtotal = subtotal.Add(taxes)
	}
	if b["current_total_duties_set"] != nil {
		subtotal = subtotal.Add(set(b, "current_total_duties_set", side))
	}
	for _, key := range []string{"total_price_set", "current_total_price_set"} {
		require.Equal(t, subtotal.StringFixed(2), set(b, key, side).StringFixed(2), "%s %s", b["name"], key)
	}
	require.Equal(t, taxes.StringFixed(2), set(b, "current_total_tax_set", side).StringFixed(2))
}

func TestTheSameSeedGivesTheSameOrders(t *testing.T) {
	now := func() time.Time { return time.Unix(1795309200, 0) }
	a, b := New(Options{Now: now}), New(Options{Now: now})
	a.Generate(9, 30)
	b.Generate(9, 30)
	require.Equal(t, a.Orders(), b.Orders())
	a.Generate(10, 5)
	require.Len(t, a.Orders(), 35)
}

func TestUpdatesMoveTheVersionEvenWithinASecond(t *testing.T) {
	now := time.Unix(1795309200, 0)
	s := New(Options{Now: func() time.Time { return now }})
	id := s.Generate(1, 1)[0]
	stamp := func() string {
		d, err := s.Deliveries(id, "orders/updated")
		require.NoError(t, err)
		var b struct {
			UpdatedAt string `json:"updated_at"`
		}
		require.NoError(t, json.Unmarshal(d[0].Body, &b))
		return b.UpdatedAt
	}
	seen := map[string]bool{stamp(): true}
	for range 3 {
		require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note += "x" }))
		seen[stamp()] = true
	}
	require.Len(t, seen, 4)
	require.NoError(t, s.CancelOrder(id))
	require.True(t, s.Orders()[0].Cancelled)
	require.NoError(t, s.DeleteOrder(id))
	require.Error(t, s.CancelOrder(id))
}

func TestDeliveriesAreRepeatedForgedAndCut(t *testing.T) {
	s := New(Options{})
	id := s.Generate(1, 1)[0]
	ds, err := s.Deliveries(id, "orders/create", "orders/paid")
	require.NoError(t, err)
	require.NotEqual(t, ds[0].WebhookID, ds[1].WebhookID)
	d := ds[0]
	sign := func(d Delivery) string { return d.Header().Get("X-Shopify-Hmac-Sha256") }
	require.Equal(t, Signature(s.Secret(), d.Body), sign(d))
	require.NotEqual(t, sign(d), sign(d.Forged()))
	require.Equal(t, sign(d), sign(d.Truncated()))
	require.Less(t, len(d.Truncated().Body), len(d.Body))
	require.Equal(t, "orders/delete", d.Relabelled("orders/delete").Header().Get("X-Shopify-Topic"))
	require.Equal(t, "orders/create", d.Header().Get("X-Shopify-Topic"), "the original stays")
	signed := slices.Collect(maps.Keys(d.Headers))
	for _, name := range []string{"X-Shopify-Webhook-Id", "X-Shopify-Shop-Domain", "X-Shopify-Triggered-At", "X-Shopify-Event-Id"} {
		require.Contains(t, signed, name)
	}
}

func TestPostBehavesLikeTheRealSender(t *testing.T) {
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		switch r.URL.Path {
		case "/redirect":
			http.Redirect(w, r, "/ok", http.StatusTemporaryRedirect)
		case "/third":
			if calls.Load() < 3 {
				w.WriteHeader(http.StatusServiceUnavailable)
			}
		case "/never":
			w.WriteHeader(http.StatusInternalServerError)
		}
		_, _ = io.Copy(io.Discard, r.Body)
	}))
	defer srv.Close()
	s := New(Options{})
	d := s.Sign("orders/create", []byte(`{"id":1}`))

	status, err := Post(t.Context(), srv.Client(), srv.URL+"/redirect", d)
	require.NoError(t, err)
	require.Equal(t, http.StatusTemporaryRedirect, status, "redirects are not followed")

	calls.Store(0)
	status, err = PostWithRetry(t.Context(), srv.Client(), srv.URL+"/third", d, 8, time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.EqualValues(t, 3, calls.Load())

	status, err = PostWithRetry(t.Context(), srv.Client(), srv.URL+"/never", d, 2, time.Millisecond)
	require.Error(t, err)
	require.Equal(t, 500, status)

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = Post(ctx, srv.Client(), srv.URL, d)
	require.ErrorIs(t, err, context.Canceled)
}

// ask sends one query and returns the answer as it is.
func ask(t *testing.T, s *Store, token, query string) (int, string) {
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	raw, err := json.Marshal(map[string]any{"query": query})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/admin/api/2026-07/graphql.json", bytes.NewReader(raw))
	require.NoError(t, err)
	req.Header.Set("X-Shopify-Access-Token", token)
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, strings.TrimSpace(string(body))
}

func TestTheAdminAPIAnswersExactlyWhatWasSelected(t *testing.T) {
	s := New(Options{Now: func() time.Time { return time.Unix(1795309200, 0) }})
	s.Generate(1, 3)
	status, body := ask(t, s, s.Token(), `{ orders(first: 2, sortKey: UPDATED_AT) { nodes { n: name test @skip(if: true) } pageInfo { hasNextPage } } }`)
	require.Equal(t, 200, status)
	require.JSONEq(t, `{"data":{"orders":{"nodes":[{"n":"#1001"},{"n":"#1002"}],"pageInfo":{"hasNextPage":true}}},
		"extensions":{"cost":{"requestedQueryCost":4,"actualQueryCost":4,"throttleStatus":{"maximumAvailable":2000,"currentlyAvailable":1996,"restoreRate":100}}}}`, body)

	_, body = ask(t, s, s.Token(), `{ order(id: "gid://shopify/Order/1") { id } }`)
	require.Contains(t, body, `"order":null`)
	_, body = ask(t, s, s.Token(), `{ order(id: "x") { secretSauce } }`)
	require.Contains(t, body, "undefinedField")
	require.NotContains(t, body, `"data"`)
	_, body = ask(t, s, s.Token(), `{ orders(first: 250) { nodes { lineItems(first: 10) { nodes { id } } } } }`)
	require.Contains(t, body, "MAX_COST_EXCEEDED")
	status, body = ask(t, s, "wrong", `{ orders(first: 1) { nodes { id } } }`)
	require.Equal(t, http.StatusUnauthorized, status)
	require.NotContains(t, body, s.Token())
}

func TestAnEmptyBucketThrottlesUntilItRefills(t *testing.T) {
	now := time.Unix(1795309200, 0)
	s := New(Options{Bucket: 20, Restore: 10, Now: func() time.Time { return now }})
	s.Generate(1, 10)
	const query = `{ orders(first: 10) { nodes { id } } }`
	_, body := ask(t, s, s.Token(), query)
	require.Contains(t, body, `"currentlyAvailable":8`)
	_, body = ask(t, s, s.Token(), query)
	require.Contains(t, body, "THROTTLED")
	now = now.Add(time.Second)
	_, body = ask(t, s, s.Token(), query)
	require.Contains(t, body, `"data"`)
	require.Equal(t, 3, s.Requests())
}
