package woocommerce

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
)

func TestSettings(t *testing.T) {
	const good = "url: https://shop.example.com/store/\nconsumer_key: ck_hush\nconsumer_secret: cs_hush\nsecrets: [\" one \", two]\n"
	set, err := settingsOf(t, good)
	require.NoError(t, err)
	require.Equal(t, "https://shop.example.com/store", set.URL)
	require.Equal(t, authBasic, set.Auth)
	require.Equal(t, " one ", set.Secrets[0].Reveal(), "secrets are never trimmed")
	require.Equal(t, "https://shop.example.com/store", set.base())
	require.Equal(t, "https://shop.example.com/store/wp-admin/admin.php?page=wc-orders&action=edit&id=7", set.adminURL("7"))
	set, err = settingsOf(t, good+"endpoint: http://127.0.0.1:8080/\n")
	require.NoError(t, err)
	require.Equal(t, authOAuth, set.Auth, "plain http gives keys away")
	require.Equal(t, "http://127.0.0.1:8080", set.base())
	set, err = settingsOf(t, good+"auth: query\n")
	require.NoError(t, err)
	require.Equal(t, authQuery, set.Auth)

	for _, tc := range []struct{ block, says string }{
		{strings.Replace(good, "https://", "http://", 1), "woocommerce.url: must be the shop's https address"},
		{strings.Replace(good, "/store/", "/?x=1", 1), "woocommerce.url"},
		{strings.Replace(good, "/store/", "/wp-json/wc/v3", 1), "woocommerce.url"},
		{strings.Replace(good, "shop.example.com", "me:pass@shop.example.com", 1), "woocommerce.url"},
		{strings.Replace(good, "https://shop.example.com/store/", "shop.example.com", 1), "woocommerce.url"},
		{good + "endpoint: http://127.0.0.1/?a\n", "woocommerce.endpoint"},
		{good + "endpoint: http://127.0.0.1\nauth: basic\n", "woocommerce.auth: must be oauth"},
		{good + "auth: digest\n", "woocommerce.auth"},
		{strings.Replace(good, `[" one ", two]`, "[]", 1), "woocommerce.secrets"},
		{strings.Replace(good, `[" one ", two]`, `[one, ""]`, 1), "woocommerce.secrets"},
		{strings.Replace(good, "consumer_key: ck_hush\n", "", 1), "woocommerce.consumer_key"},
		{strings.Replace(good, "consumer_secret: cs_hush\n", "", 1), "woocommerce.consumer_secret"},
	} {
		_, err := settingsOf(t, tc.block)
		require.ErrorContains(t, err, tc.says, tc.block)
		for _, secret := range []string{"hush", " one ", "me:pass"} {
			require.NotContains(t, err.Error(), secret)
		}
	}
}

func settingsOf(t *testing.T, block string) (Settings, error) {
	t.Helper()
	shop, err := config.NewShop("fi", Name, config.Books{}, block)
	require.NoError(t, err)
	set, err := readSettings(shop)
	if opened, openErr := Platform().Open(shop, handlers.Deps{}); openErr == nil {
		require.NoError(t, err)
		require.True(t, opened.SendsOnce)
	} else {
		require.Error(t, err)
	}
	return set, err
}

// The manual is the example: its block is ours, key by key.
func TestTheExampleShowsEverySetting(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "deploy", "odoogate.example.yml"))
	require.NoError(t, err)
	var environ []string
	for _, m := range regexp.MustCompile(`(?m)^[^#\n]*\{env: (\w+)\}`).FindAllStringSubmatch(string(data), -1) {
		value := strings.Repeat("value", 7)
		if m[1] == "REDIS_URL" {
			value = "redis://127.0.0.1:6379/0"
		}
		environ = append(environ, m[1]+"="+value)
	}
	cfg, err := config.Parse(data, "odoogate.example.yml", environ)
	require.NoError(t, err)
	at := slices.IndexFunc(cfg.Shops, func(s config.Shop) bool { return s.Platform == Name })
	require.NotEqual(t, -1, at, "the example has a shop of WooCommerce")
	set, err := readSettings(cfg.Shops[at])
	require.NoError(t, err)
	require.Equal(t, authBasic, set.Auth)
	_, block, _ := strings.Cut(string(data), "\n    woocommerce:\n")
	for f := range reflect.TypeFor[Settings]().Fields() {
		require.Regexp(t, `(?m)^      (# )?`+f.Tag.Get("yaml")+`:`, block)
	}
}
