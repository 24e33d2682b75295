package shopify

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/wire"
)

// A buyer's words can stand wherever an app or a mistake puts them.
func TestNoValueOfABodyReachesAnError(t *testing.T) {
	const canary = "kaisa.laine@example.com"
	store := shopifytest.New(shopifytest.Options{})
	shop := openShop(t, store, "", "shop")
	refused := 0
	ids, n := store.Generate(1, shopifytest.Scenarios), 0
	for _, id := range []string{ids[14], ids[17]} { // of a company, and of odd characters
		for _, with := range []any{canary, []any{canary}, map[string]any{canary: canary}, map[string]any{"id": canary, "amount": canary, "currency_code": canary}} {
			platformtest.Leaves(t, delivered(t, store, id, "orders/create").Body, with, func(path string, body []byte) {
				_, err := shop.Orders.Decode(body)
				if err != nil {
					refused++
					require.NotContains(t, err.Error(), canary, "%s is %v", path, with)
				}
				n++
				topic := []string{"orders/create", "orders/delete", "customers/redact", "customers/data_request", "shop/redact", "app/uninstalled", "refunds/create"}[n%7]
				events, err := testReceiver().Events(deliver(topic, string(body)))
				if err != nil {
					require.NotContains(t, err.Error(), canary, "%s of %s is %v", path, topic, with)
				}
				for _, e := range events {
					head, err := json.Marshal(e)
					require.NoError(t, err)
					require.NotContains(t, string(head)+e.TaskID(), canary, "%s of %s is %v", path, topic, with)
				}
			})
		}
	}
	require.NotZero(t, refused)
}

// What the store answers is as little quoted.
func TestNoValueOfAnAnswerReachesAnError(t *testing.T) {
	const canary = "kaisa.laine@example.com"
	store := shopifytest.New(shopifytest.Options{Bucket: 1e6, Restore: 1e6})
	refused := 0
	answers := [][]byte{[]byte(`{"errors":[{"message":"x","path":["order","email",1],"extensions":{"code":"INTERNAL_SERVER_ERROR"}}],"data":{"order":null}}`)}
	ids := store.Generate(1, shopifytest.Scenarios)
	for _, id := range []string{ids[14], ids[17]} {
		answers = append(answers, answerTo(t, store, id))
	}
	for _, answer := range answers {
		for _, with := range []any{canary, []any{canary}, map[string]any{canary: canary}} {
			platformtest.Leaves(t, answer, with, func(path string, raw []byte) {
				var env envelope
				err := json.Unmarshal(raw, &env)
				if err != nil {
					err = wire.PlainJSON(err)
				} else if env.Data != nil && env.Data.Order != nil {
					_, err = env.Data.Order.record(false)
				}
				if len(env.Errors) > 0 {
					err = env.fault("shopify.order", commerce.Ref{})
				}
				if err != nil {
					refused++
					require.NotContains(t, err.Error(), canary, "%s is %v", path, with)
				}
			})
		}
	}
	require.NotZero(t, refused)
}

// answerTo is the store's answer to the question for an order.
func answerTo(t testing.TB, store *shopifytest.Store, id string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": newQueries("shop", false, false).order.text, "variables": variables(gid("Order", id), "")})
	require.NoError(t, err)
	req := httptest.NewRequest(http.MethodPost, "/admin/api/2026-07/graphql.json", bytes.NewReader(body))
	req.Header.Set("X-Shopify-Access-Token", store.Token())
	w := httptest.NewRecorder()
	store.Handler().ServeHTTP(w, req)
	require.Equal(t, http.StatusOK, w.Code)
	require.Contains(t, w.Body.String(), `"order":{`)
	return w.Body.Bytes()
}
