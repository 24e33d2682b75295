package woocommercetest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a time that tests move.
type clock struct{ at time.Time }

func newClock() *clock { return &clock{time.Date(2026, 11, 21, 21, 16, 0, 0, time.UTC)} }

func (c *clock) now() time.Time { return c.at }

func (c *clock) passes(d time.Duration) { c.at = c.at.Add(d) }

// asked is what came of a request.
type asked struct {
	status int
	header http.Header
	text   string
}

func (a asked) object(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.text), &out), a.text)
	return out
}

func (a asked) code(t *testing.T) string {
	t.Helper()
	code, _ := a.object(t)["code"].(string)
	return code
}

// ids are those of a list.
func (a asked) ids(t *testing.T) []string {
	t.Helper()
	var list []struct{ ID json.Number }
	require.NoError(t, json.Unmarshal([]byte(a.text), &list), a.text)
	out := []string{}
	for _, one := range list {
		out = append(out, one.ID.String())
	}
	return out
}

// ask sends a request with Basic.
func ask(t *testing.T, s *Store, method, path, body string) asked {
	t.Helper()
	return send(t, s, method, path, body, func(r *http.Request) { r.SetBasicAuth(s.ConsumerKey(), s.ConsumerSecret()) })
}

func send(t *testing.T, s *Store, method, path, body string, authorize func(*http.Request)) asked {
	t.Helper()
	srv := httptest.NewServer(s.Handler())
	defer srv.Close()
	req, err := http.NewRequestWithContext(t.Context(), method, srv.URL+"/wp-json/wc/v3/"+path, strings.NewReader(body))
	require.NoError(t, err)
	authorize(req)
	resp, err := srv.Client().Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return asked{resp.StatusCode, resp.Header, string(raw)}
}

func TestListsArePagedAndSaySo(t *testing.T) {
	c := newClock()
	for _, old := range []bool{false, true} {
		s := New(Options{BasicOverHTTP: true, Now: c.now, Old: old})
		ids := s.Generate(1, 25)
		first := ask(t, s, "GET", "orders?orderby=id&order=asc&_fields=id,status", "")
		require.Equal(t, ids[:10], first.ids(t))
		require.NotContains(t, first.text, "line_items")
		require.Equal(t, "25", first.header.Get("X-WP-Total"))
		require.Equal(t, "3", first.header.Get("X-WP-TotalPages"))
		require.Contains(t, first.header.Get("Link"), `>; rel="next"`)
		require.True(t, strings.HasPrefix(first.header.Get("Link"), "<https://shop.example/wp-json/"), "the shop's idea of its address")
		last := ask(t, s, "GET", "orders?orderby=id&order=asc&page=3&per_page=10", "")
		require.Equal(t, ids[20:], last.ids(t))
		require.Contains(t, last.header.Get("Link"), `rel="prev"`)
		require.NotContains(t, last.header.Get("Link"), `rel="next"`)
		past := ask(t, s, "GET", "orders?page=4", "")
		require.Equal(t, 200, past.status)
		require.Equal(t, "[]", past.text)
		require.Equal(t, map[bool]string{true: "25", false: "0"}[old], past.header.Get("X-WP-Total"))
		require.Equal(t, ids[3:8], ask(t, s, "GET", "orders?orderby=date&order=asc&offset=3&per_page=5", "").ids(t))
		require.Equal(t, []string{ids[7], ids[2]}, ask(t, s, "GET", "orders?include="+ids[2]+","+ids[7]+",1", "").ids(t), "the newest first")
	}
}

