package woocommerce

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clientOf is a client of a server that answers by h.
func clientOf(t *testing.T, h http.HandlerFunc) *client {
	t.Helper()
	srv := httptest.NewServer(h)
	c := newClient("fi", Settings{URL: "https://shop.example", Endpoint: srv.URL + "/blog", ConsumerKey: config.NewSecret("ck_hush"),
		ConsumerSecret: config.NewSecret("cs_hush"), Auth: authQuery}, handlers.Deps{})
	t.Cleanup(func() {
		c.http.CloseIdle()
		srv.Close()
	})
	return c
}

// says answers with these bytes, headers as "Name: value".
func says(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		for _, h := range headers {
			name, value, _ := strings.Cut(h, ": ")
			w.Header().Set(name, value)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a client that gave up is no matter
	}
}

func refused(status int, code string) http.HandlerFunc {
	return says(status, fmt.Sprintf(`{"code":%q,"message":"Leaks cs_hush","data":{"status":%d}}`, code, status))
}

var testCall = call{op: "woocommerce.order", ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: "7"}, path: api + "orders/7"}

func TestACallIsMadeOnceWithItsKeysAndAnswersAreRead(t *testing.T) {
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "PUT /blog/wp-json/wc/v3/orders/7", r.Method+" "+r.URL.Path)
		assert.Equal(t, "id", r.URL.Query().Get("_fields"))
		assert.Equal(t, "ck_hush", r.URL.Query().Get("consumer_key"))
		assert.Equal(t, "application/json", r.Header.Get("Content-Type"))
		body, err := io.ReadAll(r.Body)
		assert.NoError(t, err)
		assert.JSONEq(t, `{"status":"completed"}`, string(body))
		says(200, "\ufeff\n{\"id\":7}", "X-WP-Total: 3")(w, r)
	})
	k := testCall
	k.method, k.query, k.body = http.MethodPut, url.Values{"_fields": {"id"}}, map[string]string{"status": "completed"}
	var got struct{ ID int }
	header, err := c.ask(t.Context(), k, &got)
	require.NoError(t, err)
	require.Equal(t, 7, got.ID)
	require.Equal(t, "3", header.Get("X-WP-Total"))
}

func TestFailuresAreClassified(t *testing.T) {
	const html = "Content-Type: text/html; charset=UTF-8"
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		want   commerce.Reason
		detail string
		remedy string
		after  time.Duration
	}{
		{"a wrong secret", refused(401, "woocommerce_rest_authentication_error"), commerce.Denied, "401 woocommerce_rest_authentication_error", "woocommerce.consumer_key", 0},
		{"an unknown key", refused(401, "woocommerce_rest_cannot_view"), commerce.Denied, "401 woocommerce_rest_cannot_view", "woocommerce.auth: query", 0},
		{"a user without rights", refused(403, "woocommerce_rest_cannot_view"), commerce.Denied, "403 woocommerce_rest_cannot_view", "administrator or shop manager", 0},
		{"a plugin that closes the API", refused(401, "rest_login_required"), commerce.Denied, "401 rest_login_required", "a plugin of the shop closes", 0},
		{"no such order", refused(404, "woocommerce_rest_shop_order_invalid_id"), commerce.NotFound, "404 woocommerce_rest_shop_order_invalid_id", "", 0},
		{"no such order to change", refused(400, "woocommerce_rest_shop_order_invalid_id"), commerce.NotFound, "400 woocommerce_rest_shop_order_invalid_id", "", 0},
		{"no such order in a payload's words", refused(404, "woocommerce_rest_invalid_shop_order_id"), commerce.NotFound, "404", "", 0},
		{"no WooCommerce", refused(404, "rest_no_route"), commerce.Denied, "404 rest_no_route", "WooCommerce is active", 0},
		{"a parameter that it does not know", refused(400, "rest_invalid_param"), commerce.Invalid, "400 rest_invalid_param", "5.8 or newer", 0},
		{"a database that is away", refused(500, "internal_server_error"), commerce.Unavailable, "500 internal_server_error", "", 0},
		{"a number in place of data", says(500, `{"code":"woocommerce_rest_x","message":"","data":500}`), commerce.Unavailable, "500 woocommerce_rest_x", "", 0},
		{"an error as a success", says(200, `{"code":"woocommerce_rest_shop_order_invalid_id","message":"Invalid ID.","data":{"status":404}}`), commerce.NotFound, "404", "", 0},
		{"an error as a success, with a bare number", says(200, `{"code":"woocommerce_rest_cannot_x","message":"x","data":500}`), commerce.Unavailable, "500", "", 0},
		{"an error as a success, without a status", says(200, `{"code":"odd","message":"x","data":null}`), commerce.Invalid, "400 odd", "", 0},
		{"a code that is none", says(400, `{"code":"<b>Anna</b>","message":"x"}`), commerce.Invalid, "the shop refuses: 400 ", "", 0},
		{"too many requests", says(429, "slow down", "Retry-After: 60"), commerce.RateLimited, "429", "", time.Minute},
		{"too many requests, as a page", says(429, "<html>", html, "Retry-After: 60"), commerce.RateLimited, "answered HTML, not JSON (status 429)", "", time.Minute},
		{"maintenance", says(503, "<html>", html, "Retry-After: 30"), commerce.Unavailable, "answered HTML, not JSON (status 503)", "", 30 * time.Second},
		{"a critical error", says(500, "<!DOCTYPE html>", html), commerce.Unavailable, "answered HTML, not JSON (status 500)", "", 0},
		{"a firewall", says(403, "<html>", html), commerce.Denied, "answered HTML, not JSON (status 403): a firewall", "firewall or the security plugin", 0},
		{"a firewall's own status", says(406, "<html>", html), commerce.Denied, "answered HTML, not JSON (status 406)", "firewall or the security plugin", 0},
		{"a firewall without a page", says(403, ""), commerce.Denied, "403 Forbidden", "firewall", 0},
		{"a page as a success", says(200, "<html>", html), commerce.Unavailable, "answered HTML, not JSON (status 200)", "in a browser", 0},
		{"plain permalinks", says(404, "<html>", html), commerce.Denied, "answered HTML, not JSON (status 404)", "Permalinks", 0},
		{"nothing there", says(404, ""), commerce.Denied, "404 Not Found", "woocommerce.url", 0},
		{"notices of PHP", says(200, "<br />\n<b>Warning</b>: Anna in /var/www<br />{\"id\":7}"), commerce.Unavailable, "begins with HTML in place of JSON", "WP_DEBUG_DISPLAY", 0},
		{"cut off", says(200, `{"id":`), commerce.Unavailable, "cannot be understood", "", 0},
		{"empty", says(200, ""), commerce.Unavailable, "cannot be understood", "", 0},
		{"of another type", says(200, `{"id":[1]}`), commerce.Invalid, "cannot be understood", "", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := clientOf(t, tc.answer)
			var got struct{ ID int }
			_, err := c.ask(t.Context(), testCall, &got)
			var e *commerce.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tc.want, e.Reason, "%v", err)
			require.Contains(t, e.Detail, tc.detail)
			require.Contains(t, e.Remedy, tc.remedy)
			if tc.remedy == "" && tc.want != commerce.Denied {
				require.Empty(t, e.Remedy)
			}
			require.Equal(t, tc.after, e.RetryAfter)
			require.Equal(t, testCall.ref, e.Ref)
			for _, word := range []string{"hush", "Anna", "Leaks", "127.0.0.1"} {
				require.NotContains(t, err.Error(), word)
			}
		})
	}
}

