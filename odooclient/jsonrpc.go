package odooclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/odoogate/odoogate/config"
)

// jsonrpc is the protocol of POST /jsonrpc: Odoo up to 21, status 200 for
// everything, login name and password turned into a uid once.
// https://www.odoo.com/documentation/17.0/developer/reference/external_api.html
type jsonrpc struct {
	remote   *remote
	database string
	user     string
	password config.Secret
	timeout  time.Duration
	spawn    func(func())
	observe  func(began time.Time, err error)
	seq      atomic.Int64
	uid      lazy[int64]
}

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
func (p *jsonrpc) version(ctx context.Context) (json.RawMessage, error) {
	raw, err := p.exchange(ctx, "common", "version", false)
	return raw, at(err, "", "version")
}

// login returns the uid. authenticate costs some 400 ms of password hashing, so
// it is asked once for all callers, with a deadline of its own.
func (p *jsonrpc) login(ctx context.Context) (int64, error) {
	uid, err := p.uid.get(ctx, p.spawn, func() (int64, error) {
		own, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.timeout)
		defer cancel()
		return p.authenticate(own)
	})
	if end := ctx.Err(); end != nil && errors.Is(err, end) && KindOf(err) == "" {
		return 0, &Fault{Kind: Unreachable, Message: "ended while logging in to Odoo", Err: end}
	}
	return uid, err
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
	data, err := p.remote.post(ctx, "/jsonrpc", body)
	if err != nil {
		return nil, err
	}
	raw, err = readAnswer(data, id, named)
	if f := faultOf(err); f != nil {
		return nil, p.explain(f)
	}
	return raw, nil
}

// explain gives the faults that a person must mend their remedy, and keeps the
// password out of all of them.
func (p *jsonrpc) explain(f *Fault) *Fault {
	switch f.Kind {
	case AccessDenied:
		f.Message = fmt.Sprintf("Odoo refuses user %q on database %q; check odoo.user and odoo.password (an API key may have expired)", p.user, p.database)
	case NoDatabase:
		f.Message = fmt.Sprintf("Odoo has no database %q; check odoo.database", p.database)
	}
	f.Name, f.Message = scrub(f.Name, p.password.Reveal()), scrub(f.Message, p.password.Reveal())
	return f
}

// scrub takes a secret out of a text that came from outside. Very short ones are
// left: replacing them everywhere would mark where they are.
func scrub(text, secret string) string {
	if len(secret) < 6 {
		return text
	}
	return strings.ReplaceAll(text, secret, "[secret]")
}

// arguments splits a request the way execute_kw wants it: ids first, then named
// arguments. create alone takes its values by position, whatever they are called.
func arguments(req Request) (args []any, kwargs map[string]any) {
	args, kwargs = []any{}, maps.Clone(req.Args)
	if kwargs == nil {
		kwargs = map[string]any{}
	}
	if req.IDs != nil {
		args = append(args, req.IDs)
	}
	if req.Method == "create" {
		for _, name := range []string{"vals_list", "vals"} {
			if v, ok := kwargs[name]; ok {
				args = append(args, v)
				delete(kwargs, name)
			}
		}
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
		kind, text := classify(a.Error.Data.Name, text, named), firstLine(text)
		if kind == BadField && a.Error.Data.Name == "builtins.KeyError" {
			text = fmt.Sprintf("unknown field %q", text)
		}
		return nil, &Fault{Kind: kind, Name: a.Error.Data.Name, Message: text, Status: http.StatusOK}
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
