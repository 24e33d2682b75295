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
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

// recording is one exchange with a real Odoo 17.0.
type recording struct {
	Request struct {
		Body struct {
			Params struct {
				Service, Method string
				Args            []json.RawMessage
			}
		}
	}
	Response struct {
		Status int
		Body   map[string]json.RawMessage
	}
}

func readRecording(t testing.TB, path string) recording {
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	var r recording
	require.NoError(t, json.Unmarshal(data, &r), path)
	return r
}

// replay is a server that answers every object call with the recording, and a
// login with uid 2 unless the recording is of a login.
func replay(t testing.TB, r recording) *Client {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		var in struct {
			ID     json.RawMessage
			Params struct{ Service, Method string }
		}
		body, _ := io.ReadAll(req.Body)
		if json.Unmarshal(body, &in) != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		out := map[string]json.RawMessage{"jsonrpc": json.RawMessage(`"2.0"`), "result": json.RawMessage("2")}
		if in.Params.Method != "authenticate" || r.Request.Body.Params.Method == "authenticate" {
			out = r.Response.Body
		}
		out["id"] = in.ID
		w.Header().Set("Connection", "close")
		w.WriteHeader(r.Response.Status)
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(srv.Close)
	cfg := testConfig(srv.URL, 2)
	cfg.Database, cfg.User, cfg.Password = "bench", "admin", config.NewSecret(testPassword)
	c := New(cfg, Options{})
	t.Cleanup(c.Close)
	return c
}

// faults is the kind and the start of the text of every recorded error.
var faults = map[string]struct {
	kind Kind
	text string
}{
	"access_error_create":       {AccessError, "You are not allowed to create 'Sales Order' (sale.order) records."},
	"access_error_read":         {AccessError, "You are not allowed to access 'Journal Entry' (account.move) records."},
	"authenticate_bad_password": {AccessDenied, `Odoo refuses user "admin" on database "bench"`},
	"authenticate_unknown_user": {AccessDenied, `Odoo refuses user "admin" on database "bench"`},
	"authenticate_unknown_db":   {NoDatabase, `Odoo has no database "bench"; check odoo.database`},
	"bad_fk":                    {ValidationError, "The operation cannot be completed: another model requires"},
	"bad_selection":             {ValidationError, "Wrong value for res.partner.type"},
	"common_missing_method":     {Other, "Method not found: nomethod"},
	"execute_kw_bad_password":   {AccessDenied, `Odoo refuses user "admin" on database "bench"`},
	"execute_kw_unknown_db":     {NoDatabase, `Odoo has no database "bench"; check odoo.database`},
	"load_error_field":          {BadField, `unknown field "no_such"`},
	"missing_error_write":       {MissingRecord, "Record does not exist or has been deleted."},
	"missing_method":            {NoMethod, "The method 'no_such_method' does not exist on the model 'res.partner'"},
	"missing_model":             {NoModel, "Object no.such.model doesn't exist"},
	"missing_required_field":    {ValidationError, "The operation cannot be completed:"},
	"missing_service":           {Other, "noservice"},
	"private_method":            {AccessError, "Private methods (such as _create_invoices) cannot be called remotely."},
	"type_error_args":           {BadArgs, "ResPartner.write() missing 1 required positional argument: 'vals'"},
	"unique_violation":          {ValidationError, "The operation cannot be completed: You can not have two users"},
	"validation_error":          {ValidationError, "You cannot create recursive Partner hierarchies."},
	"wrong_field_create":        {BadField, "Invalid field 'no_such_field' on model 'res.partner'"},
	"wrong_field_read":          {BadField, "Invalid field 'no_such_field' on model 'res.partner'"},
	"wrong_field_search":        {BadField, "Invalid field res.partner.no_such_field in leaf"},
	"wrong_field_write":         {BadField, "Invalid field 'no_such_field' on model 'res.partner'"},
}

