package shopify

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
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
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/wire"
)

const testDomain = "snowdevil.myshopify.com"

// vectors are our own recordings of good and bad signatures.
type vectors struct {
	Positive, Negative []vector
}

type vector struct {
	Name      string
	Body      []byte `json:"body_base64"`
	Secret    string
	Secrets   []string `json:"configured_secrets"`
	Signature *string  `json:"signature_header"`
	Headers   map[string]string
}

func (v vector) verifier() verifier {
	var secrets []config.Secret
	for _, s := range append(v.Secrets, v.Secret) {
		secrets = append(secrets, config.NewSecret(s))
	}
	return newVerifier(secrets)
}

func (v vector) delivery() handlers.Delivery {
	h := http.Header{}
	if v.Signature != nil {
		h.Set("X-Shopify-Hmac-Sha256", *v.Signature)
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
	return v
}

func TestVerifyVectors(t *testing.T) {
	all := loadVectors(t)
	for _, v := range all.Positive {
		t.Run("accepts "+v.Name, func(t *testing.T) {
			require.NoError(t, v.verifier().Verify(v.delivery()))
		})
	}
	for _, v := range all.Negative {
		t.Run("refuses "+v.Name, func(t *testing.T) {
			err := newVerifier([]config.Secret{config.NewSecret("hush_shopify_client_secret_0123456789abcdef")}).Verify(v.delivery())
			require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(err))
			require.NotContains(t, err.Error(), v.Secret)
		})
	}
}

func TestVerifyRefusesWithoutSecret(t *testing.T) {
	d := handlers.Delivery{Header: http.Header{"X-Shopify-Hmac-Sha256": {
		base64.StdEncoding.EncodeToString(make([]byte, 32))}}}
	require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(verifier{}.Verify(d)))
	empty := newVerifier([]config.Secret{config.NewSecret("")})
	require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(empty.Verify(d)))
}

// deliver makes a delivery of the test shop without a signature.
func deliver(topic, body string) handlers.Delivery {
	return handlers.Delivery{Body: []byte(body), Header: http.Header{
		"X-Shopify-Topic": {topic}, "X-Shopify-Shop-Domain": {testDomain}, "X-Shopify-Webhook-Id": {"545ebdd4-b7be"}}}
}

func testReceiver() receiver { return newReceiver(verifier{}, "fi", testDomain) }

