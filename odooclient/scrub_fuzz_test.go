package odooclient

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
)

// FuzzScrub: a fault never tells the password, wherever and however Odoo or a proxy
// before it repeats it.
func FuzzScrub(f *testing.F) {
	f.Add("correct horse", "you sent ", "builtins.ValueError", 200)
	f.Add(`a"b'c\d<e>`, "KeyError: ", "builtins.KeyError", 500)
	f.Add("0123456789abcdef0123456789abcdef01234567", "x:\ny ", "odoo.exceptions.AccessDenied", 403)
	f.Fuzz(func(t *testing.T, password, text, name string, status int) {
		if len(password) < 6 || strings.ToValidUTF8(password, "") != password || strings.ContainsAny(password, "\n\r\x00") || strings.TrimSpace(password) != password {
			return
		}
		who := account{database: "odoo", user: "api", password: config.NewSecret(password)}
		goes, python := strconv.Quote(password), strings.ReplaceAll(password, `\`, `\\`)
		spelled := []string{password, goes[1 : len(goes)-1], python, strings.ReplaceAll(python, `'`, `\'`)}
		for _, quoted := range append(spelled, goes, text+password+text, "'"+spelled[3]+"'") {
			for _, f := range []*Fault{exception(name, text+quoted, status, true), exception(name+quoted, quoted, http.StatusOK, false)} {
				said := strings.NewReplacer("api", "", `"odoo"`, "").Replace((&json2{account: who}).explain(f).Error() + (&jsonrpc{account: who}).explain(f).Error())
				for _, s := range spelled {
					if !strings.Contains(exception(name, text, status, true).Error(), s) {
						require.NotContains(t, said, s)
					}
				}
			}
		}
	})
}

func TestAPasswordIsHiddenHoweverItIsQuoted(t *testing.T) {
	who := account{password: config.NewSecret(`a"b'c\d<e>`)}
	for _, quoted := range []string{`a"b'c\d<e>`, `a\"b'c\\d<e>`, `a"b'c\\d<e>`, `a"b\'c\\d<e>`} {
		require.Equal(t, "no 'user [secret]' here", who.scrub("no 'user "+quoted+"' here"))
	}
}
