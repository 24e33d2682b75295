package odooclient

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

const noDatabasePage = "<h1>Not Found</h1>\n<p>No database is selected and the requested URL was not found in the server-wide controllers.</p>"

// host is one Odoo as seen from outside; what is set may change between calls.
type host struct {
	major    int    // 19 knows JSON-2
	isKey    bool   // our secret is an API key
	isSecret bool   // our secret is known to JSON-RPC
	noRPC    bool   // /jsonrpc is gone
	hidden   bool   // /web/version is refused by a proxy
	json2    string // JSON-2 answers this page with 404
	database string // what PostgreSQL says to JSON-RPC logins
	cut      error  // every request ends so
	arrived  bool   // though Odoo got it

	mu   sync.Mutex
	seen []string
}

func (h *host) RoundTrip(req *http.Request) (*http.Response, error) {
	body := []byte{}
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	status, answer := h.answer(req, body)
	if h.cut != nil {
		if h.arrived {
			connect(req)
		}
		return nil, h.cut
	}
	connect(req)
	return &http.Response{StatusCode: status, Status: http.StatusText(status), Header: http.Header{},
		Body: io.NopCloser(strings.NewReader(answer)), Request: req}, nil
}

func (h *host) answer(req *http.Request, body []byte) (int, string) {
	switch path := req.URL.Path; {
	case path == "/web/version":
		h.seen = append(h.seen, "web.version")
		switch {
		case h.hidden:
			return 403, "<h1>Forbidden</h1>"
		case h.major < json2Since:
			return 404, "<h1>Not Found</h1>"
		}
		return 200, `{"version_info": [19, 0, 0, "final", 0, ""], "version": "19.0"}`
	case path == "/jsonrpc" && !h.noRPC:
		return 200, h.rpc(body)
	case strings.HasPrefix(path, "/json/2/") && h.major >= json2Since:
		h.seen = append(h.seen, "json2."+path[strings.LastIndex(path, "/")+1:])
		switch {
		case h.json2 != "":
			return 404, h.json2
		case !h.isKey:
			return 401, `{"name": "werkzeug.exceptions.Unauthorized", "message": "Invalid apikey"}`
		case strings.HasSuffix(path, "/context_get"):
			return 200, `{"uid": 7}`
		case strings.HasSuffix(path, "/read"):
			return 200, `[{"id": 7, "login": "api"}]`
		}
		return 200, "true"
	}
	return 404, "<h1>Not Found</h1>"
}

func (h *host) rpc(body []byte) string {
	var in struct {
		ID     json.Number
		Params struct{ Service, Method string }
	}
	_ = json.NewDecoder(bytes.NewReader(body)).Decode(&in)
	h.seen = append(h.seen, "rpc."+in.Params.Method)
	result := "true"
	switch in.Params.Method {
	case "version":
		result = `{"server_version": "x", "server_serie": "17.0"}`
		if h.major >= json2Since {
			result = `{"server_version": "x", "server_serie": "19.0"}`
		}
	case "authenticate":
		if h.database != "" {
			return `{"id":` + in.ID.String() + `,"error":{"data":{"name":"psycopg2.OperationalError","message":"` + h.database + `"}}}`
		}
		if result = "false"; h.isSecret {
			result = "7"
		}
	}
	return `{"id":` + in.ID.String() + `,"result":` + result + `}`
}

func (h *host) client(t testing.TB, protocol string) *Client {
	cfg := testConfig("http://odoo.test", 4)
	cfg.Protocol = protocol
	c := New(cfg, Options{Transport: h})
	t.Cleanup(c.Close)
	return c
}

func TestTheProtocolIsFoundOut(t *testing.T) {
	web := []string{"web.version"}
	key := []string{"web.version", "json2.context_get"}
	for _, tc := range []struct {
		name     string
		host     *host
		protocol string // "" where no call comes through
		kind     Kind
		text     string
		asked    []string
	}{
		{"17 speaks JSON-RPC", &host{major: 17, isSecret: true}, "jsonrpc", "", "", append(web, "rpc.version", "rpc.authenticate")},
		{"19 and an API key speak JSON-2", &host{major: 19, isSecret: true, isKey: true}, "json2", "", "", append(key, "json2.read")},
		{"19 and a password speak JSON-RPC", &host{major: 19, isSecret: true}, "jsonrpc", "", "", append(key, "rpc.authenticate")},
		{"19 and a wrong secret are refused", &host{major: 19}, "", AccessDenied, "Odoo refuses user", append(key, "rpc.authenticate")},
		{"an Odoo without JSON-RPC names the key", &host{major: 19, noRPC: true}, "", AccessDenied, "as an API key", key},
		{"an Odoo without JSON-RPC takes a key", &host{major: 19, noRPC: true, isKey: true}, "json2", "", "", append(key, "json2.read")},
		{"a hidden version is asked for over JSON-RPC", &host{major: 19, hidden: true, isKey: true}, "json2", "", "", append(web, "rpc.version", "json2.context_get", "json2.read")},
		{"a filter of databases stops JSON-2 only", &host{major: 19, isKey: true, isSecret: true, json2: noDatabasePage}, "jsonrpc", "", "", append(key, "rpc.authenticate")},
		{"a proxy stops JSON-2 only", &host{major: 19, isKey: true, isSecret: true, json2: "<h1>nginx</h1>"}, "jsonrpc", "", "", append(key, "rpc.authenticate")},
		{"an Odoo without PostgreSQL is no missing database", &host{major: 19, isKey: true, json2: noDatabasePage, database: "connection to server at 127.0.0.1 failed: Connection refused"},
			"", Unreachable, "connection to server", append(key, "rpc.authenticate")},
		{"no Odoo at all", &host{major: 17, noRPC: true}, "", BadAnswer, "no Odoo RPC at odoo.url", web},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := tc.host.client(t, "auto")
			err := write(t.Context(), c)
			if tc.kind != "" {
				f := requireKind(t, tc.kind, err)
				require.Contains(t, f.Message, tc.text)
				require.Equal(t, "sale.order", f.Model)
				require.Equal(t, tc.asked, tc.host.seen)
				return
			}
			require.NoError(t, err)
			require.NoError(t, write(t.Context(), c))
			way := map[string]string{"jsonrpc": "rpc.execute_kw", "json2": "json2.write"}[tc.protocol]
			require.Equal(t, append(tc.asked, way, way), tc.host.seen)
			name, err := c.Protocol(t.Context())
			require.NoError(t, err)
			require.Equal(t, tc.protocol, name)
			uid, err := c.UID(t.Context())
			require.NoError(t, err)
			require.EqualValues(t, 7, uid)
			_, err = c.Version(t.Context())
			require.NoError(t, err)
		})
	}
}

