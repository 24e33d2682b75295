package odootest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// client is a plain JSON-RPC caller; it knows nothing of odooclient.
type client struct {
	t        testing.TB
	s        *Server
	uid      int64
	password string
}

func newClient(t testing.TB, s *Server, user, password string) *client {
	t.Helper()
	c := &client{t: t, s: s, password: password}
	body := c.post(map[string]any{"service": "common", "method": "authenticate", "args": []any{s.opt.Database, user, password, map[string]any{}}})
	uid, err := body["result"].(json.Number).Int64()
	require.NoError(t, err)
	c.uid = uid
	return c
}

func (c *client) post(params map[string]any) map[string]any {
	c.t.Helper()
	raw, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": "call", "id": 1, "params": params})
	require.NoError(c.t, err)
	resp, err := http.Post(c.s.URL+"/jsonrpc", "application/json", bytes.NewReader(raw))
	require.NoError(c.t, err)
	defer resp.Body.Close()
	require.Equal(c.t, http.StatusOK, resp.StatusCode)
	got, err := io.ReadAll(resp.Body)
	require.NoError(c.t, err)
	var body map[string]any
	require.NoError(c.t, decodeJSON(got, &body))
	return body
}

// try calls a method and returns result and error.data.
func (c *client) try(model, method string, args []any, kwargs map[string]any) (any, map[string]any) {
	c.t.Helper()
	if args == nil {
		args = []any{}
	}
	if kwargs == nil {
		kwargs = map[string]any{}
	}
	body := c.post(map[string]any{"service": "object", "method": "execute_kw", "args": []any{
		c.s.opt.Database, c.uid, c.password, model, method, args, kwargs,
	}})
	if e, ok := body["error"].(map[string]any); ok {
		return nil, e["data"].(map[string]any)
	}
	return body["result"], nil
}

func (c *client) must(model, method string, args ...any) any {
	c.t.Helper()
	result, fault := c.try(model, method, args, nil)
	require.Nil(c.t, fault)
	return result
}

// reaches says whether a call is answered at all.
func (c *client) reaches(model, method string, args ...any) bool {
	c.t.Helper()
	raw, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "method": "call", "id": 1, "params": map[string]any{
		"service": "object", "method": "execute_kw", "args": []any{c.s.opt.Database, c.uid, c.password, model, method, args}}})
	require.NoError(c.t, err)
	resp, err := http.Post(c.s.URL+"/jsonrpc", "application/json", bytes.NewReader(raw))
	if err == nil {
		_ = resp.Body.Close()
	}
	return err == nil
}

// load calls load and returns ids and messages.
func (c *client) load(model string, fields []string, rows [][]any, context map[string]any) (ids []int64, messages []map[string]any) {
	c.t.Helper()
	if context == nil {
		context = map[string]any{}
	}
	got, fault := c.try(model, "load", []any{fields, rows}, map[string]any{"context": context})
	require.Nil(c.t, fault)
	result := got.(map[string]any)
	if list, ok := result["ids"].([]any); ok {
		for _, v := range list {
			n, err := v.(json.Number).Int64()
			require.NoError(c.t, err)
			ids = append(ids, n)
		}
	}
	for _, m := range result["messages"].([]any) {
		messages = append(messages, m.(map[string]any))
	}
	return ids, messages
}

// shop is a server with one product, one tax and one partner, and a client of
// the gateway's user.
func shop(t testing.TB, opt Options) (*Server, *client) {
	t.Helper()
	s := Start(t, opt)
	s.AddTax("25.5%", "25.5", true, "")
	s.AddProduct("MUG", "Mug", decimal.RequireFromString("10"), Values{"taxes_id": []int64{s.ID("account.tax", "name", "25.5%")}})
	s.Bind("odoogate.ann", "res.partner", s.AddPartner(map[string]any{"name": "Ann", "email": "Ann@Example.com"}))
	return s, newClient(t, s, "api", "api")
}

var orderFields = []string{
	"id", "partner_id/id", "client_order_ref", "date_order", "order_line/id", "order_line/product_id/.id",
	"order_line/name", "order_line/product_uom_qty", "order_line/price_unit", "order_line/tax_id/.id",
}

// orderRow is an order of one line at 12.55 with its tax.
func orderRow(s *Server, n string) []any {
	return []any{
		"odoogate.o" + n, "odoogate.ann", "#" + n, "2026-11-01 10:00:00", "odoogate.l" + n,
		strconv.FormatInt(s.ID("product.product", "default_code", "MUG"), 10), "Mug", 2, "12.55",
		strconv.FormatInt(s.ID("account.tax", "name", "25.5%"), 10),
	}
}