func TestParametersThatCannotBeAreRefused(t *testing.T) {
	s := New(Options{BasicOverHTTP: true, Statuses: []string{"packed"}})
	id := s.Generate(1, 1)[0]
	for _, query := range []string{"per_page=101", "per_page=0", "per_page=x", "page=0", "order=up", "orderby=total", "status=sold", "modified_after=yesterday", "dates_are_gmt=maybe", "include=x"} {
		got := ask(t, s, "GET", "orders?"+query, "")
		require.Equal(t, 400, got.status, query)
		require.Equal(t, "rest_invalid_param", got.code(t), query)
		name, _, _ := strings.Cut(query, "=")
		require.Contains(t, got.object(t)["data"].(map[string]any)["params"], name)
	}
	require.NoError(t, s.SetStatus(id, "packed"))
	require.Equal(t, []string{id}, ask(t, s, "GET", "orders?status=packed", "").ids(t))
	for path, code := range map[string]string{
		"orders/1": "woocommerce_rest_shop_order_invalid_id", "orders/1/refunds/2": "woocommerce_rest_shop_order_refund_invalid_id",
		"customers/77": "woocommerce_rest_invalid_id", "webhooks/5": "woocommerce_rest_shop_webhook_invalid_id", "reports": "rest_no_route",
	} {
		got := ask(t, s, "GET", path, "")
		require.Equal(t, 404, got.status, path)
		require.Equal(t, code, got.code(t))
		require.Equal(t, 404.0, got.object(t)["data"].(map[string]any)["status"])
	}
	require.Equal(t, "[]", ask(t, s, "GET", "orders/1/refunds", "").text, "an order that is not there has no refunds")
	require.Equal(t, "rest_invalid_json", ask(t, s, "PUT", "orders/"+id, `{"status":`).code(t))
}

func TestTimesAreReadAsRealShopsReadThem(t *testing.T) {
	c := newClock() // 22:16 in Berlin
	s := New(Options{BasicOverHTTP: true, Now: c.now})
	var ids []string
	for range 3 { // at 21:16:00, :01 and :02 GMT
		ids = append(ids, s.AddOrder(Order{Lines: []Line{LineOf(Catalogue()[0], 1)}}))
		c.passes(time.Second)
	}
	for query, want := range map[string][]string{
		"modified_after=2026-11-21T21:16:00&dates_are_gmt=true":                                     {ids[1], ids[2]}, // strictly later
		"modified_after=2026-11-21T21:16:00Z":                                                       {ids[1], ids[2]},
		"modified_after=2026-11-21T22:16:00":                                                        {ids[1], ids[2]}, // the shop's time
		"modified_after=2026-11-21T21:16:00":                                                        ids,              // GMT without the flag: too many
		"modified_after=2026-11-21T21:16:00Z&dates_are_gmt=true":                                    {},               // an hour is missing
		"modified_after=2026-11-21T20:15:59Z&dates_are_gmt=true":                                    ids,
		"modified_after=2026-11-21T22:16:00%2B01:00":                                                {ids[1], ids[2]},
		"after=2026-11-21T21:15:59&before=2026-11-21T21:16:01&dates_are_gmt=true":                   {ids[0]},
		"modified_before=2026-11-21T21:16:02&dates_are_gmt=true":                                    {ids[0], ids[1]},
		"modified_after=2026-11-21T21:15:59&modified_before=2026-11-21T21:16:02&dates_are_gmt=true": {ids[0], ids[1]},
	} {
		require.Equal(t, want, ask(t, s, "GET", "orders?orderby=modified&order=asc&"+query, "").ids(t), query)
	}
	require.Equal(t, c.at.Format(http.TimeFormat), ask(t, s, "GET", "orders", "").header.Get("Date"))
	one := ask(t, s, "GET", "orders/"+ids[0], "").object(t)
	require.Equal(t, "2026-11-21T22:16:00", one["date_created"])
	require.Equal(t, "2026-11-21T21:16:00", one["date_created_gmt"])
	require.Contains(t, one, "date_paid_gmt")
	require.Nil(t, one["date_paid_gmt"])
}

func TestTheBinAndDraftsAreOnlyInTheirOwnLists(t *testing.T) {
	s := New(Options{BasicOverHTTP: true})
	ids := s.Generate(1, 2)
	started := s.AddOrder(Order{Status: "checkout-draft", Lines: []Line{LineOf(Catalogue()[0], 1)}})
	require.NoError(t, s.TrashOrder(ids[0]))
	for query, want := range map[string][]string{"": {ids[1]}, "?status=any": {ids[1]}, "?status=trash": {ids[0]}, "?status=checkout-draft": {started}} {
		require.Equal(t, want, ask(t, s, "GET", "orders"+query, "").ids(t), query)
	}
	require.Equal(t, "trash", ask(t, s, "GET", "orders/"+ids[0], "").object(t)["status"])
	require.Equal(t, 410, ask(t, s, "DELETE", "orders/"+ids[0], "").status)
	require.Equal(t, 200, ask(t, s, "DELETE", "orders/"+ids[0]+"?force=true", "").status)
	require.Equal(t, 404, ask(t, s, "GET", "orders/"+ids[0], "").status)
}

