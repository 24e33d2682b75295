package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
	"github.com/odoogate/odoogate/tasks/redistest"
)

const (
	tokenToRead    = "0123456789abcdef0123456789abcdef"
	tokenToOperate = "fedcba9876543210fedcba9876543210"
)

func spec(t *testing.T) (*openapi3.T, []byte) {
	t.Helper()
	raw, err := os.ReadFile("../deploy/openapi.yml")
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	require.NoError(t, err)
	require.NoError(t, doc.Validate(context.Background()))
	return doc, raw
}

func apiOf(t *testing.T, op *tasks.Operator) *API {
	_, raw := spec(t)
	return &API{Operator: op, Spec: raw, Version: "odoogate of a test", Config: &config.Config{Spool: config.Spool{Path: t.TempDir() + "/spool.db"},
		Odoo: config.Odoo{Password: config.NewSecret("a-password-of-odoo")}, Shops: []config.Shop{{ID: "fi", Mode: config.Live}}}, Tokens: []config.Token{
		{Name: "board", Token: config.NewSecret(tokenToRead), May: config.MayRead},
		{Name: "console", Token: config.NewSecret(tokenToOperate), May: config.MayOperate}}}
}

func TestEveryRouteOfTheAPIIsDescribedAndNoOther(t *testing.T) {
	g := New(Options{Config: config.Server{BodyLimit: 1024, InFlight: 1024, RequestTimeout: time.Second}, Metrics: prometheus.NewRegistry(), API: apiOf(t, nil)})
	var served, described []string
	for _, r := range g.app.GetRoutes(true) {
		if strings.HasPrefix(r.Path, APIPath) {
			path := r.Path
			for _, p := range r.Params {
				path = strings.Replace(path, ":"+p, "{"+p+"}", 1)
			}
			served = append(served, r.Method+" "+path)
		}
	}
	doc, _ := spec(t)
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			described = append(described, method+" "+path)
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	require.NotEmpty(t, served)
	require.Equal(t, described, served)
}

// counter is a shop and the books of it: orders are parked until ok.
type counter struct {
	handlers.Orders
	tasks.OperatorBooks
	mu   sync.Mutex
	ok   bool
	stop chan struct{} // where a check says that it is under way, and waits
}

func (c *counter) stopAt(stop chan struct{}) { c.mu.Lock(); defer c.mu.Unlock(); c.stop = stop }

func (c *counter) open() { c.mu.Lock(); defer c.mu.Unlock(); c.ok = true }

func (c *counter) Decode([]byte) (*commerce.Order, error) { return nil, handlers.ErrPartial }
func (c *counter) OrderOf(context.Context, commerce.Ref) (string, error) {
	return "", &commerce.Error{Reason: commerce.NotFound}
}
func (c *counter) Order(_ context.Context, id string) (*commerce.Order, error) {
	if !strings.HasPrefix(id, "5") {
		return nil, &commerce.Error{Op: "order", Reason: commerce.NotFound, Detail: "the shop has no such order"}
	}
	return &commerce.Order{Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: id}, Number: "#" + id, Currency: "EUR", Total: euros, TotalTax: euros,
		Customer: commerce.Party{Email: "anna@example.com"}, UpdatedAt: time.Now()}, nil
}

// Updated yields nothing: a sweep would ask for runs that the test does not mean.
func (c *counter) Updated(context.Context, time.Time, time.Time) iter.Seq2[handlers.Change, error] {
	return func(func(handlers.Change, error) bool) {}
}

func (c *counter) Story(_ context.Context, _ config.Shop, ref commerce.Ref, _ string) (erp.Story, error) {
	if ref.ID == "5003" {
		return erp.Story{}, &commerce.Error{Op: "story", Reason: commerce.Unavailable, Detail: "Odoo cannot be reached"}
	}
	if ref.ID == "404" {
		return erp.Story{}, nil
	}
	return erp.Story{Order: &erp.StoryOrder{Name: "S00007", State: "sale"}, Invoices: []erp.StoryInvoice{{Type: "out_refund", State: "posted", Paid: "not_paid", Name: "RINV/1"}}}, nil
}

