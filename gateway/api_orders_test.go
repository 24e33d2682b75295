package gateway

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

const heldOrder = "5007"

var euros = commerce.Money{Amount: decimal.RequireFromString("12.50"), Currency: "EUR"}

// subscriptions are one webhook, which may be there or not, in a shop system that can
// pause it.
type subscriptions struct {
	mu     sync.Mutex
	there  bool
	paused bool
}

func (s *subscriptions) Subscriptions(context.Context) (handlers.Subscriptions, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := handlers.Subscription{Topic: "orders/create", Address: "https://hooks.example.com/hooks/fi", State: handlers.HookActive, Ours: true}
	switch {
	case s.there:
		one.ID = "1"
	default:
		one.State, one.Wrong, one.Remedy = handlers.HookMissing, "is missing", "make it"
		one.Fix = &handlers.HookChange{Do: handlers.HookCreate, Topic: one.Topic, Address: one.Address}
	}
	if s.paused {
		one.State = handlers.HookPaused
	}
	return handlers.Subscriptions{Address: one.Address, List: []handlers.Subscription{one}}, nil
}

func (s *subscriptions) Change(_ context.Context, c handlers.HookChange) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch c.Do {
	case handlers.HookCreate:
		s.there = true
	case handlers.HookDelete:
		s.there = false
	case handlers.HookPause, handlers.HookResume:
		s.paused = c.Do == handlers.HookPause
	}
	return true, nil
}

// Placed yields four orders, and before 2020 more than anybody can read.
func (c *counter) Placed(_ context.Context, from, _ time.Time) iter.Seq2[commerce.Ref, error] {
	return func(yield func(commerce.Ref, error) bool) {
		for n := 0; n < 4 || from.Year() < 2020; n++ {
			if !yield(commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: fmt.Sprint(5004 + n)}, nil) {
				return
			}
		}
	}
}

func (l ledger) Stories(_ context.Context, _ config.Shop, list []erp.Asked) ([]erp.Story, error) {
	return make([]erp.Story, len(list)), nil
}

// Story is of an order that somebody else made, where it is one of those.
func (l ledger) Story(ctx context.Context, shop config.Shop, ref commerce.Ref, number string) (erp.Story, error) {
	if ref.ID == "5006" {
		return erp.Story{Foreign: "S00009", Other: &erp.StoryOrder{ID: 9, Name: "S00009", State: "sale", Total: euros, Tax: euros}}, nil
	}
	return l.counter.Story(ctx, shop, ref, number)
}

// numbered is one order by its number, and two by that of another.
var numbered = map[string][]string{"#1001": {"5001"}, "77": {"5001", "5002"}}

func (c *counter) Numbered(_ context.Context, number string) ([]string, error) {
	return numbered[number], nil
}

func (ledger) Numbered(_ context.Context, _ config.Shop, number string) (refs []commerce.Ref, err error) {
	for _, id := range numbered[number] {
		refs = append(refs, commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: id})
	}
	return refs, nil
}

func (ledger) Explain(_ context.Context, _ config.Shop, o *commerce.Order) (erp.Explanation, error) {
	return erp.Explanation{Order: o.Ref.String(), Number: o.Number, Total: o.Total.String(), Tax: o.TotalTax.String(),
		Stopped: &erp.Stopped{Reason: commerce.Missing, Detail: "no such SKU", Remedy: "make it"}}, nil
}

func (ledger) Dated(context.Context, config.Shop, time.Time, time.Time, func(int64) bool) iter.Seq2[erp.Dated, error] {
	return func(func(erp.Dated, error) bool) {}
}

func (ledger) Bindable(_ context.Context, _ config.Shop, _ string, words []string) (map[string]erp.Bound, error) {
	found := map[string]erp.Bound{}
	for _, w := range words {
		found[w] = erp.Bound{Why: "is not in Odoo"}
		if w == "MUG" {
			found[w] = erp.Bound{ID: 7}
		}
	}
	return found, nil
}

