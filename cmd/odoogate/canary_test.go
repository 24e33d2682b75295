package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/tasks"
)

// Whatever comes in and however it ends, what the process writes, answers, measures
// and keeps in Redis tells neither a secret nor what a buyer gave.
func TestNoSecretAndNobodysDataIsTold(t *testing.T) {
	for format, quotes := range map[string]func(*cage){"json": (*cage).odooQuotes, "text": (*cage).storeQuotes} {
		t.Run(format, func(t *testing.T) {
			c := openCage(t, format)
			booked := c.orders()
			quotes(c)
			c.refusals()
			c.others()
			c.commands(booked)
			c.bundle()
			for _, path := range []string{"/metrics", "/readyz", "/healthz", "/nowhere/" + url.PathEscape(canaryPerson["mail"])} {
				_, answer := c.ask(http.MethodGet, path, nil, nil)
				c.silent(path, answer, canarySecrets)
				if path[1] != 'n' { // else it is what was asked for
					c.silent(path, answer, canaryPerson)
				}
			}
			c.away()
			c.redisIsSilent("at last")
			log := c.end()
			require.Contains(t, log, "event needs a person")
			require.Contains(t, log, "event comes again")
			require.Contains(t, log, "delivery refused")
			c.silent("the log", log, canarySecrets, canaryPerson)
			told := c.alerts.heard()
			for _, kind := range []string{"mapping", "parked", "privacy"} {
				require.Contains(t, told, `"kind":"`+kind+`"`)
			}
			c.silent("what people are told", told, canarySecrets, canaryPerson)
		})
	}
}

// sell makes an order in a store and posts it, with the buyer's address in the net.
func (c *cage) sell(shop string, s *shopifytest.Store, sku string) string {
	c.t.Helper()
	id := s.AddOrder(canaryOrder(sku))
	list, err := s.Deliveries(id, "orders/create")
	require.NoError(c.t, err)
	var body map[string]any
	d := json.NewDecoder(bytes.NewReader(list[0].Body))
	d.UseNumber()
	require.NoError(c.t, d.Decode(&body))
	body["browser_ip"], body["client_details"] = canaryPerson["address"], map[string]any{"browser_ip": canaryPerson["address"]}
	raw, err := json.Marshal(body)
	require.NoError(c.t, err)
	c.deliver(shop, s.Sign("orders/create", raw), http.StatusOK)
	return id
}

// orders end as usual ones do: booked, parked, planned.
func (c *cage) orders() string {
	sku := shopifytest.Catalogue()[0].SKU
	booked := c.sell("fi", c.store, sku)
	c.ends("fi", booked, tasks.Done)
	c.ends("fi", c.sell("fi", c.store, "UNKNOWN-1"), tasks.Parked)
	c.ends("se", c.sell("se", c.second, sku), tasks.Skipped)
	c.redisIsSilent("orders")
	return booked
}

// odooQuotes lets Odoo refuse orders with everything in its mouth.
func (c *cage) odooQuotes() {
	sku, text := shopifytest.Catalogue()[0].SKU, everything("Odoo password")
	for name, say := range map[string]answerer{
		"a rule": fault("odoo.exceptions.UserError", text), "a constraint": fault("odoo.exceptions.ValidationError", "The operation cannot be completed:\n"+text),
		"a right": fault("odoo.exceptions.AccessError", text), "an exception": fault("builtins.ValueError", text), "a key": fault("builtins.KeyError", text),
		"the database": fault("psycopg2.OperationalError", text), "a name": fault(text, text),
		"a row": refusedRow(text), "a row of nothing": refusedRow("No matching record found for " + text), "a row's right": refusedRow("You are not allowed to modify " + text),
		"a proxy": page(http.StatusBadGateway, "<html>"+text), "a redirect": page(http.StatusFound, text), "a page": page(http.StatusOK, text),
	} {
		before := c.odoo.told()
		c.odoo.tell(`"load"`, say)
		id := c.sell("fi", c.store, sku)
		c.ends("fi", id, tasks.Parked, tasks.Retry, tasks.Snooze, tasks.Failed)
		require.Greater(c.t, c.odoo.told(), before, name)
		c.redisIsSilent("Odoo quotes in " + name)
		c.odoo.silence()
		// What a person must settle first is looked at again by the shop's next word.
		list, err := c.store.Deliveries(id, "orders/edited")
		require.NoError(c.t, err)
		c.deliver("fi", list[0], http.StatusOK)
		c.ends("fi", id, tasks.Done)
	}
}

