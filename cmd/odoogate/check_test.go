package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func TestTheReportIsReadByPeople(t *testing.T) {
	f := &commerce.Findings{Part: "redis"}
	f.OK("Redis 7.2.4 answers")
	f.Warn("set appendonly yes", "what it holds is lost with its process")
	f.Part = "shop fi"
	f.Problem(strings.Repeat("mend this and that ", 8), "%s", strings.Repeat("something is wrong here ", 7))
	var out bytes.Buffer
	require.NoError(t, writeReport(&out, tasks.NewCheckReport(f.List)))
	want := strings.TrimPrefix(`
redis   ✓ Redis 7.2.4 answers
        ! what it holds is lost with its process
          → set appendonly yes
shop fi ✗ something is wrong here something is wrong here something is wrong here something is wrong here
          something is wrong here something is wrong here something is wrong here
          → mend this and that mend this and that mend this and that mend this and that mend this and that
            mend this and that mend this and that mend this and that

1 problem, 1 warning
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestEveryAnswerToInitIsTaken(t *testing.T) {
	// Whatever is entered stands in the file as it was entered.
	for _, odd := range []string{`quoted "name"`, "colon: # hash", "back\\slash", "ü 日本", "{env: X}", "true", "0010"} {
		opt := initOptions{out: "odoogate.yml", answers: answers{Shop: "fi", Platform: "shopify", Domain: "demo.myshopify.com",
			OdooURL: "https://odoo.example.com", OdooDB: odd, OdooUser: odd, ShippingProduct: odd, PublicURL: "https://hooks.example.com"}}
		require.NoError(t, opt.check(nil, ""), odd)
		text, err := opt.render()
		require.NoError(t, err)
		cfg := parsed(t, text)
		require.Equal(t, []string{odd, odd, odd}, []string{cfg.Odoo.Database, cfg.Odoo.User, cfg.Shops[0].Books.Products.Shipping})
		require.Equal(t, "https://hooks.example.com", cfg.Server.PublicURL)
		require.Equal(t, "observe", cfg.Shops[0].Mode)
	}
}

// parsed loads a written configuration as strictly as serve does.
func parsed(t *testing.T, text []byte) *config.Config {
	t.Helper()
	cfg, err := config.Parse(text, "odoogate.yml", []string{"REDIS_URL=redis://127.0.0.1:6379/0", "ODOO_PASSWORD=x", "SHOP_FI_TOKEN=x", "SHOP_FI_SECRET=x"})
	require.NoError(t, err)
	require.NoError(t, openOnly(cfg))
	return cfg
}
