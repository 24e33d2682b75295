package shopify

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// patience is the longest throttle that is waited out here; beyond it the queue waits.
const patience = 5 * time.Second

// client asks one store's Admin API. Its rate is a bucket of points: a query
// needs its requested cost up front and gets back what it did not use. The
// bucket's size is what the store says in each answer.
// https://shopify.dev/docs/api/usage/limits
type client struct {
	shop    string
	url     string
	version string
	http    *wire.Client
	tokens  *tokens
	limiter handlers.Limiter
	log     *slog.Logger
	costs   sync.Map // query name → points that the store asked for it last
	told    sync.Map // what was logged and is not logged again
	last    atomic.Pointer[answered]
}

// answered is what the store's last answer said beside its data.
type answered struct {
	version string    // of the API that was served
	date    time.Time // by the store's clock; zero: not told
	at      time.Time // by our clock
}

// ahead is by how much the store's clock is before ours.
func (a *answered) ahead() time.Duration { return a.date.Sub(a.at) }

func newClient(shop string, set Settings, deps handlers.Deps) *client {
	c := &client{shop: shop, version: set.APIVersion, limiter: deps.Limiter, log: deps.Log,
		url: set.base() + "/admin/api/" + set.APIVersion + "/graphql.json"}
	if c.limiter == nil {
		c.limiter = wire.NewLimiter()
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.http = wire.New(wire.Policy{
		Remote: Name, Timeout: 30 * time.Second, MaxBody: 8 << 20, UserAgent: "odoogate",
	}, wire.Deps{Metrics: deps.Metrics})
	c.tokens = newTokens(set, c.http)
	return c
}

// reply is what every query of ours can bring.
type reply struct {
	Order       *apiOrder        `json:"order"`
	Fulfillment *apiFulfillment  `json:"fulfillment"`
	Refund      *apiRefund       `json:"refund"`
	Return      *apiReturn       `json:"return"`
	Reverse     *apiReverse      `json:"reverseFulfillmentOrder"`
	Parcel      *apiParcel       `json:"reverseDelivery"`
	Orders      *connection[tip] `json:"orders"`

	Placed *connection[placed]   `json:"placed"`
	Whole  *connection[apiOrder] `json:"whole"`

	Numbered *connection[numbered] `json:"numbered"`

	Store        *apiStore                 `json:"shop"`
	Installation *apiInstallation          `json:"currentAppInstallation"`
	Webhooks     *connection[subscription] `json:"webhookSubscriptions"`
	Changed      *apiHookChange            `json:"changed"`
}

type envelope struct {
	Data       *reply     `json:"data"`
	Errors     []apiError `json:"errors"`
	Extensions struct {
		Cost *cost `json:"cost"`
	} `json:"extensions"`
}

type apiError struct {
	Path       []any `json:"path"`
	Extensions struct {
		Code string `json:"code"`
	} `json:"extensions"`
}

type cost struct {
	Requested float64 `json:"requestedQueryCost"`
	Actual    float64 `json:"actualQueryCost"` // null where it did not run
	Throttle  *struct {
		Maximum   float64 `json:"maximumAvailable"`
		Available float64 `json:"currentlyAvailable"`
		Restore   float64 `json:"restoreRate"`
	} `json:"throttleStatus"`
}

// ask runs one query. Being throttled although our own count allowed it happens
// when somebody else uses the same app: it asks again while that is soon.
func (c *client) ask(ctx context.Context, ref commerce.Ref, q query, vars map[string]any) (*reply, error) {
	op := "shopify." + q.name
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": vars})
	if err != nil {
		return nil, &commerce.Error{Op: op, Reason: commerce.Internal, Ref: ref, Err: err}
	}
	for attempt := 1; ; attempt++ {
		grant, err := c.wait(ctx, op, ref, q)
		if err != nil {
			return nil, err
		}
		env, err := c.send(ctx, op, ref, body)
		if err != nil {
			c.limiter.Done(c.key(), grant, commerce.Quota{Refused: commerce.ReasonOf(err) == commerce.RateLimited})
			return nil, err
		}
		pause := c.observe(q, grant, env)
		if env.code("THROTTLED") {
			if attempt < 3 && pause <= patience && wire.Pause(ctx, pause) == nil {
				continue
			}
			return nil, &commerce.Error{Op: op, Reason: commerce.RateLimited, Ref: ref, RetryAfter: pause,
				Detail: "the store's rate limit is used up"}
		}
		if len(env.Errors) > 0 {
			return nil, env.fault(op, ref)
		}
		if env.Data == nil {
			return nil, &commerce.Error{Op: op, Reason: commerce.Invalid, Ref: ref, Detail: "the store's answer holds no data"}
		}
		return env.Data, nil
	}
}

func (c *client) key() string { return Name + "/" + c.shop }

// wait reserves the query's points.
func (c *client) wait(ctx context.Context, op string, ref commerce.Ref, q query) (grant string, err error) {
	points := q.cost
	if known, ok := c.costs.Load(q.name); ok {
		points = known.(float64)
	}
	if grant, err = handlers.Await(ctx, c.limiter, c.key(), points); err != nil {
		return "", wire.At(op, ref, err)
	}
	return grant, nil
}

// send makes the one HTTP call, and a second one with a fresh token where the
// store no longer takes the first. Queries only read, and changes of webhooks made
// twice are one, so all may be repeated.
func (c *client) send(ctx context.Context, op string, ref commerce.Ref, body []byte) (*envelope, error) {
	for last := !c.tokens.fetches(); ; last = true {
		token, err := c.tokens.get(ctx, ref)
		if err != nil {
			return nil, wire.At(op, ref, err)
		}
		env, status, err := c.post(ctx, op, ref, token, body)
		if last || status != http.StatusUnauthorized {
			return env, err
		}
		if err := c.tokens.refused(ctx, ref, token); err != nil {
			return nil, wire.At(op, ref, err)
		}
	}
}

func (c *client) post(ctx context.Context, op string, ref commerce.Ref, token string, body []byte) (env *envelope, status int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, 0, &commerce.Error{Op: op, Reason: commerce.Internal, Ref: ref, Detail: "the store's address cannot be used"}
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("X-Shopify-Access-Token", token)
	resp, err := c.http.Do(wire.Repeatable(req))
	if err != nil {
		return nil, 0, wire.At(op, ref, err)
	}
	if resp.StatusCode != http.StatusOK {
		return nil, resp.StatusCode, refused(wire.ReadError(op, ref, resp))
	}
	defer func() { _ = resp.Body.Close() }() // read to its end below
	c.note(resp.Header)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, 0, wire.At(op, ref, err)
	}
	env = &envelope{}
	if err := json.Unmarshal(raw, env); err != nil {
		reason := commerce.Invalid
		if !json.Valid(raw) {
			reason = commerce.Unavailable // a proxy's page, or cut off: not the store's word
		}
		return nil, 0, &commerce.Error{Op: op, Reason: reason, Ref: ref, Detail: "the store's answer cannot be understood", Err: wire.PlainJSON(err)}
	}
	return env, resp.StatusCode, nil
}

