package main

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// The secrets that the configuration of the canary's world holds.
var canarySecrets = map[string]string{
	"webhook secret": "hush-canary-webhook-4711", "second webhook secret": "hush-canary-second-4712",
	"access token": "shpat_canary_token_4713", "second access token": "shpat_canary_second_4714",
	"Odoo password": "canary-odoo-password-4715", "Redis password": "canary-redis-password-4716", "monitor password": "canary-monitor-password-4717",
	"alert address": "canary-alert-address-4718", "alert secret": "canary-alert-secret-4719",
}

// What a buyer gave, in words that stand nowhere by themselves.
var canaryPerson = map[string]string{
	"first name": "Kanariina", "last name": "Keltasiipinen", "mail": "kanariina.k@geheim.example", "phone": "+358449871230",
	"street": "Höyhenkatu 77 B", "city": "Sulkakylä", "zip": "LV-98761X", "company": "Lintulauta & Pojat Oy", "note": "munapuikko <ovikoodi> 8822",
	"tag": "lempikanari", "attribute": "onnea kanarille", "engraving": "kaiverrus tirppa", "address": "203.0.113.177", "reference": "PESÄ-99/17",
}

// everything is all that a buyer gave and some secrets, as somebody would put them
// into one sentence who was told them.
func everything(secrets ...string) string {
	all := slices.Sorted(maps.Values(canaryPerson))
	for _, name := range secrets {
		all = append(all, canarySecrets[name])
	}
	return strings.Join(all, ", ")
}

// canaryOrder is an order of which everything that a person can give is a canary.
func canaryOrder(sku string) shopifytest.Order {
	p := canaryPerson
	at := &shopifytest.Address{First: p["first name"], Last: p["last name"], Company: p["company"], Street: p["street"], Street2: "c/o " + p["last name"],
		City: p["city"], Zip: p["zip"], Country: "FI", Phone: p["phone"]}
	product := shopifytest.Catalogue()[0]
	return shopifytest.Order{Email: p["mail"], Phone: p["phone"], Billing: at, Shipping: at, Note: p["note"], PONumber: p["reference"],
		Customer:   &shopifytest.Customer{ID: 7_064_055_069_303_711_111, First: p["first name"], Last: p["last name"], Email: p["mail"], Phone: p["phone"], State: "enabled"},
		Attributes: [][2]string{{"Greeting", p["attribute"]}, {"IP", p["address"]}}, Tags: []string{p["tag"]}, TaxesIncluded: true, Gateway: "shopify_payments",
		Lines: []shopifytest.Line{{SKU: sku, Title: product.Name, Quantity: 1, Current: 1, Price: product.Price, Taxes: alv(), Properties: [][2]string{{"Engraving", p["engraving"]}}}}}
}

// leaks names the canaries that stand in a text, in whatever writing.
func leaks(text string, of ...map[string]string) (found []string) {
	text = strings.ToLower(text)
	for _, words := range of {
		for name, word := range words {
			quoted, _ := json.Marshal(word)
			for _, form := range []string{word, html.EscapeString(word), url.QueryEscape(word), url.PathEscape(word), strings.Trim(string(quoted), `"`), strings.ReplaceAll(word, " ", "")} {
				if strings.Contains(text, strings.ToLower(form)) {
					found = append(found, name)
					break
				}
			}
		}
	}
	slices.Sort(found)
	return found
}

// silent fails where a text tells a canary.
func (c *cage) silent(where, text string, of ...map[string]string) {
	c.t.Helper()
	if found := leaks(text, of...); len(found) > 0 {
		c.t.Errorf("%s tells %v:\n%s", where, found, text)
	}
}

// redisIsSilent looks at every key, field, member and value. What the queue holds of
// a task is its body, and so is what the journal keeps of an event beside its entry:
// both are what was sent.
func (c *cage) redisIsSilent(when string) {
	c.t.Helper()
	ctx := context.Background()
	for keys := c.rdb.Scan(ctx, 0, "*", 1000).Iterator(); keys.Next(ctx); {
		key := keys.Val()
		where := when + ": the key " + key
		c.silent(where, key, canarySecrets, canaryPerson)
		if strings.HasPrefix(key, "asynq:workers:") { // what is worked on, with its body
			continue
		}
		held, err := held(ctx, c.rdb, key)
		require.NoError(c.t, err)
		if strings.HasPrefix(key, "asynq:{live}:t:") || strings.HasPrefix(key, "odoogate:{"+demoShop+"}:body:") {
			c.silent(where, held, canarySecrets)
			continue
		}
		c.silent(where, held, canarySecrets, canaryPerson)
		require.NotContains(c.t, held, `"body":"s2"`, "%s has a body that cannot be looked through", where)
	}
}

func held(ctx context.Context, rdb *redis.Client, key string) (string, error) {
	kind, err := rdb.Type(ctx, key).Result()
	if err != nil {
		return "", err
	}
	switch kind {
	case "string":
		text, err := rdb.Get(ctx, key).Result()
		if err == redis.Nil { //nolint:errorlint // it is returned as it is
			err = nil // it has ended meanwhile
		}
		return text, err
	case "hash":
		m, err := rdb.HGetAll(ctx, key).Result()
		return fmt.Sprint(m), err
	case "zset":
		list, err := rdb.ZRange(ctx, key, 0, -1).Result()
		return fmt.Sprint(list), err
	case "set":
		list, err := rdb.SMembers(ctx, key).Result()
		return fmt.Sprint(list), err
	case "list":
		list, err := rdb.LRange(ctx, key, 0, -1).Result()
		return fmt.Sprint(list), err
	}
	return "", nil // it has ended meanwhile
}
