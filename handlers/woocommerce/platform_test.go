package woocommerce

import (
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/platformtest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
)

func TestPlatform(t *testing.T) {
	platformtest.Run(t, platformtest.Suite{
		Platform: Platform(),
		Block: func(endpoint string, secrets ...string) string {
			block := "url: https://shop.example\nconsumer_key: ck_hush\nconsumer_secret: cs_hush\nsecrets: ["
			for i, s := range secrets {
				if i > 0 {
					block += ", "
				}
				block += strconv.Quote(s)
			}
			block += "]\n"
			if endpoint != "" {
				block += "endpoint: " + endpoint + "\n"
			}
			return block
		},
		Vectors: suiteVectors(t),
		Header:  platformtest.Header{Signature: "X-WC-Webhook-Signature", EventID: "X-WC-Webhook-Delivery-ID", Topic: "X-WC-Webhook-Topic"},
		Fake:    fake,
		Equal: func(t *testing.T, payload, read *commerce.Order) {
			if diff := cmp.Diff(payload, read); diff != "" {
				t.Errorf("payload and read differ (-payload +read):\n%s", diff)
			}
		},
		Secrets: []string{"ck_hush", "cs_hush", "hush-webhook-secret"},
	})
}

func suiteVectors(t *testing.T) []platformtest.Vector {
	all := loadVectors(t)
	var out []platformtest.Vector
	for _, v := range append(all.Positive, all.Negative...) {
		secrets := v.Secrets
		if secrets == nil {
			secrets = []string{v.Secret}
		}
		if len(secrets) == 1 && secrets[0] == "" {
			continue // no shop opens with an empty secret
		}
		out = append(out, platformtest.Vector{Name: v.Name, Delivery: v.delivery(), Secrets: secrets, Accept: v.Expect == "accept"})
	}
	return out
}

// fake is a shop whose every delivery has an id of its own: those of one second would
// share one, and be the same where the order is.
func fake(t *testing.T) platformtest.Fake {
	store := woocommercetest.New(woocommercetest.Options{ConsumerKey: "ck_hush", ConsumerSecret: "cs_hush", Secret: "hush-webhook-secret"})
	url, stop, err := store.Listen("127.0.0.1:0")
	require.NoError(t, err)
	order := store.Generate(11, 3)[2]
	n := 0
	own := func(d woocommercetest.Delivery) handlers.Delivery {
		n++
		h := d.Header()
		h.Set("X-WC-Webhook-Delivery-ID", fmt.Sprintf("%032x", n))
		return handlers.Delivery{Header: h, Body: d.Body, Received: time.Now()}
	}
	about := func(record, topic string) func() handlers.Delivery {
		return func() handlers.Delivery {
			d, err := store.Deliveries(record, topic)
			require.NoError(t, err)
			return own(d[0])
		}
	}
	return platformtest.Fake{
		URL: url, Secret: store.Secret(), Order: order, Missing: "42",
		Delivery: about(order, "order.updated"),
		Accounts: accountsOf(t, store, about),
		Sign:     func(topic string, body []byte) handlers.Delivery { return own(store.Sign(topic, body)) },
		Deny:     func() { store.Script(woocommercetest.AccessDenied()) },
		Limit:    func() { store.Script(woocommercetest.Status(429, time.Minute)) },
		Hang:     func() { store.Script(woocommercetest.Hang()) },
		Close: func(shop *handlers.Shop) {
			shop.Orders.(*orders).client.http.CloseIdle()
			require.NoError(t, stop())
		},
	}
}

func accountsOf(t *testing.T, store *woocommercetest.Store, about func(record, topic string) func() handlers.Delivery) *platformtest.Accounts {
	number := func(id string) int64 {
		n, err := strconv.ParseInt(id, 10, 64)
		require.NoError(t, err)
		return n
	}
	register := func(at time.Time) string {
		return strconv.FormatInt(store.AddCustomer(woocommercetest.Customer{First: "Kaisa", Last: "Laine", Email: "kaisa@example.com", CreatedAt: at,
			Billing: woocommercetest.Address{Company: "Laine Oy", Street: "Katu 1", City: "Turku", Zip: "20100", Country: "FI"}}), 10)
	}
	account := register(time.Now().Add(-time.Hour).Truncate(time.Second))
	return &platformtest.Accounts{
		Account: account, Missing: "4242", Delivery: about(account, "customer.updated"), Register: register,
		Edit: func(id string) {
			require.NoError(t, store.UpdateCustomer(number(id), func(c *woocommercetest.Customer) { c.Billing.City = "Oulu" }))
		},
		Delete: func(id string) { store.DeleteCustomer(number(id)) },
	}
}
