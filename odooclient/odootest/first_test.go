package odootest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
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

func TestAnOrderIsLoadedConfirmedAndReadBack(t *testing.T) {
	s := Start(t, Options{})
	tax := s.AddTax("25.5%", "25.5", true, "")
	s.AddProduct("SKU-1", "Mug", decimal.RequireFromString("12.00"))
	c := newClient(t, s, "api", "api")

	got := c.must("res.partner", "load", []any{"id", "name", "email", "country_id/id"},
		[]any{[]any{"odoogate.c1", "Ann", "Ann@Example.com", "base.fi"}}).(map[string]any)
	require.Empty(t, got["messages"])
	got = c.must("sale.order", "load",
		[]any{"id", "partner_id/id", "client_order_ref", "date_order", "order_line/id", "order_line/product_id/.id", "order_line/product_uom_qty", "order_line/price_unit", "order_line/tax_id/.id"},
		[]any{
			[]any{"odoogate.o1", "odoogate.c1", "#1001", "2026-11-01 10:00:00", "odoogate.l1", "2", 2, "12.55", json.Number("1").String()},
			[]any{"", "", "", "", "odoogate.l2", "2", 1, 5, json.Number("1").String()},
		}).(map[string]any)
	require.Empty(t, got["messages"])
	require.Equal(t, true, c.must("sale.order", "action_confirm", got["ids"]))
	o := s.Orders()[0]
	require.Equal(t, int64(1), tax)
	require.Equal(t, "30.1", o.Total.String())
	require.Equal(t, "sale", o.State)
	require.Equal(t, 2, o.Writes)
	require.Len(t, o.Lines, 2)
}
