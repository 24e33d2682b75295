package odooclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"
)

// jsonrpc is the protocol of POST /jsonrpc: status 200 for everything, login name
// and password turned into a uid once. Every Odoo so far knows it; its removal is
// announced for Odoo 22 (autumn 2028) and Odoo Online 21.1 (winter 2027).
// https://www.odoo.com/documentation/17.0/developer/reference/external_api.html
type jsonrpc struct {
	account
	remote  *remote
	timeout time.Duration
	spawn   func(func())
	observe func(began time.Time, err error)
	seq     atomic.Int64
	uid     lazy[int64]
}

func (p *jsonrpc) name(context.Context) (string, error) { return protocolJSONRPC, nil }

// call runs one method. Only a refused login is answered by a second try, after
// logging in anew: the uid may have changed under us, and nothing was executed.
func (p *jsonrpc) call(ctx context.Context, req Request) (json.RawMessage, error) {
	args, kwargs := arguments(req)
	for again := false; ; again = true {
		uid, err := p.login(ctx)
		if err != nil {
			return nil, at(err, req.Model, req.Method)
		}
		raw, err := p.exchange(ctx, "object", "execute_kw", len(req.Args) > 0,
			p.database, uid, p.password.Reveal(), req.Model, req.Method, args, kwargs)
		if again || KindOf(err) != AccessDenied {
			return raw, at(err, req.Model, req.Method)
		}
		p.uid.forget(func(kept int64) bool { return kept == uid })
	}
}

// version asks without a login.
func (p *jsonrpc) version(ctx context.Context) (Version, error) {
	req := Request{Method: "version"}
	raw, err := p.exchange(ctx, "common", req.Method, false)
	if err != nil {
		return Version{}, at(err, "", req.Method)
	}
	var about struct {
		Text   string `json:"server_version"`
		Series string `json:"server_serie"`
	}
	if err := decode(raw, &about, req); err != nil {
		return Version{}, err
	}
	return versionOf(about.Text, about.Series), nil
}

// login returns the uid. authenticate costs some 400 ms of password hashing.
func (p *jsonrpc) login(ctx context.Context) (int64, error) {
	return shared(ctx, &p.uid, p.spawn, p.timeout, "logging in to Odoo", p.authenticate)
}

func (p *jsonrpc) authenticate(ctx context.Context) (int64, error) {
	for again := false; ; again = true {
		raw, err := p.exchange(ctx, "common", "authenticate", false, p.database, p.user, p.password.Reveal(), struct{}{})
		if KindOf(err) == Uncertain && ctx.Err() == nil && !again {
			continue
		}
		if err != nil {
			return 0, err
		}
		uid, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || uid <= 0 { // false
			return 0, p.explain(&Fault{Kind: AccessDenied})
		}
		return uid, nil
	}
}

// exchange is one request and its answer, timed. named is whether the call names
// fields, which decides what a KeyError means.
func (p *jsonrpc) exchange(ctx context.Context, service, method string, named bool, args ...any) (raw json.RawMessage, err error) {
	if args == nil {
		args = []any{} // Odoo calls with *args: null would be no list
	}
	id := p.seq.Add(1)
	body, err := json.Marshal(envelope{Version: "2.0", Method: "call", ID: id, Params: params{service, method, args}})
	if err != nil {
		return nil, &Fault{Kind: BadArgs, Message: "an argument cannot be sent as JSON", Err: err}
	}
	began := time.Now()
	defer func() { p.observe(began, err) }()
	a, err := p.remote.send(ctx, outgoing{path: "/jsonrpc", body: body})
	if err != nil {
		return nil, err
	}
	if a.status != http.StatusOK {
		return nil, a.refused("no Odoo RPC at odoo.url")
	}
	raw, err = readAnswer(a.body, id, named)
	if f := faultOf(err); f != nil {
		return nil, p.explain(f)
	}
	return raw, nil
}

// explain gives the faults that a person must mend their remedy.
func (p *jsonrpc) explain(f *Fault) *Fault {
	switch f.Kind {
	case AccessDenied:
		f.Message = fmt.Sprintf("Odoo refuses user %q on database %q; check odoo.user and odoo.password (an API key may have expired)", p.user, p.database)
	case NoDatabase:
		f.Message = fmt.Sprintf("Odoo has no database %q; check odoo.database", p.database)
	}
	return p.hide(f)
}

// arguments splits a request the way execute_kw wants it: ids first, then named
// arguments. create alone takes its values by position.
func arguments(req Request) (args []any, kwargs map[string]any) {
	args, kwargs = []any{}, maps.Clone(req.Args)
	if kwargs == nil {
		kwargs = map[string]any{}
	}
	if req.IDs != nil {
		args = append(args, req.IDs)
	}
	if v, ok := kwargs[valsList]; ok && req.Method == "create" {
		args = append(args, v)
		delete(kwargs, valsList)
	}
	if req.Context != nil {
		kwargs["context"] = req.Context
	}
	return args, kwargs
}

type envelope struct {
	Version string `json:"jsonrpc"`
	Method  string `json:"method"`
	ID      int64  `json:"id"`
	Params  params `json:"params"`
}

type params struct {
	Service string `json:"service"`
	Method  string `json:"method"`
	Args    []any  `json:"args"`
}

type answer struct {
	ID     json.RawMessage `json:"id"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
		Data    struct {
			Name    string `json:"name"`
			Message string `json:"message"`
		} `json:"data"`
	} `json:"error"`
}

// readAnswer opens an envelope. An answer with neither result nor error is a
// method that returned None: success, and a nil result.
func readAnswer(data []byte, id int64, named bool) (json.RawMessage, error) {
	var a answer
	if err := json.Unmarshal(data, &a); err != nil || !bytes.HasPrefix(bytes.TrimSpace(data), []byte("{")) {
		return nil, &Fault{Kind: BadAnswer, Status: http.StatusOK, Message: "the answer is not JSON-RPC; is odoo.url the address of Odoo itself?"}
	}
	if a.Error != nil {
		text := a.Error.Data.Message
		if text == "" {
			text = a.Error.Message
		}
		return nil, exception(a.Error.Data.Name, text, http.StatusOK, named)
	}
	if string(a.ID) != strconv.FormatInt(id, 10) {
		return nil, &Fault{Kind: BadAnswer, Status: http.StatusOK, Message: "the answer belongs to another request; does a proxy cache POST?"}
	}
	return a.Result, nil
}

// at says in a copy of the fault which call it met: one login's fault is shared by
// all that wait for it.
func at(err error, model, method string) error {
	f := faultOf(err)
	if f == nil {
		return err
	}
	own := *f
	own.Model, own.Method = model, method
	return &own
}
