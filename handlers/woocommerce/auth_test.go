package woocommerce

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testKeys(how string) keys {
	return keys{how: how, key: "ck_1", secret: "cs_2", now: func() time.Time { return time.Unix(1795309200, 0) }, nonce: func() string { return "once" }}
}

func keyed(t *testing.T, how, method, address string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, nil)
	require.NoError(t, err)
	testKeys(how).put(r)
	return r
}

func TestBasicKeysStandInTheHeaderAlone(t *testing.T) {
	r := keyed(t, authBasic, "GET", "https://shop.example/wp-json/wc/v3/orders?page=1")
	user, password, ok := r.BasicAuth()
	require.True(t, ok)
	require.Equal(t, "ck_1 cs_2", user+" "+password)
	require.Equal(t, "page=1", r.URL.RawQuery)
}

func TestQueryKeysStandInTheQueryAlone(t *testing.T) {
	r := keyed(t, authQuery, "GET", "https://shop.example/wp-json/wc/v3/orders?page=1&consumer_key=ck_old")
	require.Equal(t, "consumer_key=ck_1&consumer_secret=cs_2&page=1", r.URL.RawQuery)
	require.Empty(t, r.Header.Get("Authorization"))
}

// The example of RFC 5849, 3.4.1.1, without the parameters of its form body and token.
func TestTheTextThatOAuthSignsIsThatOfTheRFC(t *testing.T) {
	r, err := http.NewRequestWithContext(t.Context(), "POST", "http://EXAMPLE.COM/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", nil)
	require.NoError(t, err)
	require.Equal(t, "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3Da%26b5%3D%253D%25253D%26c%2540%3D",
		signed(r.Method, r.URL, r.URL.Query()))
}

// The signature was worked out by openssl over the text as WooCommerce puts it together.
func TestOAuthSignsMethodPlaceAndQuery(t *testing.T) {
	const place = "http://shop.example/blog/wp-json/wc/v3/orders"
	r := keyed(t, authOAuth, "GET", place+"?status=any&modified_after=2026-11-21T22%3A16%3A00")
	q := r.URL.Query()
	require.Equal(t, "GET&http%3A%2F%2Fshop.example%2Fblog%2Fwp-json%2Fwc%2Fv3%2Forders&modified_after%3D2026-11-21T22%253A16%253A00"+
		"%26oauth_consumer_key%3Dck_1%26oauth_nonce%3Donce%26oauth_signature_method%3DHMAC-SHA256%26oauth_timestamp%3D1795309200%26oauth_version%3D1.0%26status%3Dany",
		func() string { q := r.URL.Query(); q.Del("oauth_signature"); return signed(r.Method, r.URL, q) }())
	require.Equal(t, "ZX+9cKmxcydTlAmRVbYSarCOQykkKq6Ar9jzHeCKeZA=", q.Get("oauth_signature"))
	require.Empty(t, r.Header.Get("Authorization"))
	require.NotContains(t, r.URL.String(), "cs_2")

	again := keyed(t, authOAuth, "GET", place+"?status=any&modified_after=2026-11-21T22%3A16%3A00&oauth_nonce=old&oauth_signature=old")
	require.Equal(t, r.URL.String(), again.URL.String(), "what a redirect brings back of the keys is not signed")
	require.NotEqual(t, r.URL.Query().Get("oauth_signature"), keyed(t, authOAuth, "PUT", place+"?status=any&modified_after=2026-11-21T22%3A16%3A00").URL.Query().Get("oauth_signature"))
}

func TestNoTwoRequestsHaveOneNonce(t *testing.T) {
	seen := map[string]bool{}
	k := newKeys(Settings{Auth: authOAuth})
	for range 100 {
		n := k.nonce()
		require.False(t, seen[n])
		require.LessOrEqual(t, len(n), 32)
		seen[n] = true
	}
}
