package woocommercetest

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// ear is what a shop posts to: it notes what came, and answers as it is told.
type ear struct {
	*httptest.Server
	mu     sync.Mutex
	status int
	pings  int
	heard  []Delivery
	during func() // while a delivery is under way
	came   chan struct{}
}

func listen(t *testing.T) *ear {
	e := &ear{status: 200, came: make(chan struct{}, 100)}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		if r.Header.Get("Content-Type") == "application/x-www-form-urlencoded" && strings.HasPrefix(string(raw), "webhook_id=") {
			e.pings++
		} else {
			d := Delivery{Topic: r.Header.Get("X-WC-Webhook-Topic"), Body: raw, Headers: map[string]string{}}
			for name := range r.Header {
				d.Headers[name] = r.Header.Get(name)
			}
			e.heard = append(e.heard, d)
			if e.during != nil {
				e.during()
			}
		}
		if e.status/100 == 3 {
			w.Header().Set("Location", "/elsewhere")
		}
		w.WriteHeader(e.status)
		e.came <- struct{}{}
	}))
	t.Cleanup(e.Close)
	return e
}

func (e *ear) answers(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = status
}

// take is what was heard since the last call, by topic and id.
func (e *ear) take(t *testing.T) (told []string, pings int) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, d := range e.heard {
		var b struct{ ID json.Number }
		require.NoError(t, json.Unmarshal(d.Body, &b))
		told = append(told, d.Topic+" "+b.ID.String())
	}
	pings = e.pings
	e.heard, e.pings = nil, 0
	return told, pings
}

// hears makes webhooks by the API and forgets their pings.
func (e *ear) hears(t *testing.T, s *Store, topics ...string) {
	t.Helper()
	for _, topic := range topics {
		got := ask(t, s, "POST", "webhooks", `{"topic":"`+topic+`","delivery_url":"`+e.URL+`","secret":"geheim&amp;&lt;x&quot;"}`)
		require.Equal(t, 201, got.status, got.text)
	}
	_, pings := e.take(t)
	require.Equal(t, len(topics), pings, "each is pinged before it is answered")
}

func announce(t *testing.T, s *Store) (taken, failed int) {
	t.Helper()
	taken, failed, err := s.Announce(t.Context(), http.DefaultClient)
	require.NoError(t, err)
	return taken, failed
}

func TestADeliveryIsSignedAndNamedAsRealShopsDo(t *testing.T) {
	c := newClock()
	s, e := New(Options{BasicOverHTTP: true, Now: c.now}), listen(t)
	e.hears(t, s, "order.created", "order.updated")
	unusual := s.Generate(3, 16)[15]
	announce(t, s)
	var last Delivery
	ids := map[string]bool{}
	for _, d := range e.heard {
		require.Equal(t, Signature(`geheim&<x"`, d.Body), d.Headers["X-Wc-Webhook-Signature"], "the secret loses its entities")
		require.Equal(t, "https://shop.example/", d.Headers["X-Wc-Webhook-Source"])
		require.Equal(t, "order", d.Headers["X-Wc-Webhook-Resource"])
		require.Equal(t, "application/json", d.Headers["Content-Type"])
		require.Contains(t, d.Headers["User-Agent"], "Hookshot")
		ids[d.Headers["X-Wc-Webhook-Id"]+" "+d.Headers["X-Wc-Webhook-Delivery-Id"]] = true
		last = d
	}
	require.Len(t, ids, 2, "one webhook has one delivery id in a second")
	require.Contains(t, string(last.Body), `\/wp-json\/`)
	require.NotContains(t, strings.ReplaceAll(string(last.Body), `\/`, ""), "/")
	for _, b := range last.Body {
		require.Less(t, b, byte(0x80), "all is ASCII")
	}
	unusualBody := body(t, s, unusual, "order.updated")
	require.Equal(t, "c/o 山田太郎 🏔", unusualBody["shipping"].(map[string]any)["address_2"])
	var e1, e2 []byte
	for _, d := range e.heard {
		if strings.Contains(string(d.Body), `"id":`+unusual+",") {
			e1, e2 = e2, d.Body
		}
	}
	require.Equal(t, string(e1), string(e2), "created and updated have the same body")
}

