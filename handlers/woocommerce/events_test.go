package woocommerce

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// vectors are our own recordings of good and bad signatures, and of pings.
type vectors struct {
	Positive, Negative, Ping []vector
}

type vector struct {
	Name        string
	Body        []byte `json:"body_base64"`
	Secret      string
	Secrets     []string `json:"configured_secrets"`
	Signature   *string  `json:"signature_header"`
	ContentType string   `json:"content_type"`
	Expect      string
}

func (v vector) verifier() verifier {
	secrets := v.Secrets
	if secrets == nil {
		secrets = []string{v.Secret}
	}
	return testVerifier(secrets...)
}

func testVerifier(secrets ...string) verifier {
	var all []config.Secret
	for _, s := range secrets {
		all = append(all, config.NewSecret(s))
	}
	return newVerifier(all)
}

func (v vector) delivery() handlers.Delivery {
	h := http.Header{"Content-Type": {"application/json"}}
	if v.ContentType != "" {
		h.Set("Content-Type", v.ContentType)
	}
	if v.Signature != nil {
		h.Set("X-WC-Webhook-Signature", *v.Signature)
	}
	return handlers.Delivery{Header: h, Body: v.Body}
}

func loadVectors(t testing.TB) vectors {
	raw, err := os.ReadFile(filepath.Join("testdata", "signatures.json"))
	require.NoError(t, err)
	var v vectors
	require.NoError(t, json.Unmarshal(raw, &v))
	require.NotEmpty(t, v.Positive)
	require.NotEmpty(t, v.Negative)
	require.NotEmpty(t, v.Ping)
	return v
}

func TestVerifyVectors(t *testing.T) {
	all := loadVectors(t)
	for _, v := range append(all.Positive, all.Negative...) {
		t.Run(v.Expect+" "+v.Name, func(t *testing.T) {
			err := v.verifier().Verify(v.delivery())
			if v.Expect == "accept" {
				require.NoError(t, err)
				return
			}
			require.Equal(t, "reject", v.Expect)
			require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(err))
			if v.Secret != "" {
				require.NotContains(t, err.Error(), v.Secret)
			}
		})
	}
	for _, v := range all.Ping {
		t.Run(v.Expect+" "+v.Name, func(t *testing.T) {
			r := newReceiver(v.verifier(), "fi", Settings{URL: testURL})
			err := r.Verify(v.delivery())
			if v.Expect != "accept_as_ping" {
				require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(err))
				return
			}
			require.NoError(t, err)
			_, err = r.Events(v.delivery())
			require.Equal(t, commerce.Ignored, commerce.ReasonOf(err), "answered 200, and stored nowhere")
		})
	}
}

func TestSecretsAreNeverTrimmed(t *testing.T) {
	body := []byte(`{"id":1}`)
	for _, secret := range []string{" hush ", "hush\t", "\u00a0hush"} {
		d := handlers.Delivery{Header: http.Header{"X-Wc-Webhook-Signature": {signature(secret, body)}}, Body: body}
		require.NoError(t, testVerifier(secret).Verify(d))
		require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(testVerifier(strings.TrimSpace(secret)).Verify(d)))
	}
}

func TestSecretsAreDecodedAsWordPressDoesIt(t *testing.T) {
	for secret, key := range map[string]string{
		"a&amp;b": "a&b", "a&#38;b": "a&b", "a&#0038;b": "a&b", "a&#x26;b": "a&b", "a&#X026;b": "a&b",
		"&lt;&#60;&#060;&gt;&#62;": "<<<>>", "&quot;&#34;&#x22;&#39;&#039;&#x27;": `"""'''`,
		"&amp;lt;":                        "&lt;", // once
		"&AMP;&#x3c;&apos;&euml;&#38&amp": "&AMP;&#x3c;&apos;&euml;&#38&amp",
	} {
		require.Equal(t, key, unescaped(secret), secret)
	}
}

