package odootest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"
)

// BenchmarkLoadFiftyOrders is one load call of 50 new orders with 3 lines each.
func BenchmarkLoadFiftyOrders(b *testing.B) {
	s := New(Options{})
	tax := s.AddTax("25.5%", "25.5", true, "")
	product := s.AddProduct("SKU", "Mug", decimal.NewFromInt(12))
	s.Bind("bench.partner", "res.partner", s.AddPartner(map[string]any{"name": "Ann"}))
	handler := s.Handler()
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		body := benchBody(b, s, n, product, tax, func(int, int) string { return "bench.partner" })
		b.StartTimer()
		req := httptest.NewRequest(http.MethodPost, "/jsonrpc", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		if n == 0 {
			require.Contains(b, w.Body.String(), `"messages":[]`)
		}
	}
	b.ReportMetric(50*float64(b.N)/b.Elapsed().Seconds(), "orders/s")
}

// BenchmarkOrders books new orders of new customers in batches of 50, as the
// gateway does: customers and orders loaded, read, confirmed and read again. The
// cost of an order must not grow with their number.
func BenchmarkOrders(b *testing.B) {
	for _, version := range []int{17, 19} {
		for _, orders := range []int{1000, 4000} {
			b.Run(fmt.Sprint(version, "/", orders), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					bookOrders(b, version, orders)
				}
				b.ReportMetric(float64(orders*b.N)/b.Elapsed().Seconds(), "orders/s")
			})
		}
	}
}

func bookOrders(b *testing.B, version, orders int) {
	b.Helper()
	s := New(Options{Version: version})
	tax := s.AddTax("25.5%", "25.5", true, "")
	product := s.AddProduct("SKU", "Mug", decimal.NewFromInt(12))
	handler := s.Handler()
	call := func(body []byte) map[string]any {
		req := httptest.NewRequest(http.MethodPost, "/jsonrpc", bytes.NewReader(body))
		req.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, req)
		var answer map[string]any
		require.NoError(b, decodeJSON(w.Body.Bytes(), &answer))
		require.Nil(b, answer["error"])
		return answer
	}
	fields := []any{"state", "amount_total", "tax_totals", "order_line", "picking_ids", "client_order_ref"}
	for n := range orders / 50 {
		var people []any
		for i := range 50 {
			people = append(people, []any{fmt.Sprintf("bench.p%d_%d", n, i), "Ann", fmt.Sprintf("a%d@b%d.example", i, n), fmt.Sprintf("bench.d%d_%d", n, i), "Ann's", "delivery"})
		}
		result := call(benchCall(b, s, "res.partner", "load", []any{"id", "name", "email", "child_ids/id", "child_ids/name", "child_ids/type"}, people))["result"].(map[string]any)
		require.Empty(b, result["messages"])
		result = call(benchBody(b, s, n, product, tax, func(n, i int) string { return fmt.Sprintf("bench.p%d_%d", n, i) }))["result"].(map[string]any)
		require.Empty(b, result["messages"])
		call(benchCall(b, s, "sale.order", "read", result["ids"], fields))
		call(benchCall(b, s, "sale.order", "action_confirm", result["ids"]))
		call(benchCall(b, s, "res.partner", "search_read", []any{[]any{"email_normalized", "in", []any{fmt.Sprintf("a7@b%d.example", n)}}}, []any{"name"}))
		call(benchCall(b, s, "stock.picking", "search_read", []any{[]any{"sale_id", "in", result["ids"]}}, []any{"state"}))
		call(benchCall(b, s, "sale.order", "search_read", []any{[]any{"client_order_ref", "in", []any{fmt.Sprintf("#%d-7", n), fmt.Sprintf("#%d-8", n)}}}, fields))
	}
}

func benchBody(b *testing.B, s *Server, n int, product, tax int64, partner func(n, i int) string) []byte {
	b.Helper()
	fields := []any{"id", "partner_id/id", "client_order_ref", "date_order", "order_line/id", "order_line/product_id/.id",
		"order_line/name", "order_line/product_uom_qty", "order_line/price_unit", "order_line/discount",
		"order_line/" + s.models["sale.order.line"].fields["tax_id"].name + "/.id"}
	var rows []any
	for i := range 50 {
		for l := range 3 {
			row := []any{"", "", "", ""}
			if l == 0 {
				row = []any{fmt.Sprintf("bench.o%d_%d", n, i), partner(n, i), fmt.Sprintf("#%d-%d", n, i), "2026-11-01 10:00:00"}
			}
			rows = append(rows, append(row, fmt.Sprintf("bench.l%d_%d_%d", n, i, l), fmt.Sprint(product), "Mug", 2, "12.55", "5", fmt.Sprint(tax)))
		}
	}
	return benchCall(b, s, "sale.order", "load", fields, rows)
}

func benchCall(b *testing.B, s *Server, model, method string, args ...any) []byte {
	b.Helper()
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": 1, "params": map[string]any{
		"service": "object", "method": "execute_kw",
		"args": []any{s.opt.Database, s.logins["api"].id, "api", model, method, args, map[string]any{}},
	}})
	require.NoError(b, err)
	return body
}
