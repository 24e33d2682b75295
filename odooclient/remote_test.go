package odooclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

// served is a client of an HTTP server that lets the login pass and answers
// every other request with handle.
func served(t *testing.T, handle http.HandlerFunc) *Client {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if bytes.Contains(body, []byte(`"authenticate"`)) {
			_, _ = io.WriteString(w, `{"jsonrpc":"2.0","id":1,"result":7}`)
			return
		}
		handle(w, r)
	}))
	t.Cleanup(srv.Close)
	c := New(testConfig(srv.URL+"/", 2), Options{})
	t.Cleanup(c.Close)
	return c
}

func write(ctx context.Context, c *Client) error {
	return c.Call(ctx, Request{Model: "sale.order", Method: "write", IDs: []int64{1}}, nil)
}

func TestAnswersThatAreNotOdoosAreFaults(t *testing.T) {
	page := "<html>secret page " + testPassword + "</html>"
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			if header != nil {
				w.Header().Set(header[0], header[1])
			}
			w.WriteHeader(code)
			_, _ = io.WriteString(w, page)
		}
	}
	for _, tc := range []struct {
		name      string
		handle    http.HandlerFunc
		status    int
		text      string
		temporary bool
	}{
		{"HTML with 200", status(200), 200, "the answer is not JSON-RPC; is odoo.url the address of Odoo itself?", false},
		{"not found", status(404), 404, "HTTP status 404 Not Found; no Odoo RPC at odoo.url", false},
		{"bad gateway", status(502), 502, "HTTP status 502 Bad Gateway", true},
		{"too many requests", status(429), 429, "HTTP status 429 Too Many Requests", true},
		{"redirect", status(307, "Location", "https://other.test/jsonrpc?x="+testPassword), 307,
			"HTTP status 307 Temporary Redirect; odoo.url leads to a redirect, set it to the address Odoo itself answers on (perhaps https://other.test)", false},
		{"JSON null", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "null") }, 200, "the answer is not JSON-RPC; is odoo.url the address of Odoo itself?", false},
		{"another request's answer", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, `{"id":99,"result":true}`) }, 200, "the answer belongs to another request; does a proxy cache POST?", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			err := write(t.Context(), served(t, tc.handle))
			f := requireKind(t, BadAnswer, err)
			require.Equal(t, tc.text, f.Message)
			require.Equal(t, tc.status, f.Status)
			require.Equal(t, tc.temporary, f.Temporary())
		})
	}
}

func TestAnAnswerLargerThanTheBoundIsRefused(t *testing.T) {
	c := served(t, func(w http.ResponseWriter, _ *http.Request) {
		spaces := bytes.Repeat([]byte(" "), 1<<20)
		for range maxAnswer>>20 + 1 {
			if _, err := w.Write(spaces); err != nil {
				return
			}
		}
	})
	f := requireKind(t, BadAnswer, write(t.Context(), c))
	require.Equal(t, "the answer is larger than 64 MiB; ask for less at once", f.Message)
}

func TestARefusedConnectionWasCertainlyNotExecuted(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	c := New(testConfig("http://"+l.Addr().String(), 1), Options{})
	defer c.Close()
	f := requireKind(t, Unreachable, write(t.Context(), c))
	require.True(t, f.Temporary())
	require.Contains(t, f.Message, "connection refused")
	require.NotContains(t, f.Message, "/jsonrpc")
}

func TestABrokenConnectionLeavesTheOutcomeOpen(t *testing.T) {
	hijack := func(send string) (http.HandlerFunc, *atomic.Int32) {
		var hits atomic.Int32
		return func(w http.ResponseWriter, _ *http.Request) {
			hits.Add(1)
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = rw.WriteString(send)
			_ = rw.Flush()
			_ = conn.Close()
		}, &hits
	}
	for name, send := range map[string]string{
		"before the answer":    "",
		"within the answer":    "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"jsonrpc\"",
		"within an HTTP/1.0":   "HTTP/1.0 200 OK\r\nContent-Length: 500\r\n\r\n{",
		"with nonsense for it": "nonsense\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			handle, hits := hijack(send)
			c := served(t, handle)
			requireKind(t, Uncertain, write(t.Context(), c))
			require.EqualValues(t, 1, hits.Load(), "a write is sent once")
			requireKind(t, Uncertain, c.Call(t.Context(), Request{Model: "sale.order", Method: "read", IDs: []int64{1}}, nil))
			require.EqualValues(t, 3, hits.Load(), "a read once more")
		})
	}
}

func TestACallThatIsCutShortKnowsWhetherItWasSent(t *testing.T) {
	arrived := make(chan struct{}, 1)
	c := served(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-r.Context().Done()
	})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- write(ctx, c) }()
	<-arrived
	cancel()
	err := <-done
	requireKind(t, Uncertain, err)
	require.ErrorIs(t, err, context.Canceled)
}

func TestThePasswordIsInNoErrorAndNoLog(t *testing.T) {
	var log bytes.Buffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var texts strings.Builder
	note := func(err error) {
		require.Error(t, err)
		for ; err != nil; err = errors.Unwrap(err) {
			fmt.Fprintf(&texts, "%v\n%+v\n%#v\n", err, err, err)
		}
	}
	echo := "you sent " + testPassword
	answers := []func() (any, error){
		func() (any, error) { return nil, pyError{"builtins.TypeError", echo} },
		func() (any, error) { return nil, pyError{"odoo.exceptions.AccessDenied", echo} },
		func() (any, error) { return nil, pyError{"psycopg2.OperationalError", echo} },
		func() (any, error) { return nil, pyError{echo, echo} },
		func() (any, error) { return nil, errBroken },
		func() (any, error) { return echo, nil },
		func() (any, error) {
			return map[string]any{"ids": false, "messages": []any{map[string]any{"type": "error", "record": 0, "message": echo}}}, nil
		},
		func() (any, error) {
			return map[string]any{"ids": false, "messages": []any{map[string]any{"type": "error", "message": echo}}}, nil
		},
	}
	for _, answer := range answers {
		f := &fakeOdoo{handle: func(context.Context, call) (any, error) { return answer() }}
		c := New(testConfig("http://odoo.test", 1), Options{Transport: f, Log: logger})
		_, err := c.Load(t.Context(), partners, partner(1))
		note(err)
		_, err = c.Find(t.Context(), Query{Model: "res.partner", Field: "name"}, "x")
		note(err)
		var n int64
		note(c.Call(t.Context(), Request{Model: "x", Method: "read", IDs: []int64{1}}, &n))
		fmt.Fprintf(&texts, "%+v %#v\n", c, c)
		c.Close()
	}
	for _, url := range []string{"http://api:" + testPassword + "@127.0.0.1:1", "http://127.0.0.1:1", "://" + testPassword} {
		cfg := testConfig(url, 1)
		cfg.Password = config.NewSecret(testPassword)
		cfg.Timeout = 10 * time.Second
		c := New(cfg, Options{Log: logger})
		note(write(t.Context(), c))
		c.Close()
	}
	for line := range strings.Lines(texts.String() + log.String()) {
		if strings.Contains(line, testPassword) || strings.Contains(line, "Traceback") {
			t.Errorf("leaks: %s", line)
		}
	}
	require.Contains(t, texts.String(), "you sent [secret]")
}
