package woocommercetest

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
