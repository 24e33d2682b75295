package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/odoogate/odoogate/handlers/commerce"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// trip is a round tripper made of a function.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answer(status int, body string, headers ...string) *http.Response {
	h := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ContentLength: -1}
}

func request(t *testing.T, method, body string) *http.Request {
	req, err := http.NewRequestWithContext(t.Context(), method, "http://shop.example/x?email=a@b.c", strings.NewReader(body))
	require.NoError(t, err)
	return req
}

func TestBoundLetsExactlyTheLimitThrough(t *testing.T) {
	for _, tc := range []struct {
		body string
		ok   bool
	}{{"12345", true}, {"123456", false}} {
		resp, err := bound{max: 5, remote: "shop", next: trip(func(*http.Request) (*http.Response, error) {
			return answer(200, tc.body), nil
		})}.RoundTrip(request(t, "GET", ""))
		require.NoError(t, err)
		got, err := io.ReadAll(resp.Body)
		require.Equal(t, "12345", string(got))
		if tc.ok {
			require.NoError(t, err)
			continue
		}
		require.Equal(t, commerce.TooLarge, commerce.ReasonOf(err))
	}
}

func TestBoundRefusesAnAnnouncedSizeUnread(t *testing.T) {
	_, err := bound{max: 5, remote: "shop", next: trip(func(*http.Request) (*http.Response, error) {
		resp := answer(200, "")
		resp.ContentLength = 6
		return resp, nil
	})}.RoundTrip(request(t, "GET", ""))
	require.Equal(t, commerce.TooLarge, commerce.ReasonOf(err))
}

func TestDeadlineCutsOffATricklingBody(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}))
	defer srv.Close()
	c := New(Policy{Remote: "shop", Timeout: 50 * time.Millisecond}, Deps{})
	defer c.CloseIdle()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
	require.NoError(t, err)
	resp, err := c.Do(req)
	require.NoError(t, err)
	_, err = io.ReadAll(resp.Body)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, resp.Body.Close())
}

func TestAuthorizeLeavesTheCallersRequestAlone(t *testing.T) {
	var sent http.Header
	req := request(t, "GET", "")
	_, err := authorize{agent: "odoogate/1", put: func(r *http.Request) { r.Header.Set("X-Token", "hush") },
		next: trip(func(r *http.Request) (*http.Response, error) {
			sent = r.Header
			return answer(200, ""), nil
		})}.RoundTrip(req)
	require.NoError(t, err)
	require.Equal(t, "hush", sent.Get("X-Token"))
	require.Equal(t, "odoogate/1", sent.Get("User-Agent"))
	require.Empty(t, req.Header)
}

func TestEachAttemptIsAuthorizedAnew(t *testing.T) {
	var sent []string
	n := 0
	c := New(Policy{Remote: "shop", Retry: Retry{Pause: time.Millisecond}, Authorize: func(r *http.Request) {
		n++
		r.URL.RawQuery += "&nonce=" + strconv.Itoa(n)
	}}, Deps{Base: trip(func(r *http.Request) (*http.Response, error) {
		sent = append(sent, r.URL.RawQuery)
		return answer(503, ""), nil
	})})
	req := request(t, "GET", "")
	req.URL.RawQuery = "page=1"
	_, err := c.Do(Repeatable(req))
	require.NoError(t, err)
	require.Equal(t, []string{"page=1&nonce=1", "page=1&nonce=2", "page=1&nonce=3"}, sent, "a nonce that was used is refused")
	require.Equal(t, "page=1", req.URL.RawQuery)
}

func TestObserveSharesOneMeasureBetweenClients(t *testing.T) {
	reg := prometheus.NewRegistry()
	for _, remote := range []string{"shopify", "magento"} {
		l := observe{remote: remote, seconds: histogram(reg, remote), next: trip(func(*http.Request) (*http.Response, error) {
			return answer(429, ""), nil
		})}
		_, err := l.RoundTrip(request(t, "GET", ""))
		require.NoError(t, err)
	}
	families, err := reg.Gather()
	require.NoError(t, err)
	require.Len(t, families, 1)
	require.Equal(t, "odoogate_remote_request_seconds", families[0].GetName())
	require.Len(t, families[0].GetMetric(), 2*len(codes()), "all series are there from the start")
}

func TestCodesAreFew(t *testing.T) {
	require.Equal(t, "timeout", code(nil, context.DeadlineExceeded))
	require.Equal(t, "error", code(nil, errors.New("refused")))
	require.Equal(t, "429", code(answer(429, ""), nil))
	require.Equal(t, "5xx", code(answer(503, ""), nil))
}

func TestRedirectsStayOnTheHost(t *testing.T) {
	var reached bool
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true }))
	defer other.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/end", http.StatusFound)
		}
	}))
	defer srv.Close()
	c := New(Policy{Remote: "shop", Authorize: func(r *http.Request) { r.Header.Set("X-Token", "hush") }}, Deps{})
	defer c.CloseIdle()
	for _, tc := range []struct {
		method, path string
		status       int
	}{{"GET", "/here", 200}, {"GET", "/away", 302}, {"POST", "/here", 302}} {
		req, err := http.NewRequestWithContext(t.Context(), tc.method, srv.URL+tc.path, nil)
		require.NoError(t, err)
		resp, err := c.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, tc.status, resp.StatusCode, tc.method+" "+tc.path)
	}
	require.False(t, reached)
}

func TestErrorsHoldNeitherURLNorToken(t *testing.T) {
	c := New(Policy{Remote: "shop", Retry: Retry{Attempts: 1}, Authorize: func(r *http.Request) { r.Header.Set("X-Token", "hush") }},
		Deps{Base: trip(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })})
	_, err := c.Do(request(t, "GET", ""))
	require.Equal(t, commerce.Unavailable, commerce.ReasonOf(err))
	require.EqualError(t, err, "no answer from shop: connection refused")
}

func TestReadErrorKnowsEachStatus(t *testing.T) {
	for status, want := range map[int]commerce.Reason{
		302: commerce.Invalid, 400: commerce.Invalid, 401: commerce.Denied, 402: commerce.Denied, 403: commerce.Denied,
		404: commerce.NotFound, 408: commerce.Unavailable, 409: commerce.Conflict, 410: commerce.NotFound, 413: commerce.TooLarge,
		422: commerce.Invalid, 423: commerce.Denied, 429: commerce.RateLimited, 500: commerce.Unavailable, 503: commerce.Unavailable,
	} {
		err := ReadError("shop.read", commerce.Ref{}, answer(status, "a@b.c", "Retry-After", "7"))
		require.Equal(t, want, err.Reason, status)
		require.NotContains(t, err.Error(), "a@b.c")
		if want == commerce.RateLimited || want == commerce.Unavailable {
			require.Equal(t, 7*time.Second, err.RetryAfter, status)
		}
	}
}
