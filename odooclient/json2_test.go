package odooclient

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

// recording2 is one exchange with a real Odoo 19.0 over JSON-2.
type recording2 struct {
	Request struct {
		Line    string
		Headers map[string]string
		Body    json.RawMessage
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    json.RawMessage
	}
}

func readRecording2(t testing.TB, name string) recording2 {
	data, err := os.ReadFile(filepath.Join("testdata/rpc/json2", name+".json"))
	require.NoError(t, err)
	var r recording2
	require.NoError(t, json.Unmarshal(data, &r), name)
	return r
}

// answer is the recorded body as it went over the wire: JSON, or a page.
func (r recording2) answer() []byte {
	var page string
	if !strings.HasPrefix(r.Response.Headers["Content-Type"], "application/json") && json.Unmarshal(r.Response.Body, &page) == nil {
		return []byte(page)
	}
	return r.Response.Body
}

// request is the call that the recording is of.
func (r recording2) request(t testing.TB) Request {
	req := Request{Model: "res.partner", Method: "search"}
	if path, ok := strings.CutPrefix(r.Request.Line, "POST /json/2/"); ok {
		if model, method, ok := strings.Cut(path, "/"); ok {
			req.Model, req.Method = model, method
		}
	}
	var named map[string]json.RawMessage
	if json.Unmarshal(r.Request.Body, &named) != nil {
		return req
	}
	for name, raw := range named {
		switch name {
		case "ids":
			require.NoError(t, json.Unmarshal(raw, &req.IDs))
		case "context":
			require.NoError(t, json.Unmarshal(raw, &req.Context))
		default:
			if req.Args == nil {
				req.Args = map[string]any{}
			}
			req.Args[name] = raw
		}
	}
	return req
}

// heard is what a JSON-2 server was sent.
type heard struct {
	mu    sync.Mutex
	lines []string
	heads []http.Header
	body  []byte // the last one
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]string(nil), h.lines...)
}

// json2Server answers the login of user 7 and leaves the rest to answer.
func json2Server(t testing.TB, cfg func(*config.Odoo), answer http.HandlerFunc) (*Client, *heard) {
	h := &heard{}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		line := r.Method + " " + r.URL.EscapedPath()
		h.mu.Lock()
		h.lines, h.heads, h.body = append(h.lines, line), append(h.heads, r.Header.Clone()), body
		h.mu.Unlock()
		switch {
		case line == "POST /json/2/res.users/context_get":
			_, _ = io.WriteString(w, `{"lang": "en_US", "tz": false, "uid": 7}`)
		case line == "POST /json/2/res.users/read" && string(body) == `{"fields":["login"],"ids":[7]}`:
			_, _ = io.WriteString(w, `[{"id": 7, "login": "api"}]`)
		default:
			answer(w, r)
		}
	}))
	t.Cleanup(srv.Close)
	set := testConfig(srv.URL, 2)
	set.Protocol = protocolJSON2
	if cfg != nil {
		cfg(&set)
	}
	c := New(set, Options{})
	t.Cleanup(c.Close)
	return c, h
}

// faults2 is the kind and the start of the text of every recorded error.
func faults2() map[string]struct {
	kind Kind
	text string
} {
	const key = `Odoo refuses odoo.password as an API key on database "books"`
	return map[string]struct {
		kind Kind
		text string
	}{
		"404":                    {Other, "Did you mean POST /json/2/<model>/<method>?"},
		"access_error":           {AccessError, "You are not allowed to access 'Sales Order' (sale.order) records."},
		"array_body":             {BadArgs, "missing a required argument: 'domain'"},
		"bad_db":                 {Unreachable, `Odoo does not reach its database "books" any more`},
		"bad_json":               {BadArgs, "could not parse the body as json"},
		"bad_key":                {AccessDenied, key},
		"get_verb":               {Other, "Did you mean POST /json/2/<model>/<method>?"},
		"ids_on_model_method":    {BadArgs, "cannot call res.partner.create with ids"},
		"missing_arg":            {BadArgs, "missing a required argument: 'vals'"},
		"missing_error":          {MissingRecord, "Record does not exist or has been deleted."},
		"missing_method":         {NoMethod, "The method 'res.partner.nosuch' does not exist"},
		"missing_model":          {NoModel, "the model 'no.such' does not exist"},
		"missing_required":       {ValidationError, "The operation cannot be completed: Missing required value for the field 'Customer' (partner_id)."},
		"no_content_type":        {BadAnswer, "HTTP status 415"},
		"no_db_header":           {Unreachable, `Odoo does not reach its database "books" any more`},
		"no_key":                 {AccessDenied, key},
		"none_returning":         {AccessError, "Private methods (such as 'res.partner.invalidate_recordset') cannot be called remotely."},
		"null_ids":               {BadArgs, "0 is no record id"},
		"positional_not_allowed": {BadArgs, "missing a required argument: 'domain'"},
		"private_method":         {AccessError, "Private methods (such as 'sale.order._create_invoices') cannot be called remotely."},
		"recordset_returning":    {AccessError, "Private methods (such as 'res.partner.browse') cannot be called remotely."},
		"search_wrong_field":     {BadField, "Invalid field res.partner.nosuch in condition"},
		"user_error":             {MissingRecord, "Record does not exist or has been deleted."},
		"user_error_422":         {UserError, "Some orders are not in a state requiring confirmation."},
		"validation_error":       {ValidationError, "You cannot create recursive Partner hierarchies."},
		"wrong_field":            {BadField, `unknown field "nosuch"`},
		"wrong_kwarg":            {BadArgs, "missing a required argument: 'domain'"},
	}
}