func TestEveryRecordedAnswerIsUnderstood(t *testing.T) {
	paths, err := filepath.Glob("testdata/rpc/*.json")
	require.NoError(t, err)
	met := 0
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		t.Run(name, func(t *testing.T) {
			r := readRecording(t, path)
			_, failed := r.Response.Body["error"]
			want := string(r.Response.Body["result"])
			var got json.RawMessage
			err := replay(t, r).Call(t.Context(), asRequest(t, r), &got)
			expected, listed := faults[name]
			if !listed {
				require.False(t, failed, "the recording is an error that the table does not list: %v", err)
				require.NoError(t, err)
				if want == "" { // None
					require.Empty(t, got)
				} else {
					require.JSONEq(t, want, string(got))
				}
				return
			}
			met++
			f := requireKind(t, expected.kind, err)
			require.True(t, strings.HasPrefix(f.Message, expected.text), "got %q", f.Message)
			require.NotContains(t, f.Message, "\n")
			require.NotContains(t, err.Error(), "Traceback")
		})
	}
	require.Equal(t, len(faults), met, "a listed recording is missing")
}

// asRequest turns a recorded execute_kw into a Request that gets the same answer.
func asRequest(t testing.TB, r recording) Request {
	p := r.Request.Body.Params
	req := Request{Model: "res.partner", Method: "search_count"}
	if p.Service != "object" || len(p.Args) < 6 {
		return req
	}
	require.NoError(t, json.Unmarshal(p.Args[3], &req.Model))
	require.NoError(t, json.Unmarshal(p.Args[4], &req.Method))
	req.Args = map[string]any{"recorded": p.Args[5]}
	return req
}

// recordedLoad loads the recorded rows of one record through the recorded answer.
func recordedLoad(t *testing.T, name string, rows [][]any, fields ...string) (int64, error) {
	c := replay(t, readRecording(t, "testdata/rpc/"+name+".json"))
	return c.Load(t.Context(), Shape{Model: "res.partner", Fields: fields}, rows)
}

func TestRecordedLoadsGiveIDsAndRowErrors(t *testing.T) {
	one := [][]any{{"odoogate.c1", "Cust 1"}}
	t.Run("a good row gives its id", func(t *testing.T) {
		id, err := recordedLoad(t, "load_noprefix", one, "id", "name")
		require.NoError(t, err)
		require.EqualValues(t, 40, id)
	})
	t.Run("the first complaint about a row is its error", func(t *testing.T) {
		_, err := recordedLoad(t, "load_bad_values", one, "id", "name")
		var row *RowError
		require.ErrorAs(t, err, &row)
		require.Equal(t, "is_company", row.Field)
		require.Equal(t, "Unknown value 'maybe' for boolean field 'Is a Company'", row.Message)
		require.False(t, row.MissingXID())
	})
	t.Run("missing rights are a row error without a field", func(t *testing.T) {
		_, err := recordedLoad(t, "load_access_error", one, "id", "name")
		var row *RowError
		require.ErrorAs(t, err, &row)
		require.Equal(t, RowError{Model: "res.partner", Message: "You are not allowed to create 'Sales Order' (sale.order) records."}, *row)
	})
	t.Run("more ids than records is a bad answer", func(t *testing.T) {
		_, err := recordedLoad(t, "load_create_partners", one, "id", "name")
		requireKind(t, BadAnswer, err)
	})
}

func TestRecordedRowsAreReadByType(t *testing.T) {
	c := replay(t, readRecording(t, "testdata/rpc/search_read.json"))
	row, ok, err := c.Get(t.Context(), Query{Model: "res.partner", Fields: []string{"name"}}, 1)
	require.NoError(t, err)
	require.True(t, ok)
	id, name := row.Ref("country_id")
	require.Equal(t, "My Company", row.Str("name"))
	require.Equal(t, "United States", name)
	require.EqualValues(t, 233, id)
	require.Equal(t, "2026-11-21T22:59:33Z", row.Time("write_date").Format("2006-01-02T15:04:05Z07:00"))
	require.Empty(t, row.IDs("child_ids"))
	require.Empty(t, row.Str("email"))
}

func TestRecordedVersionAndFields(t *testing.T) {
	v, err := replay(t, readRecording(t, "testdata/rpc/version.json")).Version(t.Context())
	require.NoError(t, err)
	require.Equal(t, Version{Text: "17.0-20240709", Major: 17}, v)

	fields, err := replay(t, readRecording(t, "testdata/rpc/fields_get.json")).Fields(context.Background(), "res.partner")
	require.NoError(t, err)
	want := Fields{"name": {Type: "char"}, "type": {Type: "selection"},
		"child_ids":  {Type: "one2many", Relation: "res.partner"},
		"country_id": {Type: "many2one", Relation: "res.country"}}
	require.Empty(t, cmp.Diff(want, fields))
	require.Equal(t, "type", fields.First("kind", "type", "name"))
	require.Empty(t, fields.First("kind"))
}