func TestAnOrderIsWrittenAndABatchFailsByItem(t *testing.T) {
	c := newClock()
	for _, old := range []bool{false, true} {
		s := New(Options{BasicOverHTTP: true, Now: c.now, Old: old})
		id := s.AddOrder(Order{PaymentMethod: "bacs", Status: "on-hold", Lines: []Line{LineOf(Catalogue()[0], 1)}})
		c.passes(time.Minute)
		put := ask(t, s, "PUT", "orders/"+id, `{"set_paid":true}`).object(t)
		require.Equal(t, "on-hold", put["status"], "set_paid is ignored")
		moved := put["date_modified_gmt"] != put["date_created_gmt"]
		require.Equal(t, !old, moved, "only new shops move the time of a change of nothing")
		put = ask(t, s, "PUT", "orders/"+id, `{"status":"completed","meta_data":[{"key":"_odoo","value":{"so":"S1"}}]}`).object(t)
		require.Equal(t, "completed", put["status"])
		require.NotNil(t, put["date_paid_gmt"])
		require.NotNil(t, put["date_completed_gmt"])
		require.Equal(t, map[string]any{"so": "S1"}, objects(put, "meta_data")[0]["value"])
		unknown := ask(t, s, "PUT", "orders/1", `{"status":"completed"}`)
		require.Equal(t, 400, unknown.status)
		require.Equal(t, "woocommerce_rest_shop_order_invalid_id", unknown.code(t))
		require.Equal(t, "rest_invalid_param", ask(t, s, "PUT", "orders/"+id, `{"status":"sold"}`).code(t))

		batch := ask(t, s, "POST", "orders/batch", `{"update":[{"id":`+id+`,"status":"processing"},{"id":999,"status":"processing"}]}`)
		require.Equal(t, 200, batch.status)
		update := objects(batch.object(t), "update")
		require.Equal(t, "processing", update[0]["status"])
		require.Equal(t, "woocommerce_rest_shop_order_invalid_id", update[1]["error"].(map[string]any)["code"])
		many := `{"update":[` + strings.Repeat(`{"id":1},`, 100) + `{"id":1}]}`
		large := ask(t, s, "POST", "orders/batch", many)
		require.Equal(t, 413, large.status)
		require.Equal(t, "woocommerce_rest_request_entity_too_large", large.code(t))
	}
}

func TestAHostLimitsRequests(t *testing.T) {
	c := newClock()
	s := New(Options{BasicOverHTTP: true, Now: c.now, PerSecond: 2})
	for range 2 {
		require.Equal(t, 200, ask(t, s, "GET", "orders", "").status)
	}
	full := ask(t, s, "GET", "orders", "")
	require.Equal(t, 429, full.status)
	require.Equal(t, "1", full.header.Get("Retry-After"))
	require.Contains(t, full.header.Get("Content-Type"), "text/html")
	c.passes(500 * time.Millisecond)
	require.Equal(t, 200, ask(t, s, "GET", "orders", "").status)
	require.Equal(t, 429, ask(t, s, "GET", "orders", "").status)
	require.Equal(t, 2, s.Throttled())
	require.Equal(t, 5, s.Requests())
}

func TestScriptsComeBeforeTheStoresOwnAnswers(t *testing.T) {
	s := New(Options{BasicOverHTTP: true})
	id := s.Generate(1, 1)[0]
	s.Script(Firewall(403), Maintenance(), ErrorInside("internal_error", "no"), AccessDenied(), Status(503, time.Minute))
	got := ask(t, s, "GET", "orders/"+id, "")
	require.Equal(t, 403, got.status)
	require.Contains(t, got.header.Get("Content-Type"), "text/html")
	require.Equal(t, "600", ask(t, s, "GET", "orders/"+id, "").header.Get("Retry-After"))
	inside := ask(t, s, "GET", "orders/"+id, "")
	require.Equal(t, 200, inside.status)
	require.Equal(t, "internal_error", inside.code(t))
	require.Equal(t, 403, ask(t, s, "GET", "orders/"+id, "").status)
	require.Equal(t, "60", ask(t, s, "GET", "orders/"+id, "").header.Get("Retry-After"))
	require.Equal(t, 200, ask(t, s, "GET", "orders/"+id, "").status)
}

