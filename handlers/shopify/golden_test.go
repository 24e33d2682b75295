package shopify

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestGoldenOrders shows every case that the fake store knows as the neutral
// order it becomes.
func TestGoldenOrders(t *testing.T) {
	store, reading := serving(t, shopifytest.Options{Now: func() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }}, "shop")
	ids := store.Generate(1, shopifytest.Scenarios)
	require.NoError(t, store.UpdateOrder(ids[0], func(o *shopifytest.Order) { o.Lines[0].Quantity, o.Lines[0].Current = 3, 2 }))
	require.NoError(t, store.CancelOrder(ids[1]))
	require.NoError(t, store.Fulfill(ids[2], "Posti", "JJFI123"))
	require.NoError(t, store.Refund(ids[3], 0, 1))
	require.NoError(t, store.Refund(ids[3], 0, 1))
	for _, money := range []string{"shop", "presentment"} {
		shop := openShop(t, store, "", money)
		for i, id := range ids {
			if money == "presentment" && (i < 15 || i > 16) {
				continue // the same in both moneys
			}
			o, err := shop.Orders.Decode(delivered(t, store, id, "orders/updated").Body)
			if errors.Is(err, handlers.ErrPartial) {
				o, err = reading.Orders.Order(t.Context(), id)
			}
			require.NoError(t, err)
			golden(t, fmt.Sprintf("%02d-%s-%s.json", i+1, shopifytest.ScenarioName(i), money), o)
		}
	}
}

func golden(t *testing.T, name string, value any) {
	got, err := json.MarshalIndent(value, "", " ")
	require.NoError(t, err)
	got = append(got, '\n')
	path := filepath.Join("testdata", "golden", name)
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, got, 0o644))
		return
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err, "write it with -update")
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", name, diff)
	}
}
