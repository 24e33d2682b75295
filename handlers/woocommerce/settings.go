package woocommerce

import (
	"net/url"
	"strings"

	"github.com/odoogate/odoogate/config"
)

// Settings is the block "woocommerce" of one shop.
type Settings struct {
	// URL is the shop's address as WordPress knows it, with its path if it has one:
	// https://shop.example or https://example.com/shop.
	URL string `yaml:"url" validate:"required"`
	// Sources are other addresses by which the shop calls itself in its deliveries, with
	// the folder if they have one, as those of its languages. URL and these count for the
	// folders of two-letter languages below them too (/de/). Deliveries of any other
	// shop are refused: a copy of it (staging) has its webhooks and their secrets too.
	Sources []string `yaml:"sources" validate:"dive,required"`
	// Endpoint is where the REST API is asked instead of URL. It is for the demo,
	// tests and recording proxies only: the keys go there.
	Endpoint string `yaml:"endpoint" validate:"omitempty,http_url"`
	// ConsumerKey (ck_…) and ConsumerSecret (cs_…) are a key of the REST API with the
	// permission Read/Write, of a user who may manage the shop.
	ConsumerKey    config.Secret `yaml:"consumer_key" validate:"required"`
	ConsumerSecret config.Secret `yaml:"consumer_secret" validate:"required"`
	// Secrets are those of the webhooks: the present one and, while it is being
	// changed, the one before. They count as they are written, spaces included.
	Secrets []config.Secret `yaml:"secrets" validate:"required,min=1,dive,required"`
	// Auth is how the keys are shown: "basic", "query" for hosts that drop the header
	// of basic, or "oauth" (1.0a) for plain http, where the others would give them
	// away (basic; oauth where Endpoint is plain http).
	Auth string `yaml:"auth" validate:"omitempty,oneof=basic query oauth"`
}

// The words of Settings.Auth.
const (
	authBasic = "basic"
	authQuery = "query"
	authOAuth = "oauth"
)

func readSettings(shop config.Shop) (Settings, error) {
	var set Settings
	if err := shop.Decode(&set); err != nil {
		return Settings{}, err
	}
	set.URL = strings.TrimRight(set.URL, "/")
	set.Endpoint = strings.TrimRight(set.Endpoint, "/")
	var problems config.Problems
	if u, err := url.Parse(set.URL); err != nil || u.Scheme != "https" || !bare(u) || strings.Contains(u.Path, "/wp-json") {
		problems = append(problems, shop.Problem("woocommerce.url",
			"must be the shop's https address as WordPress shows it under Settings, General, for example https://shop.example or https://example.com/shop"))
	}
	if u, err := url.Parse(set.Endpoint); err != nil || set.Endpoint != "" && !bare(u) {
		problems = append(problems, shop.Problem("woocommerce.endpoint",
			"must be only a scheme, a host and perhaps a path, for example http://127.0.0.1:8080"))
	}
	plain := strings.HasPrefix(strings.ToLower(set.Endpoint), "http:")
	switch {
	case set.Auth == "" && plain:
		set.Auth = authOAuth
	case set.Auth == "":
		set.Auth = authBasic
	case set.Auth != authOAuth && plain:
		problems = append(problems, shop.Problem("woocommerce.auth",
			"must be oauth where endpoint is plain http: WooCommerce refuses anything else there"))
	}
	return set, problems.Err()
}

// bare reports whether an address names a place and nothing else.
func bare(u *url.URL) bool {
	return u.Host != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery && u.Fragment == ""
}

// base is where WordPress is asked, without a slash at the end.
func (s Settings) base() string {
	if s.Endpoint != "" {
		return s.Endpoint
	}
	return s.URL
}

// adminURL is the order's page in the shop's administration.
func (s Settings) adminURL(order string) string {
	return s.URL + "/wp-admin/admin.php?page=wc-orders&action=edit&id=" + order
}

// userURL is the account's page there.
func (s Settings) userURL(id string) string { return s.URL + "/wp-admin/user-edit.php?user_id=" + id }
