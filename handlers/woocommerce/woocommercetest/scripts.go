package woocommercetest

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Answers for Script, in the shapes that shops and their hosts give.

// Status answers with a status and nothing else; after is Retry-After, if any.
func Status(code int, after time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(after.Seconds())))
		}
		w.WriteHeader(code)
	}
}

// AccessDenied answers that the key's user may not see that.
func AccessDenied() http.HandlerFunc {
	return Error(http.StatusForbidden, "woocommerce_rest_cannot_view", "Sorry, you cannot view this resource.")
}

// Error answers with an error as WordPress writes them.
func Error(status int, code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { reply(w, status, failure(code, message, status)) }
}

// ErrorInside answers 200 with an error in the place of the record.
func ErrorInside(code, message string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, failure(code, message, http.StatusInternalServerError))
	}
}

// Firewall answers as a host's firewall does that takes us for a robot.
func Firewall(code int) http.HandlerFunc {
	return Text(code, "<!DOCTYPE html>\n<html><head><title>Just a moment...</title></head><body>Checking your browser before accessing the shop. Ray ID: 8f1c</body></html>")
}

// Maintenance answers as WordPress does while it is being updated.
func Maintenance() http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "600")
		Text(http.StatusServiceUnavailable, "<!DOCTYPE html>\n<html><body>Briefly unavailable for scheduled maintenance. Check back in a minute.</body></html>")(w, r)
	}
}

// Text answers with any body, such as a proxy's page; one that begins with < is HTML.
func Text(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if len(body) > 0 && body[0] == '<' {
			w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		}
		w.WriteHeader(code)
		_, _ = w.Write([]byte(body)) // the client is gone: nobody to tell
	}
}

// Hang never answers: it ends with the request.
func Hang() http.HandlerFunc {
	return func(_ http.ResponseWriter, r *http.Request) {
		// The server notices that the client left only once the body is read.
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}
}
