package wire

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// FuzzRetryAfter: whatever a shop asks for, the wait is one that somebody could
// mean, or there is none.
func FuzzRetryAfter(f *testing.F) {
	for _, text := range []string{"", "0", "2", "2.5", "-1", "1e5", "1e999", "NaN", "Inf", "0x1p3", "999999", "1000000", "Wed, 21 Oct 2015 07:28:00 GMT",
		"Fri, 31 Dec 9999 23:59:59 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"} {
		f.Add(text, int64(1_792_000_000))
	}
	f.Fuzz(func(t *testing.T, text string, at int64) {
		if at < 0 || at > 1<<33 {
			return
		}
		now := time.Unix(at, 0)
		wait, ok := RetryAfter(http.Header{"Retry-After": {text}}, now)
		require.True(t, wait >= 0 && wait <= longestWait, "%q at %s is %s", text, now, wait)
		if !ok {
			require.Zero(t, wait)
		}
	})
}

// FuzzReadError: an answer of any status and body becomes an error with one of the
// reasons that says nothing of the body.
func FuzzReadError(f *testing.F) {
	for _, status := range []int{200, 301, 304, 400, 401, 402, 403, 404, 408, 409, 413, 423, 425, 429, 500, 503, 599, 999} {
		f.Add(status, "60", `{"errors":"no"}`)
	}
	f.Fuzz(func(t *testing.T, status int, after, body string) {
		const canary = "kaisa.laine@example.com"
		e := ReadError("shop.order", commerce.Ref{Shop: "fi", Kind: "order", ID: "1"}, answer(status, canary+body, "Retry-After", after, "Location", canary))
		require.True(t, slices.Contains(commerce.Reasons(), e.Reason))
		require.NotContains(t, []commerce.Reason{commerce.Unauthorized, commerce.Ignored, commerce.Internal}, e.Reason, "it is the shop that answers")
		require.NotContains(t, e.Error(), canary)
		require.False(t, strings.ContainsAny(e.Error(), "\r\n"))
		require.LessOrEqual(t, e.RetryAfter, longestWait)
	})
}
