package woocommerce

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/platformtest"
)

// A buyer's words can stand wherever a plugin or a mistake puts them.
func TestNoValueOfABodyReachesAnError(t *testing.T) {
	const canary = "kaisa.laine@example.com"
	known := []string{"order.created", "order.deleted", "product.updated", "product.deleted", "customer.deleted", "coupon.updated", "order.restored"}
	refused, n := 0, 0
	for _, name := range []string{"guest-company-cash-on-delivery", "gross-two-coupons"} {
		for _, with := range []any{canary, []any{canary}, map[string]any{canary: canary}, map[string]any{"id": canary, "code": canary, "message": canary}} {
			platformtest.Leaves(t, fixtures(t)[name].Order, with, func(path string, body []byte) {
				if _, err := testDecoder().Decode(body); err != nil {
					refused++
					require.NotContains(t, err.Error(), canary, "%s is %v", path, with)
				}
				n++
				events, err := testReceiver().Events(deliver(known[n%len(known)], string(body)))
				if err != nil {
					require.NotContains(t, err.Error(), canary, "%s of %s is %v", path, known[n%len(known)], with)
				}
				for _, e := range events {
					head, err := json.Marshal(e)
					require.NoError(t, err)
					require.NotContains(t, string(head)+e.TaskID(), canary, "%s is %v", path, with)
				}
			})
		}
	}
	require.NotZero(t, refused)
}

// What the shop answers about refunds is as little quoted.
func TestNoValueOfARefundReachesAnError(t *testing.T) {
	const canary = "kaisa.laine@example.com"
	fix := fixtures(t)["completed-return-and-kept"]
	refused := 0
	for _, with := range []any{canary, []any{canary}, map[string]any{canary: canary}} {
		platformtest.Leaves(t, fix.Refunds, with, func(path string, body []byte) {
			refunds, err := refundsOf(body)
			if err == nil {
				var rec *record
				rec, err = recordOf(fix.Order)
				require.NoError(t, err)
				_, err = testDecoder().order(rec, refunds)
			}
			if err != nil {
				refused++
				require.NotContains(t, err.Error(), canary, "%s is %v", path, with)
			}
		})
	}
	require.NotZero(t, refused)
}

// An account is all personal.
func TestNoValueOfAnAccountReachesAnError(t *testing.T) {
	const canary = "kaisa.laine@example.com"
	refused, n := 0, 0
	for name, raw := range accounts(t) {
		for _, with := range []any{canary, []any{canary}, map[string]any{canary: canary}, map[string]any{"id": canary, "code": canary, "message": canary}} {
			platformtest.Leaves(t, raw, with, func(path string, body []byte) {
				k := call{op: "woocommerce.customer", path: api + "customers/1"}
				_, err := testCustomers().Decode(body)
				errs := []error{err}
				if a, err := accountOf(body); err != nil {
					errs = append(errs, k.notUnderstood(body, err))
				} else {
					errs = append(errs, second(testDecoder().customer(a)))
				}
				topic := []string{"customer.created", "customer.updated", "customer.deleted"}[n%3]
				n++
				events, err := testReceiver().Events(deliver(topic, string(body)))
				for _, err := range append(errs, err) {
					if err != nil {
						refused++
						require.NotContains(t, err.Error(), canary, "%s: %s is %v", name, path, with)
					}
				}
				for _, e := range events {
					head, err := json.Marshal(e)
					require.NoError(t, err)
					require.NotContains(t, string(head)+e.TaskID()+e.LogValue().String(), canary, "%s: %s is %v", name, path, with)
				}
			})
		}
	}
	require.Greater(t, refused, 100)
}

// Nothing that a header says stands in an error: nobody signs them.
func TestNoHeaderReachesAnError(t *testing.T) {
	const canary = "kaisa.laine@example.com"
	for _, name := range []string{"X-WC-Webhook-Topic", "X-WC-Webhook-Source", "X-WC-Webhook-ID", "X-WC-Webhook-Delivery-ID", "X-WC-Webhook-Signature", "Content-Type"} {
		d := deliver("order.created", `{"id":1,"order_key":"x"}`)
		d.Header.(interface{ Set(string, string) }).Set(name, canary)
		for _, err := range []error{testVerifier("hush").Verify(d), second(testReceiver().Events(d))} {
			if err != nil {
				require.NotContains(t, err.Error(), canary, name)
				require.NotContains(t, err.Error(), "hush", name)
			}
		}
	}
}

func second[T any](_ T, err error) error { return err }