func TestWhatHappensIsToldAsRealShopsTellIt(t *testing.T) {
	goods := []Line{LineOf(Catalogue()[0], 1), LineOf(Catalogue()[2], 1)}
	topics := []string{"order.created", "order.updated", "order.deleted", "order.restored", "product.updated", "product.deleted", "product.restored",
		"coupon.deleted", "customer.created", "customer.updated", "customer.deleted", "action.woocommerce_order_status_completed"}
	for name, tt := range map[string]struct {
		old  bool
		do   func(t *testing.T, s *Store, id string)
		want []string // @ is the order
	}{
		"completed":                 {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.Complete(id)) }, want: []string{"order.updated @", "customer.updated 2", "action "}},
		"refunded in part":          {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.Refund(id, 0, 1)) }, want: []string{"product.updated 100", "product.updated 102", "order.updated @"}},
		"trashed":                   {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.TrashOrder(id)) }, want: []string{"order.deleted @"}},
		"trashed, orders are posts": {old: true, do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.TrashOrder(id)) }, want: []string{"coupon.deleted @", "product.deleted @", "order.deleted @"}},
		"deleted for good":          {do: func(t *testing.T, s *Store, id string) { require.NoError(t, s.DeleteOrder(id)) }},
		"put without a change": {do: func(t *testing.T, s *Store, id string) {
			require.Equal(t, 200, ask(t, s, "PUT", "orders/"+id, "{}").status)
		},
			want: []string{"order.updated @"}},
		"a product is trashed":      {do: func(t *testing.T, s *Store, _ string) { require.NoError(t, s.Trash(100)) }, want: []string{"product.deleted 100", "coupon.deleted 100"}},
		"a customer goes":           {do: func(_ *testing.T, s *Store, _ string) { s.DeleteCustomer(2) }, want: []string{"customer.deleted 2"}},
		"a draft, orders are posts": {old: true, do: func(_ *testing.T, s *Store, _ string) { s.AddOrder(Order{ID: 7, Status: draft}) }, want: []string{"order.created 7"}},
		"a draft":                   {do: func(_ *testing.T, s *Store, _ string) { s.AddOrder(Order{ID: 7, Status: draft}) }, want: []string{"order.updated 7"}},
		"block checkout":            {do: func(_ *testing.T, s *Store, _ string) { s.AddOrder(Order{ID: 7, CreatedVia: "store-api"}) }, want: []string{"order.updated 7", "order.created 7"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := New(Options{BasicOverHTTP: true, Old: tt.old}), listen(t)
			buyer := s.AddCustomer(Customer{Email: "a@example.com"})
			id := s.AddOrder(Order{Status: "processing", PaymentMethod: "stripe", Customer: buyer, Lines: goods})
			e.hears(t, s, topics...)
			tt.do(t, s, id)
			announce(t, s)
			told, _ := e.take(t)
			for i := range told {
				told[i] = strings.TrimPrefix(strings.ReplaceAll(told[i], id, "@"), "")
				if strings.HasPrefix(told[i], "action.") {
					told[i] = "action "
				}
			}
			require.Equal(t, tt.want, told)
		})
	}
}

func TestRestoringAnOrderTellsOfAProductThatIsNone(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true, Old: true}), listen(t)
	id := s.Generate(1, 1)[0]
	require.NoError(t, s.TrashOrder(id))
	e.hears(t, s, "order.restored", "product.restored", "order.updated")
	require.NoError(t, s.RestoreOrder(id))
	announce(t, s)
	require.Len(t, e.heard, 3)
	require.Contains(t, string(e.heard[0].Body), `"line_items":[{`)
	require.JSONEq(t, `{"code":"woocommerce_rest_product_invalid_id","message":"Invalid ID.","data":{"status":404}}`, string(e.heard[1].Body))
	require.Equal(t, Signature(`geheim&<x"`, e.heard[1].Body), e.heard[1].Headers["X-Wc-Webhook-Signature"])
}

func TestPayloadsAreBuiltLateAndTogether(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	e.hears(t, s, "order.created", "order.updated")
	id := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}})
	for _, status := range []string{"on-hold", "processing", "completed"} {
		require.NoError(t, s.SetStatus(id, status))
	}
	announce(t, s)
	require.Len(t, e.heard, 2, "three changes are one delivery")
	require.Contains(t, string(e.heard[0].Body), `"status":"completed"`)
	e.take(t)

	require.NoError(t, s.SetStatus(id, "processing"))
	e.during = func() {
		e.during = nil
		require.NoError(t, s.SetStatus(id, "completed"))
	}
	announce(t, s)
	told, _ := e.take(t)
	require.Len(t, told, 2, "what changes while a delivery is under way is told apart")

	trashed := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}})
	require.NoError(t, s.TrashOrder(trashed))
	announce(t, s)
	require.Contains(t, string(e.heard[0].Body), `"status":"trash"`)
	e.take(t)
	gone := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}})
	require.NoError(t, s.DeleteOrder(gone))
	announce(t, s)
	require.JSONEq(t, `{"code":"woocommerce_rest_invalid_shop_order_id","message":"Invalid ID.","data":{"status":404}}`, string(e.heard[0].Body))
	require.Equal(t, "order.created", e.heard[0].Topic)
}

