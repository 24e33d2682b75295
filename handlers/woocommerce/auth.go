package woocommerce

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// keys put the REST API's keys on a request in one of three ways. WooCommerce takes
// the first two over TLS only, and the third everywhere.
// https://woocommerce.github.io/woocommerce-rest-api-docs/#authentication
type keys struct {
	how         string // authBasic, authQuery or authOAuth
	key, secret string
	now         func() time.Time
	nonce       func() string
}

func newKeys(set Settings) keys {
	return keys{how: set.Auth, key: set.ConsumerKey.Reveal(), secret: set.ConsumerSecret.Reveal(), now: time.Now, nonce: rand.Text}
}

// put changes header or query. A request that a redirect sent on may have the keys of
// before in its query.
func (k keys) put(r *http.Request) {
	if k.how == authBasic {
		r.SetBasicAuth(k.key, k.secret)
		return
	}
	q := r.URL.Query()
	for name := range q {
		if strings.HasPrefix(name, "oauth_") {
			q.Del(name)
		}
	}
	if k.how == authQuery {
		q.Set("consumer_key", k.key)
		q.Set("consumer_secret", k.secret)
	} else {
		k.sign(r, q)
	}
	r.URL.RawQuery = q.Encode()
}

// sign adds what one-legged OAuth 1.0a wants in the query. WooCommerce remembers a
// nonce for a quarter of an hour, and refuses a time that is further off than that.
func (k keys) sign(r *http.Request, q url.Values) {
	q.Set("oauth_consumer_key", k.key)
	q.Set("oauth_nonce", k.nonce())
	q.Set("oauth_signature_method", "HMAC-SHA256")
	q.Set("oauth_timestamp", strconv.FormatInt(k.now().Unix(), 10))
	q.Set("oauth_version", "1.0")
	mac := hmac.New(sha256.New, []byte(escape(k.secret)+"&"))
	mac.Write([]byte(signed(r.Method, r.URL, q)))
	q.Set("oauth_signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

// signed is the text that is signed: RFC 5849, 3.4.1.
func signed(method string, u *url.URL, q url.Values) string {
	var params []string
	for name, values := range q {
		for _, v := range values {
			params = append(params, escape(name)+"="+escape(v))
		}
	}
	slices.Sort(params)
	place := strings.ToLower(u.Scheme+"://"+u.Host) + u.EscapedPath()
	return method + "&" + escape(place) + "&" + escape(strings.Join(params, "&"))
}

// escape is RFC 3986's: letters, digits and -._~ stay.
func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
