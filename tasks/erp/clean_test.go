package erp

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestTextIsCleaned(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		" Enamel mug, blue ":           "Enamel mug, blue",
		"a\r\nb\rc\u2028d":             "a\nb\nc\nd",
		"a\tb\x07\x1b[31mc\u0085":      "a b[31mc",
		"\u202eevil\u202c \u2066x":     "evil x",
		"שלום עולם":                    "שלום עולם",
		"<script>alert(1)</script>":    "<script>alert(1)</script>",
		"bad \xff\xfe bytes":           "bad \uFFFD bytes",
		"Zoë ❤ 山田太郎 🏔 e\u0301":         "Zoë ❤ 山田太郎 🏔 e\u0301",
		strings.Repeat("ä", 100):       strings.Repeat("ä", 79) + "…",
		strings.Repeat("ä", shortText): strings.Repeat("ä", shortText),
	} {
		require.Equal(t, want, clean(in, shortText))
	}
	require.Equal(t, "one line of words", cleanLine(" one\nline\r\n\tof  words ", shortText))
}

func FuzzClean(f *testing.F) {
	f.Add("Mug\x00\u202e", 5)
	f.Add(strings.Repeat("x", 2000), 1000)
	f.Fuzz(func(t *testing.T, text string, most int) {
		if most < 1 || most > 5000 {
			return
		}
		got := clean(text, most)
		require.True(t, utf8.ValidString(got))
		require.LessOrEqual(t, utf8.RuneCountInString(got), most)
		require.Equal(t, got, clean(got, most), "cleaning twice changes nothing")
		require.False(t, strings.ContainsFunc(got, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }))
	})
}

// What a payment's memo carries reaches Odoo in a call that others share.
func TestTheTextsOfAnOrderHoldThoseOfItsPayments(t *testing.T) {
	o := order()
	o.Payments = []commerce.Payment{{ID: "tx\x00", Gateway: "pay\x00pal", Kind: "sale", Status: "success",
		Amount: commerce.Money{Amount: decimal.NewFromInt(1), Currency: "EUR"}}}
	require.Contains(t, texts(o), "tx\x00")
	require.Contains(t, texts(o), "pay\x00pal")
}
