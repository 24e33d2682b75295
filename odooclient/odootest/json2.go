package odootest

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
)

// serveJSON2 is POST /json/2/<model>/<method> of 19: the status says what went
// wrong, the body is the bare answer or the error. The order of the checks is
// the real one's: database, path, content type, key, body, method, arguments.
func (s *Server) serveJSON2(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Connection", "close")
	if r.Header.Get("X-Odoo-Database") != s.opt.Database {
		page(w, http.StatusNotFound, "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested URL "+
			"was not found in the server-wide controllers.</p>\n<p>Please verify the hostname, <a href=/web/login>login</a> and try again.</p>\n\n"+
			"<!-- Alternatively, use the X-Odoo-Database header. -->\n")
		return
	}
	modelName, name, two := strings.Cut(strings.TrimPrefix(r.URL.Path, "/json/2/"), "/")
	if !two || strings.Contains(name, "/") || r.Method != http.MethodPost {
		writeJSON2(w, nil, notFound("Did you mean POST /json/2/<model>/<method>?"))
		return
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		w.Header().Set("Accept", "application/json")
		page(w, http.StatusUnsupportedMediaType, "<!doctype html>\n<html lang=en>\n<title>415 Unsupported Media Type</title>\n<h1>Unsupported Media Type</h1>\n"+
			"<p>Request inferred type is compatible with [&#39;http&#39;] but &#39;/json/2/&lt;__model__&gt;/&lt;__method__&gt;&#39; is type=&#39;json2&#39;."+
			"<br><br>Please verify the Content-Type request header and try again.</p>\n")
		return
	}
	who, err := s.bearer(r.Header.Get("Authorization"))
	if err != nil {
		w.Header().Set("WWW-Authenticate", "Bearer ")
		writeJSON2(w, nil, err)
		return
	}
	body, failed := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if failed != nil {
		page(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	kwargs, err := namedArguments(body)
	if err != nil {
		writeJSON2(w, nil, err)
		return
	}
	result, mode, err := s.json2(r, who, modelName, name, kwargs)
	if mode.failed(w, r) {
		return
	}
	if id, one := result.(int64); one && name == "create" {
		result = []int64{id} // a recordset goes out as its ids
	}
	writeJSON2(w, result, err)
}

// bearer finds the account of an API key. Passwords are none.
func (s *Server) bearer(header string) (login, error) {
	kind, key, _ := strings.Cut(header, " ")
	if !strings.EqualFold(kind, "bearer") || key == "" {
		return login{}, httpError(http.StatusUnauthorized, "User not authenticated, use an API Key with a Bearer Authorization header.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.logins {
		if l.key == key {
			return l, nil
		}
	}
	return login{}, httpError(http.StatusUnauthorized, "Invalid apikey")
}

// namedArguments reads the body. What is JSON but no object counts as empty.
func namedArguments(body []byte) (map[string]any, error) {
	if len(body) == 0 {
		return map[string]any{}, nil
	}
	var v any
	if err := decodeJSON(body, &v); err != nil {
		return nil, httpError(http.StatusBadRequest, "could not parse the body as json: %s", err)
	}
	args, ok := v.(map[string]any)
	if !ok {
		return map[string]any{}, nil
	}
	return maps.Clone(args), nil
}

// json2 checks a call as the endpoint does before it opens the transaction.
func (s *Server) json2(r *http.Request, who login, modelName, name string, kwargs map[string]any) (any, FaultMode, error) {
	m := s.models[modelName]
	if m == nil {
		return nil, None, notFound("the model %s does not exist", pyString(modelName))
	}
	md, err := s.method(m, name)
	var f *fault
	if errors.As(err, &f) && f.name == "builtins.AttributeError" {
		return nil, None, notFound("%s", f.text)
	}
	if err != nil {
		return nil, None, err
	}
	ids := kwargs["ids"]
	delete(kwargs, "ids")
	if !md.record && truthy(ids) {
		return nil, None, httpError(http.StatusUnprocessableEntity, "cannot call %s.%s with ids", modelName, name)
	}
	if err := signature(md, kwargs); err != nil {
		return nil, None, err
	}
	if v := kwargs["context"]; truthy(v) && pyType(v) != "dict" {
		return nil, None, typeError("'%s' object is not iterable", pyType(v))
	}
	var args []any
	if md.record {
		args = []any{ids}
	}
	return s.run(r.Context(), who, m, name, md, args, kwargs)
}

// signature is Python's check of named arguments.
func signature(md *method, kwargs map[string]any) error {
	for _, p := range md.params[:md.required] {
		if _, ok := kwargs[p]; !ok {
			return httpError(http.StatusUnprocessableEntity, "missing a required argument: '%s'", p)
		}
	}
	for k := range kwargs {
		if k != "context" && !md.takes(k) {
			return httpError(http.StatusUnprocessableEntity, "got an unexpected keyword argument '%s'", k)
		}
	}
	return nil
}

// httpError is an exception of the web layer: its status stands in the arguments.
func httpError(status int, format string, args ...any) *fault {
	class := map[int]string{
		http.StatusBadRequest: "BadRequest", http.StatusUnauthorized: "Unauthorized", http.StatusNotFound: "NotFound",
		http.StatusUnprocessableEntity: "UnprocessableEntity",
	}[status]
	f := newFault("werkzeug.exceptions."+class, format, args...)
	f.args, f.status = append(f.args, status), status
	return f
}

func notFound(format string, args ...any) *fault {
	return httpError(http.StatusNotFound, format, args...)
}

// statusOf is the status that an exception of Odoo's has.
func statusOf(f *fault) int {
	switch {
	case f.status != 0:
		return f.status
	case f.name == "odoo.exceptions.AccessError", f.name == "odoo.exceptions.AccessDenied":
		return http.StatusForbidden
	case f.name == "odoo.exceptions.MissingError":
		return http.StatusNotFound
	case strings.HasPrefix(f.name, "odoo.exceptions."):
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

func writeJSON2(w http.ResponseWriter, result any, err error) {
	status := http.StatusOK
	if err != nil {
		f := asFault(err)
		status, result = statusOf(f), errorData(f)
	}
	body, failed := json.Marshal(result)
	if failed != nil {
		status = http.StatusInternalServerError
		body, _ = json.Marshal(errorData(valueError("%s", failed)))
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that left needs no answer
}