// ledger is the books.
type ledger struct{ *counter }

func (l ledger) Order(_ context.Context, _ config.Shop, o *commerce.Order, _ erp.Applied, _ func(context.Context) error) (erp.Outcome, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if o.Ref.ID == heldOrder {
		return erp.Outcome{}, &commerce.Error{Op: "order", Reason: commerce.Held, Detail: "its risk is high", Remedy: "look at it"}
	}
	if l.ok {
		return erp.Outcome{Action: "created", OdooID: 7, OdooName: "S00007", Booked: true}, nil
	}
	return erp.Outcome{}, &commerce.Error{Op: "order", Reason: commerce.Missing, Detail: "no such SKU", Remedy: "make it", Needs: []string{"sku/fi/ABC"}}
}
func (ledger) Met(context.Context, config.Shop, []string) ([]string, error) { return nil, nil }
func (l ledger) Check(context.Context, []config.Shop) []commerce.Finding {
	l.mu.Lock()
	stop := l.stop
	l.mu.Unlock()
	if stop != nil {
		stop <- struct{}{}
		<-stop
	}
	return []commerce.Finding{{Part: "odoo", Level: commerce.OK, Text: "Odoo answers"}, {Part: "shop fi", Level: commerce.Warning, Text: "no tax fits", Remedy: "map it"}}
}
func (ledger) CheckNeeds(context.Context, config.Shop, []string) []commerce.Finding { return nil }
func (ledger) Ping(context.Context) error                                           { return nil }

// desk is an API over a real Redis with a worker behind it; every answer is held
// against deploy/openapi.yml.
type desk struct {
	*house
	store   *redistest.Server
	router  routers.Router
	counter *counter
	queue   *tasks.Queue
	asked   map[string]bool // operations
	stop    func()          // the worker
}

func openDesk(t *testing.T) *desk {
	d := &desk{store: redistest.Start(t), counter: &counter{}, asked: map[string]bool{}}
	shops := map[string]*handlers.Shop{"fi": {ID: "fi", Platform: "fake", Config: config.Shop{ID: "fi", Mode: config.Live, Jobs: config.Jobs{Customers: config.Job{Enabled: new(false)}}}, Orders: d.counter, Customers: accounts{}, Webhooks: &subscriptions{}}}
	var worker *tasks.Worker
	d.house = open(t, func(o *Options) {
		rdb, err := tasks.OpenWork(config.Redis{URL: config.NewSecret(d.store.URL), PoolSize: 20})
		require.NoError(t, err)
		t.Cleanup(func() { _ = rdb.Close() })
		d.queue = tasks.NewQueue(rdb, 0)
		worker = tasks.NewWorker(tasks.Options{Redis: rdb, Shops: shops, Books: ledger{d.counter}, Log: slog.New(slog.DiscardHandler), Grace: time.Second,
			Config: config.Worker{Live: 4, Lease: time.Second, Retry: time.Second}})
		alerts := tasks.NewAlerts(tasks.AlertOptions{Redis: rdb, Shops: shops, Log: slog.New(slog.DiscardHandler), Config: config.Alerts{Targets: []config.AlertTarget{
			{Name: "office", Webhook: &config.AlertWebhook{URL: config.NewSecret(pager(t))}},
			{Name: "nobody", Webhook: &config.AlertWebhook{URL: config.NewSecret("http://127.0.0.1:1/a-token")}}}}})
		o.API = apiOf(t, tasks.NewOperator(tasks.OperatorOptions{Redis: rdb, Shops: shops, Books: ledger{d.counter}, Alerts: alerts, Who: "api"}))
	})
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- worker.Run(ctx) }()
	d.stop = sync.OnceFunc(func() { cancel(); require.NoError(t, <-ended) })
	t.Cleanup(d.stop)
	doc, _ := spec(t)
	doc.Servers = openapi3.Servers{{URL: d.url}}
	var err error
	d.router, err = gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return d
}