func TestPingsGoOnUntilOneIsAnswered200(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	e.answers(202)
	made := ask(t, s, "POST", "webhooks", `{"topic":"order.updated","delivery_url":"`+e.URL+`","status":"paused"}`).object(t)
	require.Equal(t, "active", made["status"], "whatever was asked for")
	require.NotContains(t, made, "secret")
	id := s.Generate(1, 1)[0]
	for n := range 2 {
		require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note += "x" }))
		announce(t, s)
		told, pings := e.take(t)
		require.Len(t, told, 1)
		require.Equal(t, 2-n, pings, "202 is a delivery's success, and no answer to a ping") // the first call sees that of the creation too
	}
	e.answers(200)
	for n := range 2 {
		require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note += "x" }))
		announce(t, s)
		_, pings := e.take(t)
		require.Equal(t, 1-n, pings)
	}
	require.Equal(t, 200, ask(t, s, "PUT", "webhooks/1", `{"delivery_url":"`+e.URL+`/b"}`).status)
	_, pings := e.take(t)
	require.Equal(t, 1, pings, "another address is pinged")
}

func TestSevenFailuresDisableAndNothingIsRepeated(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	id := s.Generate(1, 1)[0]
	e.hears(t, s, "order.updated")
	change := func() {
		require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note += "x" }))
		announce(t, s)
	}
	status := func() any { return ask(t, s, "GET", "webhooks/1", "").object(t)["status"] }
	for _, good := range []int{200, 204, 301, 302} { // redirects are not followed, and count as success
		e.answers(500)
		for range 6 {
			change()
		}
		e.answers(good)
		change()
		require.Equal(t, "active", status())
	}
	e.take(t)
	e.answers(303)
	for range 6 {
		change()
	}
	require.Equal(t, "active", status())
	change()
	require.Equal(t, "disabled", status())
	change()
	told, _ := e.take(t)
	require.Len(t, told, 7, "what happens while it is disabled is not told")
	require.Equal(t, []string{"1"}, ask(t, s, "GET", "webhooks?status=disabled", "").ids(t))

	require.Equal(t, 200, ask(t, s, "PUT", "webhooks/1", `{"status":"active"}`).status)
	announce(t, s)
	told, pings := e.take(t)
	require.Empty(t, told, "nothing is made up for")
	require.Zero(t, pings)
	change()
	require.Equal(t, "disabled", status(), "one more failure is enough")
}

func TestQueuedDeliveriesOutliveAPauseAndNotADeletion(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	id := s.Generate(1, 1)[0]
	e.hears(t, s, "order.updated")
	change := func() { require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note += "x" })) }
	change()
	require.Equal(t, 200, ask(t, s, "PUT", "webhooks/1", `{"status":"paused","secret":"new"}`).status)
	change()
	announce(t, s)
	require.Len(t, e.heard, 1)
	require.Equal(t, Signature("new", e.heard[0].Body), e.heard[0].Headers["X-Wc-Webhook-Signature"], "signed as the secret is then")
	e.take(t)
	require.Equal(t, 200, ask(t, s, "PUT", "webhooks/1", `{"status":"active"}`).status)
	change()
	require.Equal(t, 501, ask(t, s, "DELETE", "webhooks/1", "").status)
	require.Equal(t, 200, ask(t, s, "DELETE", "webhooks/1?force=true", "").status)
	announce(t, s)
	told, _ := e.take(t)
	require.Empty(t, told)
	require.Equal(t, 404, ask(t, s, "DELETE", "webhooks/1?force=true", "").status)
	require.Equal(t, 400, ask(t, s, "PUT", "webhooks/1", "{}").status)
}

