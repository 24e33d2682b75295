package erp

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestNeedsAreReadAsTheyWereWritten(t *testing.T) {
	s := books()
	_, unknown := s.choose(s.searchGoods(commerce.Line{SKU: "A/B C"}), nil)
	_, noTax := s.taxFor(taxKey{Rate: dec("8.5"), Country: "SE", Included: true})
	_, noList := s.pricelist("SEK")
	_, noMoney := s.gridOf("SEK")
	for text, want := range map[string]need{
		unknown.need: {Kind: "sku", Shop: "fi", Key: "A/B C"},
		noTax.need:   {Kind: "tax", Shop: "fi", Key: "8.5/SE/incl", Tax: taxKey{Rate: dec("8.5"), Country: "SE", Included: true}},
		noList.need:  {Kind: "pricelist", Shop: "fi", Key: "SEK"},
		noMoney.need: {Kind: "currency", Shop: "fi", Key: "SEK"},
	} {
		got, ok := parseNeed(text)
		require.True(t, ok, text)
		require.Equal(t, want, got)
		require.False(t, s.met(got, nil), text)
	}
}

func TestWhatIsThereIsMet(t *testing.T) {
	s := books()
	for _, text := range []string{"sku/fi/MUG", "tax/fi/25.5/FI/incl", "tax/fi/10/SE/incl", "pricelist/fi/USD", "currency/fi/JPY", "setting/fi/products.shipping"} {
		n, ok := parseNeed(text)
		require.True(t, ok, text)
		require.True(t, s.met(n, stock()), text)
	}
}

func FuzzParseNeed(f *testing.F) {
	for _, s := range []string{"sku/fi/ABC", "tax/fi/25.5/FI/incl", "tax/fi/x/FI/incl", "pricelist/fi/USD", "currency/fi/", "//", "tax/fi/1e9/FI/excl", "setting/fi/products.shipping", "partner/fi/email/7+9", "language/fi/sv_SE"} {
		f.Add(s)
	}
	s := books()
	f.Fuzz(func(t *testing.T, text string) {
		n, ok := parseNeed(text)
		if !ok {
			return
		}
		require.Equal(t, text, n.Kind+"/"+n.Shop+"/"+n.Key)
		s.met(n, stock())
	})
}

func TestExternalIDsHoldWhateverAShopCallsThings(t *testing.T) {
	o := order()
	o.Ref.ID = "ABC 10/ä.1"
	o.Lines[0].ID, o.Lines[1].ID = "", "gid 5"
	for _, xid := range []string{orderXID(o.Ref), lineXID(o, 0, 0), lineXID(o, 1, 3), books().identity(o).Buyer} {
		require.True(t, strings.HasPrefix(xid, module))
		require.Equal(t, 1, strings.Count(xid, "."), xid)
		require.NotContains(t, xid, " ")
	}
	require.NotEqual(t, lineXID(o, 0, 0), lineXID(o, 1, 0))
	here, there := books(), books()
	there.Company.ID = 2
	require.Equal(t, here.identity(order()), here.identity(order()))
	require.NotEqual(t, here.identity(order()).Buyer, there.identity(order()).Buyer, "a buyer belongs to a company")
	require.True(t, isOrderXID(orderXID(o.Ref)))
	require.False(t, isOrderXID("__export__.sale_order_7"))
}

func TestAllThatIsMissingIsToldAtOnce(t *testing.T) {
	err := missing(order().Ref, gap{detail: "a", remedy: "do a", need: "sku/fi/a"}, gap{detail: "b", remedy: "do a"})
	err = join(order().Ref, err, gap{detail: "c", remedy: "do c", need: "tax/fi/1/FI/incl"})
	var e *commerce.Error
	require.ErrorAs(t, err, &e)
	require.Equal(t, "a; b; c", e.Detail)
	require.Equal(t, "do a; do c", e.Remedy)
	require.Equal(t, []string{"sku/fi/a", "tax/fi/1/FI/incl"}, e.Needs)
	require.NoError(t, missing(order().Ref))
	other := errors.New("else")
	require.Equal(t, other, join(order().Ref, other, gap{}))
}

func TestARuleThatIsMissingIsMetOnceItIsWritten(t *testing.T) {
	f := config.Facts{Channel: "web & more", Country: "FI", Currency: "EUR", Financial: "pending", Fulfilment: "unfulfilled", Risk: "none",
		Gateways: []string{"Klarna/Pay", "gift card"}, Tags: []string{"b2b"}}
	n, ok := parseNeed("rule/fi/" + writeFacts(f))
	require.True(t, ok)
	require.Equal(t, f, n.Facts)
}
