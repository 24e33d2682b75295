package woocommercetest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// signed is a request's OAuth 1.0a, in words of its own: RFC 5849.
func signed(s *Store, method string, algorithm func() hash.Hash, at time.Time, nonce string) func(*http.Request) {
	return func(r *http.Request) {
		q := r.URL.Query()
		q.Set("oauth_consumer_key", s.ConsumerKey())
		q.Set("oauth_signature_method", method)
		q.Set("oauth_timestamp", strconv.FormatInt(at.Unix(), 10))
		q.Set("oauth_nonce", nonce)
		escape := func(v string) string { return strings.ReplaceAll(url.QueryEscape(v), "+", "%20") }
		params := strings.ReplaceAll(q.Encode(), "+", "%20") // sorted, as there are no two of a name
		mac := hmac.New(algorithm, []byte(s.ConsumerSecret()+"&"))
		_, _ = io.WriteString(mac, r.Method+"&"+escape("http://"+r.URL.Host+r.URL.Path)+"&"+escape(params))
		q.Set("oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
		r.URL.RawQuery = q.Encode()
	}
}

func TestAKeyIsShownByBasicOnlyOverTLSAndByOAuthAnywhere(t *testing.T) {
	c := newClock()
	s := New(Options{Now: c.now})
	s.Generate(1, 2)
	refused := ask(t, s, "GET", "orders", "")
	require.Equal(t, http.StatusUnauthorized, refused.status)
	require.JSONEq(t, `{"code":"woocommerce_rest_cannot_view","message":"Sorry, you cannot list resources.","data":{"status":401}}`, refused.text)
	query := "orders?consumer_key=" + s.ConsumerKey() + "&consumer_secret=" + s.ConsumerSecret()
	nobody := func(*http.Request) {}
	require.Equal(t, "woocommerce_rest_cannot_view", send(t, s, "GET", query, "", nobody).code(t))
	tls := func(r *http.Request) { r.Header.Set("X-Forwarded-Proto", "https") }
	require.Equal(t, http.StatusOK, send(t, s, "GET", query, "", tls).status)

	n := 0
	oauth := func(method string, algorithm func() hash.Hash, at time.Time) asked {
		n++
		return send(t, s, "GET", "orders?status=processing,on-hold&modified_after=2026-11-20T10%3A00%3A00&_fields=id", "", signed(s, method, algorithm, at, fmt.Sprint(n)))
	}
	require.Equal(t, http.StatusOK, oauth("HMAC-SHA256", sha256.New, c.now()).status)
	require.Equal(t, http.StatusOK, oauth("HMAC-SHA1", sha1.New, c.now()).status)
	for name, bad := range map[string]asked{
		"another algorithm than is said": oauth("HMAC-SHA256", sha1.New, c.now()),
		"a method that nobody knows":     oauth("PLAINTEXT", sha256.New, c.now()),
		"a time long ago":                oauth("HMAC-SHA256", sha256.New, c.now().Add(-16*time.Minute)),
		"a time to come":                 oauth("HMAC-SHA256", sha256.New, c.now().Add(16*time.Minute)),
		"a nonce again":                  send(t, s, "GET", "orders", "", signed(s, "HMAC-SHA256", sha256.New, c.now(), "1")),
		"a signature of another path": send(t, s, "GET", "orders", "", func(r *http.Request) {
			signed(s, "HMAC-SHA256", sha256.New, c.now(), "x")(r)
			r.URL.Path += "/1"
		}),
	} {
		require.Equal(t, http.StatusUnauthorized, bad.status, name)
		require.Equal(t, "woocommerce_rest_authentication_error", bad.code(t), name)
		require.NotContains(t, bad.text, s.ConsumerSecret())
	}
	missing := send(t, s, "GET", "orders?oauth_nonce=1", "", nobody)
	require.Equal(t, "woocommerce_rest_authentication_missing_parameter", missing.code(t))
}

func TestWrongKeysAndRightsAreRefusedAsRealShopsDo(t *testing.T) {
	s := New(Options{BasicOverHTTP: true, Permissions: "read", Denied: []string{"webhooks"}})
	id := s.Generate(1, 1)[0]
	basic := func(key, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(key, secret) }
	}
	require.Equal(t, "woocommerce_rest_cannot_view", send(t, s, "GET", "orders/"+id, "", basic("ck_nobody", "cs")).code(t))
	wrong := send(t, s, "GET", "orders/"+id, "", basic(s.ConsumerKey(), "cs"))
	require.Equal(t, 401, wrong.status)
	require.Equal(t, "woocommerce_rest_authentication_error", wrong.code(t))
	writes := ask(t, s, "PUT", "orders/"+id, `{"status":"completed"}`)
	require.Equal(t, 401, writes.status, "not 403")
	require.Equal(t, "woocommerce_rest_authentication_error", writes.code(t))
	denied := ask(t, s, "GET", "webhooks", "")
	require.Equal(t, 403, denied.status)
	require.Equal(t, "woocommerce_rest_cannot_view", denied.code(t))
	require.Equal(t, 200, ask(t, s, "GET", "orders/"+id, "").status)
}