func TestCredentialsDoNotFollowARedirectElsewhere(t *testing.T) {
	var reached atomic.Bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Store(true) }))
	defer other.Close()
	for _, page := range []string{"", "<html>moved</html>"} {
		c := clientOf(t, says(301, page, "Location: "+other.URL+"/login?key=1", "Content-Type: text/html"))
		_, err := c.ask(t.Context(), testCall, nil)
		require.Equal(t, commerce.Invalid, commerce.ReasonOf(err), "%v", err)
		require.ErrorContains(t, err, "the shop redirects to "+other.URL+"; enter the address")
		require.NotContains(t, err.Error(), "login")
	}
	require.False(t, reached.Load())

	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "/") {
			http.Redirect(w, r, r.URL.Path+"/?"+r.URL.RawQuery, http.StatusMovedPermanently)
			return
		}
		assert.Equal(t, []string{"ck_hush"}, r.URL.Query()["consumer_key"])
		says(200, `{"id":7}`)(w, r)
	})
	_, err := c.ask(t.Context(), testCall, nil)
	require.NoError(t, err, "within the host a read goes on")
}

func TestOnlyWhatMayBeRepeatedIs(t *testing.T) {
	for _, once := range []bool{false, true} {
		var asked atomic.Int64
		c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
			if asked.Add(1) == 1 {
				says(503, "busy")(w, r)
				return
			}
			says(200, `{"id":7}`)(w, r)
		})
		k := testCall
		k.method, k.body, k.once = http.MethodPost, map[string]int{"a": 1}, once
		_, err := c.ask(t.Context(), k, nil)
		if once {
			require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
			require.EqualValues(t, 1, asked.Load())
			continue
		}
		require.NoError(t, err)
		require.EqualValues(t, 2, asked.Load())
	}
}

func TestADeadlineEndsACallAndABodyIsBounded(t *testing.T) {
	c := clientOf(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := c.ask(ctx, testCall, nil)
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Less(t, time.Since(begun), 5*time.Second)

	big := clientOf(t, says(200, `"`+strings.Repeat("x", 32<<20)+`"`))
	_, err = big.ask(t.Context(), testCall, nil)
	require.Equal(t, commerce.TooLarge, commerce.ReasonOf(err))
}

func TestAShopIsAskedAFewThingsAtOnce(t *testing.T) {
	var now, most atomic.Int64
	enough := make(chan struct{})
	c := clientOf(t, func(w http.ResponseWriter, r *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		if now.Load() == atOnce {
			select {
			case <-enough:
			default:
				close(enough)
			}
		}
		select {
		case <-enough:
		case <-r.Context().Done():
		}
		now.Add(-1)
		says(200, `{"id":7}`)(w, r)
	})
	errs := make(chan error)
	for range 5 * atOnce {
		go func() {
			_, err := c.ask(t.Context(), testCall, nil)
			errs <- err
		}()
	}
	for range 5 * atOnce {
		require.NoError(t, <-errs)
	}
	require.EqualValues(t, atOnce, most.Load())
}

func TestWhatIsWrongWithTLSIsSaid(t *testing.T) {
	srv := httptest.NewUnstartedServer(says(200, `{"id":7}`))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // that nobody trusts it
	srv.StartTLS()
	defer srv.Close()
	for address, remedy := range map[string]string{
		srv.URL: "with the whole chain",
		"https" + strings.TrimPrefix(clientOf(t, says(200, "")).base, "http"): "nothing speaks TLS",
	} {
		c := newClient("fi", Settings{URL: address, Auth: authBasic}, handlers.Deps{})
		_, err := c.ask(t.Context(), testCall, nil)
		require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err), "%v", err)
		var e *commerce.Error
		require.ErrorAs(t, err, &e)
		require.Contains(t, e.Remedy, remedy, "%v", err)
		c.http.CloseIdle()
	}
}