func TestEventsNameTheRecordAndItsOrder(t *testing.T) {
	for _, tc := range []struct {
		topic, body    string
		hint           commerce.Hint
		ref, aggregate string
	}{
		{"orders/create", `{"id":820982911946154508,"updated_at":"2026-11-20T10:15:02+01:00"}`, commerce.HintOrder, "fi/order/820982911946154508", "fi/order/820982911946154508"},
		{"orders/cancelled", `{"id":"820982911946154508"}`, commerce.HintOrder, "fi/order/820982911946154508", "fi/order/820982911946154508"},
		{"orders/fulfilled", `{"id":1}`, commerce.HintFulfilment, "fi/order/1", "fi/order/1"},
		{"orders/edited", `{"order_edit":{"id":3,"order_id":9007199254740993}}`, commerce.HintOrder, "fi/order/9007199254740993", "fi/order/9007199254740993"},
		{"orders/delete", `{"id":820982911946154500}`, commerce.HintOrderGone, "fi/order/820982911946154500", "fi/order/820982911946154500"},
		{"orders/risk_assessment_changed", `{"order_id":5,"risk_level":"high"}`, commerce.HintRisk, "fi/order/5", "fi/order/5"},
		{"orders/risk_assessment_changed", `{"unheard":"of"}`, commerce.HintRisk, "fi/shop/" + testDomain, "fi/shop/" + testDomain},
		{"refunds/create", `{"id":7,"order_id":5,"created_at":"x"}`, commerce.HintRefund, "fi/refund/7", "fi/order/5"},
		{"order_transactions/create", `{"id":8,"order_id":5}`, commerce.HintPayment, "fi/transaction/8", "fi/order/5"},
		{"fulfillments/create", `{"id":9,"order_id":5}`, commerce.HintFulfilment, "fi/fulfillment/9", "fi/order/5"},
		{"tender_transactions/create", `{"id":8,"order_id":5}`, commerce.HintPayment, "fi/transaction/8", "fi/order/5"},
		{"orders/risk_assessment_changed", `{"order_id":"gid://shopify/Order/5"}`, commerce.HintRisk, "fi/order/5", "fi/order/5"},
		{"fulfillments/update", `{"id":9,"order_id":5}`, commerce.HintFulfilment, "fi/fulfillment/9", "fi/order/5"},
		{"fulfillment_orders/split", `{"fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/4"}}`, commerce.HintFulfilment, "fi/fulfillment_order/4", "fi/fulfillment_order/4"},
		{"returns/request", `{"id":10,"order":{"id":5}}`, commerce.HintReturn, "fi/return/10", "fi/order/5"},
		{"returns/cancel", `{"id":10,"order_id":5}`, commerce.HintReturn, "fi/return/10", "fi/order/5"},
		{"returns/update", `{"admin_graphql_api_id":"gid://shopify/Return/10"}`, commerce.HintReturn, "fi/return/10", "fi/return/10"},
		{"returns/close", `{"id":10,"order":{"id":5}}`, commerce.HintReturn, "fi/return/10", "fi/order/5"},
		{"reverse_fulfillment_orders/dispose", `{"id":16,"dispositions":[],"total_dispositions":0}`, commerce.HintReturn, "fi/reverse_fulfillment_order/16", "fi/reverse_fulfillment_order/16"},
		{"reverse_deliveries/attach_deliverable", `{"id":17,"return":{"id":10}}`, commerce.HintReturn, "fi/reverse_delivery/17", "fi/reverse_delivery/17"},
		{"products/delete", `{"id":11}`, commerce.HintProductGone, "fi/product/11", "fi/product/11"},
		{"inventory_levels/disconnect", `{"inventory_item_id":12,"location_id":1}`, commerce.HintStock, "fi/inventory_item/12", "fi/inventory_item/12"},
		{"customers/purchasing_summary", `{"customerId":"gid://shopify/Customer/13"}`, commerce.HintCustomer, "fi/customer/13", "fi/customer/13"},
		{"customers/redact", `{"shop_id":1,"shop_domain":"SNOWDEVIL.myshopify.com","customer":{"id":14},"orders_to_redact":[]}`, commerce.HintPrivacy, "fi/customer/14", "fi/customer/14"},
		{"shop/redact", `{"shop_id":1,"shop_domain":"snowdevil.myshopify.com"}`, commerce.HintPrivacy, "fi/shop/1", "fi/shop/1"},
		{"app/uninstalled", `{"id":1,"myshopify_domain":null}`, commerce.HintUninstalled, "fi/shop/1", "fi/shop/1"},
		{"bulk_operations/finish", `{"admin_graphql_api_id":"gid://shopify/BulkOperation/15"}`, commerce.HintOther, "fi/bulk_operation/15", "fi/bulk_operation/15"},
	} {
		events, err := testReceiver().Events(deliver(tc.topic, tc.body))
		require.NoError(t, err, tc.topic)
		require.Len(t, events, 1)
		e := events[0]
		require.Equal(t, tc.hint, e.Hint, tc.topic)
		require.Equal(t, tc.ref, e.Ref.String(), tc.topic)
		require.Equal(t, tc.aggregate, e.Aggregate.String(), tc.topic)
		require.Equal(t, tc.topic, e.Topic)
	}
}

func TestDestructiveTopicsNeedTheirOwnShape(t *testing.T) {
	const order = `{"id":5,"created_at":null,"line_items":[]}`
	const redact = `{"shop_id":1,"shop_domain":"snowdevil.myshopify.com","customer":{"id":14},"orders_to_redact":[]}`
	const request = `{"shop_id":1,"shop_domain":"snowdevil.myshopify.com","customer":{"id":14},"data_request":{"id":1}}`
	for _, tc := range []struct{ topic, body string }{
		{"orders/delete", order},
		{"orders/delete", `{"id":5,"updated_at":"2026-11-20T10:15:02+01:00"}`},
		{"orders/delete", `{"id":5,"order_id":6}`},
		{"orders/delete", `{"id":5,"admin_graphql_api_id":"gid://shopify/Product/5"}`},
		{"products/delete", order},
		{"customers/delete", `{"id":5,"admin_graphql_api_id":"gid://shopify/InventoryItem/5"}`},
		{"inventory_items/delete", `{"id":5,"admin_graphql_api_id":"gid://shopify/Customer/5"}`},
		{"customers/redact", order},
		{"customers/redact", request},
		{"customers/data_request", redact},
		{"shop/redact", redact},
		{"shop/redact", request},
		{"shop/redact", `{"shop_id":1,"shop_domain":"other.myshopify.com"}`},
		{"shop/redact", `{"id":1}`},
		{"app/uninstalled", order},
		{"app/uninstalled", `{"id":5}`},
		{"app/uninstalled", `{"id":5,"myshopify_domain":"other.myshopify.com"}`},
	} {
		_, err := testReceiver().Events(deliver(tc.topic, tc.body))
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), "%s %s: %v", tc.topic, tc.body, err)
	}
}

