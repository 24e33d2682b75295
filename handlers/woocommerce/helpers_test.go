package woocommerce

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
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
	for name, raw := range files(t, filepath.Join("testdata", "orders")) {
		var f fixture
		require.NoError(t, json.Unmarshal(raw, &f), name)
		out[name] = f
	}
	require.NotEmpty(t, out)
	return out
}

// accounts are our own, as the shop tells them.
func accounts(t testing.TB) map[string][]byte {
	t.Helper()
	out := files(t, filepath.Join("testdata", "accounts"))
	require.NotEmpty(t, out)
	return out
}

// files are the JSON files of a folder by their names.
func files(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	paths, err := filepath.Glob(filepath.Join(folder, "*.json"))
	require.NoError(t, err)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		out[strings.TrimSuffix(filepath.Base(path), ".json")] = raw
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
