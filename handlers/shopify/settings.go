package shopify

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/odoogate/odoogate/config"
)

// Settings is the block "shopify" of one shop.
type Settings struct {
	// Domain is the store's permanent address, something.myshopify.com.
	Domain string `yaml:"domain" validate:"required"`
	// Endpoint is where the Admin API is asked instead of https://<domain>. It is
	// for the demo, tests and recording proxies only: the token goes there.
	Endpoint string `yaml:"endpoint" validate:"omitempty,http_url"`
	// ClientID is that of an app of the Dev Dashboard: its Admin API token is
	// fetched with it and the first of Secrets, and again before it runs out.
	ClientID string `yaml:"client_id"`
	// AccessToken is the Admin API token of an app that shows one; either this or
	// ClientID. Scopes: read_orders, read_customers and read_returns, and
	// read_all_orders for orders older than 60 days.
	AccessToken config.Secret `yaml:"access_token"`
	// Secrets are the app's client secrets that sign deliveries: the present one
	// and, for an hour after a rotation, the one before.
	Secrets []config.Secret `yaml:"secrets" validate:"required,min=1,dive,required"`
	// APIVersion is the version of the Admin API (2026-07).
	APIVersion string `yaml:"api_version" validate:"required"`
	// Money is the side of each amount that is booked: "shop" (the store's own
	// currency) or "presentment" (what the buyer saw and paid in).
	Money string `yaml:"money" validate:"oneof=shop presentment"`
	// Variants reads the id and the barcode of each line's variant, by which
	// products can then be found too. Every order is read from the store for it, and
	// the app needs the scope read_products (false).
	Variants bool `yaml:"variants"`
}

func readSettings(shop config.Shop) (Settings, error) {
	set := Settings{APIVersion: "2026-07", Money: "shop"}
	if err := shop.Decode(&set); err != nil {
		return Settings{}, err
	}
	set.Domain = strings.ToLower(set.Domain)
	var problems config.Problems
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]*\.myshopify\.com$`).MatchString(set.Domain) {
		problems = append(problems, shop.Problem("shopify.domain",
			"must be the store's permanent address, for example my-store.myshopify.com; it stands in the admin under Settings, Domains"))
	}
	if (set.ClientID == "") == set.AccessToken.IsZero() {
		problems = append(problems, shop.Problem("shopify.access_token",
			"is needed, or client_id in its place: an app of the Dev Dashboard has a client id, an older one shows an access token; give one of them"))
	}
	if !regexp.MustCompile(`^20[0-9]{2}-(01|04|07|10)$`).MatchString(set.APIVersion) {
		problems = append(problems, shop.Problem("shopify.api_version",
			"must be a quarterly version of the Admin API, for example 2026-07"))
	}
	if u, err := url.Parse(set.Endpoint); err != nil || u.User != nil || u.RawQuery != "" {
		problems = append(problems, shop.Problem("shopify.endpoint",
			"must be only a scheme and a host, for example http://127.0.0.1:8080"))
	}
	return set, problems.Err()
}

// base is where the Admin API answers, without a slash at the end.
func (s Settings) base() string {
	if s.Endpoint != "" {
		return strings.TrimRight(s.Endpoint, "/")
	}
	return "https://" + s.Domain
}

// adminURL is the order's page in the store's administration.
func (s Settings) adminURL(order string) string {
	return "https://admin.shopify.com/store/" + strings.TrimSuffix(s.Domain, ".myshopify.com") + "/orders/" + order
}
