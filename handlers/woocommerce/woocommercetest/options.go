package woocommercetest

import (
	"cmp"
	"net/http"
	"strings"
	"time"
)

// Options of a store. The zero value of each field has a default.
type Options struct {
	// Home is the shop's address as WordPress knows it (https://shop.example); it is in
	// deliveries and links, whatever address the API is asked at.
	Home     string
	Currency string // EUR
	// Secret is that of the shop's own deliveries (Deliveries, News, Sign), and of
	// webhooks made without one.
	Secret string
	// ConsumerKey and ConsumerSecret open the REST API; Permissions is read or
	// read_write (read_write).
	ConsumerKey, ConsumerSecret, Permissions string
	// Denied are resources that the key's user may not see, such as orders or webhooks.
	Denied []string
	// Now is the shop's clock: of its records, of its Date header and of nonces.
	Now func() time.Time
	// Zone is what the shop's local times are in (Europe/Berlin).
	Zone *time.Location
	// Old makes it WooCommerce 7.9 with orders as posts, else it is 11.0 with tables.
	Old bool
	// BasicOverHTTP accepts Basic and keys in the query without TLS, as a shop does
	// behind a proxy that says HTTPS. Others refuse them.
	BasicOverHTTP bool
	// AsksPasswords has whoever makes an account give a password: the shop makes none.
	AsksPasswords bool
	// PublicTargets refuses to post to private addresses and to ports other than 80,
	// 443 and 8080, as WordPress does. Nobody is told.
	PublicTargets bool
	// PerSecond is how many requests a second the shop's host lets through, and as many
	// at once; 0: any number.
	PerSecond float64
	// Topics are those of News (the four about orders).
	Topics []string
	// Statuses are what plugins added to the order's statuses.
	Statuses []string
	// RoundAtSubtotal rounds the taxes of every order in the end. TaxOnTop has prices
	// without tax in those that Generate makes.
	RoundAtSubtotal, TaxOnTop bool
	// NoStock keeps no stock of anything, so that nothing tells what came back.
	NoStock bool
	// UnknownSKU, when set, is in the last order of each Generate.
	UnknownSKU string
	// Client posts pings and deliveries (http.DefaultClient).
	Client *http.Client
}

func (o Options) withDefaults() Options {
	o.Home = strings.TrimRight(cmp.Or(o.Home, "https://shop.example"), "/")
	o.Currency = cmp.Or(o.Currency, "EUR")
	o.Secret = cmp.Or(o.Secret, "hush-demo-webhook-secret")
	o.ConsumerKey = cmp.Or(o.ConsumerKey, "ck_demo_0123456789abcdef")
	o.ConsumerSecret = cmp.Or(o.ConsumerSecret, "cs_demo_fedcba9876543210")
	o.Permissions = cmp.Or(o.Permissions, "read_write")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Zone == nil {
		berlin, err := time.LoadLocation("Europe/Berlin")
		if err != nil { // a machine without zones
			berlin = time.FixedZone("CET", 3600)
		}
		o.Zone = berlin
	}
	if o.Topics == nil {
		o.Topics = []string{"order.created", "order.updated", "order.deleted", "order.restored"}
	}
	if o.Client == nil {
		o.Client = http.DefaultClient
	}
	return o
}
