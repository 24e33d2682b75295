package odooclient

import (
	"context"
	"encoding/json"
	"errors"
	"time"
)

// The protocols by the names of odoo.protocol; anything else finds out.
const (
	protocolJSONRPC = "jsonrpc"
	protocolJSON2   = "json2"
)

// json2Since is the version of Odoo that brought JSON-2.
const json2Since = 19

// probing speaks JSON-2 where Odoo knows it and takes our password for an API
// key, else JSON-RPC. It finds out once for all callers, and anew after a failure
// behind which there may be another Odoo than before: an upgrade means a restart.
type probing struct {
	old     *jsonrpc
	recent  *json2
	timeout time.Duration
	spawn   func(func())
	chosen  lazy[protocol]
}

func (p *probing) call(ctx context.Context, req Request) (json.RawMessage, error) {
	way, err := p.choose(ctx)
	if err != nil {
		return nil, at(err, req.Model, req.Method)
	}
	raw, err := way.call(ctx, req)
	switch KindOf(err) {
	case AccessDenied, NoDatabase, Unreachable, BadAnswer:
		p.chosen.forget(func(kept protocol) bool { return kept == way })
	}
	return raw, err
}

// version needs no choice, so that it tells a down Odoo from a refusing one.
func (p *probing) version(ctx context.Context) (Version, error) {
	if way, ok := p.chosen.known(); ok && way == protocol(p.old) {
		return way.version(ctx)
	}
	return p.about(ctx)
}

func (p *probing) login(ctx context.Context) (int64, error) {
	way, err := p.choose(ctx)
	if err != nil {
		return 0, err
	}
	return way.login(ctx)
}

func (p *probing) name(ctx context.Context) (string, error) {
	way, err := p.choose(ctx)
	if err != nil {
		return "", err
	}
	return way.name(ctx)
}

func (p *probing) choose(ctx context.Context) (protocol, error) {
	return shared(ctx, &p.chosen, p.spawn, p.timeout, "asking Odoo for its version", p.probe)
}

func (p *probing) probe(ctx context.Context) (protocol, error) {
	v, err := p.about(ctx)
	switch {
	case err != nil:
		return nil, err
	case v.Major < json2Since:
		return p.old, nil
	}
	_, err = p.recent.login(ctx)
	if f := faultOf(err); f == nil || f.Temporary() {
		return p.recent, err
	}
	// A password, or a host that lets JSON-2 not through, or not to our database.
	// JSON-RPC knows better which it is, as long as there is JSON-RPC.
	_, refused := p.old.login(ctx)
	switch f := faultOf(refused); {
	case refused == nil:
		return p.old, nil
	case f != nil && f.Kind == BadAnswer && !f.Temporary():
		return nil, err
	}
	return nil, refused
}

// about asks the two ways in which an Odoo may tell its version: what is no
// answer to the one may still be a JSON-RPC to the other.
func (p *probing) about(ctx context.Context) (Version, error) {
	v, err := p.recent.version(ctx)
	if KindOf(err) == BadAnswer {
		return p.old.version(ctx)
	}
	return v, err
}

// shared gets what is asked for once for all callers, with a deadline of its own.
// It comes before a call is sent: whatever fails here, the call was not executed.
func shared[T any](ctx context.Context, l *lazy[T], spawn func(func()), timeout time.Duration, doing string, fetch func(context.Context) (T, error)) (T, error) {
	v, err := l.get(ctx, spawn, func() (T, error) {
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
		defer cancel()
		return fetch(own)
	})
	if end := ctx.Err(); end != nil && errors.Is(err, end) && KindOf(err) == "" {
		return v, &Fault{Kind: Unreachable, Message: "ended while " + doing, Err: end}
	}
	if f := faultOf(err); f != nil && f.Kind == Uncertain {
		own := *f
		own.Kind = Unreachable
		err = &own
	}
	return v, err
}