// theRestOfTheDay is what an operator does beside looking at events.
func theRestOfTheDay(t *testing.T, asked map[string]bool) {
	d := openDesk(t)
	d.asked = asked
	d.parked("5001")
	d.parked(heldOrder)

	t.Run("jobs and the cursor", func(t *testing.T) {
		require.Contains(t, d.post("/api/shops/fi/jobs/sweep/pause", ""), `"paused_by":"console"`)
		require.Contains(t, d.ask("POST", "/api/shops/fi/jobs/sweep/run", tokenToOperate, "", http.StatusConflict), "odoogate jobs resume fi sweep")
		require.NotContains(t, d.post("/api/shops/fi/jobs/sweep/resume", ""), `"paused_by"`)
		d.post("/api/shops/fi/jobs/sweep/run", "")
		require.Contains(t, d.get("/api/shops/fi/jobs"), `"job":"webhooks"`)
		set := d.post("/api/shops/fi/cursor", `{"to": "2026-01-02T03:04:05Z", "why": "the first days were missing"}`)
		require.Contains(t, set, `"by":"console","why":"the first days were missing"`)
		require.Contains(t, d.get("/api/shops/fi/cursor"), `"to":"2026-01-02T03:04:05Z"`)
	})
	t.Run("webhooks", func(t *testing.T) {
		d.post("/api/shops/fi/webhooks/rm", `{"yes": true}`) // else the job may mend what the test spoils
		require.Contains(t, d.post("/api/shops/fi/webhooks/sync", ""), `"plan":[{"do":"create"`)
		require.Contains(t, d.get("/api/shops/fi/webhooks"), `"state":"missing"`)
		require.Contains(t, d.post("/api/shops/fi/webhooks/sync", `{"yes": true}`), `"made":true`)
		require.Contains(t, d.post("/api/shops/fi/webhooks/1/pause", ""), `"state":"paused"`)
		require.Contains(t, d.post("/api/shops/fi/webhooks/1/resume", ""), `"state":"active"`)
		require.Contains(t, d.post("/api/shops/fi/webhooks/rm", ""), `"plan":[{"do":"delete","id":"1"`)
	})
	t.Run("orders", func(t *testing.T) {
		held := d.post("/api/shops/fi/orders/pull", `{"ids": ["5001", "5002", "5001"], "dry_run": true}`)
		require.Equal(t, 2, strings.Count(held, `"state":"parked","reason":"missing"`), held)
		d.counter.open()
		pulled := read[tasks.PulledOrders](t, d.post("/api/shops/fi/orders/pull", `{"ids": ["5001", "5002"]}`))
		require.Len(t, pulled.Orders, 2)
		require.Contains(t, d.post("/api/shops/fi/orders/pull", `{"numbers": ["#1001"], "dry_run": true}`), `"id":"5001"`)
		for _, one := range pulled.Orders {
			require.Eventually(t, func() bool {
				return len(read[events](t, d.get("/api/shops/fi/events?state=done&record=order/"+one.ID)).Events) > 0
			}, time.Minute, 5*time.Millisecond)
			require.Contains(t, d.get("/api/shops/fi/events/"+one.Event), `"topic":"pull"`)
		}
		require.Len(t, read[tasks.PulledOrders](t, d.post("/api/shops/fi/orders/pull", `{"from": "2026-01-01T00:00:00Z", "dry_run": true}`)).Orders, 4)
		proof := read[tasks.Proof](t, d.post("/api/shops/fi/prove", `{"from": "2026-01-01T00:00:00Z"}`))
		require.Equal(t, []any{false, 4}, []any{proof.Equal, proof.Orders.Shop})

		require.Contains(t, d.post("/api/shops/fi/orders/adopt", `{"orders": ["5001", "5006"]}`), `"outcome":"adopts"`)
		adopted := d.post("/api/shops/fi/orders/adopt", `{"orders": ["5001", "5006"], "yes": true}`)
		require.Contains(t, adopted, `"outcome":"refused","why":"S00007 is it already`)
		require.Contains(t, adopted, `"odoo":"S00009"`)
		require.Contains(t, adopted, `"outcome":"adopted"`)
		require.Contains(t, d.post("/api/shops/fi/orders/"+heldOrder+"/release", ""), `"order":"5007"`)
		require.Contains(t, d.post("/api/shops/fi/orders/5001/reimport", ""), `"dry_run":true`)
		d.post("/api/shops/fi/orders/5001/reimport", `{"yes": true}`)
		require.Contains(t, d.ask("POST", "/api/shops/fi/orders/"+heldOrder+"/reimport", tokenToOperate, "", http.StatusConflict), "its risk is high")
	})
	t.Run("what is around", func(t *testing.T) { d.looksAround() })
	t.Run("one order", func(t *testing.T) {
		byID := d.get("/api/shops/fi/orders/5001")
		require.Contains(t, byID, `"shop":{"state":"open"`)
		require.Contains(t, byID, `"odoo":{"order":{"id":0,"name":"S00007"`)
		require.Contains(t, byID, `"journal":{"outcome":`)
		require.Contains(t, byID, `"differences":[`)
		require.Contains(t, d.get("/api/shops/fi/orders/%231001"), `{"order":"fi/order/5001","number":"#5001"`)
		require.Contains(t, d.get("/api/shops/fi/orders/5003"), `"away":{"odoo":"Odoo cannot be reached"}`)
		require.Contains(t, d.ask("GET", "/api/shops/fi/orders/77", tokenToRead, "", http.StatusConflict), "name one by its id: 5001, 5002")
		require.Contains(t, d.ask("GET", "/api/shops/fi/orders/404", tokenToRead, "", http.StatusNotFound), "neither shop fi nor Odoo has an order")
		require.Contains(t, d.ask("GET", "/api/shops/se/orders/5001", tokenToRead, "", http.StatusNotFound), "name one of fi")

		require.Contains(t, d.get("/api/shops/fi/orders/5001/explain"), `"stopped":{"reason":"missing"`)
		d.ask("GET", "/api/shops/fi/orders/404/explain", tokenToRead, "", http.StatusNotFound)
	})
	t.Run("records", func(t *testing.T) {
		require.Contains(t, d.post("/api/shops/fi/bindings", `{"bindings": [{"kind": "product", "id": "44012", "odoo": "CUP"}], "yes": true}`),
			`"outcome":"wrong","why":"CUP is not in Odoo"}],"changes":0,"wrong":1`)
		mug := `"bindings": [{"kind": "product", "id": "44012", "odoo": "MUG"}]`
		require.Contains(t, d.post("/api/shops/fi/bindings", "{"+mug+"}"), `"dry_run":true`)
		require.Equal(t, `{"bindings":[]}`, strings.TrimSpace(d.get("/api/shops/fi/bindings")))
		d.post("/api/shops/fi/bindings", "{"+mug+`, "yes": true}`)
		require.Contains(t, d.get("/api/shops/fi/bindings"), `"odoo_id":7`)

		require.Contains(t, d.post("/api/shops/fi/redact", `{"customer": "6001", "orders": ["5001"]}`), `"dry_run":true,"shop":"fi","request":"operator/redact/6001"`)
		d.post("/api/shops/fi/redact", `{"customer": "6001", "yes": true}`)
	})
	t.Run("alerts", func(t *testing.T) {
		rdb, err := tasks.OpenWork(config.Redis{URL: config.NewSecret(d.store.URL), PoolSize: 2})
		require.NoError(t, err)
		defer func() { require.NoError(t, rdb.Close()) }()
		tasks.NewAlerts(tasks.AlertOptions{Redis: rdb, Log: slog.New(slog.DiscardHandler), Config: config.Alerts{Targets: []config.AlertTarget{
			{Name: "office", Severity: "info", Webhook: &config.AlertWebhook{URL: config.NewSecret("http://127.0.0.1:1")}}}}}).
			Raise(context.Background(), tasks.Alert{Kind: config.AlertUninstalled, Severity: tasks.Critical, Shop: "fi", Detail: "the app is gone"})
		require.Contains(t, d.get("/api/alerts?shop=fi"), `"detail":"the app is gone"`)

		tried := d.post("/api/alerts/test", "")
		require.Contains(t, tried, `{"target":"office","way":"webhook","sent":true}`)
		require.Contains(t, tried, `{"target":"nobody","way":"webhook","sent":false,"failed":`)
		require.NotContains(t, tried, "a-token")
		require.NotContains(t, d.post("/api/alerts/test", `{"target": "office"}`), "nobody")
		require.Contains(t, d.ask("POST", "/api/alerts/test", tokenToOperate, `{"target": "pager"}`, http.StatusNotFound), "there are office, nobody")
	})

	t.Run("customers", func(*testing.T) {
		d.pullsCustomers()
		d.pushesCustomers()
	})
	t.Run("people's data", func(t *testing.T) { d.asksAboutPeople() })

	var did []string
	for _, c := range read[struct{ Changes []tasks.Change }](t, d.get("/api/shops/fi/audit")).Changes {
		require.Equal(t, "console", c.Who)
		did = append([]string{c.What}, did...)
	}
	require.Equal(t, []string{"jobs pause", "jobs resume", "jobs run", "cursor set", "webhooks rm", "webhooks sync", "webhooks pause", "webhooks resume",
		"pull orders", "adopt", "order release", "order reimport", "bind", "redact", "pull customers", "pull customers", "push customers", "privacy done", "privacy run"}, did)
}