// pager is the address of a target of alerts that takes everything.
func pager(t *testing.T) string {
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(s.Close)
	return s.URL
}

func (d *desk) parked(id string) {
	d.t.Helper()
	ref := commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: id}
	_, err := d.queue.Accept(context.Background(), commerce.Event{ID: "delivery-" + id, Topic: "orders/create", Hint: commerce.HintOrder, Ref: ref, Aggregate: ref, Received: time.Now()})
	require.NoError(d.t, err)
	require.Eventually(d.t, func() bool {
		return strings.Contains(d.get("/api/shops/fi/events?state=parked&record=order/"+id), "delivery-"+id)
	}, time.Minute, 5*time.Millisecond)
}

// ask sends a request and holds it and its answer against the description.
func (d *desk) ask(method, path, token, body string, want int) string {
	d.t.Helper()
	req, err := http.NewRequest(method, d.url+path, strings.NewReader(body))
	require.NoError(d.t, err)
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(d.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(d.t, err)
	require.Equal(d.t, want, resp.StatusCode, "%s %s: %s", method, path, raw)
	require.NotEmpty(d.t, resp.Header.Get("X-Request-Id"))
	require.NotContains(d.t, string(raw), "anna@example.com")

	route, params, err := d.router.FindRoute(req)
	require.NoError(d.t, err, "%s %s", method, path)
	in := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true}}
	if want < 300 {
		req.Body = io.NopCloser(strings.NewReader(body))
		require.NoError(d.t, openapi3filter.ValidateRequest(context.Background(), in), "%s %s", method, path)
		d.asked[route.Operation.OperationID] = true
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: resp.StatusCode, Header: resp.Header, Options: in.Options}
	out.SetBodyBytes(raw)
	require.NoError(d.t, openapi3filter.ValidateResponse(context.Background(), out), "%s %s: %s", method, path, raw)
	return string(raw)
}

func (d *desk) get(path string) string {
	d.t.Helper()
	return d.ask(http.MethodGet, path, tokenToRead, "", http.StatusOK)
}

func (d *desk) post(path, body string) string {
	d.t.Helper()
	return d.ask(http.MethodPost, path, tokenToOperate, body, http.StatusOK)
}

func read[T any](t *testing.T, text string) (v T) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(text), &v), text)
	return v
}

type events struct {
	Events []tasks.EventView `json:"events"`
	Next   string            `json:"next"`
}

