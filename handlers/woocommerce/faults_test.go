package woocommerce

import (
	"bytes"
	"net/http"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Whatever comes in the place of an answer is said in one short line, with a reason.
func FuzzAnswersThatAreNone(f *testing.F) {
	for _, body := range []string{"", "null", "[]", "{}", "<html>", `{"id":7}`, `{"code":"rest_no_route","message":"x","data":{"status":404}}`,
		`{"code":"odd one","data":500}`, `{"code":7}`, `{"code":"x","data":{"status":"404"}}`, `{"code":"x","data":[]}`, `{"code":"` + strings.Repeat("x", 100) + `"}`,
		`{"code":"woocommerce_rest_shop_order_invalid_id","id":null}`, "\xff", `{"id":7,"code":"SUMMER"}`} {
		for _, status := range []int{200, 302, 401, 404, 500} {
			f.Add(status, body == "<html>", []byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, status int, html bool, raw []byte) {
		resp := &http.Response{StatusCode: status, Header: http.Header{}, Body: http.NoBody}
		if html {
			resp.Header.Set("Content-Type", "text/html")
		}
		err := testCall.fault(resp, bytes.TrimSpace(raw))
		if err == nil {
			require.Equal(t, 2, status/100)
			return
		}
		var e *commerce.Error
		require.ErrorAs(t, err, &e)
		require.True(t, slices.Contains(commerce.Reasons(), e.Reason), e.Reason)
		require.Less(t, len(err.Error()), 700)
		require.False(t, strings.ContainsFunc(err.Error(), func(r rune) bool { return !unicode.IsPrint(r) }), "%q", err)
	})
}

func TestARecordWithACodeOfItsOwnIsNoError(t *testing.T) {
	resp := &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: http.NoBody}
	require.NoError(t, testCall.fault(resp, []byte(`{"id":7,"code":"summer"}`)), "a coupon")
}
