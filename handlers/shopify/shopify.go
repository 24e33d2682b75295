// Package shopify verifies Shopify's webhooks, understands their payloads and
// reads orders through the Admin GraphQL API. A delivery only says which record
// changed; order payloads and API answers are mapped through one and the same
// builder (record.go), so both give the same order. Rate limits are cost points
// a shop, see client.go.
//
// Vendor's pages: https://shopify.dev/docs/apps/build/webhooks and
// https://shopify.dev/docs/api/admin-graphql.
package shopify

import (
	"fmt"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
)

// Name is the platform's name in the configuration.
const Name = "shopify"

// Platform opens Shopify stores.
func Platform() handlers.Platform {
	return handlers.Platform{Name: Name, Open: open}
}

func open(shop config.Shop, deps handlers.Deps) (*handlers.Shop, error) {
	set, err := readSettings(shop)
	if err != nil {
		return nil, fmt.Errorf("shop %s: %w", shop.ID, err)
	}
	v := newVerifier(set.Secrets)
	o := newOrders(shop, set, deps)
	c := newChecker(shop, o, handlers.HookURL(deps.PublicURL, shop.ID))
	return &handlers.Shop{
		ID:       shop.ID,
		Platform: Name,
		Config:   shop,
		Signers:  v.fingerprints(),
		Receiver: newReceiver(v, shop.ID, set.Domain),
		Orders:   o,
		Clock:    o.clock,
		Webhooks: webhooks{c},
		Check:    c.check,
	}, nil
}

// receiver is the pushing side of one store.
type receiver struct {
	verifier
	shop   string
	domain string
	topics map[string]topic
}

func newReceiver(v verifier, shop, domain string) receiver {
	return receiver{verifier: v, shop: shop, domain: domain, topics: topics()}
}
