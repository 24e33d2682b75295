package woocommerce

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/wire"
)

// WooCommerce has no rate limit of its own, and its hosts are small: each call holds
// one of their few PHP processes. So a shop is asked a few things at once and no more,
// by all workers together: the bucket holds a point for each call that may be under
// way, and is given it back when the call ends. What a process took that died comes
// back with time.
const (
	atOnce   = 4
	comeBack = 0.25 // points a second
)

// The REST API, below the shop's address.
const (
	index = "/wp-json/"
	api   = "/wp-json/wc/v3/"
)

// client asks one shop's REST API.
// https://woocommerce.github.io/woocommerce-rest-api-docs/
type client struct {
	shop    string
	base    string
	http    *wire.Client
	limiter handlers.Limiter
	room    chan struct{} // of this process, for limiters that know no others
	last    atomic.Pointer[answered]
}

// answered is what an answer said beside its body.
type answered struct {
	ahead   time.Duration // of the shop's clock before ours
	dated   bool
	at      time.Time // by our clock
	cached  bool      // it was not the shop who answered
	expires time.Time // the certificate, zero without TLS
}

func newClient(shop string, set Settings, deps handlers.Deps) *client {
	c := &client{shop: shop, base: set.base(), limiter: deps.Limiter, room: make(chan struct{}, atOnce)}
	if c.limiter == nil {
		c.limiter = wire.NewLimiter()
	}
	c.http = wire.New(wire.Policy{
		Remote: Name, Timeout: time.Minute, MaxBody: 32 << 20, UserAgent: "odoogate", Authorize: newKeys(set).put,
	}, wire.Deps{Metrics: deps.Metrics})
	return c
}

// call is one request.
type call struct {
	op     string
	ref    commerce.Ref
	method string // GET where it is empty
	path   string // below the shop's address
	query  url.Values
	body   any  // goes as JSON; nil: none
	once   bool // done twice it is not what it is done once
}

func (k call) fail(reason commerce.Reason, detail string) *commerce.Error {
	return &commerce.Error{Op: k.op, Ref: k.ref, Reason: reason, Detail: detail}
}

func (c *client) key() string { return Name + "/" + c.shop }

// ask makes one call and reads its answer into what into points to, nil where it does
// not matter. An error that comes as a success is an error.
func (c *client) ask(ctx context.Context, k call, into any) (http.Header, error) {
	grant, err := handlers.Await(ctx, c.limiter, c.key(), 1)
	if err != nil {
		return nil, wire.At(k.op, k.ref, err)
	}
	said := commerce.Quota{Available: atOnce, Maximum: atOnce, Restore: comeBack}
	defer func() { c.limiter.Done(c.key(), grant, said) }()
	select {
	case c.room <- struct{}{}:
	case <-ctx.Done():
		return nil, wire.At(k.op, k.ref, &commerce.Error{Reason: commerce.Unavailable, Detail: "gave up waiting for other calls to the shop", Err: ctx.Err()})
	}
	header, err := c.send(ctx, k, into)
	<-c.room
	if commerce.ReasonOf(err) == commerce.RateLimited {
		said = commerce.Quota{Refused: true}
	}
	return header, err
}

func (c *client) send(ctx context.Context, k call, into any) (http.Header, error) {
	req, err := c.request(ctx, k)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, unreached(wire.At(k.op, k.ref, err))
	}
	defer func() { _ = resp.Body.Close() }() // read to its end below
	c.note(resp)
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, wire.At(k.op, k.ref, err)
	}
	raw = bytes.TrimSpace(bytes.TrimPrefix(raw, []byte("\ufeff"))) // plugins leave marks before it
	if err := k.fault(resp, raw); err != nil {
		return nil, err
	}
	if into == nil {
		return resp.Header, nil
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return nil, k.notUnderstood(raw, err)
	}
	return resp.Header, nil
}

func (c *client) request(ctx context.Context, k call) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		raw, err := json.Marshal(k.body)
		if err != nil {
			return nil, &commerce.Error{Op: k.op, Reason: commerce.Internal, Ref: k.ref, Err: err}
		}
		body = bytes.NewReader(raw)
	}
	address := c.base + k.path
	if len(k.query) > 0 {
		address += "?" + k.query.Encode()
	}
	method := k.method
	if method == "" {
		method = http.MethodGet
	}
	req, err := http.NewRequestWithContext(ctx, method, address, body)
	if err != nil {
		return nil, k.fail(commerce.Internal, "the shop's address cannot be used")
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Cache-Control", "no-cache") // hosts keep answers, with keys in the query above all
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if !k.once {
		req = wire.Repeatable(req)
	}
	return req, nil
}

// note keeps what an answer says beside its body, for clock and check.
func (c *client) note(resp *http.Response) {
	date, err := http.ParseTime(resp.Header.Get("Date"))
	age := resp.Header.Get("Age")
	said := &answered{ahead: time.Until(date), dated: err == nil, at: time.Now(), cached: age != "" && age != "0"}
	if resp.TLS != nil && len(resp.TLS.PeerCertificates) > 0 {
		said.expires = resp.TLS.PeerCertificates[0].NotAfter
	}
	c.last.Store(said)
}