func TestOnlyAPingIsTakenWithoutASignature(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	v := testVerifier("hush")
	for body, good := range map[string]bool{
		"webhook_id=1": true, "webhook_id=18446744073709551615": true,
		"webhook_id=": false, "webhook_id=0": false, "webhook_id=1&x=1": false, "webhook_id=1\n": false, "webhook_id=x": false, "id=1": false, "": false,
		"webhook_id=" + strings.Repeat("1", 21): false, "webhook_id=" + strings.Repeat("1", 1<<20): false,
	} {
		d := handlers.Delivery{Header: http.Header{"Content-Type": {form + "; charset=UTF-8"}}, Body: []byte(body)}
		require.Equal(t, good, v.Verify(d) == nil, "%.40q", body)
		for _, name := range []string{"Signature", "Topic", "Resource", "Event", "ID", "Delivery-ID", "Source"} {
			d.Header = http.Header{"Content-Type": {form}, http.CanonicalHeaderKey("X-WC-Webhook-" + name): {"1"}}
			require.Error(t, v.Verify(d), "a delivery says %s, and is signed", name)
		}
	}
	require.Error(t, testVerifier().Verify(handlers.Delivery{Header: http.Header{"Content-Type": {form}}, Body: []byte("webhook_id=1")}), "no secret is configured")
}

const testURL = "https://shop.example.com"

func testReceiver() receiver {
	return newReceiver(verifier{}, "fi", Settings{URL: testURL, Sources: []string{"shop.example.fi", "https://other.example/store/"}})
}

// deliver makes a delivery of the test shop without a signature.
func deliver(topic, body string) handlers.Delivery {
	h := http.Header{}
	h.Set("X-WC-Webhook-Topic", topic)
	h.Set("X-WC-Webhook-Source", testURL+"/")
	h.Set("X-WC-Webhook-ID", "5")
	h.Set("X-WC-Webhook-Delivery-ID", "7bd24954a13224617b4d752484fb6c9c")
	return handlers.Delivery{Header: h, Body: []byte(body), Received: time.Unix(1795309200, 0)}
}

const apiError = `{"code":"woocommerce_rest_invalid_shop_order_id","message":"Invalid ID.","data":{"status":404}}`

func TestEventsNameTheRecord(t *testing.T) {
	const order = `"order_key":"wc_order_1","line_items":[],"status":"processing"`
	for _, tc := range []struct {
		topic, body string
		hint        commerce.Hint
		ref         string
		whole       bool
	}{
		{"order.created", `{"id":727,` + order + `}`, commerce.HintOrder, "fi/order/727", true},
		{"order.updated", `{"id":"727",` + order + `}`, commerce.HintOrder, "fi/order/727", true},
		{"order.restored", `{"id":727,` + order + `}`, commerce.HintOrder, "fi/order/727", true},
		{"order.created", `{"id":727,"status":"trash","order_key":"x"}`, commerce.HintOrder, "fi/order/727", true},
		{"order.updated", `{"id":727,"avatar_url":"a plugin's",` + order + `,"customer":{"id":"cus_1"},"product":{"id":3}}`, commerce.HintOrder, "fi/order/727", true},
		{"order.deleted", `{"id":727}`, commerce.HintOrder, "fi/order/727", false},
		{"order.deleted", `{"id":"727"}`, commerce.HintOrder, "fi/order/727", false},
		{"order.deleted", `{"id":727,` + order + `}`, commerce.HintOrder, "fi/order/727", false},
		{"order.updated", `{"order":{"id":12,"order_number":"12"}}`, commerce.HintOrder, "fi/order/12", false},
		{"order.updated", `{"id":1005,"parent_id":727,"amount":"10.00","refunded_by":1,"refunded_payment":false,"line_items":[]}`, commerce.HintOrder, "fi/order/727", false},
		{"order.deleted", `{"id":1005,"parent_id":727,"amount":"10.00","refunded_by":1,"refunded_payment":false,"line_items":[]}`, commerce.HintOrder, "fi/order/727", false},
		{"product.created", `{"id":22,"permalink":"x","type":"variable"}`, commerce.HintProduct, "fi/product/22", false},
		{"product.updated", `{"id":23,"manage_stock":"parent","type":"variation","parent_id":22}`, commerce.HintProduct, "fi/product/23", false},
		{"product.deleted", `{"id":22}`, commerce.HintProductGone, "fi/product/22", false},
		{"customer.created", `{"id":25,"is_paying_customer":false,"avatar_url":"x"}`, commerce.HintCustomer, "fi/customer/25", true},
		{"customer.updated", `{"id":"25","is_paying_customer":false,"avatar_url":"x"}`, commerce.HintCustomer, "fi/customer/25", true},
		{"customer.updated", `{"customer":{"id":25,"email":"x"}}`, commerce.HintCustomer, "fi/customer/25", false},
		{"customer.deleted", `{"id":6}`, commerce.HintCustomer, "fi/customer/6", false},
		{"customer.deleted", `{"id":25,"is_paying_customer":false,"avatar_url":"x"}`, commerce.HintCustomer, "fi/customer/25", false},
		{"coupon.created", `{"id":7,"discount_type":"percent"}`, commerce.HintOther, "fi/coupon/7", false},
	} {
		events, err := testReceiver().Events(deliver(tc.topic, tc.body))
		require.NoError(t, err, "%s %s", tc.topic, tc.body)
		require.Len(t, events, 1)
		e := events[0]
		require.Equal(t, tc.hint, e.Hint, tc.body)
		require.Equal(t, tc.ref, e.Ref.String(), tc.body)
		require.Equal(t, e.Ref, e.Aggregate)
		require.Equal(t, tc.topic, e.Topic)
		require.Equal(t, tc.whole, len(e.Body) > 0, "%s %s", tc.topic, tc.body)
		ofRefund := strings.Contains(tc.body, "parent_id")
		require.Equal(t, strings.HasSuffix(tc.topic, ".deleted") && !ofRefund, e.Gone, "%s %s", tc.topic, tc.body)
	}
}

