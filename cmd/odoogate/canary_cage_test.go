package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// cage is a world full of canaries: two shops, an Odoo that can be made to quote
// them, a Redis with a password, and odoogate as a process.
type cage struct {
	t       *testing.T
	redis   *redistest.Server
	rdb     *redis.Client
	journal *tasks.Journal
	store   *shopifytest.Store
	second  *shopifytest.Store // of a shop that observes
	odoo    *quoting           // before Odoo
	front   *quoting           // before the first store
	alerts  *hearing           // who is told
	config  string
	log     string
	url     string
	child   *exec.Cmd
}

func alv() []shopifytest.TaxRate {
	return []shopifytest.TaxRate{{Title: "ALV", Rate: decimal.RequireFromString("0.255")}}
}

const cageConfig = `server: {listen: %q}
log: {level: debug, format: %s}
redis: {url: %q}
odoo: {url: %q, database: odoo, user: api, password: %q, protocol: jsonrpc}
monitor: {user: ops, password: %q}
worker: {retry: 1s}
jobs: {sweep: {enabled: false}}
spool: {path: %q, min_free: 0}
alerts: {gather: 0s, targets: [{name: hook, severity: info, resolved: true, webhook: {url: %q, secret: %q}}]}
shops:
  - id: fi
    platform: shopify
    mode: live
    go_live: 2000-01-01
    shopify: {domain: %s, endpoint: %q, access_token: %q, secrets: [%q]}
    books: {products: {shipping: SHIP, rounding: ROUND}}
  - id: se
    platform: shopify
    shopify: {domain: %s, endpoint: %q, access_token: %q, secrets: [%q]}
    books: {products: {shipping: SHIP, rounding: ROUND}}
`

func openCage(t *testing.T, format string) *cage {
	t.Helper()
	secret := canarySecrets
	dir := t.TempDir()
	c := &cage{t: t, alerts: &hearing{}, redis: redistest.Start(t, "--requirepass", secret["Redis password"]), config: filepath.Join(dir, "odoogate.yml"), log: filepath.Join(dir, "log")}
	redisURL := "redis://:" + secret["Redis password"] + "@" + c.redis.Addr + "/0"
	var err error
	c.rdb, err = tasks.OpenWork(config.Redis{URL: config.NewSecret(redisURL), PoolSize: 4})
	require.NoError(t, err)
	t.Cleanup(func() { _ = c.rdb.Close() })
	c.journal = tasks.NewJournal(c.rdb)
	open := func(h http.Handler) (*quoting, string) {
		q := &quoting{next: h}
		front := httptest.NewServer(q)
		t.Cleanup(front.Close)
		return q, front.URL
	}
	store := func(domain, key string) *shopifytest.Store {
		return shopifytest.New(shopifytest.Options{Domain: domain, Secret: secret[key+"webhook secret"], Token: secret[key+"access token"], Bucket: 1e6, Restore: 1e6})
	}
	c.store, c.second = store("demo.myshopify.com", ""), store("second.myshopify.com", "second ")
	odoo := odootest.New(odootest.Options{Password: secret["Odoo password"]})
	seedOdoo(odoo)
	var odooURL, storeURL string
	c.odoo, odooURL = open(odoo.Handler())
	c.front, storeURL = open(c.store.Handler())
	_, secondURL := open(c.second.Handler())
	hook := httptest.NewServer(c.alerts)
	t.Cleanup(hook.Close)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	listen := ln.Addr().String()
	require.NoError(t, ln.Close())
	c.url = "http://" + listen
	text := fmt.Sprintf(cageConfig, listen, format, redisURL, odooURL, secret["Odoo password"], secret["monitor password"], filepath.Join(dir, "spool.db"), hook.URL+"/"+secret["alert address"], secret["alert secret"],
		c.store.Domain(), storeURL, c.store.Token(), c.store.Secret(), c.second.Domain(), secondURL, c.second.Token(), c.second.Secret())
	require.NoError(t, os.WriteFile(c.config, []byte(text), 0o600))
	c.serve()
	return c
}

func (c *cage) serve() {
	c.t.Helper()
	out, err := os.Create(c.log)
	require.NoError(c.t, err)
	defer out.Close()
	c.child = exec.Command(os.Args[0], "serve", "--config", c.config)
	c.child.Env, c.child.Stdout, c.child.Stderr = append(os.Environ(), childEnv+"=1"), out, out
	require.NoError(c.t, c.child.Start())
	c.t.Cleanup(func() {
		if c.child.ProcessState == nil {
			_ = c.child.Process.Kill()
			_ = c.child.Wait() // its status says "killed"
		}
	})
	client := &http.Client{Timeout: 5 * time.Second}
	defer client.CloseIdleConnections()
	require.NoError(c.t, (&world{url: c.url, client: client}).ready(c.t.Context()))
}

