package config

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// FuzzParse: any text gives a Config or Problems, never a panic, each problem
// with its file and a sentence.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/good/*.yml", "testdata/bad/*.yml", "../deploy/*.yml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds in %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, "ODOOGATE_SHOP_FI_PAGES=1", "ODOOGATE_REDIS_URL=redis://localhost")
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, variable, another string) {
		cfg, _, err := parseAll(data, "x.yml", []string{variable, another})
		if err == nil {
			if cfg == nil || len(cfg.Shops) == 0 {
				t.Fatalf("accepted without shops: %q", data)
			}
			return
		}
		var problems Problems
		if !errors.As(err, &problems) || len(problems) == 0 {
			t.Fatalf("not Problems: %v", err)
		}
		for _, p := range problems {
			if p.File == "" || p.Message == "" {
				t.Fatalf("problem without file or message: %+v", p)
			}
		}
	})
}

// FuzzSecretsStayOutOfProblems writes a secret in every way people quote one, or
// forget to, next to settings that are wrong.
func FuzzSecretsStayOutOfProblems(f *testing.F) {
	for _, secret := range []string{"correct horse", "p@ss: word", "{braces}", "*star", "&and", "!bang", "%percent", "`tick`", "a,b", "#hash", "\"quote", "it's", "- dash", "true", "0x1F", "[list]", "\\slash", "|", "? key", "a: b: c"} {
		f.Add(secret)
	}
	f.Fuzz(func(t *testing.T, secret string) {
		// A marker that no message holds by itself: what is looked for must come
		// from the secret.
		const marker = "Zq7Xj9"
		secret = strings.ToValidUTF8(strings.ReplaceAll(secret, "\x00", ""), "") + marker
		forms := []string{
			strconv.Quote(secret),
			"'" + strings.ReplaceAll(secret, "'", "''") + "'",
			marker,
			"|\n            " + strings.ReplaceAll(secret, "\n", "\n            "),
			"|" + secret,
			"{" + marker + "}",
			"[" + marker + "]",
			"*" + marker,
			"!" + marker,
			"&" + marker + " x",
			"{vault: " + marker + "}",
			"\"" + marker,
			marker + ": " + marker,
		}
		for _, form := range forms {
			text := "redis:\n  url: " + form + "\nodoo:\n  user: []\n  password: " + form +
				"\nshops:\n  - id: fi\n    platform: shopify\n    shopify:\n      domain: 1\n      access_token: " + form +
				"\n      secrets:\n        - " + form + "\n"
			_, _, err := parseAll([]byte(text), "x.yml", []string{"ODOOGATE_MONITOR_PASSWORD=" + secret, "ODOOGATE_FOO=" + secret})
			if err == nil {
				t.Fatalf("accepted with a missing Odoo address:\n%s", text)
			}
			if strings.Contains(err.Error(), marker) {
				t.Fatalf("%v\ntells the secret of\n%s", err, text)
			}
		}
	})
}
