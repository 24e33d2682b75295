package shopifytest

import (
	"io"
	"net/http"
	"strconv"
	"time"
)

// Answers for Script, in the shapes that were recorded of the real API.

// Status answers with a status and nothing else; after is Retry-After, if any.
func Status(code int, after time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if after > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(int(after.Seconds())))
		}
		w.WriteHeader(code)
	}
}

// Throttled answers that the bucket is empty and refills in about that time.
func Throttled(wait time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		out := failure("THROTTLED", "Throttled", nil)
		out["extensions"] = object{"cost": object{"requestedQueryCost": 700, "actualQueryCost": nil, "throttleStatus": object{
			"maximumAvailable": 2000, "currentlyAvailable": 0, "restoreRate": 700 / max(wait.Seconds(), 0.001)}}}
		reply(w, http.StatusOK, out)
	}
}

// AccessDenied answers that the app may not read the orders.
func AccessDenied() http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		out := failure("ACCESS_DENIED", "Access denied for order field. Required access: `read_orders` access scope.", nil)
		out["data"] = object{"order": nil}
		reply(w, http.StatusOK, out)
	}
}

// Protected answers with a field left out that the app is not approved for.
func Protected(path ...any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusOK, object{"data": object{"order": nil},
			"errors": []object{{"message": "This app is not approved to access the Customer object.", "path": path}}})
	}
}

// Text answers with any body, such as a proxy's page.
func Text(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
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
