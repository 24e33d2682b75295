package erp

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

// FuzzFacts: what an order was looked up by is read as it was written, whatever a
// shop calls its channels, gateways and tags.
func FuzzFacts(f *testing.F) {
	f.Add("web & more", "FI", "Klarna/Pay", "b2b", "")
	f.Add("a=b;c", "", "gift card", "ä+%2F", "x\x00\xff")
	f.Fuzz(func(t *testing.T, channel, country, gateway, tag, text string) {
		want := config.Facts{Channel: channel, Country: country, Currency: "EUR", Financial: tag, Fulfilment: "unfulfilled", Risk: "none",
			Gateways: []string{gateway}, Tags: []string{tag}}
		n, ok := parseNeed("rule/fi/" + writeFacts(want))
		require.True(t, ok)
		require.Equal(t, want, n.Facts)
		if got, ok := readFacts(text); ok {
			again, ok := readFacts(writeFacts(got))
			require.True(t, ok)
			require.Equal(t, got, again)
		}
	})
}
