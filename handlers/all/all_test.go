package all

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
)

func shop(t *testing.T, id, platform, block string) config.Shop {
	s, err := config.NewShop(id, platform, config.Books{}, block)
	require.NoError(t, err)
	return s
}

func block(domain, secrets string) string {
	return "domain: " + domain + ".myshopify.com\naccess_token: hush-token\nsecrets: [" + secrets + "]\n"
}

func TestShopsWithACommonSecretAreMarked(t *testing.T) {
	shops, err := Open(&config.Config{Shops: []config.Shop{
		shop(t, "fi", "shopify", block("fi", "one, two")),
		shop(t, "se", "shopify", block("se", "two, three")),
		shop(t, "no", "shopify", block("no", "four, four")),
	}}, handlers.Deps{})
	require.NoError(t, err)
	require.Len(t, shops, 3)
	require.True(t, shops["fi"].SharedSecret)
	require.True(t, shops["se"].SharedSecret)
	require.False(t, shops["no"].SharedSecret)
}

func TestEverythingWrongIsReportedTogether(t *testing.T) {
	_, err := Open(&config.Config{Shops: []config.Shop{
		shop(t, "fi", "shopify", "domain: fi.example.com\naccess_token: hush-token\nsecrets: [hush-secret]\napi_version: latest\n"),
		shop(t, "se", "shopware", ""),
		shop(t, "no", "shopify", "domain: no.myshopify.com\naccess_token: hush-token\nsecrets: []\n"),
	}}, handlers.Deps{})
	var problems config.Problems
	require.ErrorAs(t, err, &problems)
	require.Len(t, problems, 4, "%v", err)
	for _, want := range []string{"shopify.domain", "shopify.api_version", `is "shopware"`, "known are: shopify", "secrets"} {
		require.ErrorContains(t, err, want)
	}
	require.NotContains(t, err.Error(), "hush")
}

func TestWhatAShopCannotBeToldIsRefused(t *testing.T) {
	one := shop(t, "fi", "shopify", block("fi", "one"))
	one.WriteBack.Delivered = "completed"
	_, err := Open(&config.Config{Shops: []config.Shop{one}}, handlers.Deps{})
	require.ErrorContains(t, err, "write_back.delivered")
	one.WriteBack.Delivered, one.WriteBack.Accounts = "", "known"
	_, err = Open(&config.Config{Shops: []config.Shop{one}}, handlers.Deps{})
	require.ErrorContains(t, err, "write_back.accounts")
}
