package shopify

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestPrivacyRequestsCarryIdsAndNothingThatAPersonGave(t *testing.T) {
	const person = `"shop_id":954889,"shop_domain":"` + testDomain + `","customer":{"id":191167,"email":"john@example.com","phone":"555-625-1199"}`
	for _, tc := range []struct {
		topic, body string
		want        commerce.Privacy
	}{
		{"customers/data_request", `{` + person + `,"orders_requested":[299938,"280263"],"data_request":{"id":9999}}`,
			commerce.Privacy{Wish: commerce.WishShow, Request: "9999", Customer: "191167", Orders: []string{"299938", "280263"}}},
		{"customers/data_request", `{` + person + `,"data_request":{}}`,
			commerce.Privacy{Wish: commerce.WishShow, Customer: "191167"}},
		{"customers/redact", `{` + person + `,"orders_to_redact":[299938,null,9007199254740993]}`,
			commerce.Privacy{Wish: commerce.WishErase, Customer: "191167", Orders: []string{"299938", "9007199254740993"}}},
		{"customers/redact", `{` + person + `,"orders_to_redact":null}`,
			commerce.Privacy{Wish: commerce.WishErase, Customer: "191167"}},
		{"shop/redact", `{"shop_id":954889,"shop_domain":"` + testDomain + `"}`, commerce.Privacy{Wish: commerce.WishClose}},
	} {
		events, err := testReceiver().Events(deliver(tc.topic, tc.body))
		require.NoError(t, err, tc.body)
		require.Len(t, events, 1)
		if diff := cmp.Diff(&tc.want, events[0].Privacy); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", tc.topic, tc.body, diff)
		}
		require.Empty(t, events[0].Body, tc.topic)
		raw, err := json.Marshal(events[0])
		require.NoError(t, err)
		for _, given := range []string{"john", "555"} {
			require.NotContains(t, string(raw), given, tc.topic)
		}
	}
	events, err := testReceiver().Events(deliver("orders/create", `{"id":1}`))
	require.NoError(t, err)
	require.Nil(t, events[0].Privacy)
}

func TestARefusedPrivacyBodyIsNotQuoted(t *testing.T) {
	for _, body := range []string{
		`{"shop_id":1,"shop_domain":"other.myshopify.com","customer":{"id":14,"email":"john@example.com"},"orders_to_redact":[]}`,
		`{"shop_id":1,"shop_domain":"` + testDomain + `","customer":{"id":14,"email":"john@example.com"},"orders_to_redact":["john@example.com"]}`,
		`{"shop_id":1,"shop_domain":"` + testDomain + `","customer":{"email":"john@example.com"},"orders_to_redact":[]}`,
		`{"customer":{"id":"john@example.com"}}`,
	} {
		_, err := testReceiver().Events(deliver("customers/redact", body))
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), body)
		require.NotContains(t, err.Error(), "john")
	}
}