func TestAnOperatorsDayByTheAPI(t *testing.T) {
	d := openDesk(t)
	for _, id := range []string{"5001", "5002", "5003"} {
		d.parked(id)
	}
	// Pages.
	var names []string
	next := ""
	for range 3 {
		page := read[events](t, d.get("/api/shops/fi/events?limit=1&state=parked,failed&after="+next))
		require.Len(t, page.Events, 1)
		names, next = append(names, page.Events[0].ID), page.Next
	}
	require.Empty(t, next)
	require.Len(t, slices.Compact(slices.Sorted(slices.Values(names))), 3)
	first := names[2]
	require.Contains(t, d.get("/api/shops/fi/events/"+first), `"delivery":"delivery-5001"`)
	require.Equal(t, "order/5001", read[events](t, d.get("/api/shops/fi/events?order=5001&reason=missing&from=2020-01-01T00:00:00Z&oldest=true")).Events[0].Aggregate)

	causes := read[struct{ Causes []tasks.Cause }](t, d.get("/api/failures?shop=fi")).Causes
	require.Len(t, causes, 1)
	require.Equal(t, []any{"missing/sku", 3}, []any{causes[0].Cause, causes[0].Count})
	require.Contains(t, d.get("/api/trace?event=delivery-5001"), `"credit note"`)
	require.Contains(t, d.get("/api/trace?event="+names[0]), `"odoo_away":"Odoo cannot be reached"`)

	// Several are only surveyed; one is closed, the rest run again.
	require.Contains(t, d.post("/api/shops/fi/events/retry", `{"cause": "missing/sku"}`), `"dry_run":true,"events":3`)
	require.Contains(t, d.post("/api/shops/fi/events/discard", `{"events": ["`+first+`"], "why": "by hand"}`), `"dry_run":false,"events":1`)
	require.Contains(t, d.get("/api/shops/fi/events/"+first), `"closed":"console: by hand"`)
	d.counter.open()
	require.Contains(t, d.post("/api/shops/fi/events/retry", `{"states": ["parked"], "yes": true}`), `"dry_run":false,"events":2`)
	require.Eventually(t, func() bool { return len(read[events](t, d.get("/api/shops/fi/events?state=done")).Events) == 2 }, time.Minute, 5*time.Millisecond)
	ran := read[struct {
		Through bool
		Event   tasks.EventView
	}](t, d.post("/api/shops/fi/events/"+first+"/run", `{"wait": 20}`))
	require.Equal(t, []any{true, tasks.Done}, []any{ran.Through, ran.Event.State})

	require.Contains(t, d.post("/api/shops/fi/pause", `{"why": "stocktaking"}`), `"state":"paused"`)
	require.Contains(t, d.get("/api/shops"), `"why":"stocktaking"`)
	require.Contains(t, d.ask(http.MethodPost, "/api/shops/fi/events/"+first+"/run", tokenToOperate, "", http.StatusConflict), "odoogate shop resume fi")
	require.Contains(t, d.post("/api/shops/fi/resume", ""), `"state":"works"`)
	d.stop()
	require.Contains(t, d.ask(http.MethodPost, "/api/shops/fi/events/"+first+"/run", tokenToOperate, `{"wait": 1}`, http.StatusAccepted), `"through":false`)

	var did []string
	for _, c := range read[struct{ Changes []tasks.Change }](t, d.get("/api/shops/fi/audit")).Changes {
		require.Equal(t, "console", c.Who)
		did = append(did, c.What)
	}
	require.Equal(t, "events run, shop resume, shop pause, events run, events retry, events discard", strings.Join(did, ", "))
	_, raw := spec(t)
	require.Equal(t, string(raw), d.get("/api/openapi.yml"))

	theRestOfTheDay(t, d.asked)
	doc, _ := spec(t)
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			require.True(t, d.asked[op.OperationID], "no answer of %s %s was held against the description", method, path)
		}
	}
}