func TestEveryRecordedJSON2ExchangeIsSpokenAndUnderstood(t *testing.T) {
	paths, err := filepath.Glob("testdata/rpc/json2/*.json")
	require.NoError(t, err)
	met := 0
	// What these were sent is nothing that the client would send.
	unlike := map[string]bool{"404": true, "array_body": true, "bad_json": true, "get_verb": true, "no_content_type": true,
		"create_single": true, "null_ids": true}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if name == "web_version" {
			continue // no call, see below
		}
		t.Run(name, func(t *testing.T) {
			r := readRecording2(t, name)
			c, h := json2Server(t, nil, func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range r.Response.Headers {
					if k != "Content-Length" {
						w.Header().Set(k, v)
					}
				}
				w.WriteHeader(r.Response.Status)
				_, _ = w.Write(r.answer())
			})
			var got json.RawMessage
			err := c.Call(t.Context(), r.request(t), &got)
			if sent := h.all(); len(sent) == 3 && !unlike[name] {
				require.Equal(t, r.Request.Line, sent[2])
				require.JSONEq(t, string(r.Request.Body), string(h.body))
				require.Equal(t, "books", h.heads[2].Get("X-Odoo-Database"))
				require.Equal(t, "bearer "+testPassword, h.heads[2].Get("Authorization"))
				require.Equal(t, "application/json", h.heads[2].Get("Content-Type"))
			} else {
				require.True(t, unlike[name], "sent: %v", sent)
			}
			expected, listed := faults2()[name]
			if !listed {
				require.NoError(t, err)
				if string(r.Response.Body) == "null" { // None
					require.Empty(t, got)
				} else {
					require.JSONEq(t, string(r.Response.Body), string(got))
				}
				return
			}
			met++
			f := requireKind(t, expected.kind, err)
			require.True(t, strings.HasPrefix(f.Message, expected.text), "got %q", f.Message)
			require.NotContains(t, err.Error(), "\n")
			if name != "null_ids" {
				require.Equal(t, r.Response.Status, f.Status)
			}
		})
	}
	require.Equal(t, len(faults2()), met, "a listed recording is missing")
}

