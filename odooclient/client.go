package odooclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/config"
)

// defaultTimeout holds when the configuration names none; it is above Odoo's own
// limit_time_real of 120 s, after which Odoo has given up for certain.
const defaultTimeout = 150 * time.Second

// Options are what the configuration file does not say. All may be zero.
type Options struct {
	Metrics   prometheus.Registerer // gets odoogate_remote_request_seconds
	Log       *slog.Logger
	Transport http.RoundTripper // for tests; nil: our own
}

// Caller makes single calls. Client is one.
type Caller interface {
	Call(ctx context.Context, req Request, result any) error
}

// Request is one call of a method by its named arguments.
type Request struct {
	Model, Method string
	IDs           []int64        // for methods of records; nil for methods of the model
	Args          map[string]any // "fields", "data", "domain", "vals", "vals_list", …
	Context       map[string]any
}

// protocol is one way to say a call: what it answers is the bare return value,
// nil or null for None, or a *Fault.
type protocol interface {
	call(ctx context.Context, req Request) (json.RawMessage, error)
	version(ctx context.Context) (Version, error)
	login(ctx context.Context) (int64, error) // the uid
	name(ctx context.Context) (string, error)
}

// Client is one login at one Odoo database, safe for concurrent use. At most
// cfg.Connections calls run at once, single and grouped ones together; others
// wait their turn.
type Client struct {
	odoo    protocol
	remote  *remote
	timeout time.Duration
	turns   *turns
	log     *slog.Logger
	scrub   func(string) string
	life    life

	loads  *grouping[packed, int64]
	finds  *grouping[sought, []Row]
	acts   *grouping[int64, struct{}]
	xids   *grouping[int64, string]
	joints *grouping[int64, struct{}]

	mu     sync.Mutex
	fields map[string]*lazy[Fields]
}

// New makes a client; it connects nothing. Protocol and login are found at the
// first call, once for all callers, and again when Odoo no longer accepts them.
func New(cfg config.Odoo, opt Options) *Client {
	log := opt.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	timeout := cfg.Timeout
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	connections := max(cfg.Connections, 1)
	c := &Client{
		remote:  newRemote(cfg.URL, opt.Transport, connections),
		timeout: timeout,
		turns:   newTurns(connections),
		log:     log,
		fields:  map[string]*lazy[Fields]{},
	}
	me := account{database: cfg.Database, user: cfg.User, password: cfg.Password}
	c.scrub = me.scrub
	c.odoo = c.speak(cfg.Protocol, me, watch(opt.Metrics, log))
	c.loads = newGrouping[packed, int64](c, maxRecords, false)
	c.finds = newGrouping[sought, []Row](c, maxKeys, true)
	c.acts = newGrouping[int64, struct{}](c, maxRecords, false)
	c.xids = newGrouping[int64, string](c, maxKeys, true)
	c.joints = newGrouping[int64, struct{}](c, maxRecords, false)

	return c
}

// speak chooses the protocol that the configuration insists on, or that finds out.
func (c *Client) speak(name string, me account, observe func(time.Time, error)) protocol {
	old := &jsonrpc{account: me, remote: c.remote, timeout: c.timeout, spawn: c.life.spawn, observe: observe}
	recent := &json2{account: me, remote: c.remote, timeout: c.timeout, spawn: c.life.spawn, observe: observe}
	switch name {
	case protocolJSONRPC:
		return old
	case protocolJSON2:
		return recent
	}
	return &probing{old: old, recent: recent, timeout: c.timeout, spawn: c.life.spawn}
}

// Close refuses further calls, waits for those under way (at most cfg.Timeout a
// call) and drops idle connections.
func (c *Client) Close() {
	c.life.end()
	c.remote.client.CloseIdleConnections()
}

// Call runs one method and decodes what it returned into result, numbers as
// json.Number where result leaves the type open. A result of None leaves result
// as it is; create gives a list of ids, of one record too. The error is a *Fault, or ctx's when ctx ended before it was our turn.
func (c *Client) Call(ctx context.Context, req Request, result any) error {
	if err := c.life.enter(); err != nil {
		return err
	}
	defer c.life.leave()
	if err := ctx.Err(); err != nil {
		return err
	}
	hurry, err := c.turns.take(ctx, func() (int, bool) { return 1, hurries(ctx) })
	if err != nil {
		return err
	}
	raw, err := c.send(ctx, req, repeatable(req.Method))
	c.turns.give(hurry)
	if err != nil {
		return err
	}
	return decode(raw, result, req)
}

// send says one call within cfg.Timeout. The caller holds a slot. twice allows a
// second try after a broken connection: only for what may run twice.
func (c *Client) send(ctx context.Context, req Request, twice bool) (json.RawMessage, error) {
	for _, id := range req.IDs {
		if id <= 0 {
			return nil, &Fault{Kind: BadArgs, Model: req.Model, Method: req.Method, Message: fmt.Sprintf("%d is no record id", id)}
		}
	}
	req = listed(req)
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	raw, err := c.odoo.call(ctx, req)
	if twice && KindOf(err) == Uncertain && ctx.Err() == nil {
		c.log.Debug("odoo call repeated after a broken connection", "model", req.Model, "method", req.Method)
		raw, err = c.odoo.call(ctx, req)
	}
	return raw, err
}

// valsList is the argument of create.
const valsList = "vals_list"

// listed gives create a list of records under its present name, so that either
// protocol answers with a list of ids: of one record JSON-RPC gives the bare id.
func listed(req Request) Request {
	vals, ok := req.Args[valsList]
	if !ok {
		vals, ok = req.Args["vals"]
	}
	if !ok || req.Method != "create" {
		return req
	}
	if reflect.ValueOf(vals).Kind() == reflect.Map {
		vals = []any{vals}
	}
	req.Args = maps.Clone(req.Args)
	delete(req.Args, "vals")
	req.Args[valsList] = vals
	return req
}

// repeatable reports whether a method only reads.
func repeatable(method string) bool {
	switch method {
	case "read", "search", "search_read", "search_count", "name_search", "fields_get", "default_get",
		"read_group", "formatted_read_group", "get_external_id", "check_object_reference",
		"check_access_rights", "has_access", "has_group", "context_get":
		return true
	}
	return false
}

// decode reads a bare return value.
func decode(raw json.RawMessage, into any, req Request) error {
	if into == nil || len(raw) == 0 || string(raw) == "null" {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(into); err != nil {
		f := &Fault{Kind: BadAnswer, Model: req.Model, Method: req.Method, Status: http.StatusOK, Err: err}
		var wrong *json.UnmarshalTypeError
		if f.Message = "the answer has another shape than expected"; errors.As(err, &wrong) {
			f.Message = fmt.Sprintf("the answer holds %s where %s is expected", wrong.Value, wrong.Type)
		}
		return f
	}
	return nil
}