func TestWhatTheAPIRefusesComesWithItsRemedy(t *testing.T) {
	d := openDesk(t)
	event := strings.Repeat("a", 16)
	for _, c := range []struct {
		method, path, token, body string
		status                    int
		says                      string
	}{
		{"GET", "/api/shops", "", "", 401, "Authorization: Bearer"},
		{"GET", "/api/shops", tokenToRead[:31], "", 401, "one of api.tokens"},
		{"POST", "/api/shops/fi/pause", tokenToRead, "", 403, "the token board may only read"},
		{"POST", "/api/shops/fi/events/retry", tokenToRead, `{"events": ["x"]}`, 403, "may: operate"},
		{"POST", "/api/shops/se/pause", tokenToOperate, "", 404, "no shop \\\"se\\\" is configured"},
		{"GET", "/api/shops/se/audit", tokenToRead, "", 404, "name one of fi"},
		{"GET", "/api/shops/fi/events/" + event, tokenToRead, "", 404, "none came"},
		{"POST", "/api/shops/fi/events/" + event + "/run", tokenToOperate, "", 404, "none came"},
		{"GET", "/api/trace?event=nothing", tokenToRead, "", 404, "X-Shopify-Webhook-Id"},
		{"GET", "/api/trace", tokenToRead, "", 400, "the parameter event is missing"},
		{"GET", "/api/failures?shop=se", tokenToRead, "", 404, "name one of fi"},
		{"GET", "/api/shops/fi/events?state=lost", tokenToRead, "", 400, "no state of an event"},
		{"GET", "/api/shops/fi/events?record=5001", tokenToRead, "", 400, "such as order/5001"},
		{"GET", "/api/shops/fi/events?from=yesterday", tokenToRead, "", 400, "2026-11-25T14:30:00Z"},
		{"GET", "/api/shops/fi/events?limit=501", tokenToRead, "", 400, "from 1 to 500"},
		{"GET", "/api/shops/fi/events?after=nonsense", tokenToRead, "", 400, "begin without"},
		{"POST", "/api/shops/fi/events/retry", tokenToOperate, `{}`, 400, "no events are named or chosen"},
		{"POST", "/api/shops/fi/events/retry", tokenToOperate, `{"events": ["a"], "states": ["parked"]}`, 400, "not both"},
		{"POST", "/api/shops/fi/events/retry", tokenToOperate, `{"event": "a"}`, 400, `unknown field \"event\"`},
		{"POST", "/api/shops/fi/events/retry", tokenToOperate, `{"yes": true} {}`, 400, "more than one thing"},
		{"POST", "/api/shops/fi/events/discard", tokenToOperate, `{"states": ["parked"], "yes": true}`, 400, "it is not said why"},
		{"POST", "/api/shops/fi/events/" + event + "/run", tokenToOperate, `{"wait": 61}`, 400, "from 1 to 60 seconds"},
		{"POST", "/api/shops/fi/resume", tokenToOperate, "", 409, "fi is not paused"},
		{"POST", "/api/shops/fi/pause", tokenToOperate, `{"why": "` + strings.Repeat("x", mostAPIBody) + `"}`, 413, "larger than this API takes"},
	} {
		text := d.ask(c.method, c.path, c.token, c.body, c.status)
		p := read[problem](t, text)
		require.Contains(t, text, c.says, "%s %s", c.method, c.path)
		require.Equal(t, c.status, p.Status)
		require.NotEmpty(t, p.Request)
	}
	for _, c := range []struct {
		method, path string
		header       []string
		status       int
	}{
		{"GET", "/api/nowhere", nil, 404},
		{"DELETE", "/api/shops", nil, 405},
		{"POST", "/api/shops/fi/pause", []string{"Content-Encoding", "gzip"}, 415},
	} {
		req, err := http.NewRequest(c.method, d.url+c.path, bytes.NewReader([]byte("{}")))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+tokenToOperate)
		for i := 0; i < len(c.header); i += 2 {
			req.Header.Set(c.header[i], c.header[i+1])
		}
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		raw, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, c.status, resp.StatusCode, "%s %s: %s", c.method, c.path, raw)
		require.Equal(t, "application/problem+json", resp.Header.Get(fiber.HeaderContentType))
	}
	require.NotContains(t, d.log.String(), tokenToOperate)
}

func TestGuessingATokenIsThrottledAndNothingWorksWithoutOne(t *testing.T) {
	d := openDesk(t)
	for i := range mostFailures {
		d.ask(http.MethodGet, "/api/shops", fmt.Sprint("guess", i), "", http.StatusUnauthorized)
	}
	text := d.ask(http.MethodGet, "/api/shops", "guess", "", http.StatusTooManyRequests)
	require.Contains(t, text, "wait as long as Retry-After says")
	d.ask(http.MethodGet, "/api/shops", tokenToRead, "", http.StatusTooManyRequests)
}

func TestWithoutTokensThereIsNoAPI(t *testing.T) {
	h := open(t, nil)
	resp, err := http.Get(h.url + "/api/shops")
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusNotFound, resp.StatusCode)
}

func TestAnAPIWhoseRedisIsAwaySaysSo(t *testing.T) {
	d := openDesk(t)
	d.stop()
	d.store.Kill()
	text := d.ask(http.MethodGet, "/api/shops", tokenToRead, "", http.StatusServiceUnavailable)
	require.Contains(t, text, "Redis does not answer in time")
	require.NotContains(t, text, "127.0.0.1")
}
