package woocommercetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

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
