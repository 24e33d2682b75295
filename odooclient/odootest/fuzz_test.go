package odootest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// FuzzEndpoint sends anything to /jsonrpc: it never panics, and every JSON object
// gets an envelope with result or error.
func FuzzEndpoint(f *testing.F) {
	for _, name := range replayed {
		r := readRecording(f, name)
		raw, err := json.Marshal(r.Request.Body)
		require.NoError(f, err)
		f.Add(raw)
	}
	call := func(model, method, rest string) {
		f.Add([]byte(`{"id":1,"params":{"service":"object","method":"execute_kw","args":["bench",2,"admin","` + model + `","` + method + `",` + rest + `]}}`))
	}
	call("sale.order", "search_read", `[["|",["partner_id.name","ilike","a%"],["state","not in",["draft",false]]]],{"order":"partner_id desc","limit":3}`)
	call("sale.order", "create", `[{"partner_id":1,"order_line":[[0,0,{"product_id":1,"tax_id":[[6,0,[1]]],"price_unit":1e3}],[4,1],[5],[2,1]]}]`)
	call("sale.order", "load", `[["id",".id","partner_id","order_line/tax_id","order_line/id"],[["a","1","x","1,2","b"]]],{"context":{"_import_limit":1,"tz":"Europe/Helsinki"}}`)
	call("res.partner", "write", `[[1],{"parent_id":1,"child_ids":[[1,2,{"active":false}]]}]`)
	call("account.tax", "write", `[[1],{"amount":-100,"price_include":true}]`)
	f.Add([]byte(`{`))
	f.Add([]byte(`[]`))
	f.Add([]byte(`{"params":{"service":"object","method":"execute_kw","args":[]}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		s := New(Options{Database: "bench"})
		s.AddTax("10%", "10", true, "")
		req := httptest.NewRequest(http.MethodPost, "/jsonrpc", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, req)
		var object map[string]any
		if decodeJSON(body, &object) != nil || object == nil {
			require.Equal(t, http.StatusBadRequest, w.Code)
			return
		}
		require.Equal(t, http.StatusOK, w.Code)
		var answer map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		require.Equal(t, "2.0", answer["jsonrpc"])
		require.Contains(t, answer, "id")
		if e, ok := answer["error"].(map[string]any); ok {
			require.NotEmpty(t, e["data"].(map[string]any)["name"])
			require.NotContains(t, answer, "result")
		}
	})
}

// FuzzJSON2 sends any path and body to /json/2 with a good key: it never panics,
// and the answer is JSON or one of the pages.
func FuzzJSON2(f *testing.F) {
	for _, p := range []string{"res.partner/search_read", "sale.order/load", "sale.order/action_confirm", "no.such/x", "res.partner/_x", "a/b/c"} {
		f.Add(p, []byte(`{"domain":[["name","ilike","a"]],"fields":["name"],"data":[["x"]],"ids":[1],"context":{"lang":"en_US"}}`))
		f.Add(p, []byte(`{"ids":null,"context":5,"vals_list":{"name":"A"}}`))
		f.Add(p, []byte(`[1]`))
		f.Add(p, []byte(`{`))
	}
	f.Fuzz(func(t *testing.T, path string, body []byte) {
		s := New(Options{Version: 19})
		req := httptest.NewRequest(http.MethodPost, "/json/2/", bytes.NewReader(body))
		req.URL.Path += path
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Odoo-Database", "odoo")
		req.Header.Set("Authorization", "bearer "+s.APIKey("api"))
		w := httptest.NewRecorder()
		s.serveJSON2(w, req)
		require.True(t, json.Valid(w.Body.Bytes()), "%s", w.Body)
		if w.Code == http.StatusOK {
			return
		}
		var e map[string]any
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &e))
		require.NotEmpty(t, e["name"])
		require.Contains(t, []int{400, 403, 404, 422, 500}, w.Code)
	})
}
