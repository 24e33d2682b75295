// Package woocommerce verifies WooCommerce's webhooks, understands their payloads
// and reads orders through the REST API v3. A payload is the record as the API tells
// it, built when the delivery leaves and not when the change was made: both come
// through one decoder (record.go). WooCommerce repeats no delivery; what is missed is
// found by asking.
//
// Vendor's pages: https://woocommerce.com/document/webhooks/ and
// https://woocommerce.github.io/woocommerce-rest-api-docs/.
package woocommerce

// Name is the platform's name in the configuration.
const Name = "woocommerce"
