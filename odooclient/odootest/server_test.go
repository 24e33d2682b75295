package odootest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParallelLoadsOfTheSameNewOrdersMakeThemOnce(t *testing.T) {
	s, c := shop(t, Options{})
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			_, messages := c.load("sale.order", orderFields, [][]any{orderRow(s, "1"), orderRow(s, "2")}, nil)
			if len(messages) > 0 {
				t.Errorf("messages: %v", messages)
			}
		})
	}
	wg.Wait()
	require.Len(t, s.Orders(), 2)
	require.Equal(t, 8, s.Calls()["sale.order.load"])
	require.Equal(t, 9, s.CallCount(), "and one login")
}

func TestFaultsHappenBeforeOrAfterTheCall(t *testing.T) {
	for _, tt := range []struct {
		mode   FaultMode
		orders int
		answer string
	}{
		{DropBefore, 0, "EOF"},
		{DropAfter, 1, "EOF"},
		{Err500, 0, "500"},
		{Serialize, 0, "could not serialize access due to concurrent update"},
		{Err502After, 1, "502"},
		{SilentAfter, 1, " exceeded"},
		{None, 1, `"messages":[]`},
	} {
		for _, wire := range []string{"HTTP", "direct"} {
			t.Run(fmt.Sprint(wire, " ", tt.mode), func(t *testing.T) {
				s, c := shop(t, Options{})
				s.Fault(func(model, method string) FaultMode {
					if model+"."+method == "sale.order.load" {
						return tt.mode
					}
					return None
				})
				client := &http.Client{Timeout: 2 * time.Second}
				if wire == "direct" {
					client.Transport = s.Direct()
				}
				body := fmt.Sprintf(`{"id":1,"params":{"service":"object","method":"execute_kw","args":["odoo",%d,"api","sale.order","load",[["id","partner_id/id"],[["odoogate.o1","odoogate.ann"]]]]}}`, c.uid)
				require.Contains(t, outcome(t, client, s, body), tt.answer)
				s.Fault(nil)
				require.Len(t, s.Orders(), tt.orders)
			})
		}
	}
}

// outcome is the body, or the status, or the error of one request.
func outcome(t *testing.T, client *http.Client, s *Server, body string) string {
	t.Helper()
	resp, err := client.Post(s.URL+"/jsonrpc", "application/json", bytes.NewReader([]byte(body)))
	if err != nil {
		return err.Error()
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	if resp.StatusCode != http.StatusOK {
		return resp.Status
	}
	return string(raw)
}

func TestLatencyIsWaitedAndEndsWithTheCaller(t *testing.T) {
	s, c := shop(t, Options{Latency: func(_, method string) time.Duration {
		if method == "search_count" {
			return time.Hour
		}
		return 0
	}})
	c.must("res.partner", "search", []any{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	body := fmt.Sprintf(`{"id":1,"params":{"service":"object","method":"execute_kw","args":["odoo",%d,"api","res.partner","search_count",[[]]]}}`, c.uid)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/jsonrpc", bytes.NewReader([]byte(body)))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Zero(t, s.Calls()["res.partner.search_count"])
}

func TestWhatIsNotJSONGetsAPageAsFromTheRealOne(t *testing.T) {
	s := Start(t, Options{})
	for _, tt := range []struct{ contentType, body, want string }{
		{"application/json", "{bad", "Invalid JSON data"},
		{"application/json", "[]", "Invalid JSON-RPC data"},
		{"text/plain", "{}", "inferred type"},
	} {
		resp, err := http.Post(s.URL+"/jsonrpc", tt.contentType, bytes.NewReader([]byte(tt.body)))
		require.NoError(t, err)
		raw, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
		require.Contains(t, string(raw), tt.want)
	}
}

func TestTheGatewaysUserCannotReadWhatTheRealOneHides(t *testing.T) {
	_, c := shop(t, Options{})
	for _, model := range []string{"decimal.precision", "ir.model.data"} {
		_, fault := c.try(model, "search_read", []any{[]any{}}, nil)
		require.Equal(t, "odoo.exceptions.AccessError", fault["name"])
	}
	fields := c.must("sale.order.line", "fields_get", []any{"price_unit", "tax_id"}).(map[string]any)
	require.Contains(t, fmt.Sprint(fields["price_unit"].(map[string]any)["digits"]), "16 2")
	require.Equal(t, "account.tax", fields["tax_id"].(map[string]any)["relation"])
}

func TestAForeignCompanyIsRefused(t *testing.T) {
	_, c := shop(t, Options{})
	other := map[string]any{"context": map[string]any{"allowed_company_ids": []int{7}}}
	_, fault := c.try("sale.order", "search", []any{[]any{}}, other)
	require.Equal(t, "Access to unauthorized or invalid companies.", fault["message"])
	_, messages := c.load("res.partner", []string{"id", "name"}, [][]any{{"og.a", "A"}}, map[string]any{"allowed_company_ids": []int{7}})
	require.Equal(t, "Access to unauthorized or invalid companies.", messages[0]["message"])
}
