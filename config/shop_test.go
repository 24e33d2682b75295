package config

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

const storeBlock = `
domain: fi.example.com
access_token: hunter2
secrets: [new, old]
`

func TestNewShopIsDecodedLikeOneOfAFile(t *testing.T) {
	shop, err := NewShop("fi", "shopify", Books{Products: Products{Shipping: "SHIP"}}, storeBlock)
	require.NoError(t, err)
	require.Equal(t, "SHIP", shop.Books.Products.Shipping)

	for range 2 {
		set := store{Money: "shop"}
		require.NoError(t, shop.Decode(&set))
		require.Equal(t, "fi.example.com", set.Domain)
		require.Equal(t, "hunter2", set.Token.Reveal())
		requireHidden(t, fmt.Sprintf("%+v %#v", set, shop), "settings")
	}
}

func TestNewShopChecksItsOwnWords(t *testing.T) {
	_, err := NewShop("Fi", "", Books{Taxes: []TaxRule{{Rate: "250", Tax: "x"}}}, "")
	require.ErrorContains(t, err, "shop Fi:1:1: id: is no shop id")
	require.ErrorContains(t, err, "platform: is required")
	require.ErrorContains(t, err, "books.taxes[0].rate")

	_, err = NewShop("fi", "shopify", Books{}, "{")
	require.ErrorContains(t, err, "shop fi:1:")
}

func TestDecodeTellsProblemsOfTheBlockWithTheirPlaces(t *testing.T) {
	shop, err := NewShop("fi", "shopify", Books{}, "domain: fi\nacces_token: hunter2\nsecrets: [\"\"]\npages: 300\n")
	require.NoError(t, err)
	err = shop.Decode(&store{Money: "both"})
	require.EqualError(t, err, `shop fi:1:1: shopify.access_token: is required; set it, here or as ODOOGATE_SHOP_FI_ACCESS_TOKEN
shop fi:1:1: shopify.money: is not among the choices; write shop or presentment
shop fi:1:9: shopify.domain: "fi" is no domain; write it without scheme and path, for example shop.example.com
shop fi:2:1: shopify.acces_token: is no setting; did you mean "access_token"?
shop fi:3:11: shopify.secrets[0]: is required; set it
shop fi:4:8: shopify.pages: 300 is too much; choose at most 250`)
}

func TestDecodeRefusesWhatIsNoStruct(t *testing.T) {
	shop, err := NewShop("fi", "shopify", Books{}, storeBlock)
	require.NoError(t, err)
	require.ErrorContains(t, shop.Decode(store{}), "need a pointer to a struct, got config.store")
	require.ErrorContains(t, shop.Decode(nil), "need a pointer to a struct, got <nil>")
	require.ErrorContains(t, Shop{ID: "fi"}.Decode(&store{}), "neither from Parse nor from NewShop")
}

func TestDecodeOfASettingThatNoFileCanHoldIsAProblem(t *testing.T) {
	shop, err := NewShop("fi", "shopify", Books{}, "rate: 1.5")
	require.NoError(t, err)
	require.ErrorContains(t, shop.Decode(&struct {
		Rate float64 `yaml:"rate"`
	}{}), "shopify.rate: a setting of type float64 cannot be read")
}

func TestAnAnonymousStructIsCheckedToo(t *testing.T) {
	shop, err := NewShop("fi", "shopify", Books{}, "url: foo")
	require.NoError(t, err)
	var set struct {
		URL    string `yaml:"url" validate:"http_url"`
		Hidden string `yaml:"-"`
		Plain  string
	}
	require.EqualError(t, shop.Decode(&set),
		`shop fi:1:6: shopify.url: "foo" is no web address; write it with http:// or https://, for example https://odoo.example.com`)
}

func TestProblemStandsWhereItsKeyDoes(t *testing.T) {
	cfg, err := Parse([]byte(`redis: {url: "redis://localhost"}
odoo: {url: "http://localhost", database: a, user: b, password: c}
shops:
  - id: fi
    platform: shopify
    shopify:
      domain: example.com
      proxy:
        address: http://localhost
`), "x.yml", []string{"ODOOGATE_SHOP_FI_PROXY_STRICT=true"})
	require.NoError(t, err)
	shop := cfg.Shops[0]
	for key, want := range map[string]string{
		"platform":              "x.yml:5:15: shops[0].platform: is unknown",
		"shopify":               "x.yml:6:5: shops[0].shopify: is unknown",
		"shopify.domain":        "x.yml:7:7: shops[0].shopify.domain: is unknown",
		"shopify.proxy.address": "x.yml:9:9: shops[0].shopify.proxy.address: is unknown",
		"shopify.secrets[1]":    "x.yml:6:5: shops[0].shopify.secrets[1]: is unknown",
		"books.company":         "x.yml:4:5: shops[0].books.company: is unknown",
		"shopify.proxy.strict":  "environment: ODOOGATE_SHOP_FI_PROXY_STRICT: is unknown",
	} {
		require.Equal(t, want, shop.Problem(key, "is unknown").String())
	}
	require.Equal(t, "shop se: platform: is unknown", Shop{ID: "se"}.Problem("platform", "is unknown").String())
}
