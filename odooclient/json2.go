package odooclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// json2 is the protocol of POST /json/2/<model>/<method>: Odoo 19 and later, an
// API key as bearer, statuses that mean something, arguments by name only. There
// is no login; who the key belongs to is asked once, before the first call.
// https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
type json2 struct {
	account
	remote  *remote
	timeout time.Duration
	spawn   func(func())
	observe func(began time.Time, err error)
	uid     lazy[int64]
}

func (p *json2) name(context.Context) (string, error) { return protocolJSON2, nil }

// call runs one method. A refused key is not tried again: nothing in it changes.
func (p *json2) call(ctx context.Context, req Request) (json.RawMessage, error) {
	if _, err := p.login(ctx); err != nil {
		return nil, at(err, req.Model, req.Method)
	}
	raw, err := p.exchange(ctx, req)
	if KindOf(err) == AccessDenied {
		p.uid.forget(func(int64) bool { return true })
	}
	return raw, at(err, req.Model, req.Method)
}

// version is answered without a key, by any Odoo that knows JSON-2.
func (p *json2) version(ctx context.Context) (Version, error) {
	const method = "version"
	a, err := p.remote.send(ctx, outgoing{path: "/web/version"})
	if err != nil {
		return Version{}, at(err, "", method)
	}
	var about struct {
		Text string `json:"version"`
		Info []any  `json:"version_info"` // [19, 0, …] or ["saas~19", 1, …]
	}
	switch {
	case a.status != http.StatusOK:
		return Version{}, at(a.refused("no Odoo of 19 or later at odoo.url"), "", method)
	case json.Unmarshal(a.body, &about) != nil || len(about.Info) == 0:
		return Version{}, &Fault{Kind: BadAnswer, Status: a.status, Method: method, Message: "/web/version is not Odoo's; is odoo.url the address of Odoo itself?"}
	}
	return versionOf(about.Text, fmt.Sprint(about.Info[0])), nil
}

// login is the uid of the key's owner. A key carries its user, whatever odoo.user
// says: one of somebody else is refused as JSON-RPC would refuse it, for with it
// we would act with rights that nobody gave us.
func (p *json2) login(ctx context.Context) (int64, error) {
	return shared(ctx, &p.uid, p.spawn, p.timeout, "logging in to Odoo", func(ctx context.Context) (int64, error) {
		var me struct {
			UID int64 `json:"uid"`
		}
		if err := p.ask(ctx, Request{Model: "res.users", Method: "context_get"}, &me); err != nil {
			return 0, err
		}
		var users []Row
		req := Request{Model: "res.users", Method: "read", IDs: []int64{me.UID}, Args: map[string]any{"fields": []string{"login"}}}
		if err := p.ask(ctx, req, &users); err != nil {
			return 0, err
		}
		if len(users) != 1 || !strings.EqualFold(users[0].Str("login"), p.user) {
			return 0, &Fault{Kind: AccessDenied, Message: fmt.Sprintf("the API key in odoo.password is not one of user %q; make a key as that user or correct odoo.user", p.user)}
		}
		return me.UID, nil
	})
}

// ask is a read of the login, made once more when the connection broke.
func (p *json2) ask(ctx context.Context, req Request, into any) error {
	raw, err := p.exchange(ctx, req)
	if KindOf(err) == Uncertain && ctx.Err() == nil {
		raw, err = p.exchange(ctx, req)
	}
	if err != nil {
		return err
	}
	return decode(raw, into, req)
}

// exchange is one request and its answer, timed.
func (p *json2) exchange(ctx context.Context, req Request) (raw json.RawMessage, err error) {
	body, err := p.body(req)
	if err != nil {
		return nil, err
	}
	if !sendable(p.password.Reveal()) || !sendable(p.database) {
		return nil, p.explain(&Fault{Kind: AccessDenied})
	}
	began := time.Now()
	defer func() { p.observe(began, err) }()
	a, err := p.remote.send(ctx, outgoing{
		path:   "/json/2/" + url.PathEscape(req.Model) + "/" + url.PathEscape(req.Method),
		body:   body,
		header: map[string]string{"Authorization": "bearer " + p.password.Reveal(), "X-Odoo-Database": p.database},
	})
	if err != nil {
		return nil, err
	}
	raw, err = readReply(a, len(req.Args) > 0)
	if f := faultOf(err); f != nil {
		return nil, p.explain(f)
	}
	return raw, nil
}

// body is the method's named arguments with the two names that the protocol
// itself takes.
func (p *json2) body(req Request) ([]byte, error) {
	named := maps.Clone(req.Args)
	if named == nil {
		named = map[string]any{}
	}
	if req.IDs != nil {
		named["ids"] = req.IDs
	}
	if req.Context != nil {
		named["context"] = req.Context
	}
	body, err := json.Marshal(named)
	if err != nil {
		return nil, &Fault{Kind: BadArgs, Message: "an argument cannot be sent as JSON", Err: err}
	}
	return body, nil
}

// explain gives the faults that a person must mend their remedy.
func (p *json2) explain(f *Fault) *Fault {
	switch f.Kind {
	case AccessDenied:
		f.Message = fmt.Sprintf("Odoo refuses odoo.password as an API key on database %q; make a new key (one lives three months at most), a password works over JSON-RPC only", p.database)
	case NoDatabase:
		// Odoo answers so too when it has lost PostgreSQL. What answered before
		// was there, and will be again.
		f.Message = fmt.Sprintf("Odoo has no database %q for this host, or no PostgreSQL; check odoo.database", p.database)
		if _, worked := p.uid.known(); worked {
			f.Kind, f.Message = Unreachable, fmt.Sprintf("Odoo does not reach its database %q any more; is PostgreSQL up?", p.database)
		}
	}
	return p.hide(f)
}

// readReply opens an answer: a 200 is the bare return value, other statuses of
// Odoo's own tell the exception as an object.
func readReply(a reply, named bool) (json.RawMessage, error) {
	if a.status == http.StatusOK {
		if !json.Valid(a.body) {
			return nil, &Fault{Kind: BadAnswer, Status: a.status, Message: "the answer is not JSON; is odoo.url the address of Odoo itself?"}
		}
		return bytes.TrimSpace(a.body), nil
	}
	var e struct {
		Name    string `json:"name"`
		Message string `json:"message"`
	}
	switch {
	case json.Unmarshal(a.body, &e) == nil && e.Name != "":
		return nil, exception(e.Name, e.Message, a.status, named)
	case a.status == http.StatusNotFound && bytes.Contains(a.body, []byte("No database is selected")):
		return nil, &Fault{Kind: NoDatabase, Status: a.status}
	}
	return nil, a.refused("no JSON-2 at odoo.url; Odoo knows it from version 19 on, set odoo.protocol to auto")
}
