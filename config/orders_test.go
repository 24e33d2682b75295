package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAMomentIsADateOrATimeWithItsOffset(t *testing.T) {
	for text, want := range map[string]string{
		"2026-11-01":                "2026-11-01",
		"2026-11-01T00:00:00Z":      "2026-11-01",
		"2026-11-01T08:30:00+02:00": "2026-11-01T06:30:00Z",
	} {
		var m Moment
		require.NoError(t, m.UnmarshalText([]byte(text)))
		require.Equal(t, want, m.String(), text)
	}
	var m Moment
	require.Empty(t, m.String())
	for _, text := range []string{"", "yesterday", "1.11.2026", "2026-11-01 08:30", "2026-02-30"} {
		require.Error(t, m.UnmarshalText([]byte(text)), text)
	}
}

func TestAChoiceNamesTheListThatRefuses(t *testing.T) {
	require.Empty(t, Choice{}.Refuses())
	require.Empty(t, Choice{}.Refuses("web"))
	require.Equal(t, "only", Choice{Only: []string{"web"}}.Refuses("pos"))
	require.Equal(t, "only", Choice{Only: []string{"web"}}.Refuses())
	require.Empty(t, Choice{Only: []string{"Web"}}.Refuses("pos", "web"))
	require.Equal(t, "except", Choice{Except: []string{"pos"}}.Refuses("POS"))
	require.Equal(t, "except", Choice{Only: []string{"pos"}, Except: []string{"pos"}}.Refuses("pos"))
}

func TestTheWayInIsReadAsWritten(t *testing.T) {
	data, environ := read(t, "testdata/good/which-orders.yml")
	cfg, _, err := parseAll(data, "which-orders.yml", environ)
	require.NoError(t, err)
	shop := cfg.Shops[0]
	require.True(t, shop.Live())
	require.Equal(t, "2026-11-01T06:00:00Z", shop.GoLive.String())
	require.Equal(t, Import{Financial: []string{"paid", "authorized"}, Unpaid: "skip", Test: "import", Drafts: "skip",
		Cancelled: "quotation", Fulfilled: "import", Channels: Choice{Only: []string{"web", "pos"}, Except: []string{"pos"}},
		Gateways: Choice{Except: []string{"manual"}}, Require: []string{"payment", "shipping"}}, shop.Import)
	require.Equal(t, map[string]string{"68014080299": "Helsinki", "Turku Store": "Turku"}, shop.Books.Warehouses)
}

func TestAShopObservesUntilItIsTold(t *testing.T) {
	data, environ := read(t, "testdata/good/least.yml")
	cfg, _, err := parseAll(data, "least.yml", environ)
	require.NoError(t, err)
	require.False(t, cfg.Shops[0].Live())
}

func TestAnotherGoLiveIsShownAsAChange(t *testing.T) {
	data, environ := read(t, "testdata/good/which-orders.yml")
	before, _, err := parseAll(data, "which-orders.yml", environ)
	require.NoError(t, err)
	after, _, err := parseAll(data, "which-orders.yml", environ)
	require.NoError(t, err)
	require.NoError(t, after.Shops[0].GoLive.UnmarshalText([]byte("2026-12-01")))
	require.Equal(t, []string{"shops[fi].go_live: 2026-11-01T06:00:00Z → 2026-12-01"}, Diff(before, after))
}
