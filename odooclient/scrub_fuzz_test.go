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
		for _, quoted := range []string{password, strconv.Quote(password), text + password + text, "'" + strings.ReplaceAll(strings.ReplaceAll(password, `\`, `\\`), `'`, `\'`) + "'"} {
			for _, f := range []*Fault{exception(name, text+quoted, status, true), exception(name+quoted, quoted, http.StatusOK, false)} {
				said := strings.NewReplacer("api", "", `"odoo"`, "").Replace((&json2{account: who}).explain(f).Error() + (&jsonrpc{account: who}).explain(f).Error())
				if !strings.Contains(exception(name, text, status, true).Error(), password) {
					require.NotContains(t, said, password)
				}
			}
		}
	})
}
