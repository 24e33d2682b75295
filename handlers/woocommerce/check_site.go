package woocommerce

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// oldest is the first WooCommerce that can be asked for what changed (modified_after).
const oldest = "5.8"

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
	f.Problem("set woocommerce.url to "+placeOf(home).String()+" if that is this shop, or add it to woocommerce.sources",
		"the shop calls itself %s, and the settings name %s: its deliveries are refused", placeOf(home), placeOf(c.set.URL))
}
