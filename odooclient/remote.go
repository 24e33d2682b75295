package odooclient

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// maxAnswer bounds one answer, unpacked.
const maxAnswer = 64 << 20

// remote exchanges requests with one Odoo. It assumes no keep-alive (Odoo closes every
// connection; a proxy before it may not) and follows no redirect, for that would
// carry the password to whatever host is named there.
type remote struct {
	base   string
	client *http.Client
	ahead  atomic.Pointer[time.Duration] // how far its clock was before ours at its last answer
}

func newRemote(base string, rt http.RoundTripper, connections int) *remote {
	if rt == nil {
		rt = &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			DialContext:         (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			TLSHandshakeTimeout: 10 * time.Second,
			MaxIdleConnsPerHost: connections,
			IdleConnTimeout:     30 * time.Second,
			ForceAttemptHTTP2:   true,
		}
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &remote{base: strings.TrimRight(base, "/"), client: &http.Client{Transport: rt, CheckRedirect: stay}}
}

// outgoing is one request: a POST of its body, a GET when it has none.
type outgoing struct {
	path   string
	body   []byte
	header map[string]string
}

// reply is an answer of any status. Its body may be a page of some proxy that
// repeats what we sent: it is parsed, never quoted.
type reply struct {
	status int
	text   string // "404 Not Found"
	leads  string // scheme and host that a redirect leads to
	body   []byte
}

// send exchanges one request for the whole answer. Every error is a *Fault that
// tells "nothing was sent" from "sent, outcome unknown".
func (r *remote) send(ctx context.Context, m outgoing) (reply, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	method := http.MethodGet
	if m.body != nil {
		method = http.MethodPost
	}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), method, r.base+m.path, bytes.NewReader(m.body))
	if err != nil { // not passed on: it quotes the address, which may carry a login
		return reply{}, &Fault{Kind: Unreachable, Message: "odoo.url is not a usable address"}
	}
	if m.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range m.header {
		req.Header.Set(name, value)
	}
	resp, err := r.client.Do(req)
	if err != nil {
		return reply{}, lost(ctx, err, connected.Load())
	}
	defer func() { _ = resp.Body.Close() }()
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ahead := time.Until(date)
		r.ahead.Store(&ahead)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	ok := resp.StatusCode == http.StatusOK
	switch {
	case err != nil && ok:
		return reply{}, lost(ctx, err, true)
	case len(data) > maxAnswer && ok:
		return reply{}, &Fault{Kind: BadAnswer, Status: resp.StatusCode, Message: fmt.Sprintf("the answer is larger than %d MiB; ask for less at once", maxAnswer>>20)}
	case err != nil || len(data) > maxAnswer:
		data = nil // the status says enough
	}
	a := reply{status: resp.StatusCode, text: resp.Status, body: data}
	if to, err := resp.Location(); err == nil {
		a.leads = to.Scheme + "://" + to.Host
	}
	return a, nil
}

// lost names an exchange without an answer. Before there was a connection
// nothing can have been executed; after it, anything can.
func lost(ctx context.Context, err error, connected bool) *Fault {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which may carry a login
	}
	f := &Fault{Kind: Unreachable, Message: "cannot connect to Odoo: " + err.Error(), Err: err}
	if connected {
		f.Kind, f.Message = Uncertain, "the connection broke before the answer came: "+err.Error()
	}
	if end := ctx.Err(); end != nil {
		f.Err, f.Message = end, "ended before a connection to Odoo stood"
		if connected {
			f.Message = "Odoo did not answer in time"
		}
	}
	return f
}

// refused names an answer with another status than 200 that is not Odoo's own.
// missing is what a 404 means.
func (a reply) refused(missing string) *Fault {
	f := &Fault{Kind: BadAnswer, Status: a.status, Message: "HTTP status " + a.text}
	switch {
	case a.status >= 300 && a.status < 400:
		f.Message += "; odoo.url leads to a redirect, set it to the address Odoo itself answers on"
		if a.leads != "" {
			f.Message += " (perhaps " + a.leads + ")"
		}
	case a.status == http.StatusNotFound:
		f.Message += "; " + missing
	}
	return f
}