// refused corrects what a status means here: the address is always the same, so
// 404 says nothing of the record.
func refused(e *commerce.Error) *commerce.Error {
	if e.Reason == commerce.NotFound {
		e.Reason, e.Remedy = commerce.Denied, "check the shop's domain: no store answers there"
	}
	return e
}

// note keeps what a header says for check, and tells once when the store serves
// another version than asked for: it "falls forward" silently when ours is no
// longer supported.
// https://shopify.dev/docs/api/usage/versioning
func (c *client) note(header http.Header) {
	served := header.Get("X-Shopify-API-Version")
	date, _ := http.ParseTime(header.Get("Date")) // zero where it is none
	c.last.Store(&answered{version: served, date: date, at: time.Now()})
	if served == "" || served == c.version {
		return
	}
	if c.once("version " + served) {
		c.log.Warn("the store serves another API version; raise api_version",
			"shop", c.shop, "platform", Name, "asked", c.version, "served", served)
	}
}

// once reports whether something is met for the first time.
func (c *client) once(key string) bool {
	_, known := c.told.LoadOrStore(key, true)
	return !known
}

// observe hands the store's word on its bucket on, and says how long its refill
// takes for this query.
func (c *client) observe(q query, grant string, env *envelope) time.Duration {
	k, refused := env.Extensions.Cost, env.code("THROTTLED")
	if k == nil || k.Throttle == nil || k.Throttle.Restore <= 0 {
		c.limiter.Done(c.key(), grant, commerce.Quota{Refused: refused})
		return time.Second // what the vendor advises without figures
	}
	if k.Requested > 0 {
		c.costs.Store(q.name, k.Requested)
	}
	t := k.Throttle
	c.limiter.Done(c.key(), grant, commerce.Quota{Available: t.Available, Maximum: t.Maximum, Restore: t.Restore, Spent: k.Actual, Refused: refused})
	seconds := (max(k.Requested, q.cost) - t.Available) / t.Restore
	return max(time.Duration(seconds*float64(time.Second)), 100*time.Millisecond)
}

func (e *envelope) code(want string) bool {
	for _, err := range e.Errors {
		if err.Extensions.Code == want {
			return true
		}
	}
	return false
}

// errNotGranted says that the app itself may ask and may not see this.
var errNotGranted = errors.New("the app was not granted it")

// bareName is a text that can be a name of GraphQL, "" else: nothing more of an
// answer is repeated.
func bareName(text string) string {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"
	if len(text) > 64 || strings.Trim(text, letters) != "" {
		return ""
	}
	return text
}

// fault classifies the first error of an answer. An error with a path beside
// data is a field that the app may not see.
func (e *envelope) fault(op string, ref commerce.Ref) error {
	first := e.Errors[0]
	out := &commerce.Error{Op: op, Ref: ref, Detail: "the store refused the query"}
	var where []string
	for _, p := range first.Path {
		if name, ok := p.(string); ok && name == bareName(name) {
			where = append(where, name)
		}
	}
	if len(where) > 0 {
		out.Detail += " at " + strings.Join(where, ".")
	}
	code := bareName(first.Extensions.Code)
	if code != "" {
		out.Detail += " (" + code + ")"
	}
	switch {
	case code == "ACCESS_DENIED", code == "" && len(first.Path) > 0:
		out.Reason, out.Err = commerce.Denied, errNotGranted
		out.Remedy = "give the app read_orders, read_all_orders and access to protected customer data, then enter its new token"
	case code == "SHOP_INACTIVE":
		out.Reason, out.Remedy = commerce.Denied, "the store is closed or frozen; open it or remove the shop"
	case code == "INTERNAL_SERVER_ERROR", code == "TIMEOUT", code == "SERVICE_UNAVAILABLE":
		out.Reason = commerce.Unavailable
	default: // MAX_COST_EXCEEDED, undefinedField …: the query itself
		out.Reason, out.Remedy = commerce.Internal, "this API version does not fit odoogate; set api_version to 2026-07"
	}
	return out
}