// storeQuotes lets the store answer with everything in its mouth.
func (c *cage) storeQuotes() {
	quoted, err := json.Marshal(everything("access token", "webhook secret"))
	require.NoError(c.t, err)
	text := string(quoted)
	for name, answer := range map[string]answerer{
		"a page": page(http.StatusInternalServerError, "<html>"+everything()), "an answer that breaks off": page(http.StatusOK, `{"data":{"order":{"id":`+text),
		"an error":       page(http.StatusOK, `{"errors":[{"message":`+text+`,"path":["order",`+text+`],"extensions":{"code":`+text+`}}],"data":null}`),
		"a wrong type":   page(http.StatusOK, `{"data":{"order":{"id":`+text+`}}}`),
		"a wrong money":  page(http.StatusOK, `{"data":{"order":{"id":"1","currencyCode":`+text+`,"currentTotalPriceSet":{"money":{"amount":"1","currencyCode":`+text+`}}}}}`),
		"a wrong amount": page(http.StatusOK, `{"data":{"order":{"id":"1","currencyCode":"EUR","currentTotalPriceSet":{"money":{"amount":`+text+`}}}}}`),
	} {
		id := c.store.AddOrder(canaryOrder(shopifytest.Catalogue()[0].SKU))
		list, err := c.store.Deliveries(id, "orders/edited", "orders/edited")
		require.NoError(c.t, err)
		c.front.tell(gidOf(id), answer)
		c.deliver("fi", list[0], http.StatusOK)
		c.ends("fi", id, tasks.Parked, tasks.Retry, tasks.Snooze)
		c.redisIsSilent("the store quotes in " + name)
		c.front.silence()
		c.deliver("fi", list[1], http.StatusOK)
		c.ends("fi", id, tasks.Done)
	}
}

func gidOf(order string) string { return "gid://shopify/Order/" + order }

// refusals are what must not come in, and what comes with it.
func (c *cage) refusals() {
	id := c.store.AddOrder(canaryOrder("UNKNOWN-2"))
	list, err := c.store.Deliveries(id, "orders/create")
	require.NoError(c.t, err)
	good := list[0]
	text := everything()
	quoted, err := json.Marshal(text)
	require.NoError(c.t, err)
	for _, row := range []struct {
		d    shopifytest.Delivery
		want int
	}{
		{good.Forged(), http.StatusUnauthorized}, {good.Truncated(), http.StatusUnauthorized},
		{c.store.Sign("orders/create", append(bytes.Repeat([]byte(text), 17<<20/len(text)), text...)), http.StatusRequestEntityTooLarge},
		{c.store.Sign("orders/create", []byte(`{"id": 1, "email": `+string(quoted))), http.StatusBadRequest},
		{c.store.Sign("orders/create", []byte(`{"id": `+string(quoted)+`}`)), http.StatusBadRequest},
		{c.store.Sign("orders/create", []byte(`{"id": 1, "updated_at": `+string(quoted)+`}`)), http.StatusBadRequest},
		{c.store.Sign("orders/delete", good.Body), http.StatusBadRequest},
		{c.store.Sign("customers/redact", good.Body), http.StatusBadRequest},
		{c.store.Sign(canaryPerson["mail"], good.Body), http.StatusOK}, // a topic that nobody knows
	} {
		c.deliver("fi", row.d, row.want)
	}
	header := func(name, value string) map[string]string {
		h := map[string]string{}
		for k, v := range good.Headers {
			h[k] = v
		}
		h[name] = value
		return h
	}
	mail := canaryPerson["mail"]
	query := "?email=" + url.QueryEscape(mail) + "&token=" + url.QueryEscape(c.store.Token()) + "&name=" + url.QueryEscape(canaryPerson["last name"])
	for _, row := range []struct {
		method, path string
		header       map[string]string
		want         int
	}{
		{http.MethodPost, "/hooks/fi" + query, header("X-Shopify-Hmac-Sha256", c.store.Secret()), http.StatusUnauthorized},
		{http.MethodPost, "/hooks/fi" + query, header("X-Shopify-Webhook-Id", mail), http.StatusBadRequest},
		{http.MethodPost, "/hooks/fi" + query, header("X-Shopify-Shop-Domain", mail), http.StatusUnauthorized},
		{http.MethodPost, "/hooks/fi" + query, header("X-Request-Id", mail), http.StatusOK},
		{http.MethodPost, "/hooks/fi" + query, header("Cookie", "who="+mail+"; t="+c.store.Token()), http.StatusOK},
		{http.MethodPost, "/hooks/fi" + query, header("X-Forwarded-For", canaryPerson["address"]), http.StatusOK},
		{http.MethodPost, "/hooks/fi" + query, header("Content-Encoding", mail), http.StatusUnsupportedMediaType},
		{http.MethodPost, "/hooks/nobody" + query, good.Headers, http.StatusNotFound},
		{http.MethodGet, "/hooks/fi" + query, header("User-Agent", mail), http.StatusMethodNotAllowed},
		{http.MethodGet, "/monitor" + query, map[string]string{"Authorization": "Basic " + mail, "X-Forwarded-For": canaryPerson["address"]}, http.StatusUnauthorized},
		{http.MethodGet, "/readyz" + query, nil, http.StatusOK},
	} {
		status, answer := c.ask(row.method, row.path, row.header, good.Body)
		require.Equal(c.t, row.want, status, "%s %s: %s", row.method, row.path, answer)
		c.silent("the answer to "+row.method+" "+row.path, answer, canarySecrets, canaryPerson)
	}
	c.ends("fi", id, tasks.Parked)
}

