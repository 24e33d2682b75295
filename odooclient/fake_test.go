package odooclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

const testPassword = "correct horse battery"

// call is one execute_kw as the fake Odoo saw it.
type call struct {
	Model, Method string
	IDs           []int64
	Args          []any
	Kwargs        map[string]any
}

// rows are the data of a load.
func (c call) rows() [][]any {
	var out [][]any
	for _, r := range c.Kwargs["data"].([]any) {
		out = append(out, r.([]any))
	}
	return out
}

// values are what a search_read asks its key for.
func (c call) values() []any {
	return c.Kwargs["domain"].([]any)[0].([]any)[2].([]any)
}

// pyError is an exception that the fake Odoo answers with.
type pyError struct{ Name, Message string }

func (e pyError) Error() string { return e.Name + ": " + e.Message }

var errBroken = errors.New("connection reset by peer")

// fakeOdoo answers in memory, on the caller's goroutine, so that a synctest
// bubble sees who waits. A handler's pyError becomes Odoo's error, any other
// error a broken connection.
type fakeOdoo struct {
	handle func(ctx context.Context, c call) (any, error)
	login  func(context.Context) (any, error) // nil: uid 7
	gated  bool                               // in a bubble: every call waits at gate
	gate   gate

	mu     sync.Mutex
	calls  []call
	logins int
	open   int
	widest int // most requests at once
}

// connect says that there is a connection, as a real transport does.
func connect(req *http.Request) {
	if trace := httptrace.ContextClientTrace(req.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
}

func (f *fakeOdoo) RoundTrip(req *http.Request) (*http.Response, error) {
	connect(req)
	var in struct {
		ID     json.Number
		Params struct {
			Service, Method string
			Args            []json.RawMessage
		}
	}
	if err := json.NewDecoder(req.Body).Decode(&in); err != nil {
		return nil, err
	}
	f.enter()
	defer f.leave()
	result, err := f.answer(req.Context(), in.Params.Service, in.Params.Args)
	out := map[string]any{"jsonrpc": "2.0", "id": in.ID, "result": result}
	var py pyError
	switch {
	case errors.As(err, &py):
		delete(out, "result")
		out["error"] = map[string]any{"code": 200, "message": "Odoo Server Error",
			"data": map[string]any{"name": py.Name, "message": py.Message, "debug": "Traceback: " + testPassword}}
	case err != nil:
		return nil, err
	}
	body, err := json.Marshal(out)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: 200, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), Request: req}, nil
}

func (f *fakeOdoo) answer(ctx context.Context, service string, args []json.RawMessage) (any, error) {
	if service == "common" {
		f.mu.Lock()
		f.logins++
		f.mu.Unlock()
		if f.login != nil {
			return f.login(ctx)
		}
		return 7, nil
	}
	c := call{}
	parts := []any{&c.Model, &c.Method, &c.Args, &c.Kwargs}
	for i, into := range parts {
		if err := json.Unmarshal(args[3+i], into); err != nil {
			return nil, err
		}
	}
	if len(c.Args) > 0 && c.Method != "create" {
		for _, id := range c.Args[0].([]any) {
			c.IDs = append(c.IDs, int64(id.(float64)))
		}
	}
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.mu.Unlock()
	if f.gated {
		if err := f.gate.pass(ctx); err != nil {
			return nil, err
		}
	}
	return f.handle(ctx, c)
}

func (f *fakeOdoo) enter() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open++
	f.widest = max(f.widest, f.open)
}

func (f *fakeOdoo) leave() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.open--
}

func (f *fakeOdoo) seen() []call {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]call(nil), f.calls...)
}

// client makes a client of the fake that is closed with the test.
func (f *fakeOdoo) client(t testing.TB, connections int) *Client {
	c := New(testConfig("http://odoo.test", connections), Options{Transport: f})
	t.Cleanup(c.Close)
	return c
}

func testConfig(url string, connections int) config.Odoo {
	return config.Odoo{URL: url, Database: "books", User: "api", Password: config.NewSecret(testPassword),
		Connections: connections, Timeout: time.Minute, Protocol: protocolJSONRPC}
}

// loadIDs answers a load whose rows are all good: record "…-12" gets id 12 + 1000.
func loadIDs(c call) map[string]any {
	ids := []int64{}
	for _, row := range c.rows() {
		if name, _ := row[0].(string); name != "" {
			ids = append(ids, numberIn(name)+1000)
		}
	}
	return map[string]any{"ids": ids, "messages": []any{}, "nextrow": 0}
}

func numberIn(name string) int64 {
	var n int64
	for _, r := range name {
		if r >= '0' && r <= '9' {
			n = n*10 + int64(r-'0')
		}
	}
	return n
}

func requireKind(t testing.TB, want Kind, err error) *Fault {
	t.Helper()
	var f *Fault
	require.ErrorAs(t, err, &f)
	require.Equal(t, want, f.Kind, "%v", err)
	return f
}
