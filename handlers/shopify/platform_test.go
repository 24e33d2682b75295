package shopify

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

func TestPlatform(t *testing.T) {
	platformtest.Run(t, platformtest.Suite{
		Platform: Platform(),
		Block: func(endpoint string, secrets ...string) string {
			block := "domain: " + testDomain + "\naccess_token: shpat_hush\nsecrets:\n"
			for _, s := range secrets {
				block += "  - \"" + s + "\"\n"
			}
			if len(secrets) == 0 {
				block = strings.TrimSuffix(block, "\n") + " []\n"
			}
			if endpoint != "" {
				block += "endpoint: " + endpoint + "\n"
			}
			return block
		},
		Vectors: suiteVectors(t),
		Header:  platformtest.Header{Signature: "X-Shopify-Hmac-Sha256", EventID: "X-Shopify-Webhook-Id", Topic: "X-Shopify-Topic"},
		Fake:    fake,
		Equal: func(t *testing.T, payload, read *commerce.Order) {
			if diff := cmp.Diff(payload, read, onlyInBodies()); diff != "" {
				t.Errorf("payload and read differ (-payload +read):\n%s", diff)
			}
		},
		Secrets: []string{"shpat_hush", "hush-client-secret"},
	})
}

func suiteVectors(t *testing.T) []platformtest.Vector {
	all := loadVectors(t)
	var out []platformtest.Vector
	add := func(list []vector, accept bool) {
		for _, v := range list {
			secrets := v.Secrets
			if len(secrets) == 0 {
				secrets = []string{v.Secret}
			}
			if v.Name == "wrong_secret" {
				secrets = []string{"hush_shopify_client_secret_0123456789abcdef"}
			}
			out = append(out, platformtest.Vector{Name: v.Name, Delivery: v.delivery(), Secrets: secrets, Accept: accept})
		}
	}
	add(all.Positive, true)
	add(all.Negative, false)
	return out
}

func fake(t *testing.T) platformtest.Fake {
	store := shopifytest.New(shopifytest.Options{Domain: testDomain, Token: "shpat_hush", Secret: "hush-client-secret"})
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	order := store.Generate(11, 3)[2]
	return platformtest.Fake{
		URL: url, Secret: store.Secret(), Order: order, Missing: "42",
		Delivery: func() handlers.Delivery { return delivered(t, store, order, "orders/updated") },
		Sign: func(topic string, body []byte) handlers.Delivery {
			d := store.Sign(topic, body)
			return handlers.Delivery{Header: d.Header(), Body: d.Body}
		},
		Deny:  func() { store.Script(shopifytest.AccessDenied()) },
		Limit: func() { store.Script(shopifytest.Throttled(time.Minute)) },
		Hang:  func() { store.Script(shopifytest.Hang()) },
		Close: func(shop *handlers.Shop) {
			shop.Orders.(*orders).client.http.CloseIdle()
			require.NoError(t, stop())
		},
	}
}