// others are what is taken in and not an order.
func (c *cage) others() {
	for topic, body := range map[string]map[string]any{
		"products/update":  {"id": 1, "title": everything()},
		"customers/update": {"id": 7, "email": canaryPerson["mail"], "first_name": everything()},
		"orders/edited":    {"order_edit": map[string]any{"id": 1, "order_id": 404, "staff_note": everything()}},
		"customers/data_request": {"shop_id": 1, "shop_domain": c.store.Domain(), "orders_requested": []int{404}, "data_request": map[string]any{"id": 9999},
			"customer": map[string]any{"id": 7, "email": canaryPerson["mail"], "phone": canaryPerson["phone"]}},
		"customers/redact": {"shop_id": 1, "shop_domain": c.store.Domain(), "orders_to_redact": []int{404},
			"customer": map[string]any{"id": 8, "email": canaryPerson["mail"], "phone": canaryPerson["phone"]}},
	} {
		raw, err := json.Marshal(body)
		require.NoError(c.t, err)
		c.deliver("fi", c.store.Sign(topic, raw), http.StatusOK)
	}
	c.ends("fi", "404", tasks.Parked)
	require.Eventually(c.t, func() bool {
		n, err := c.rdb.LLen(c.t.Context(), "asynq:{live}:pending").Result()
		return err == nil && n == 0
	}, time.Minute, 20*time.Millisecond)
	c.redisIsSilent("others")
}

// commands are what an operator asks about all this.
func (c *cage) commands(booked string) {
	for _, args := range [][]string{
		{"order", "show", "fi", booked}, {"order", "show", "fi", booked, "--json"}, {"explain", "fi", booked}, {"explain", "fi", booked, "--json"},
		{"rules", "explain", "fi", booked}, {"rules", "explain", "fi", booked, "--json"}, {"order", "reimport", "fi", booked}, {"order", "show", "fi", "404"},
		{"check"}, {"check", "--json"}, {"privacy", "ls"}, {"privacy", "show", "fi", "9999"}, {"privacy", "show", "fi", "9999", "--json"},
		{"alerts", "ls"}, {"alerts", "ls", "--json"}, {"alerts", "test"}, {"shop", "pause", "se"}, {"shop", "resume", "se"}, {"order", "release", "fi", booked},
		{"adopt", "fi", booked, "404"}, {"bind", "fi"}, {"redact", "fi", "--customer", "7"}, {"redact", "fi", "--customer", "7", "--json"}, {"explain", "fi", canaryPerson["zip"]},
	} {
		out := c.run(args...)
		if args[len(args)-1] == canaryPerson["zip"] { // what was asked for is repeated
			c.silent("odoogate "+args[0], out, canarySecrets)
			continue
		}
		if args[0] == "explain" || args[0] == "rules" { // by tags rules are chosen, and that is what these explain
			out = strings.ReplaceAll(out, canaryPerson["tag"], "")
		}
		c.silent("odoogate "+strings.Join(args, " "), out, canarySecrets, canaryPerson)
	}
}

// bundle holds as little as everything else does that people send away.
func (c *cage) bundle() {
	file := filepath.Join(c.t.TempDir(), "bundle.tar.gz")
	c.silent("odoogate bundle", c.run("bundle", "--out", file), canarySecrets, canaryPerson)
	f, err := os.Open(file)
	require.NoError(c.t, err)
	defer func() { require.NoError(c.t, f.Close()) }()
	z, err := gzip.NewReader(f)
	require.NoError(c.t, err)
	var parts []string
	for r := tar.NewReader(z); ; {
		head, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(c.t, err)
		content, err := io.ReadAll(r)
		require.NoError(c.t, err)
		require.False(c.t, bytes.Contains(content, []byte(`"left_out_because"`)), head.Name)
		c.silent(head.Name, string(content), canarySecrets, canaryPerson)
		parts = append(parts, strings.TrimPrefix(head.Name, "odoogate/"))
	}
	require.Subset(c.t, parts, []string{"about.json", "config.json", "check.json", "shops.json", "queue.json", "events-fi-last.json", "events-fi-people.json", "metrics.txt"})
}

// away takes Redis away while something comes in, and the login from Odoo.
func (c *cage) away() {
	list, err := c.store.Deliveries(c.store.AddOrder(canaryOrder("UNKNOWN-3")), "orders/create", "orders/updated")
	require.NoError(c.t, err)
	c.redis.Stall()
	require.Eventually(c.t, func() bool { // a slow disk may have it come again
		status, answer := c.ask(http.MethodPost, "/hooks/fi", list[0].Headers, list[0].Body)
		c.silent("the answer while Redis is away", answer, canarySecrets, canaryPerson)
		return status == http.StatusOK
	}, time.Minute, 100*time.Millisecond)
	c.silent("odoogate check", c.run("check", "--timeout", "2s"), canarySecrets, canaryPerson)
	c.redis.Resume()
	require.NoError(c.t, c.rdb.ConfigSet(c.t.Context(), "requirepass", "another").Err())
	c.silent("odoogate check", c.run("check"), canarySecrets, canaryPerson)
	require.NoError(c.t, c.rdb.ConfigSet(c.t.Context(), "requirepass", canarySecrets["Redis password"]).Err())
	c.deliver("fi", list[1], http.StatusOK)
}
