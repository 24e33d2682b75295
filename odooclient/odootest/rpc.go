package odootest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

const maxBody = 32 << 20

// serveRPC is POST /jsonrpc. Every JSON object gets an envelope with status 200,
// errors too; what is not JSON gets a 400 page, as from the real one.
func (s *Server) serveRPC(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close") // neither server mode of Odoo keeps connections
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		s.edition.wrongType(w)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		page(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	var envelope any
	if err := decodeJSON(body, &envelope); err != nil {
		page(w, http.StatusBadRequest, "Invalid JSON data")
		return
	}
	req, ok := envelope.(map[string]any)
	if !ok {
		page(w, http.StatusBadRequest, "Invalid JSON-RPC data")
		return
	}
	result, mode, err := s.answer(r.Context(), req)
	if mode.failed(w, r) {
		return
	}
	s.writeEnvelope(w, req["id"], result, err)
}

func decodeJSON(body []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("data after the JSON value")
	}
	return nil
}

func page(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // a client that left needs no answer
}

// writeEnvelope answers. A method that returned nothing has neither result nor
// error in its envelope.
func (s *Server) writeEnvelope(w http.ResponseWriter, id, result any, err error) {
	out := map[string]any{"jsonrpc": "2.0", "id": id}
	switch {
	case err != nil:
		out["error"] = map[string]any{"code": s.edition.errorCode, "message": "Odoo Server Error", "data": errorData(asFault(err))}
	case result != nil:
		out["result"] = result
	}
	body, failed := json.Marshal(out)
	if failed != nil {
		body, _ = json.Marshal(map[string]any{"jsonrpc": "2.0", "id": nil, "error": map[string]any{
			"code": s.edition.errorCode, "message": "Odoo Server Error", "data": errorData(valueError("%s", failed)),
		}})
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = w.Write(body) // a client that left needs no answer
}

func asFault(err error) *fault {
	var f *fault
	if !errors.As(err, &f) {
		f = newFault("builtins.Exception", "%s", err)
	}
	return f
}

// errorData is an exception as both endpoints report it.
func errorData(f *fault) map[string]any {
	class := strings.TrimPrefix(f.name, "builtins.")
	return map[string]any{
		"name": f.name, "message": f.text, "arguments": f.args, "context": map[string]any{},
		"debug": "Traceback (most recent call last):\n  ...\n" + class + ": " + f.text,
	}
}

// answer dispatches one envelope to its service.
func (s *Server) answer(ctx context.Context, req map[string]any) (any, FaultMode, error) {
	params, ok := req["params"].(map[string]any)
	if !ok || params["service"] == nil || params["method"] == nil || params["args"] == nil {
		return nil, None, typeError("%s.jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'", s.edition.controller)
	}
	service, name := toText(params["service"]), toText(params["method"])
	args, ok := params["args"].([]any)
	if !ok {
		return nil, None, typeError("'%s' object is not iterable", pyType(params["args"]))
	}
	switch service {
	case "common":
		mode := s.faultFor(service, name)
		if mode == DropBefore || mode == Err500 {
			return nil, mode, nil
		}
		result, err := s.common(name, args)
		return result, mode, err
	case "object":
		return s.object(ctx, name, args)
	}
	return nil, None, keyError(service)
}

func (s *Server) common(name string, args []any) (any, error) {
	switch name {
	case "version":
		return map[string]any{
			"server_version": s.edition.release, "server_version_info": s.edition.info(),
			"server_serie": s.edition.serie(), "protocol_version": 1,
		}, nil
	case "authenticate", "login":
		if len(args) < 3 {
			return nil, typeError("exp_%s() missing required positional arguments", name)
		}
		if err := s.database(args[0]); err != nil {
			return nil, err
		}
		s.count("common." + name)
		if who, ok := s.logins[toText(args[1])]; ok && who.opens(args[2]) {
			return who.id, nil
		}
		return false, nil
	}
	return nil, newFault("builtins.Exception", "Method not found: %s", name)
}

func (s *Server) database(name any) error {
	if name == s.opt.Database {
		return nil
	}
	text := fmt.Sprintf("connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  database \"%s\" does not exist\n", toText(name))
	return newFault("psycopg2.OperationalError", "%s", text)
}

// object is execute_kw and execute: one transaction each.
func (s *Server) object(ctx context.Context, name string, args []any) (any, FaultMode, error) {
	if name != "execute_kw" && name != "execute" {
		return nil, None, newFault("builtins.NameError", "Method not available %s", name)
	}
	if len(args) < 3 {
		return nil, None, indexError("list")
	}
	if err := s.database(args[0]); err != nil {
		return nil, None, err
	}
	uid, _ := toInt(args[1])
	who, ok := s.user(uid, args[2])
	if !ok {
		return nil, None, newFault("odoo.exceptions.AccessDenied", "Access Denied")
	}
	if len(args) < 5 {
		return nil, None, typeError("execute() missing required positional arguments: 'obj' and 'method'")
	}
	modelName, okModel := args[3].(string)
	methodName, okMethod := args[4].(string)
	if !okModel || !okMethod {
		return nil, None, typeError("expected string or bytes-like object, got '%s'", pyType(args[4]))
	}
	var positional []any
	kwargs := map[string]any{}
	if name == "execute" {
		positional = args[5:]
	} else {
		if len(args) > 5 {
			if positional, ok = args[5].([]any); !ok && truthy(args[5]) {
				return nil, None, typeError("Value after * must be an iterable, not %s", pyType(args[5]))
			}
		}
		if len(args) > 6 && args[6] != nil {
			if kwargs, ok = args[6].(map[string]any); !ok {
				return nil, None, typeError("argument after ** must be a mapping, not %s", pyType(args[6]))
			}
			kwargs = maps.Clone(kwargs)
		}
	}
	return s.execute(ctx, who, modelName, methodName, positional, kwargs)
}
