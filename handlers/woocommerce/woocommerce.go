// Package woocommerce verifies WooCommerce's webhooks, understands their payloads and
// reads orders and customers' accounts through the REST API v3; it sets an order's status
// (status.go) and writes accounts (customer_write.go). A payload is the record
// as the API tells it, built when the delivery leaves and not when the change was made:
// both come through one decoder (record.go, decode.go; customer.go). WooCommerce repeats
// no delivery; what is missed is found by asking.
//
// Vendor's pages: https://woocommerce.com/document/webhooks/ and
// https://woocommerce.github.io/woocommerce-rest-api-docs/.
package woocommerce

import (
	"fmt"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
)

// Name is the platform's name in the configuration.
const Name = "woocommerce"

// Platform opens WooCommerce shops.
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
		ID:        shop.ID,
		Platform:  Name,
		Config:    shop,
		Signers:   v.fingerprints(),
		Receiver:  newReceiver(v, shop.ID, set),
		SendsOnce: true,
		Orders:    o,
		Customers: customers{decoder: o.decoder, client: o.client},
		Clock:     o.clock,
		Webhooks:  webhooks{c},
		Check:     c.check,
	}, nil
}