func TestAProtocolInsistedOnIsNotQuestioned(t *testing.T) {
	h := &host{major: 19, isKey: true, isSecret: true}
	require.NoError(t, write(t.Context(), h.client(t, "jsonrpc")))
	require.NoError(t, write(t.Context(), h.client(t, "json2")))
	require.Equal(t, []string{"rpc.authenticate", "rpc.execute_kw", "json2.context_get", "json2.read", "json2.write"}, h.seen)
	f := requireKind(t, BadAnswer, write(t.Context(), (&host{major: 17}).client(t, "json2")))
	require.Contains(t, f.Message, "set odoo.protocol to auto")
}

func TestConcurrentFirstCallsShareOneProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &host{major: 19, isKey: true}
		cfg := testConfig("http://odoo.test", 20)
		cfg.Protocol = ""
		c := New(cfg, Options{Transport: h})
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() { require.NoError(t, write(t.Context(), c)) })
		}
		all.Wait()
		c.Close()
		require.Len(t, h.seen, 23, "one probe of three requests, and the writes")
	})
}

func TestWhatFailsBeforeTheCallIsSentIsNotUncertain(t *testing.T) {
	for _, protocol := range []string{"auto", "json2", "jsonrpc"} {
		h := &host{major: 19, isKey: true, cut: errBroken, arrived: true}
		f := requireKind(t, Unreachable, write(t.Context(), h.client(t, protocol)))
		require.True(t, f.Temporary())
		require.NotContains(t, h.seen, "json2.write")
	}
}

func TestAfterAFailureOdooIsAskedAgain(t *testing.T) {
	t.Run("when it was down, for it may have been upgraded", func(t *testing.T) {
		h := &host{major: 17, isSecret: true}
		c := h.client(t, "auto")
		require.NoError(t, write(t.Context(), c))
		h.cut = errBroken
		requireKind(t, Unreachable, write(t.Context(), c))
		v, err := c.Version(t.Context())
		requireKind(t, Unreachable, err)
		require.Zero(t, v)
		h.cut, h.major, h.isKey, h.seen = nil, 19, true, nil
		require.NoError(t, write(t.Context(), c))
		require.Equal(t, []string{"web.version", "json2.context_get", "json2.read", "json2.write"}, h.seen)
	})
	t.Run("when JSON-RPC is gone", func(t *testing.T) {
		h := &host{major: 19, isSecret: true}
		c := h.client(t, "auto")
		require.NoError(t, write(t.Context(), c))
		h.noRPC, h.isKey = true, true
		requireKind(t, BadAnswer, write(t.Context(), c))
		require.NoError(t, write(t.Context(), c))
	})
	t.Run("when the key is no longer one", func(t *testing.T) {
		h := &host{major: 19, isKey: true}
		c := h.client(t, "auto")
		require.NoError(t, write(t.Context(), c))
		h.isKey = false
		requireKind(t, AccessDenied, write(t.Context(), c))
		h.isSecret = true
		require.NoError(t, write(t.Context(), c))
		require.Equal(t, "rpc.execute_kw", h.seen[len(h.seen)-1])
	})
	t.Run("but not when a call alone failed", func(t *testing.T) {
		h := &host{major: 19, isKey: true}
		c := h.client(t, "auto")
		require.NoError(t, write(t.Context(), c))
		h.cut, h.arrived = errBroken, true
		requireKind(t, Uncertain, write(t.Context(), c))
		h.cut, h.seen = nil, nil
		require.NoError(t, write(t.Context(), c))
		require.Equal(t, []string{"json2.write"}, h.seen)
	})
}

func TestADatabaseThatWasThereIsOnlyAway(t *testing.T) {
	h := &host{major: 19, isKey: true}
	c := h.client(t, "json2")
	require.NoError(t, write(t.Context(), c))
	h.json2 = noDatabasePage
	f := requireKind(t, Unreachable, write(t.Context(), c))
	require.True(t, f.Temporary())
	require.Contains(t, f.Message, "is PostgreSQL up?")
	f = requireKind(t, NoDatabase, write(t.Context(), h.client(t, "json2")))
	require.Contains(t, f.Message, "check odoo.database")
}

func TestWhoLeavesDuringTheProbeDoesNotEndItForOthers(t *testing.T) {
	h := &host{major: 19, isKey: true}
	gone, leave := context.WithCancel(t.Context())
	leave()
	c := h.client(t, "auto")
	_, err := c.Protocol(gone)
	requireKind(t, Unreachable, err)
	require.ErrorIs(t, err, context.Canceled)
	name, err := c.Protocol(t.Context())
	require.NoError(t, err)
	require.Equal(t, "json2", name)
}
