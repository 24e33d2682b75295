// Package wire is the one HTTP stack for every shop. A request passes these
// layers from the top down, and its answer the same way up:
//
//	redirects   only a GET or HEAD, only to the same host (net/http's client)
//	retry       repeats what was declared Repeatable; waits out short pauses
//	authorize   puts credentials and user agent on each attempt
//	deadline    gives each attempt its own time, the answer's body included
//	observe     odoogate_remote_request_seconds{remote,code}
//	bound       cuts an answer off that is larger than agreed
//
// Every error is a *commerce.Error without URL, body or credential in its text.
package wire

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// Policy is how one remote is talked to.
type Policy struct {
	// Remote names it in metrics and errors: the platform, never a host.
	Remote string
	// Timeout bounds one attempt from the first byte sent to the last one read (30 s).
	Timeout time.Duration
	// MaxBody bounds an answer, in bytes (8 MiB).
	MaxBody int64
	// UserAgent says who asks.
	UserAgent string
	// Authorize puts credentials on a copy of the request, anew for each attempt: a
	// signature holds once. It may change header and query.
	Authorize func(*http.Request)
	Retry     Retry
}

// Retry says how often and how patiently repeatable requests are sent again.
type Retry struct {
	// Attempts counts the first one too (3).
	Attempts int
	// Pause comes before the second attempt and doubles with each (200 ms); half
	// of it is random.
	Pause time.Duration
	// Patience is the longest wait that is sat out here (2 s). What the remote
	// wants beyond it goes back as RateLimited or Unavailable with RetryAfter.
	Patience time.Duration
}

func (p Policy) withDefaults() Policy {
	if p.Timeout <= 0 {
		p.Timeout = 30 * time.Second
	}
	if p.MaxBody <= 0 {
		p.MaxBody = 8 << 20
	}
	if p.UserAgent == "" {
		p.UserAgent = "odoogate"
	}
	if p.Retry.Attempts <= 0 {
		p.Retry.Attempts = 3
	}
	if p.Retry.Pause <= 0 {
		p.Retry.Pause = 200 * time.Millisecond
	}
	if p.Retry.Patience <= 0 {
		p.Retry.Patience = 2 * time.Second
	}
	return p
}

// Deps is what a client is given; every field may be nil.
type Deps struct {
	Metrics prometheus.Registerer
	// Base sends the requests instead of a transport of the client's own.
	Base http.RoundTripper
}

// Client sends requests to one remote. It is safe for concurrent use.
type Client struct {
	policy Policy
	http   *http.Client
	close  func()
}

// New puts the stack together.
func New(policy Policy, deps Deps) *Client {
	policy = policy.withDefaults()
	c := &Client{policy: policy, close: func() {}}
	base := deps.Base
	if base == nil {
		own := &http.Transport{Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 32,
			IdleConnTimeout: 90 * time.Second, TLSHandshakeTimeout: 10 * time.Second}
		base, c.close = own, own.CloseIdleConnections
	}
	var rt http.RoundTripper = bound{next: base, max: policy.MaxBody, remote: policy.Remote}
	rt = observe{next: rt, seconds: histogram(deps.Metrics, policy.Remote), remote: policy.Remote}
	rt = deadline{next: rt, timeout: policy.Timeout}
	rt = authorize{next: rt, agent: policy.UserAgent, put: policy.Authorize}
	rt = retry{next: rt, rule: policy.Retry}
	c.http = &http.Client{Transport: rt, CheckRedirect: sameHost}
	return c
}

// Do sends a request. An answer of any status is returned as it is: read its
// body to the end or close it, and give what is not wanted to ReadError. The
// error is a *commerce.Error: Unavailable when there is no answer, TooLarge.
func (c *Client) Do(req *http.Request) (*http.Response, error) {
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, c.fault(err)
	}
	return resp, nil
}

// CloseIdle closes connections that wait for another request.
func (c *Client) CloseIdle() { c.close() }

// fault drops the URL that net/http wraps around an error: it may hold ids of
// people in its query.
func (c *Client) fault(err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var ours *commerce.Error
	if errors.As(err, &ours) {
		return ours
	}
	detail := "no answer from " + c.policy.Remote
	if errors.Is(err, context.DeadlineExceeded) {
		detail += " in time"
	}
	return &commerce.Error{Op: "wire." + c.policy.Remote, Reason: commerce.Unavailable, Detail: detail, Err: plain(err)}
}

// plain keeps the kinds of error that callers ask for and the words of the
// system otherwise.
func plain(err error) error {
	for _, known := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}

// sameHost lets a reading request go on within its host; everything else ends
// with the 3xx as its answer. Credentials never leave the host they are for.
func sameHost(req *http.Request, via []*http.Request) error {
	if len(via) >= 3 {
		return fmt.Errorf("stopped after %d redirects", len(via))
	}
	from := via[0]
	reading := from.Method == http.MethodGet || from.Method == http.MethodHead
	if !reading || req.URL.Host != from.URL.Host || req.URL.Scheme != from.URL.Scheme {
		return http.ErrUseLastResponse
	}
	return nil
}