func TestWhatALivingShopSendsForNothingIsIgnoredWithItsReason(t *testing.T) {
	for _, tc := range []struct{ topic, body, says string }{
		{"order.created", apiError, "an error of its API"},
		{"product.restored", apiError, "an error of its API"},
		{"order.updated", `{"id":1006,"status":"checkout-draft","order_key":"x"}`, "at the checkout"},
		{"order.created", `{"id":1006,"status":"auto-draft","order_key":"x"}`, "at the checkout"},
		{"action.woocommerce_order_status_completed", `{"action":"woocommerce_order_status_completed","arg":63}`, "topic is not known"},
		{"order.updated", `{"action":"woocommerce_order_status_completed","arg":63}`, "a hook"},
		{"order.updated", `{"id":1005,"amount":"10.00","refunded_by":1,"line_items":[]}`, "another kind of record"},
		{"order.updated", `{"id":22,"permalink":"x"}`, "another kind of record"},
		{"order.deleted", `{"id":22,"discount_type":"percent"}`, "another kind of record"},
		{"coupon.deleted", `{"id":22,"permalink":"x"}`, "another kind of record"},
		{"product.updated", `{"id":727,"order_key":"x","line_items":[]}`, "another kind of record"},
		{"product.deleted", `{"id":22,"permalink":"x"}`, "a living record"},
		{"customer.updated", `{"order":{"id":3}}`, "another kind of record"},
		{"customer.updated", `{"id":727,"order_key":"x","line_items":[]}`, "another kind of record"},
		{"customer.created", `{"code":"woocommerce_rest_invalid_id","message":"Invalid resource ID.","data":{"status":404}}`, "an error of its API"},
		{"customer.deleted", `{"id":25,"permalink":"x"}`, "another kind of record"},
		{"order.updated", `{"id":25,"is_paying_customer":false,"avatar_url":"x"}`, "another kind of record"},
		{"subscription.created", `{"id":1}`, "topic is not known"},
	} {
		events, err := testReceiver().Events(deliver(tc.topic, tc.body))
		require.Empty(t, events)
		require.Equal(t, commerce.Ignored, commerce.ReasonOf(err), "%s %s: %v", tc.topic, tc.body, err)
		require.ErrorContains(t, err, tc.says)
	}
}