func TestAnotherStoresDeliveryIsRefused(t *testing.T) {
	d := deliver("orders/create", `{"id":1}`)
	d.Header.(http.Header).Set("X-Shopify-Shop-Domain", "other.myshopify.com")
	_, err := testReceiver().Events(d)
	require.Equal(t, commerce.Unauthorized, commerce.ReasonOf(err))
	d.Header.(http.Header).Set("X-Shopify-Shop-Domain", "SnowDevil.MyShopify.com")
	_, err = testReceiver().Events(d)
	require.NoError(t, err)
}

func TestEventsCarryTheVersionInUTC(t *testing.T) {
	events, err := testReceiver().Events(deliver("orders/updated", `{"id":1,"updated_at":"2026-11-20T10:15:02+01:00"}`))
	require.NoError(t, err)
	require.Equal(t, "2026-11-20T09:15:02Z", events[0].UpdatedAt.Format(time.RFC3339Nano))
	require.NotEmpty(t, events[0].Body)
	events, err = testReceiver().Events(deliver("orders/edited", `{"order_edit":{"order_id":1}}`))
	require.NoError(t, err)
	require.Empty(t, events[0].Body, "the body of an edit is no order: the store is read")
}

func FuzzVerify(f *testing.F) {
	for _, v := range loadVectors(f).Positive {
		f.Add(v.Body, *v.Signature)
	}
	f.Add([]byte("x"), "")
	v := newVerifier([]config.Secret{config.NewSecret("hush")})
	f.Fuzz(func(t *testing.T, body []byte, signature string) {
		d := handlers.Delivery{Body: body, Header: http.Header{"X-Shopify-Hmac-Sha256": {signature}}}
		good := signature == shopifytest.Signature("hush", body)
		if err := v.Verify(d); (err == nil) != good {
			t.Fatalf("signature %q of %q: %v", signature, body, err)
		}
	})
}

// oddBodies are an order and what is JSON of a kind that shops do not send.
func oddBodies(t testing.TB) []string {
	store := shopifytest.New(shopifytest.Options{Domain: testDomain})
	return []string{
		string(delivered(t, store, store.Generate(1, 1)[0], "orders/create").Body),
		`{"id":1,"id":2}`, `{"order":{"id":1},"order":{}}`, `{"orders_to_redact":[1],"orders_to_redact":null}`,
		`{"id":1,"note":"` + "\xff\xfe" + `"}`, `{"id":1,"` + "\xff" + `":1}`, `{"id":1,"note":"\ud800"}`,
		`{"id":null,"updated_at":null,"order":null,"customer":null,"order_edit":null,"created_at":null,"shop_domain":null,"myshopify_domain":null,"data_request":null}`,
		`null`, ` {"id" : 1 } `, `{"id":1} x`, `{"id":1`, ``, `[]`, `[{"id":1}]`, `"id"`, `{"id":01}`, `{"id":1,}`, `{"id":1e3}`, `{"id":1.5}`,
		`{"id":{}}`, `{"order":[]}`, `{"order":"5"}`, `{"shop_domain":1}`, `{"updated_at":"yesterday"}`, `{"updated_at":"2026-11-26T00:57:10+02:00"}`, `{"updated_at":1}`,
		`{"id":1,"note":"` + "\n" + `"}`, `{"id":1,"x":` + strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000) + `}`, `{'id':1}`, "\ufeff" + `{"id":1}`,
		`{"\u0069d":1}`, `{"id":1,"ID":2}`, `{"order":{"\u0069d":"7"}}`, `{"id":"gid:\/\/shopify\/Order\/5"}`, `{"order":{"id":1},"order":null}`,
		`{"shop_domain":"a\u002eb","admin_graphql_api_id":"` + "\xff" + `"}`, `{"id":1,"x":[1,-0.5e+3,0,true,false,null,"",{},[],{"a":[{}]}]}`,
		`{"id":1,"x":-}`, `{"x":1.}`, `{"x":1e}`, `{"x":tru}`, `{"x":"\q"}`, `{"x":"\u12g4"}`, `{"x":"\u12`, `{"x":"`, `{"x" 1}`, `{"x":1 "y":2}`, `{x:1}`, `{"x":[1,]}`, `{"x":[1 2]}`, `{"x":[`,
		strings.Repeat(`{"x":`, 10_000) + `{}` + strings.Repeat("}", 10_000), strings.Repeat(`{"x":`, 9_999) + `{}` + strings.Repeat("}", 9_999),
	}
}

