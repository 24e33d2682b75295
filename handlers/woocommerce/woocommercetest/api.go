package woocommercetest

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// api is the REST API of a store.
type api struct {
	store *Store
	mux   *http.ServeMux

	mu        sync.Mutex
	available float64 // requests that the host lets through now
	at        time.Time
	scripted  []http.HandlerFunc
	requests  int
	throttled int
	nonces    map[string]time.Time // of OAuth, with the time they were of
}

func newAPI(s *Store) *api {
	a := &api{store: s, mux: http.NewServeMux(), available: max(1, s.opts.PerSecond), at: s.opts.Now(), nonces: map[string]time.Time{}}
	const base = "/wp-json/wc/v3/"
	for pattern, answer := range map[string]http.HandlerFunc{
		"GET " + base + "orders":                       s.listOrders,
		"POST " + base + "orders/batch":                s.batchOrders,
		"GET " + base + "orders/{id}":                  s.readOrder,
		"PUT " + base + "orders/{id}":                  withBody(s.writeOrder),
		"POST " + base + "orders/{id}":                 withBody(s.writeOrder),
		"DELETE " + base + "orders/{id}":               s.deleteOrder,
		"GET " + base + "orders/{id}/refunds":          s.listRefunds,
		"POST " + base + "orders/{id}/refunds":         withBody(s.makeRefund),
		"GET " + base + "orders/{id}/refunds/{refund}": s.readRefund,
		"GET " + base + "customers":                    s.listCustomers,
		"POST " + base + "customers":                   withBody(s.makeCustomer),
		"GET " + base + "customers/{id}":               s.readCustomer,
		"PUT " + base + "customers/{id}":               withBody(s.writeCustomer),
		"POST " + base + "customers/{id}":              withBody(s.writeCustomer),
		"GET " + base + "products/{id}":                s.readProduct,
		"GET " + base + "webhooks":                     s.listWebhooks,
		"POST " + base + "webhooks":                    withBody(s.makeWebhook),
		"POST " + base + "webhooks/batch":              s.batchWebhooks,
		"GET " + base + "webhooks/{id}":                s.readWebhook,
		"PUT " + base + "webhooks/{id}":                withBody(s.writeWebhook),
		"POST " + base + "webhooks/{id}":               withBody(s.writeWebhook),
		"DELETE " + base + "webhooks/{id}":             s.deleteWebhook,
		"GET " + base + "taxes":                        s.listTaxes,
		"GET " + base + "settings/{group}":             s.listSettings,
		"GET " + base + "settings/{group}/{id}":        s.readSetting,
		"GET " + base + "system_status":                s.systemStatus,
		"GET " + base + "{$}":                          s.index,
	} {
		a.mux.HandleFunc(pattern, answer)
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotFound, failure("rest_no_route", "No route was found matching the URL and request method.", http.StatusNotFound))
	})
	return a
}

// Handler answers /wp-json/wc/v3.
func (s *Store) Handler() http.Handler { return http.HandlerFunc(s.api.serve) }

// Script puts answers before the store's own, one a request.
func (s *Store) Script(answers ...http.HandlerFunc) {
	s.api.mu.Lock()
	defer s.api.mu.Unlock()
	s.api.scripted = append(s.api.scripted, answers...)
}

// Requests counts the calls to the API so far.
func (s *Store) Requests() int {
	s.api.mu.Lock()
	defer s.api.mu.Unlock()
	return s.api.requests
}

// Throttled counts those that were refused because there were too many in a second.
func (s *Store) Throttled() int {
	s.api.mu.Lock()
	defer s.api.mu.Unlock()
	return s.api.throttled
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	a.requests++
	var script http.HandlerFunc
	if len(a.scripted) > 0 {
		script, a.scripted = a.scripted[0], a.scripted[1:]
	}
	a.mu.Unlock()
	w.Header().Set("Date", a.store.opts.Now().UTC().Format(http.TimeFormat))
	if script != nil {
		script(w, r)
		return
	}
	if wait := a.spend(); wait > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
		Text(http.StatusTooManyRequests, "<html><head><title>429 Too Many Requests</title></head><body><center><h1>429 Too Many Requests</h1></center></body></html>")(w, r)
		return
	}
	if r.URL.Path == "/wp-json/" || r.URL.Path == "/wp-json" {
		a.store.site(w)
		return
	}
	if status, refusal := a.refuses(r); refusal != nil {
		reply(w, status, refusal)
		return
	}
	a.mux.ServeHTTP(w, r)
}

// spend takes one of the host's requests, or says how long there is none.
func (a *api) spend() time.Duration {
	rate := a.store.opts.PerSecond
	if rate <= 0 {
		return 0
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	now := a.store.opts.Now()
	a.available = min(max(1, rate), a.available+now.Sub(a.at).Seconds()*rate)
	a.at = now
	if a.available < 1 {
		a.throttled++
		return time.Duration((1 - a.available) / rate * float64(time.Second))
	}
	a.available--
	return 0
}

// reply writes an answer as WordPress does.
func reply(w http.ResponseWriter, status int, body any) {
	raw, err := phpJSON(body)
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(`{"code":"internal_server_error"}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	_, _ = w.Write(raw) // the client is gone: nobody to tell
}

// answer writes a record, of which only the fields in _fields.
func answer(w http.ResponseWriter, r *http.Request, status int, record object) {
	reply(w, status, trimmed(r, record))
}

func trimmed(r *http.Request, record object) object {
	fields := listOf(r, "_fields")
	if len(fields) == 0 {
		return record
	}
	out := object{}
	for _, f := range fields {
		f, _, _ = strings.Cut(f, ".")
		if value, ok := record[f]; ok {
			out[f] = value
		}
	}
	return out
}

// failure is an error as WordPress writes them.
func failure(code, message string, status int) object {
	return object{"code": code, "message": message, "data": object{"status": status}}
}

// fails writes one whose status is its data's.
func fails(w http.ResponseWriter, refusal object) {
	status := http.StatusInternalServerError
	if data, ok := refusal["data"].(object); ok {
		status, _ = data["status"].(int)
	}
	reply(w, status, refusal)
}

// listOf is a parameter that may be a list: a,b or name[]=a&name[]=b.
func listOf(r *http.Request, name string) []string {
	q := r.URL.Query()
	var out []string
	for _, v := range slices.Concat(q[name], q[name+"[]"]) {
		for _, one := range strings.Split(v, ",") {
			if one = strings.TrimSpace(one); one != "" {
				out = append(out, one)
			}
		}
	}
	return out
}

// bodyOf reads a JSON object.
func bodyOf(r *http.Request) (object, object) {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 8<<20))
	if err != nil {
		return nil, failure("rest_invalid_json", "Invalid JSON body passed.", http.StatusBadRequest)
	}
	body := object{}
	dec := json.NewDecoder(strings.NewReader(string(raw)))
	dec.UseNumber()
	if err := dec.Decode(&body); err != nil && !errors.Is(err, io.EOF) {
		return nil, failure("rest_invalid_json", "Invalid JSON body passed.", http.StatusBadRequest)
	}
	return body, nil
}

// withBody refuses a request whose body is no object.
func withBody(answer func(w http.ResponseWriter, r *http.Request, body object)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, bad := bodyOf(r)
		if bad != nil {
			fails(w, bad)
			return
		}
		answer(w, r, body)
	}
}

// idOf is the number in the path, 0 for none.
func idOf(r *http.Request, name string) int64 {
	n, _ := strconv.ParseInt(r.PathValue(name), 10, 64) // 0 is no record's
	return n
}
