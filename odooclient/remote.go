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

// remote posts bodies to one Odoo. It assumes no keep-alive (Odoo closes every
// connection; a proxy before it may not) and follows no redirect, for that would
// carry the password to whatever host is named there.
type remote struct {
	base   string
	client *http.Client
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

// post sends one body and returns the whole answer of a 200. Every error is a
// *Fault that tells "nothing was sent" from "sent, outcome unknown".
func (r *remote) post(ctx context.Context, path string, body []byte) ([]byte, error) {
	var connected atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { connected.Store(true) }}
	req, err := http.NewRequestWithContext(httptrace.WithClientTrace(ctx, trace), http.MethodPost, r.base+path, bytes.NewReader(body))
	if err != nil { // not passed on: it quotes the address, which may carry a login
		return nil, &Fault{Kind: Unreachable, Message: "odoo.url is not a usable address"}
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := r.client.Do(req)
	if err != nil {
		return nil, lost(ctx, err, connected.Load())
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode != http.StatusOK {
		return nil, refused(resp)
	}
	data, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err != nil {
		return nil, lost(ctx, err, true)
	}
	if len(data) > maxAnswer {
		return nil, &Fault{Kind: BadAnswer, Status: resp.StatusCode, Message: fmt.Sprintf("the answer is larger than %d MiB; ask for less at once", maxAnswer>>20)}
	}
	return data, nil
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

// refused names an answer with another status than 200. The body is not quoted:
// it is a page of some proxy and may repeat what we sent.
func refused(resp *http.Response) *Fault {
	f := &Fault{Kind: BadAnswer, Status: resp.StatusCode, Message: "HTTP status " + resp.Status}
	switch {
	case resp.StatusCode >= 300 && resp.StatusCode < 400:
		f.Message += "; odoo.url leads to a redirect, set it to the address Odoo itself answers on"
		if to, err := resp.Location(); err == nil {
			f.Message += " (perhaps " + to.Scheme + "://" + to.Host + ")"
		}
	case resp.StatusCode == http.StatusNotFound:
		f.Message += "; no Odoo RPC at odoo.url"
	}
	return f
}