type bodyMember struct{ Name, Value string }

// membersOf are those of an object or null as encoding/json finds them.
func membersOf(t testing.TB, body []byte) (list []bodyMember, ok bool) {
	dec := json.NewDecoder(bytes.NewReader(body))
	first, err := dec.Token()
	if !json.Valid(body) || err != nil || first != nil && first != json.Delim('{') {
		return nil, false
	}
	for first != nil && dec.More() {
		name, err := dec.Token()
		require.NoError(t, err)
		var value json.RawMessage
		require.NoError(t, dec.Decode(&value))
		list = append(list, bodyMember{name.(string), string(value)})
	}
	return list, true
}

func TestOddBodiesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	for _, body := range oddBodies(t) {
		var want facts
		list, ok := membersOf(t, []byte(body))
		for _, m := range list {
			if fact := want.field([]byte(m.Name)); fact != nil && json.Unmarshal([]byte(m.Value), fact) != nil {
				ok = false
			}
		}
		got, err := read([]byte(body))
		require.Equal(t, ok, err == nil, "%.80q: %v", body, err)
		if ok {
			require.Equal(t, &want, got, "%.80q", body)
		}
	}
}

func TestOfAKeyThatComesTwiceTheLastOneCounts(t *testing.T) {
	for body, want := range map[string]facts{
		`{"id":1,"id":2}`:                     {ID: "2"},
		`{"id":1,"note":"","\u0069d":"3"}`:    {ID: "3"},
		`{"id":1,"ID":2}`:                     {ID: "1"},
		`{"order":{"id":1},"order":{"id":5}}`: {Order: named{"5"}},
		`{"order":{"id":1,"id":6}}`:           {Order: named{"6"}},
		`{"shop_domain":"a","shop_domain":"b","admin_graphql_api_id":"a\/b"}`: {ShopDomain: "b", AdminID: "a/b"},
	} {
		got, err := read([]byte(body))
		require.NoError(t, err, body)
		require.Equal(t, &want, got, body)
	}
}

// FuzzMembers: a body is taken where encoding/json takes it, and has the same members.
func FuzzMembers(f *testing.F) {
	for _, body := range oddBodies(f) {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		want, ok := membersOf(t, body)
		var got []bodyMember
		err := wire.Members(body, func(name, value []byte) error {
			got = append(got, bodyMember{string([]rune(string(name))), string(value)})
			return nil
		})
		require.Equal(t, ok, err == nil)
		if ok {
			require.Equal(t, want, got)
		}
	})
}

func FuzzEvents(f *testing.F) {
	store := shopifytest.New(shopifytest.Options{Domain: testDomain})
	f.Add("orders/create", string(delivered(f, store, store.Generate(1, 1)[0], "orders/create").Body))
	f.Add("orders/delete", `{"id":1}`)
	f.Add("app/uninstalled", `{"id":1,"myshopify_domain":"snowdevil.myshopify.com"}`)
	f.Add("shop/redact", `{"shop_id":1,"shop_domain":"snowdevil.myshopify.com"}`)
	f.Add("returns/update", `{"admin_graphql_api_id":"gid://shopify/Return/10?x=y"}`)
	f.Add("inventory_levels/update", `{"inventory_item_id":9007199254740993}`)
	f.Fuzz(func(t *testing.T, topic, body string) {
		events, err := testReceiver().Events(deliver(topic, body))
		if err != nil {
			if r := commerce.ReasonOf(err); r != commerce.Invalid && r != commerce.Ignored {
				t.Fatalf("reason %s", r)
			}
			return
		}
		for _, e := range events {
			if e.Ref.ID == "" || e.Aggregate.ID == "" || e.Topic != topic || !json.Valid([]byte(body)) {
				t.Fatalf("%s %q gave %+v", topic, body, e)
			}
		}
	})
}

func BenchmarkVerify(b *testing.B) {
	store := shopifytest.New(shopifytest.Options{Domain: testDomain})
	d := delivered(b, store, store.Generate(1, 5)[4], "orders/create")
	v := newVerifier([]config.Secret{config.NewSecret("the one before"), config.NewSecret(store.Secret())})
	b.SetBytes(int64(len(d.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if err := v.Verify(d); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEvents(b *testing.B) {
	store := shopifytest.New(shopifytest.Options{Domain: testDomain})
	d := delivered(b, store, store.Generate(1, 5)[4], "orders/create")
	r := testReceiver()
	b.SetBytes(int64(len(d.Body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Events(d); err != nil {
			b.Fatal(err)
		}
	}
}
