package odootest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// recording2 is one request to a real Odoo 19's JSON-2 and its answer.
type recording2 struct {
	Request struct {
		Line    string
		Headers map[string]string
		Body    any
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    any
	}
}

// send puts a recorded request to our server, with the key of user in place of
// the recorded one. ids are replaced by those that exist here.
func (r recording2) send(t *testing.T, s *Server, user string, ids []int64) (int, http.Header, []byte) {
	t.Helper()
	var body []byte
	switch b := r.Request.Body.(type) {
	case string:
		body = []byte(b)
	case map[string]any:
		if old, ok := b["ids"].([]any); ok && ids != nil && len(old) == len(ids) {
			b["ids"] = ids
		}
		var err error
		body, err = json.Marshal(b)
		require.NoError(t, err)
	}
	verb, path, _ := strings.Cut(r.Request.Line, " ")
	req, err := http.NewRequest(verb, s.URL+path, bytes.NewReader(body))
	require.NoError(t, err)
	for k, v := range r.Request.Headers {
		req.Header.Set(k, strings.Replace(v, "<api key>", s.APIKey(user), 1))
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	answer, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, resp.Header, answer
}

func TestTheRecordedJSON2RequestsAreAnsweredAsTheRealServerDid(t *testing.T) {
	files, err := os.ReadDir("testdata/rpc/json2")
	require.NoError(t, err)
	require.Greater(t, len(files), 35)
	for _, file := range files {
		name := strings.TrimSuffix(file.Name(), ".json")
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile("testdata/rpc/json2/" + file.Name())
			require.NoError(t, err)
			var r recording2
			require.NoError(t, decodeJSON(raw, &r))
			s, c := shop(t, Options{Version: 19, Database: "bench19"})
			ids := []int64{
				s.AddPartner(map[string]any{"name": "J2 a", "ref": "x"}),
				s.AddPartner(map[string]any{"name": "J2 b", "ref": "x"}),
			}
			user := "admin"
			switch name {
			case "access_error":
				user = "low"
			case "user_error_422":
				orders, _ := c.load("sale.order", s.names19(orderFields), [][]any{orderRow(s, "1")}, nil)
				c.must("sale.order", "action_confirm", orders)
				ids = orders
			case "missing_error", "user_error", "private_method":
				ids = nil
			case "validation_error":
				r.Request.Body.(map[string]any)["vals"] = map[string]any{"parent_id": ids[0]}
				ids = ids[:1]
			}
			status, header, answer := r.send(t, s, user, ids)
			require.Equal(t, r.Response.Status, status, "%s", answer)
			for _, h := range []string{"Content-Type", "WWW-Authenticate"} {
				require.Equal(t, strings.TrimSpace(r.Response.Headers[h]), header.Get(h), h)
			}
			if diff := cmp.Diff(meaning2(t, name, r.Response.Body), meaning2(t, name, answer)); diff != "" {
				t.Errorf("-real +ours\n%s", diff)
			}
		})
	}
}

// meaning2 is an answer without what cannot be equal: ids, counts, dates, the
// traceback, the parser's words and the list of groups.
func meaning2(t *testing.T, name string, answer any) any {
	t.Helper()
	if raw, ok := answer.([]byte); ok {
		if answer = string(raw); decodeJSON(raw, &answer) != nil {
			answer = string(raw)
		}
	}
	switch name {
	case "no_content_type", "bad_db", "no_db_header":
		text := answer.(string)
		return text[:min(len(text), 240)] // the recording of one is cut
	case "search_count", "context_active_ids":
		return kind(answer)
	case "web_version":
		return answer.(map[string]any)["version_info"]
	case "search_read", "read":
		rows := answer.([]any)
		require.NotEmpty(t, rows)
		fields := []string{}
		for k, v := range rows[0].(map[string]any) {
			fields = append(fields, k+" "+kind(v))
		}
		require.Contains(t, strings.Join(fields, ","), "name str")
		return len(fields)
	}
	body, ok := answer.(map[string]any)
	if !ok {
		return scrub(answer)
	}
	delete(body, "debug")
	text, _ := body["message"].(string)
	for _, cut := range []string{"could not parse the body as json: ", "This operation is allowed for the following groups:"} {
		if before, _, found := strings.Cut(text, cut); found {
			delete(body, "arguments")
			body["message"] = before + cut
		}
	}
	if name == "missing_error" || name == "user_error" {
		delete(body, "arguments")
		body["message"], _, _ = strings.Cut(text, "User:")
	}
	return scrub(body)
}

// names19 spells load columns as 19 does.
func (s *Server) names19(fields []string) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = strings.Replace(f, "tax_id/", "tax_ids/", 1)
	}
	return out
}

func TestAPasswordIsNoAPIKeyButAKeyIsAPassword(t *testing.T) {
	s := Start(t, Options{Version: 19})
	_, err := s.bearer("bearer api")
	require.ErrorContains(t, err, "Invalid apikey")
	who, err := s.bearer("Bearer " + s.APIKey("api"))
	require.NoError(t, err)
	require.True(t, who.opens("api"))
	newClient(t, s, "api", s.APIKey("api"))
}