func TestWebhooksAreCheckedAndMadeInBatches(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	for body, code := range map[string]string{
		`{"topic":"order.published","delivery_url":"https://a.example"}`: "woocommerce_rest_shop_webhook_invalid_topic",
		`{"topic":"order.updated","delivery_url":"ftp://a.example"}`:     "woocommerce_rest_shop_webhook_invalid_delivery_url",
		`{"delivery_url":"https://a.example"}`:                           "rest_missing_callback_param",
	} {
		got := ask(t, s, "POST", "webhooks", body)
		require.Equal(t, 400, got.status)
		require.Equal(t, code, got.code(t))
	}
	batch := ask(t, s, "POST", "webhooks/batch", `{"create":[{"topic":"order.created","delivery_url":"`+e.URL+`"},{"topic":"x"}],"delete":[99]}`)
	require.Equal(t, 200, batch.status)
	require.Equal(t, "order.created", objects(batch.object(t), "create")[0]["topic"])
	require.NotNil(t, objects(batch.object(t), "create")[1]["error"])
	require.NotNil(t, objects(batch.object(t), "delete")[0]["error"])
	require.Len(t, s.Subscriptions(), 1)
}

func TestPrivateAddressesGetNothingAndNobodyIsTold(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true, PublicTargets: true}), listen(t)
	got := ask(t, s, "POST", "webhooks", `{"topic":"order.updated","delivery_url":"`+e.URL+`"}`)
	require.Equal(t, 201, got.status, "it looks as if it were accepted")
	s.Generate(1, 1)
	taken, failed := announce(t, s)
	require.Equal(t, []int{0, 1}, []int{taken, failed})
	told, pings := e.take(t)
	require.Empty(t, told)
	require.Zero(t, pings)
	for address, refused := range map[string]bool{
		"https://hooks.example.com/x?a=1": false, "http://8.8.8.8:8080/": false, "https://hooks.example.com:8443/": true,
		"https://192.168.1.5/": true, "https://[2001:db8::1]/": true, "https://u:p@hooks.example.com/": true, "http://localhost/": true,
	} {
		require.Equal(t, refused, s.refuses(address), address)
	}
}

func TestARunningShopPostsAsThingsHappen(t *testing.T) {
	s, e := New(Options{BasicOverHTTP: true}), listen(t)
	e.hears(t, s, "order.created")
	<-e.came // its ping
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	for range 3 {
		s.Generate(1, 1)
		select {
		case <-e.came:
		case <-time.After(10 * time.Second):
			t.Fatal("nothing comes")
		}
	}
	cancel()
	require.NoError(t, <-done)
	told, _ := e.take(t)
	require.Len(t, told, 3)
	require.True(t, slices.IsSorted(told))
}

func TestLargeBodiesAskFirst(t *testing.T) {
	s, e := New(Options{}), listen(t)
	id := s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}, Meta: []Meta{{Key: "big", Value: strings.Repeat("x", 1<<20)}}})
	ds, err := s.Deliveries(id, "order.updated")
	require.NoError(t, err)
	status, err := Post(t.Context(), http.DefaultClient, e.URL, ds[0])
	require.NoError(t, err)
	require.Equal(t, 200, status)
	require.Equal(t, "100-continue", e.heard[0].Headers["Expect"])
	require.Equal(t, ds[0].Body, e.heard[0].Body)
}

func TestDeliveriesAreDoubledForgedAndCut(t *testing.T) {
	c := newClock()
	s := New(Options{Now: c.now})
	id := s.Generate(1, 1)[0]
	get := func() Delivery {
		ds, err := s.Deliveries(id, "order.updated")
		require.NoError(t, err)
		return ds[0]
	}
	d := get()
	require.Equal(t, d, get(), "within a second nothing tells two apart")
	c.passes(time.Second)
	require.NotEqual(t, d.WebhookID, get().WebhookID)
	require.Equal(t, string(d.Body), string(get().Body))
	sign := func(d Delivery) string { return d.Header().Get("X-WC-Webhook-Signature") }
	require.Equal(t, Signature(s.Secret(), d.Body), sign(d))
	require.NotEqual(t, sign(d), sign(d.Forged()))
	require.Equal(t, sign(d), sign(d.Truncated()))
	require.Less(t, len(d.Truncated().Body), len(d.Body))
	require.Equal(t, "deleted", d.Relabelled("order.deleted").Header().Get("X-WC-Webhook-Event"))
	require.Equal(t, "order.updated", d.Header().Get("X-WC-Webhook-Topic"), "the original stays")

	news, err := s.News()
	require.NoError(t, err)
	require.Len(t, news, 2)
	require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note = "a" }))
	require.NoError(t, s.UpdateOrder(id, func(o *Order) { o.Note = "b" }))
	news, err = s.News()
	require.NoError(t, err)
	require.Len(t, news, 1)
	require.Contains(t, string(news[0].Body), `"customer_note":"b"`)
}