func TestTheRecordedVersionIsReadWithoutAKey(t *testing.T) {
	c, h := json2Server(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(readRecording2(t, "web_version").answer())
	})
	v, err := c.Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, Version{Text: "19.0+e-20251227", Major: 19}, v)
	require.Equal(t, []string{"GET /web/version"}, h.all())
	require.Empty(t, h.heads[0].Get("Authorization"))

	hosted, _ := json2Server(t, nil, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"version_info": ["saas~19", 1, 0, "final", 0, ""], "version": "saas~19.1+e"}`)
	})
	v, err = hosted.Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, 19, v.Major)
}

func TestRecordedJSON2LoadsGiveIDsAndRowErrors(t *testing.T) {
	replayed := func(name string) *Client {
		c, _ := json2Server(t, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(readRecording2(t, name).answer()) })
		return c
	}
	s := Shape{Model: "res.partner", Fields: []string{"id", "name", "country_id/id"}}
	id, err := replayed("load").Load(t.Context(), s, [][]any{{"odoogate.j1", "J1", ""}})
	require.NoError(t, err)
	require.EqualValues(t, 10, id)
	_, err = replayed("load_bad").Load(t.Context(), s, [][]any{{"odoogate.j1", "J1", "base.nosuch"}})
	var row *RowError
	require.ErrorAs(t, err, &row)
	require.Equal(t, "country_id", row.Field)
	require.True(t, row.MissingXID())
}

func TestACreateAnswersWithAListHoweverItIsAsked(t *testing.T) {
	vals := map[string]any{"name": "A"}
	for name, args := range map[string]map[string]any{
		"a list":                  {"vals_list": []any{vals}},
		"one record":              {"vals_list": vals},
		"one under its old name":  {"vals": vals},
		"a list of typed records": {"vals_list": []map[string]any{vals}},
	} {
		t.Run(name, func(t *testing.T) {
			c, h := json2Server(t, nil, func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "[9]") })
			f := &fakeOdoo{handle: func(_ context.Context, c call) (any, error) {
				if _, one := c.Args[0].(map[string]any); one {
					return 9, nil
				}
				return []any{9}, nil
			}}
			for _, c := range []*Client{c, f.client(t, 1)} {
				var ids []int64
				require.NoError(t, c.Call(t.Context(), Request{Model: "res.partner", Method: "create", Args: args}, &ids))
				require.Equal(t, []int64{9}, ids)
			}
			require.JSONEq(t, `{"vals_list":[{"name":"A"}]}`, string(h.body))
		})
	}
}

func TestAKeyIsTakenForTheUserItBelongsTo(t *testing.T) {
	ok := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "true") }
	t.Run("asked once", func(t *testing.T) {
		c, h := json2Server(t, nil, ok)
		for range 3 {
			require.NoError(t, write(t.Context(), c))
		}
		uid, err := c.UID(t.Context())
		require.NoError(t, err)
		require.EqualValues(t, 7, uid)
		require.Len(t, h.all(), 5)
	})
	t.Run("and one of another user is refused", func(t *testing.T) {
		c, h := json2Server(t, func(o *config.Odoo) { o.User = "clerk" }, ok)
		f := requireKind(t, AccessDenied, write(t.Context(), c))
		require.Contains(t, f.Message, `not one of user "clerk"`)
		require.Len(t, h.all(), 2, "nothing was written")
	})
	t.Run("and what cannot stand in a header is no key", func(t *testing.T) {
		c, h := json2Server(t, func(o *config.Odoo) { o.Password = config.NewSecret("two\nlines") }, ok)
		requireKind(t, AccessDenied, write(t.Context(), c))
		require.Empty(t, h.all())
	})
}

func TestJSON2FaultsQuoteNoKeyAndNoPage(t *testing.T) {
	for name, body := range map[string]string{
		"an exception": `{"name": "builtins.Exception", "message": "you sent ` + testPassword + `", "debug": "Traceback"}`,
		"a page":       "<html>" + testPassword + "</html>",
		"other JSON":   `{"error": "` + testPassword + `"}`,
	} {
		t.Run(name, func(t *testing.T) {
			for _, status := range []int{http.StatusOK, http.StatusForbidden, http.StatusInternalServerError, http.StatusBadGateway} {
				c, _ := json2Server(t, nil, func(w http.ResponseWriter, _ *http.Request) {
					w.WriteHeader(status)
					_, _ = io.WriteString(w, body)
				})
				var n int64
				err := c.Call(t.Context(), Request{Model: "x", Method: "write", IDs: []int64{1}}, &n)
				require.Error(t, err)
				require.NotContains(t, err.Error(), testPassword)
				require.NotContains(t, err.Error(), "Traceback")
			}
		})
	}
}

// FuzzReply feeds the way from a JSON-2 answer to a caller's values: whatever
// comes with whatever status, there is a result or a Fault in one line.
func FuzzReply(f *testing.F) {
	paths, err := filepath.Glob("testdata/rpc/json2/*.json")
	require.NoError(f, err)
	for _, path := range paths {
		r := readRecording2(f, strings.TrimSuffix(filepath.Base(path), ".json"))
		f.Add(r.Response.Status, r.answer())
	}
	for _, odd := range []string{``, `null`, `{}`, `{"name":5}`, `{"name":"x","message":["a\nb"]}`, `{"name":"builtins.KeyError"}`, `"text`, "<html>", "[1] [2]",
		`{"name":"a\nb","message":"c\r\nd"}`} {
		for _, status := range []int{200, 301, 404, 422, 500, 503} {
			f.Add(status, []byte(odd))
		}
	}
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		raw, err := readReply(reply{status: status, text: http.StatusText(status), body: body}, true)
		if err != nil {
			oneLine(t, err)
			if status == http.StatusOK && KindOf(err) != BadAnswer {
				t.Fatalf("a 200 is %v", err)
			}
			return
		}
		if status != http.StatusOK {
			t.Fatalf("status %d is a success: %q", status, raw)
		}
		var rows []Row
		if err := decode(raw, &rows, Request{}); err != nil {
			oneLine(t, err)
		}
		var got loaded
		if err := decode(raw, &got, Request{}); err != nil {
			oneLine(t, err)
		}
	})
}
