package woocommerce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// signature is what a shop with that key sends.
func signature(key string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// fixture is one of our own orders, with its refunds beside it.
type fixture struct {
	Order   json.RawMessage
	Refunds json.RawMessage
}

func fixtures(t testing.TB) map[string]fixture {
	out := map[string]fixture{}
	files, err := filepath.Glob(filepath.Join("testdata", "orders", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		require.NoError(t, err)
		var f fixture
		require.NoError(t, json.Unmarshal(raw, &f), name)
		out[filepath.Base(name[:len(name)-len(".json")])] = f
	}
	return out
}

func testDecoder() decoder { return decoder{shop: "fi", set: Settings{URL: testURL}} }

// mapped is a fixture's order as it is read from the shop.
func (f fixture) mapped(t testing.TB) *commerce.Order {
	t.Helper()
	rec, err := recordOf(f.Order)
	require.NoError(t, err)
	var refunds []refund
	if f.Refunds != nil {
		refunds, err = refundsOf(f.Refunds)
		require.NoError(t, err)
	}
	o, err := testDecoder().order(rec, refunds)
	require.NoError(t, err)
	return o
}
