package erp

import (
	"html"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestALocaleFindsAnInstalledLanguage(t *testing.T) {
	s := books()
	for locale, want := range map[string]string{
		"fi": "fi_FI", "fi-FI": "fi_FI", "fi_FI": "fi_FI", "FI": "fi_FI", "de": "de_DE", "de-AT": "de_DE", "de-CH": "de_CH",
		"en-GB": "en_US", "sv": "", "": "", "zh-Hant-TW": "",
	} {
		require.Equal(t, want, s.language(locale), locale)
	}
	s.master = &master{Languages: []language{{"fi_FI", "fi_FI"}}}
	require.Equal(t, "fi_FI", s.language("fi"))
}

func TestOnlyAWebAddressBecomesALink(t *testing.T) {
	o := order()
	for _, address := range []string{"", "javascript:alert(1)", "//evil.example.com", "data:text/html,x", "\x7f"} {
		o.URL = address
		require.NotContains(t, note(o), "<a", address)
	}
	o.URL = `https://x.example.com/1?a=1&b="`
	require.Contains(t, note(o), `<a href="https://x.example.com/1?a=1&amp;b=&#34;">fi #1001</a>`)
}

// Whatever a buyer writes stays text.
func FuzzNote(f *testing.F) {
	f.Add("<script>alert(1)</script>", "\" onmouseover=x", "https://x.example.com/")
	f.Add("a\r\nb\x00", "</b></li></ul>", "http://x/<b>")
	f.Fuzz(func(t *testing.T, text, name, address string) {
		o := order()
		o.Note, o.URL, o.PurchaseOrder, o.Locale = text, address, name, text
		o.Attributes = []commerce.Property{{Name: name, Value: text}}
		o.Gateways, o.Financial, o.Channel = []string{text}, name, text
		got := note(o)
		require.NotContains(t, got, "\x00")
		rest := got
		for _, tag := range []string{"<p>", "</p>", "<ul>", "</ul>", "<li>", "</li>", "<b>", "</b>", "<br/>", "</a>"} {
			rest = strings.ReplaceAll(rest, tag, "")
		}
		if after, linked := strings.CutPrefix(rest, `<a href="`); linked {
			href, more, closed := strings.Cut(after, `">`)
			require.True(t, closed)
			require.Regexp(t, "^https?://", html.UnescapeString(href))
			rest = more
		}
		require.NotContains(t, rest, "<")
		require.NotContains(t, rest, ">")
	})
}
