package woocommerce

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// oldest is the first WooCommerce that can be asked for what changed (modified_after).
const oldest = "5.8"

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

// plainLinks tries the address that the API has where WordPress makes no other.
func (c checker) plainLinks(ctx context.Context) bool {
	var got struct{ Namespace string }
	_, err := c.client.ask(ctx, call{op: "woocommerce.probe", ref: c.store(), path: "/", query: url.Values{"rest_route": {"/wc/v3/"}, "_fields": {"namespace"}}}, &got)
	return err == nil && got.Namespace == "wc/v3"
}

// site is what the shop tells of itself to those who may manage it.
type site struct {
	Environment struct {
		Home    string `json:"home_url"`
		Version string `json:"version"`
	} `json:"environment"`
	settings map[string]string
}

// site reads it, as far as the key's user may.
func (c checker) site(ctx context.Context) (s site, denied error) {
	k := call{op: "woocommerce.settings", ref: c.store(), path: api + "system_status", query: url.Values{"_fields": {"environment.home_url,environment.version"}}}
	_, denied = c.client.ask(ctx, k, &s)
	s.settings = map[string]string{}
	for _, group := range []string{"general", "tax"} {
		var list []struct {
			ID    string
			Value json.RawMessage // a text, mostly
		}
		k.path, k.query = api+"settings/"+group, url.Values{"_fields": {"id,value"}}
		if _, err := c.client.ask(ctx, k, &list); err != nil {
			denied = errors.Join(denied, err)
			continue
		}
		for _, one := range list {
			s.settings[strings.TrimPrefix(one.ID, "woocommerce_")] = word(one.Value)
		}
	}
	return s, denied
}

// identity says which shop it is, what it books and how it reckons.
func (c checker) identity(ctx context.Context, f *commerce.Findings) {
	s, denied := c.site(ctx)
	text := c.store().ID + " answers"
	var says []string
	if v := s.Environment.Version; v != "" {
		says = append(says, "WooCommerce "+wire.Printable(v))
	}
	currency := s.settings["currency"]
	if currency != "" {
		says = append(says, "books "+currency)
	}
	prices := map[string]string{"yes": "prices with tax", "no": "prices without tax"}[s.settings["prices_include_tax"]]
	rounds := map[string]string{"yes": "taxes rounded in the end", "no": "taxes rounded by line"}[s.settings["tax_round_at_subtotal"]]
	for _, one := range []string{prices, rounds} {
		if one != "" {
			says = append(says, one)
		}
	}
	if s.settings["calc_taxes"] == "no" {
		says = append(says, "no taxes")
	}
	if len(says) > 0 {
		text += ": " + strings.Join(says, ", ")
	}
	f.OK("%s", text)
	if currency != "" {
		f.List[len(f.List)-1].Needs = []string{"currency/" + c.shop + "/" + currency, "pricelist/" + c.shop + "/" + currency}
	}
	if denied != nil {
		_, remedy := told(denied)
		f.Warn(remedyOr(remedy, "give the key to a user who is an administrator or shop manager"), "the shop does not tell all of its version and settings")
	}
	c.heeds(ctx, f, s.Environment.Version)
	c.home(f, s.Environment.Home)
}

func remedyOr(remedy, other string) string {
	if remedy == "" {
		return other
	}
	return remedy
}

// heeds sees that the shop can be asked for what changed; where it does not tell its
// version, nothing may have changed tomorrow.
func (c checker) heeds(ctx context.Context, f *commerce.Findings, version string) {
	if version == "" {
		k := c.probe()
		k.query.Set("modified_after", gmt(c.now().Add(48*time.Hour)))
		k.query.Set("dates_are_gmt", "true")
		var list []tip
		if _, err := c.client.ask(ctx, k, &list); err != nil || len(list) == 0 {
			return // it was asked before, and the next question tells what is wrong
		}
	} else if !isOlder(version, oldest) {
		return
	}
	f.Problem("update WooCommerce to "+oldest+" or newer", "the shop cannot be asked for what changed: each sweep reads all of its orders")
}

// isOlder compares versions by their first two numbers.
func isOlder(version, than string) bool {
	for i, want := range numbers(than) {
		got := 0
		if have := numbers(version); i < len(have) {
			got = have[i]
		}
		if got != want {
			return got < want
		}
	}
	return false
}

// numbers are the first two of a version: 11 and 0 of 11.0.1-rc.1.
func numbers(version string) (list []int) {
	for _, part := range strings.SplitN(version, ".", 3) {
		n, err := strconv.Atoi(part)
		if err != nil || len(list) == 2 {
			break
		}
		list = append(list, n)
	}
	return list
}

// home holds the address by which the shop calls itself in its deliveries against the
// settings.
func (c checker) home(f *commerce.Findings, home string) {
	r := newReceiver(verifier{}, c.shop, c.set)
	if home == "" || r.source(home) == nil {
		return
	}
	f.Problem("set woocommerce.url to "+host(home)+" if that is this shop, or add it to woocommerce.sources",
		"the shop calls itself %s, and the settings name %s: its deliveries are refused", host(home), host(c.set.URL))
}

// writable tries the right to write, on a webhook that cannot be there.
func (c checker) writable(ctx context.Context, f *commerce.Findings) {
	k := call{op: "woocommerce.probe", ref: c.store(), method: http.MethodPut, path: hooksPath + "/0", body: struct{}{}}
	_, err := c.client.ask(ctx, k, nil)
	text, remedy := told(err)
	remedy = remedyOr(remedy, sayKeys)
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

// lookupTime bounds the question for our own address.
const lookupTime = 2 * time.Second

// address explains why WordPress would post nothing to ours.
func (c checker) address(ctx context.Context, f *commerce.Findings) {
	u, err := url.Parse(c.hook)
	if c.hook == "" || err != nil {
		return
	}
	if why := c.refused(); why != "" {
		f.Problem(sayPublic, "no delivery will come to %s: %s", c.hook, why)
		return
	}
	if isLoopback(u.Hostname()) {
		f.OK("deliveries come to this machine itself, which a shop's WordPress refuses unless its filters allow it: this is for tests")
		return
	}
	short, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	found, err := c.lookup(short, u.Hostname())
	if err != nil || len(found) == 0 {
		return // this machine may know no names
	}
	for _, at := range found {
		if !isPrivate(at.IP.String()) {
			return
		}
	}
	f.Warn(sayPublic, "%s is %s as this machine sees it; if the shop sees it so too, WordPress posts nothing there", u.Hostname(), found[0].IP)
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
