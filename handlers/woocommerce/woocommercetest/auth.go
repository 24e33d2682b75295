package woocommercetest

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// nonceWindow is how far a timestamp of OAuth may be from the shop's clock.
const nonceWindow = 15 * time.Minute

// refuses says why a request is answered by an error before it is looked at.
func (a *api) refuses(r *http.Request) (status int, refusal object) {
	known, refusal := a.who(r)
	if refusal != nil {
		return http.StatusUnauthorized, refusal
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	path := strings.Split(strings.TrimPrefix(r.URL.Path, "/wp-json/wc/v3/"), "/")
	switch {
	case !known:
		return http.StatusUnauthorized, cannot(r, len(path), http.StatusUnauthorized)
	case !reads && a.store.opts.Permissions == "read":
		return http.StatusUnauthorized, wrong("The API key provided does not have write permissions.")
	case slices.Contains(a.store.opts.Denied, path[0]):
		return http.StatusForbidden, cannot(r, len(path), http.StatusForbidden)
	}
	return 0, nil
}

// cannot is how WooCommerce says that somebody may not do that.
func cannot(r *http.Request, depth, status int) object {
	switch {
	case r.Method == http.MethodGet && depth == 1:
		return failure("woocommerce_rest_cannot_view", "Sorry, you cannot list resources.", status)
	case r.Method == http.MethodGet:
		return failure("woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.", status)
	case r.Method == http.MethodPost && depth == 1:
		return failure("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources.", status)
	case r.Method == http.MethodDelete:
		return failure("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource.", status)
	}
	return failure("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource.", status)
}

func wrong(message string) object {
	return failure("woocommerce_rest_authentication_error", message, http.StatusUnauthorized)
}

// who finds out whether the request shows the key. Without TLS nothing but OAuth is
// looked at; a key that nobody knows is none.
func (a *api) who(r *http.Request) (known bool, refusal object) {
	if a.store.opts.BasicOverHTTP || r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		key, secret, basic := r.BasicAuth()
		if !basic {
			q := r.URL.Query()
			key, secret = q.Get("consumer_key"), q.Get("consumer_secret")
		}
		if key == a.store.opts.ConsumerKey {
			if !hmac.Equal([]byte(secret), []byte(a.store.opts.ConsumerSecret)) {
				return false, wrong("Consumer secret is invalid.")
			}
			return true, nil
		}
	}
	return a.oauth(r)
}

// oauth checks a request that is signed by OAuth 1.0a without a token.
func (a *api) oauth(r *http.Request) (known bool, refusal object) {
	params := r.URL.Query()
	if header, ok := strings.CutPrefix(r.Header.Get("Authorization"), "OAuth "); ok {
		for _, pair := range strings.Split(header, ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			value, err := url.PathUnescape(strings.Trim(value, `"`))
			if err == nil && name != "realm" {
				params.Set(name, value)
			}
		}
	}
	var missing []string
	needed := []string{"oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method"}
	for _, name := range needed {
		if params.Get(name) == "" {
			missing = append(missing, name)
		}
	}
	switch {
	case len(missing) == len(needed): // it does not try
		return false, nil
	case len(missing) > 0:
		return false, failure("woocommerce_rest_authentication_missing_parameter", "Missing OAuth parameters "+strings.Join(missing, ", "), http.StatusUnauthorized)
	case params.Get("oauth_consumer_key") != a.store.opts.ConsumerKey:
		return false, wrong("Consumer key is invalid.")
	}
	if refusal := a.signature(r, params); refusal != nil {
		return false, refusal
	}
	if refusal := a.nonce(params.Get("oauth_timestamp"), params.Get("oauth_nonce")); refusal != nil {
		return false, refusal
	}
	return true, nil
}

func (a *api) signature(r *http.Request, params url.Values) object {
	var algorithm func() hash.Hash
	switch params.Get("oauth_signature_method") {
	case "HMAC-SHA256":
		algorithm = sha256.New
	case "HMAC-SHA1":
		algorithm = sha1.New
	default:
		return wrong("Invalid signature - signature method is invalid.")
	}
	got := strings.ReplaceAll(params.Get("oauth_signature"), " ", "+")
	params.Del("oauth_signature")
	scheme := "http"
	if r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" {
		scheme = "https"
	}
	mac := hmac.New(algorithm, []byte(a.store.opts.ConsumerSecret+"&"))
	mac.Write([]byte(r.Method + "&" + percent(scheme+"://"+r.Host+r.URL.Path) + "&" + percent(sorted(params))))
	if !hmac.Equal([]byte(base64.StdEncoding.EncodeToString(mac.Sum(nil))), []byte(got)) {
		return wrong("Invalid signature - provided signature does not match.")
	}
	return nil
}

// sorted are parameters as they are signed.
func sorted(params url.Values) string {
	var pairs []string
	for name, values := range params {
		for _, v := range values {
			pairs = append(pairs, percent(name)+"="+percent(v))
		}
	}
	slices.Sort(pairs)
	return strings.Join(pairs, "&")
}

// percent encodes as RFC 3986 says: all but letters, digits and -._~.
func percent(text string) string {
	var out strings.Builder
	for _, c := range []byte(text) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			out.WriteByte(c)
			continue
		}
		fmt.Fprintf(&out, "%%%02X", c)
	}
	return out.String()
}

// nonce lets each nonce pass once, and no timestamp that is too far away.
func (a *api) nonce(timestamp, nonce string) object {
	n, err := strconv.ParseInt(timestamp, 10, 64)
	now, at := a.store.opts.Now(), time.Unix(n, 0)
	if err != nil || at.Before(now.Add(-nonceWindow)) || at.After(now.Add(nonceWindow)) {
		return wrong("Invalid timestamp.")
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for old, was := range a.nonces {
		if was.Before(now.Add(-nonceWindow)) {
			delete(a.nonces, old)
		}
	}
	if _, used := a.nonces[nonce]; used {
		return wrong("Invalid nonce - nonce has already been used.")
	}
	a.nonces[nonce] = at
	return nil
}
