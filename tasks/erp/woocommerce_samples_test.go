package erp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/woocommerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// The vendor's orders stand beside the project and are not part of it; of our own, which
// are booked in TestWooCommerceOrdersComeToTheCent, every check runs anyway. Each is read
// over HTTP, planned and booked. The first of the documentation tells no rates, and other
// ones for goods than for shipping: it is mapped, and no Odoo has such a tax.
func TestTheOrdersOfWooCommerceItselfAreBookedToTheCent(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "contracts", "woocommerce", "order_*.json"))
	require.NoError(t, err)
	if len(files) == 0 {
		t.Log("the vendor's samples are not at hand: only our own fixtures are checked")
	}
	for _, path := range files {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if name == "order_note" || name == "order_docs_v3" || name == "order_checkout_draft" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			raw, err := os.ReadFile(path)
			require.NoError(t, err)
			var shop struct {
				ID      int
				Total   decimal.Decimal
				Refunds []struct {
					ID    int
					Total decimal.Decimal
				}
			}
			require.NoError(t, json.Unmarshal(raw, &shop))
			want, refunds := shop.Total, []string{}
			for i, r := range shop.Refunds { // by amount, as the samples tell them
				want = want.Add(r.Total)
				refunds = append(refunds, fmt.Sprintf(`{"id":%d,"amount":"%s","date_created_gmt":"2026-11-21T08:00:%02d","line_items":[]}`, r.ID, r.Total.Neg(), i))
			}
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				switch {
				case strings.HasSuffix(r.URL.Path, "/refunds") && r.URL.Query().Get("page") > "1":
					_, _ = w.Write([]byte("[]"))
				case strings.HasSuffix(r.URL.Path, "/refunds"):
					_, _ = w.Write([]byte("[" + strings.Join(refunds, ",") + "]"))
				default:
					_, _ = w.Write(raw)
				}
			}))
			t.Cleanup(server.Close)
			cfg, err := config.NewShop("fi", woocommerce.Name, config.Books{}, "url: https://example.com\nendpoint: "+server.URL+"\nconsumer_key: ck\nconsumer_secret: cs\nsecrets: [x]\n")
			require.NoError(t, err)
			opened, err := woocommerce.Platform().Open(cfg, handlers.Deps{})
			require.NoError(t, err)
			o, err := opened.Orders.Order(t.Context(), fmt.Sprint(shop.ID))
			require.NoError(t, err)
			w := wooWorld(t, 17, "", true, false)
			w.odoo.AddProduct("TS-M-RED", "T-Shirt", dec("100"))
			w.shop.Books.Products.Unknown, w.shop.Books.Products.Placeholder = "placeholder", "MUG"
			out, err := w.books.Order(t.Context(), w.shop, o, erp.Applied{}, yes)
			require.NoError(t, err)
			require.Equal(t, "created", out.Action, out.Reason)
			require.True(t, out.Total.Amount.Equal(want), "%s in Odoo, %s in the shop", out.Total, want)
		})
	}
}
