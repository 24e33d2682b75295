package wire

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// ReadError turns an answer that is not wanted into an error and closes it. The
// body is not quoted: it may hold people's data.
func ReadError(op string, ref commerce.Ref, resp *http.Response) *commerce.Error {
	defer drain(resp)
	e := &commerce.Error{Op: op, Ref: ref, Reason: reason(resp.StatusCode),
		Detail: "the shop answered " + strconv.Itoa(resp.StatusCode) + " " + http.StatusText(resp.StatusCode)}
	switch e.Reason {
	case commerce.RateLimited, commerce.Unavailable:
		e.RetryAfter, _ = RetryAfter(resp.Header, time.Now())
	case commerce.Denied:
		e.Remedy = "check the shop's access token and its rights"
	case commerce.Invalid:
		if resp.StatusCode/100 == 3 {
			e.Remedy = "enter the address that the shop redirects to"
		}
	}
	return e
}

func reason(status int) commerce.Reason {
	switch status {
	case http.StatusUnauthorized, http.StatusPaymentRequired, http.StatusForbidden, http.StatusLocked:
		return commerce.Denied
	case http.StatusNotFound, http.StatusGone:
		return commerce.NotFound
	case http.StatusConflict:
		return commerce.Conflict
	case http.StatusRequestEntityTooLarge:
		return commerce.TooLarge
	case http.StatusTooManyRequests:
		return commerce.RateLimited
	case http.StatusRequestTimeout, http.StatusTooEarly:
		return commerce.Unavailable
	}
	if status >= 500 {
		return commerce.Unavailable
	}
	return commerce.Invalid
}

// At names call and record in an error of the layers below.
func At(op string, ref commerce.Ref, err error) error {
	var below *commerce.Error
	if errors.As(err, &below) {
		e := *below
		e.Op, e.Ref = op, ref
		return &e
	}
	return &commerce.Error{Op: op, Reason: commerce.Unavailable, Ref: ref, Detail: "the shop's answer broke off", Err: err}
}

// Printable is the beginning of a text of the shop in one line.
func Printable(text string) string {
	clean := []rune(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text))
	return strings.TrimSpace(string(clean[:min(len(clean), 160)]))
}

// isOurs reports whether a layer below already judged the answer.
func isOurs(err error) bool {
	var e *commerce.Error
	return errors.As(err, &e)
}