func TestTheShopTellsOfItself(t *testing.T) {
	s := New(Options{BasicOverHTTP: true})
	env := ask(t, s, "GET", "system_status?_fields=environment", "").object(t)["environment"].(map[string]any)
	require.Equal(t, "11.0.1", env["version"])
	require.Equal(t, "yes", ask(t, s, "GET", "settings/tax/woocommerce_prices_include_tax", "").object(t)["value"])
	require.Equal(t, []string{"woocommerce_prices_include_tax", "woocommerce_tax_round_at_subtotal"}, []string{
		one(t, ask(t, s, "GET", "settings/tax", ""), 0)["id"].(string), one(t, ask(t, s, "GET", "settings/tax", ""), 1)["id"].(string)})
	require.Equal(t, "25.5000", one(t, ask(t, s, "GET", "taxes?order=asc", ""), 0)["rate"])
	require.Equal(t, 404, ask(t, s, "GET", "settings/tax/nothing", "").status)
}

func one(t *testing.T, a asked, n int) map[string]any {
	t.Helper()
	var list []map[string]any
	require.NoError(t, json.Unmarshal([]byte(a.text), &list), a.text)
	return list[n]
}

func TestAccountsAreListedByRole(t *testing.T) {
	c := newClock()
	s := New(Options{BasicOverHTTP: true, Now: c.now})
	s.AddCustomer(Customer{First: "Zoë", Email: "zoe@example.com"})
	c.passes(time.Minute)
	s.AddCustomer(Customer{First: "Aino", Role: "wholesale"})
	c.passes(time.Minute)
	s.AddCustomer(Customer{First: "Kaisa", Role: "shop_manager", CreatedAt: c.at.Add(-time.Hour)})
	require.Error(t, s.UpdateCustomer(9, func(*Customer) {}))
	for query, want := range map[string][]string{
		"":                    {"2"}, // of customers alone
		"role=all":            {"3", "4", "2"},
		"role=all&orderby=id": {"2", "3", "4"},
		"role=wholesale":      {"3"},
		"role=all&orderby=registered_date&order=desc":                       {"3", "2", "4"},
		"role=all&orderby=id&offset=1&per_page=1":                           {"3"},
		"role=all&orderby=id&order=asc&after=2100-01-01T00:00:00":           {"2", "3", "4"}, // it knows no such condition
		"role=all&orderby=id&modified_after=2100-01-01T00:00:00&order=desc": {"4", "3", "2"},
		"email=ZOE@example.com":                                             {"2"},
	} {
		require.Equal(t, want, ask(t, s, "GET", "customers?"+query, "").ids(t), query)
	}
	for _, query := range []string{"role=king", "orderby=date", "orderby=modified", "per_page=101"} {
		require.Equal(t, "rest_invalid_param", ask(t, s, "GET", "customers?"+query, "").code(t), query)
	}
	made := ask(t, s, "GET", "customers/3", "").object(t)
	require.Equal(t, "wholesale", made["role"])
	require.Contains(t, made, "date_modified_gmt")
	require.Nil(t, made["date_modified_gmt"], "WordPress made it, and it never was modified")
	require.NoError(t, s.UpdateCustomer(3, func(c *Customer) { c.Email = "new@example.com" }))
	made = ask(t, s, "GET", "customers/3", "").object(t)
	require.Equal(t, "2026-11-21T21:18:00 new@example.com", made["date_modified_gmt"].(string)+" "+made["email"].(string))
}

func TestAccountsOfOneSecondChangePlaces(t *testing.T) {
	c := newClock()
	s := New(Options{BasicOverHTTP: true, Now: c.now})
	for range 30 {
		s.AddCustomer(Customer{})
	}
	whole := ask(t, s, "GET", "customers?orderby=registered_date&per_page=30", "").ids(t)
	require.Equal(t, whole, ask(t, s, "GET", "customers?orderby=registered_date&per_page=30", "").ids(t))
	require.NotEqual(t, whole[10:20], ask(t, s, "GET", "customers?orderby=registered_date&per_page=10&offset=10", "").ids(t))
}
