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
		body := benchBody(b, s, n, product, tax)
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

func benchBody(b *testing.B, s *Server, n int, product, tax int64) []byte {
	b.Helper()
	fields := []any{"id", "partner_id/id", "client_order_ref", "date_order", "order_line/id", "order_line/product_id/.id",
		"order_line/name", "order_line/product_uom_qty", "order_line/price_unit", "order_line/discount", "order_line/tax_id/.id"}
	var rows []any
	for i := range 50 {
		for l := range 3 {
			row := []any{"", "", "", ""}
			if l == 0 {
				row = []any{fmt.Sprintf("bench.o%d_%d", n, i), "bench.partner", fmt.Sprintf("#%d-%d", n, i), "2026-11-01 10:00:00"}
			}
			rows = append(rows, append(row, fmt.Sprintf("bench.l%d_%d_%d", n, i, l), fmt.Sprint(product), "Mug", 2, "12.55", "5", fmt.Sprint(tax)))
		}
	}
	body, err := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": n, "params": map[string]any{
		"service": "object", "method": "execute_kw",
		"args": []any{s.opt.Database, s.logins["api"].id, "api", "sale.order", "load", []any{fields, rows}, map[string]any{}},
	}})
	require.NoError(b, err)
	return body
}
