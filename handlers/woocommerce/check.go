package woocommerce

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// checker asks one shop whether everything is as it must be.
type checker struct {
	*orders
	hook   string // where deliveries should come in; empty: not known
	mends  bool   // the shop's webhooks are changed where they are wrong
	now    func() time.Time
	lookup func(ctx context.Context, host string) ([]net.IPAddr, error)
}

func newChecker(shop config.Shop, o *orders, hook string) checker {
	return checker{orders: o, hook: hook, mends: shop.MendsWebhooks(), now: time.Now, lookup: net.DefaultResolver.LookupIPAddr}
}

// check asks some seven small questions. The one that tries the right to write is about
// a webhook that cannot be there.
func (c checker) check(ctx context.Context) []commerce.Finding {
	f := &commerce.Findings{Part: "shop " + c.shop}
	var list []tip
	if _, err := c.client.ask(ctx, c.probe(), &list); err != nil {
		c.failed(ctx, f, err)
		return f.List
	}
	c.identity(ctx, f)
	if len(list) == 0 {
		f.OK("there is no order yet that could be read as a trial")
	} else {
		f.OK("orders can be read")
	}
	c.writable(ctx, f)
	c.way(f)
	c.address(ctx, f)
	c.webhooks(ctx, f)
	return f.List
}

// failed says why the shop cannot be asked.
func (c checker) failed(ctx context.Context, f *commerce.Findings, err error) {
	text, remedy := told(err)
	switch reason := commerce.ReasonOf(err); {
	case c.plainLinks(ctx):
		text = "WordPress has plain permalinks, with which there is no /wp-json"
		remedy = "choose anything but Plain under Settings, Permalinks in WordPress"
	case remedy != "":
	case reason == commerce.Unavailable:
		remedy = "see that this machine reaches " + c.set.base() + " (network, DNS, outgoing proxy, firewall), then check again"
	case reason == commerce.RateLimited:
		remedy = "the shop's host limits its requests; check again in some minutes"
	default:
		remedy = "check woocommerce.url, consumer_key, consumer_secret and auth of the shop"
	}
	f.Problem(remedy, "%s", text)
}

// told is what an error says to people.
func told(err error) (text, remedy string) {
	var e *commerce.Error
	if !errors.As(err, &e) {
		return err.Error(), ""
	}
	text = e.Detail
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text, e.Remedy
}

// remedyOr is a remedy, or another where there is none.
func remedyOr(remedy, other string) string {
	if remedy == "" {
		return other
	}
	return remedy
}

// plainLinks tries the address that the API has where WordPress makes no other.
func (c checker) plainLinks(ctx context.Context) bool {
	var got struct{ Namespace string }
	_, err := c.client.ask(ctx, call{op: "woocommerce.probe", ref: c.store(), path: "/", query: url.Values{"rest_route": {"/wc/v3/"}, "_fields": {"namespace"}}}, &got)
	return err == nil && got.Namespace == "wc/v3"
}

// writable tries the right to write, on a webhook that cannot be there.
func (c checker) writable(ctx context.Context, f *commerce.Findings) {
	k := call{op: "woocommerce.probe", ref: c.store(), method: http.MethodPut, path: hooksPath + "/0", body: struct{}{}}
	_, err := c.client.ask(ctx, k, nil)
	text, remedy := told(err)
	if remedy = remedyOr(remedy, sayKeys); strings.HasPrefix(remedy, sayKeys) { // but the key just read
		remedy = "edit the key under WooCommerce, Settings, Advanced, REST API: its permission must be Read/Write"
	}
	switch {
	case err == nil || commerce.ReasonOf(err) == commerce.NotFound:
		f.OK("the key may read and write")
	case !c.mends:
		f.OK("the key may not write (%s), and nothing is written to a shop that is only observed", text)
		f.List[len(f.List)-1].Remedy = "before it goes live: " + remedy
	default:
		f.Problem(remedy, "the key may not write, so webhooks can be neither made nor mended: %s", text)
	}
}

// The days before which a certificate that runs out is told.
const certificateDays = 14

// way judges how the answers came: clock, certificate, what stands between.
func (c checker) way(f *commerce.Findings) {
	last := c.client.last.Load()
	if last == nil {
		return
	}
	if last.dated {
		f.Skew("the shop's", last.ahead)
	}
	if last.cached {
		f.Warn("have the host or the caching plugin keep no answers of /wp-json/wc/", "an answer came out of a cache: what is read may be old")
	}
	if !last.expires.IsZero() && c.now().AddDate(0, 0, certificateDays).After(last.expires) {
		f.Warn("renew it; see that its renewal by itself works", "the shop's certificate runs out on %s", last.expires.UTC().Format(time.DateOnly))
	}
	if u, err := url.Parse(c.set.base()); err == nil && u.Scheme == "http" && !isLoopback(u.Hostname()) {
		f.Warn("ask the shop by https: remove woocommerce.endpoint", "the shop is asked over plain http: whoever listens reads its orders")
	}
}

// webhooks holds those of the shop against what must come in.
func (c checker) webhooks(ctx context.Context, f *commerce.Findings) {
	hooks, err := c.hooks(ctx)
	if err != nil {
		text, remedy := told(err)
		f.Problem(remedyOr(remedy, "check again; if it stays so, look at WooCommerce, Settings, Advanced, Webhooks"), "the shop's webhooks cannot be read: %s", text)
		return
	}
	if c.hook == "" {
		f.Warn("set server.public_url to the address that the shops post to, and check again",
			"the shop has %s; where ours must lead is not known", countOf(len(hooks), "webhook"))
		return
	}
	judgement{checker: c, hooks: hooks}.write(f)
}

func countOf(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %ss", n, one)
}
