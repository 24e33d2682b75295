package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

const diffBase = `
redis: {url: "redis://:one@127.0.0.1:6379/0"}
odoo: {url: "http://127.0.0.1:8069", database: d, user: u, password: hunter1}
shops:
  - {id: fi, platform: shopify, shopify: {domain: a.myshopify.com, secrets: [s1]}, books: {products: {shipping: SHIP}}}
  - {id: se, platform: shopify, shopify: {domain: b.myshopify.com, secrets: [s2]}}
`

func parseForDiff(t *testing.T, text string) *config.Config {
	t.Helper()
	cfg, err := config.Parse([]byte(text), "x.yml", nil)
	require.NoError(t, err)
	return cfg
}

func TestDiffNamesEverySettingThatChangedAndNoSecret(t *testing.T) {
	after := strings.NewReplacer("hunter1", "hunter2", "[s1]", "[s3]", ":one@", ":two@", "SHIP", "DELIVERY",
		"b.myshopify.com", "c.myshopify.com").Replace(diffBase) + "worker: {live: 32}\nmonitor: {user: ops, password: p}\n"
	got := config.Diff(parseForDiff(t, diffBase), parseForDiff(t, after))
	want := []string{
		"monitor.password: added", "monitor.user: added", "odoo.password: changed", "redis.url: changed",
		"shops[fi].books.products.shipping: SHIP → DELIVERY", "shops[fi].shopify.secrets: changed",
		"shops[se].shopify.domain: changed", "worker.live: 64 → 32",
	}
	require.Empty(t, cmp.Diff(want, got))
}

func TestMovingAShopIsNoChange(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(diffBase), "\n")
	lines[3], lines[4] = lines[4], lines[3]
	require.Empty(t, config.Diff(parseForDiff(t, diffBase), parseForDiff(t, strings.Join(lines, "\n"))))
}