// asksAboutPeople has a customer ask what is held, and an operator answer.
func (d *desk) asksAboutPeople() {
	d.t.Helper()
	ref := commerce.Ref{Shop: "fi", Kind: "customer", ID: "6001"}
	_, err := d.queue.Accept(context.Background(), commerce.Event{ID: "asks", Topic: "customers/data_request", Hint: commerce.HintPrivacy, Ref: ref, Aggregate: ref,
		Received: time.Now(), Privacy: &commerce.Privacy{Wish: commerce.WishShow, Request: "9999", Customer: "6001", Orders: []string{"5001"}}})
	require.NoError(d.t, err)
	require.Eventually(d.t, func() bool {
		return strings.Contains(d.get("/api/privacy?shop=fi"), `"state":"person"`)
	}, time.Minute, 5*time.Millisecond)
	require.Contains(d.t, d.get("/api/shops/fi/privacy/show?request=9999"), `"in_journal":[{"order":"5001"`)
	require.Contains(d.t, d.post("/api/shops/fi/privacy/done", `{"request": "9999"}`), `"state":"done"`)
	require.Contains(d.t, d.ask("POST", "/api/shops/fi/privacy/done", tokenToOperate, `{"request": "9999"}`, http.StatusConflict), "is done since")
	require.Contains(d.t, d.post("/api/shops/fi/privacy/run", `{"request": "9999"}`), `"state":"open"`)
}

