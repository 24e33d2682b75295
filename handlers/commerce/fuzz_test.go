package commerce

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzRedact: of what a buyer gave nothing of three letters or more is left in a
// text, in whatever case it stands there.
func FuzzRedact(f *testing.F) {
	f.Add("Ann", "ann@example.com", "Koulukatu 1", "partner ANN@EXAMPLE.COM of koulukatu 1 exists")
	f.Add("O'Brien", "a.b*c@example.com", "Ring at O'Brien & sons\nback door", "<p>Ring at O&#39;Brien &amp; sons<br/>back door</p>")
	f.Add("İstanbul", "ſtraße", "K", "istanbul STRASSE k")
	f.Add("a\tb  c", "\xff\xfe", "(?i)[", "a b c (?i)[")
	f.Fuzz(func(t *testing.T, name, email, street, text string) {
		o := &Order{Customer: Party{FirstName: name, Email: email}, Shipping: &Address{Street: street}}
		got := o.Redact(text)
		for _, given := range []string{name, email, street} {
			for line := range strings.Lines(given) {
				line = strings.TrimSpace(line)
				if utf8.RuneCountInString(line) < 3 || strings.ContainsAny(line, "[…]") { // what is put in its place is made of these
					continue
				}
				require.NotContains(t, got, line)
				tidy := strings.Join(strings.Fields(line), " ")
				require.NotContains(t, o.Redact(tidy), tidy)
				if loud := strings.ToUpper(line); strings.EqualFold(loud, line) { // else it is another word
					require.NotContains(t, o.Redact(loud+text), loud)
				}
			}
		}
	})
}

// FuzzUnchanged: a digest of lines that cannot be read tells of no line that it is
// unchanged, and the order's own of each.
func FuzzUnchanged(f *testing.F) {
	o := &Order{Currency: "EUR", Lines: []Line{{ID: "1", Kind: LineProduct}, {ID: "a b", Kind: LineShipping}}}
	f.Add(o.LinesDigest())
	f.Add("")
	f.Add(" = =")
	f.Fuzz(func(t *testing.T, digest string) {
		same := o.Unchanged(digest)
		require.Len(t, same, len(o.Lines))
		require.Equal(t, []bool{true, true}, o.Unchanged(digest+" "+o.LinesDigest()))
	})
}
