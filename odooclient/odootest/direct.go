package odootest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"time"
)

// Direct is a way to this server without a network: a client's request is answered by
// Handler in the goroutine that asks, with all that Fault and Latency say. Most of
// what a call costs is its connection, which Odoo closes after every answer: it is for
// tests of what is said, not of how it gets there.
func (s *Server) Direct() http.RoundTripper { return direct{s.Handler()} }

type direct struct{ handler http.Handler }

// RoundTrip answers one request. What Listen says by closing the connection is io.EOF.
func (d direct) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if t := httptrace.ContextClientTrace(r.Context()); t != nil && t.GotConn != nil {
		t.GotConn(httptrace.GotConnInfo{})
	}
	defer func() {
		why := recover()
		if why != nil && why != http.ErrAbortHandler { //nolint:errorlint,err113 // net/http compares it so, too
			panic(why)
		}
		if left := r.Context().Err(); left != nil { // before the answer came
			resp, err = nil, left
		} else if why != nil {
			resp, err = nil, io.EOF
		}
	}()
	w := httptest.NewRecorder()
	d.handler.ServeHTTP(w, r)
	w.Header().Set("Date", time.Now().UTC().Format(http.TimeFormat))
	return w.Result(), nil
}