func TestWhatTheAPIRefusesToDoWithOrdersComesWithItsRemedy(t *testing.T) {
	d := openDesk(t)
	for _, c := range []struct {
		path, body string
		status     int
		says       string
	}{
		{"orders/pull", `{}`, 400, "it is not said which orders"},
		{"orders/pull", `{"ids": ["1"], "from": "2026-01-01T00:00:00Z"}`, 400, "by one of them"},
		{"orders/pull", `{"ids": [""]}`, 400, "is empty"},
		{"orders/pull", `{"numbers": ["#9999"]}`, 404, "no order with the number #9999"},
		{"orders/pull", `{"numbers": ["77"]}`, 409, "name one by its id: 5001, 5002"},
		{"orders/pull", `{"ids": ["5001"], "numbers": ["#1001"]}`, 400, "by one of them"},
		{"orders/pull", `{"numbers": ["` + strings.Repeat(`1", "`, 50) + `1"]}`, 400, "--numbers @numbers.txt"},
		{"orders/pull", `{"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}`, 400, "ends before it begins"},
		{"orders/pull", `{"from": "2026-01-01T00:00:00Z", "by": "made"}`, 400, "placed or changed"},
		{"orders/pull", `{"from": "2019-01-01T00:00:00Z", "to": "2019-02-01T00:00:00Z"}`, 400,
			"no bound: odoogate pull orders --shop fi --from 2019-01-01T00:00:00Z --to 2019-02-01T00:00:00Z"},
		{"orders/pull", `{"from": "2019-01-01T00:00:00Z", "dry_run": true}`, 400, "more than 100 orders"},
		{"customers/pull", `{}`, 400, "it is not said which customers"},
		{"customers/pull", `{"ids": ["25"], "all": true}`, 400, "and some of them too"},
		{"customers/pull", `{"from": "2019-01-01T00:00:00Z", "to": "2019-02-01T00:00:00Z", "dry_run": true}`, 400,
			"no bound: odoogate pull customers --shop fi --from 2019-01-01T00:00:00Z --to 2019-02-01T00:00:00Z"},
		{"prove", `{}`, 400, "give from"},
		{"prove", `{"from": "2026-01-01T00:00:00Z", "most": 0}`, 400, "from 1 to 1000"},
		{"prove", `{"from": "2019-01-01T00:00:00Z", "to": "2019-02-01T00:00:00Z"}`, 400,
			"no bound: odoogate prove --shop fi --from 2019-01-01T00:00:00Z --to 2019-02-01T00:00:00Z"},
		{"cursor", `{}`, 400, "missing or yet to come"},
		{"cursor", `{"to": "2100-01-01T00:00:00Z"}`, 400, "yet to come"},
		{"jobs/swoop/run", "", 404, "there are sweep, webhooks, customers"},
		{"jobs/sweep/resume", "", 409, "is not paused"},
		{"orders/adopt", `{}`, 400, "from 1 to 50"},
		{"orders/9999/release", "", 404, "not its number"},
		{"bindings", `{}`, 400, "from 1 to 500"},
		{"redact", `{"yes": true}`, 400, "about whom"},
		{"privacy/run", `{}`, 400, "which request"},
		{"privacy/done", `{"request": "9999"}`, 404, "odoogate privacy ls fi lists them"},
	} {
		text := d.ask("POST", "/api/shops/fi/"+c.path, tokenToOperate, c.body, c.status)
		require.Contains(t, text, c.says, "%s %s", c.path, c.body)
	}
	require.JSONEq(t, `{"changes": []}`, d.get("/api/shops/fi/audit"), "what is refused is no change")
}