func TestFortyDeliveriesOfASecondAreForty(t *testing.T) {
	seen := map[string]bool{}
	for i := range 40 {
		d := deliver("order.created", fmt.Sprintf(`{"id":%d,"order_key":"x"}`, 100+i))
		d.Header.(http.Header).Set("X-WC-Webhook-Delivery-ID", fmt.Sprintf("%032x", i/20)) // two seconds
		events, err := testReceiver().Events(d)
		require.NoError(t, err)
		seen[events[0].ID] = true
		again, err := testReceiver().Events(d)
		require.NoError(t, err)
		require.Equal(t, events[0].TaskID(), again[0].TaskID(), "the same delivery again is the same event")
	}
	require.Len(t, seen, 40)
	// The same body of another second is another event: trash, restore, trash.
	d := deliver("order.deleted", `{"id":53}`)
	first, err := testReceiver().Events(d)
	require.NoError(t, err)
	d.Header.(http.Header).Set("X-WC-Webhook-Delivery-ID", strings.Repeat("f", 32))
	second, err := testReceiver().Events(d)
	require.NoError(t, err)
	require.NotEqual(t, first[0].TaskID(), second[0].TaskID())
}

func TestTheVersionIsInUTC(t *testing.T) {
	body := `{"id":1,"order_key":"x","date_modified":"2026-11-20T11:15:02","date_modified_gmt":"2026-11-20T10:15:02"}`
	events, err := testReceiver().Events(deliver("order.updated", body))
	require.NoError(t, err)
	require.Equal(t, "2026-11-20T10:15:02Z", events[0].UpdatedAt.Format(time.RFC3339Nano))
	events, err = testReceiver().Events(deliver("order.updated", strings.Replace(body, `"order_key":"x"`, `"parent_id":2,"refunded_by":1`, 1)))
	require.NoError(t, err)
	require.Zero(t, events[0].UpdatedAt, "a refund's version says nothing of its order's")

	account := `{"id":25,"is_paying_customer":false,"date_created_gmt":"2026-11-20T10:15:02","date_modified_gmt":null}`
	for modified, want := range map[string]string{"null": "2026-11-20T10:15:02Z", `"2026-11-21T00:00:01"`: "2026-11-21T00:00:01Z", `["x"]`: "2026-11-20T10:15:02Z"} {
		events, err = testReceiver().Events(deliver("customer.updated", strings.Replace(account, "null", modified, 1)))
		require.NoError(t, err)
		require.Equal(t, want, events[0].UpdatedAt.Format(time.RFC3339Nano), "an account that never changed is as old as it is")
	}
}

func TestACopyOfTheShopIsRefused(t *testing.T) {
	for source, good := range map[string]bool{
		testURL + "/": true, testURL: true, "http://shop.example.com/": true, "https://www.shop.example.com/de/": true, "https://shop.example.com/pt-br": true, "https://shop.example.com/zh-hans/": true, "https://SHOP.example.com:8443/": true,
		"https://shop.example.fi/": true, "": true,
		"https://other.example/store/": true, "https://other.example/store/sv/": true, "https://other.example/": false, "https://other.example/store-old/": false,
		"https://shop.example.com/staging/": false, "https://shop.example.com/dev/": false, "https://shop.example.com/qa/": false, "https://shop.example.com/de/staging/": false,
		"https://staging.shop.example.com/": false, "https://shop.example.com.evil.example/": false, "https://localhost/": false, "%": false,
	} {
		d := deliver("order.updated", `{"id":1,"order_key":"x"}`)
		d.Header.(http.Header).Set("X-WC-Webhook-Source", source)
		_, err := testReceiver().Events(d)
		if good {
			require.NoError(t, err, source)
			continue
		}
		require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(err), source)
		require.ErrorContains(t, err, "woocommerce.sources")
	}
}

func BenchmarkVerify(b *testing.B) {
	body := fixtures(b)["gross-19-and-7"].Order
	d := handlers.Delivery{Header: http.Header{"X-Wc-Webhook-Signature": {signature("hush", body)}, "Content-Type": {"application/json"}}, Body: body}
	v := testVerifier("the one before", "hush")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	d := deliver("order.updated", string(fixtures(b)["gross-19-and-7"].Order))
	r := testReceiver()
	b.SetBytes(int64(len(d.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Events(d); err != nil {
			b.Fatal(err)
		}
	}
}