// end stops the child and returns all that it wrote.
func (c *cage) end() string {
	c.t.Helper()
	require.NoError(c.t, c.child.Process.Signal(syscall.SIGTERM))
	require.NoError(c.t, c.child.Wait())
	raw, err := os.ReadFile(c.log)
	require.NoError(c.t, err)
	return string(raw)
}

// run is a command of an operator: what it prints, and on standard error.
func (c *cage) run(args ...string) string {
	c.t.Helper()
	cmd := exec.Command(os.Args[0], append(args, "--config", c.config)...)
	cmd.Env = append(os.Environ(), childEnv+"=1")
	out, _ := cmd.CombinedOutput() // some end with status 1, and say why
	require.NotEmpty(c.t, out, args)
	return string(out)
}

// ask sends a request and returns status and body of the answer.
func (c *cage) ask(method, path string, header map[string]string, body []byte) (int, string) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewReader(body))
	require.NoError(c.t, err)
	for name, value := range header {
		req.Header.Set(name, value)
	}
	if header["Host"] != "" {
		req.Host = header["Host"]
	}
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	require.NoError(c.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	return resp.StatusCode, fmt.Sprint(resp.Header) + string(raw)
}

// deliver posts a delivery to a shop; its answer tells nothing and has that status.
func (c *cage) deliver(shop string, d shopifytest.Delivery, want int) {
	c.t.Helper()
	status, answer := c.ask(http.MethodPost, "/hooks/"+shop, d.Headers, d.Body)
	require.Equal(c.t, want, status, answer)
	c.silent("the answer to "+d.Topic, answer, canarySecrets, canaryPerson)
}

// ends waits until a run of the order ended in one of the ways.
func (c *cage) ends(shop, id string, as ...tasks.Outcome) {
	c.t.Helper()
	var rec tasks.Record
	require.Eventually(c.t, func() bool {
		var err error
		rec, _, err = c.journal.Get(context.Background(), commerce.Ref{Shop: shop, Kind: commerce.KindOrder, ID: id})
		require.NoError(c.t, err)
		for _, o := range as {
			if rec.Outcome == o {
				return true
			}
		}
		return false
	}, time.Minute, 10*time.Millisecond, "order %s is to end as %v and is %v", id, as, lazy(func() string { return fmt.Sprintf("%+v", rec) }))
}

// quoting stands before an Odoo or a store and answers some requests as it is told to.
type quoting struct {
	next  http.Handler
	mu    sync.Mutex
	about string // what stands in those requests
	say   answerer
	n     int // answers of its own
}

// answerer answers a request with that body.
type answerer func(w http.ResponseWriter, body []byte)

// tell has requests with that text answered so until silenced.
func (q *quoting) tell(about string, say answerer) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.about, q.say = about, say
}

func (q *quoting) silence() { q.tell("", nil) }

func (q *quoting) told() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.n
}

// ServeHTTP passes on all others.
func (q *quoting) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	q.mu.Lock()
	say := q.say
	if say != nil && bytes.Contains(body, []byte(q.about)) {
		q.n++
	} else {
		say = nil
	}
	q.mu.Unlock()
	if say != nil {
		say(w, body)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	q.next.ServeHTTP(w, r)
}

// rpc answers a call with a result or an error.
func rpc(key string, value any) answerer {
	return func(w http.ResponseWriter, body []byte) {
		var call struct{ ID any }
		_ = json.Unmarshal(body, &call) // it is our own
		_ = json.NewEncoder(w).Encode(map[string]any{"jsonrpc": "2.0", "id": call.ID, key: value})
	}
}

// fault is an exception of Odoo's whose text is words.
func fault(name, words string) answerer {
	return rpc("error", map[string]any{"code": 200, "message": words, "data": map[string]any{
		"name": name, "message": words, "arguments": []string{words}, "debug": "Traceback (most recent call last):\n" + words}})
}

// refusedRow is a load that refuses its row with words.
func refusedRow(words string) answerer {
	return rpc("result", map[string]any{"ids": false, "messages": []any{
		map[string]any{"type": "error", "message": words, "record": 0, "rows": map[string]any{"from": 0, "to": 0}, "field": "name"}}})
}

// page is what a proxy answers, quoting what it was sent, or a store.
func page(status int, text string) answerer {
	return func(w http.ResponseWriter, _ []byte) {
		w.Header().Set("Location", "http://x.example/"+text)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, text)
	}
}