// looksAround has everything asked, alone and for an archive.
func (d *desk) looksAround() {
	d.t.Helper()
	found := read[tasks.CheckReport](d.t, d.get("/api/check"))
	require.Equal(d.t, found.Warnings, strings.Count(fmt.Sprint(found.Findings), "warning"))
	require.Contains(d.t, fmt.Sprint(found.Findings), "no tax fits")
	require.Contains(d.t, fmt.Sprint(found.Findings), "Redis")

	// One at a time.
	stop, first := make(chan struct{}), make(chan int, 1)
	d.counter.stopAt(stop)
	go func() {
		req, _ := http.NewRequest(http.MethodGet, d.url+"/api/check", nil)
		req.Header.Set("Authorization", "Bearer "+tokenToRead)
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			first <- 0
			return
		}
		_ = resp.Body.Close()
		first <- resp.StatusCode
	}()
	<-stop // it is there
	require.Contains(d.t, d.ask("GET", "/api/bundle", tokenToRead, "", http.StatusTooManyRequests), "is under way already")
	d.counter.stopAt(nil)
	stop <- struct{}{}
	require.Equal(d.t, http.StatusOK, <-first)

	z, err := gzip.NewReader(strings.NewReader(d.get("/api/bundle")))
	require.NoError(d.t, err)
	parts := map[string]string{}
	for archive := tar.NewReader(z); ; {
		h, err := archive.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(d.t, err)
		text, err := io.ReadAll(archive)
		require.NoError(d.t, err)
		for _, secret := range []string{"a-password-of-odoo", tokenToOperate, tokenToRead, "a-token", "anna@example.com"} {
			require.NotContains(d.t, string(text), secret, h.Name)
		}
		parts[strings.TrimPrefix(h.Name, "odoogate/")] = string(text)
	}
	for name, holds := range map[string]string{"about.json": "odoogate of a test", "config.json": "[secret]", "check.json": "no tax fits", "shops.json": `"works"`,
		"queue.json": `"live"`, "failures.json": "its risk is high", "events-fi-last.json": "delivery-5001", "events-fi-people.json": heldOrder, "metrics.txt": "odoogate_deliveries_total"} {
		require.Contains(d.t, parts[name], holds, name)
	}
}
