package wire

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// authorize puts credentials and user agent on a copy of the request.
type authorize struct {
	next  http.RoundTripper
	agent string
	put   func(*http.Request)
}

// RoundTrip sends the copy: a round tripper must not change what it was given.
func (l authorize) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", l.agent)
	if l.put != nil {
		l.put(req)
	}
	return l.next.RoundTrip(req)
}

// deadline gives one attempt its time. It ends with the body, so a remote that
// trickles an answer is cut off as well.
type deadline struct {
	next    http.RoundTripper
	timeout time.Duration
}

// RoundTrip sends the request under its own context.
func (l deadline) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), l.timeout)
	resp, err := l.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	resp.Body = endingBody{ReadCloser: resp.Body, end: cancel}
	return resp, nil
}

type endingBody struct {
	io.ReadCloser
	end context.CancelFunc
}

// Close ends the attempt's time as well.
func (b endingBody) Close() error {
	defer b.end()
	return b.ReadCloser.Close()
}

// bound refuses answers beyond the agreed size, announced or not.
type bound struct {
	next   http.RoundTripper
	max    int64
	remote string
}

// RoundTrip cuts the answer's body off.
func (l bound) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if resp.ContentLength > l.max {
		_ = resp.Body.Close() // refused unread
		return nil, l.tooLarge()
	}
	resp.Body = &boundBody{ReadCloser: resp.Body, left: l.max, tooLarge: l.tooLarge}
	return resp, nil
}

func (l bound) tooLarge() error {
	return &commerce.Error{Op: "wire." + l.remote, Reason: commerce.TooLarge,
		Detail: "the answer of " + l.remote + " is larger than " + strconv.FormatInt(l.max, 10) + " bytes"}
}

type boundBody struct {
	io.ReadCloser
	left     int64
	tooLarge func() error
}

// Read allows one byte more than agreed, to tell exactly full from too much.
func (b *boundBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLarge()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	b.left -= int64(n)
	if b.left < 0 {
		return n - 1, b.tooLarge()
	}
	return n, err
}

// observe measures each attempt until its headers are there.
type observe struct {
	next    http.RoundTripper
	seconds *prometheus.HistogramVec
	remote  string
}

// codes are all values of the label: few, and known from the start.
func codes() []string { return []string{"2xx", "3xx", "4xx", "429", "5xx", "timeout", "error"} }

// histogram registers the measure, or takes the one that another client
// registered: name, help and labels are one for all remotes.
func histogram(reg prometheus.Registerer, remote string) *prometheus.HistogramVec {
	vec := prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "odoogate_remote_request_seconds",
		Help:    "How long requests to other systems took, by remote and outcome.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120},
	}, []string{"remote", "code"})
	if reg != nil {
		var known prometheus.AlreadyRegisteredError
		if err := reg.Register(vec); errors.As(err, &known) {
			if existing, ok := known.ExistingCollector.(*prometheus.HistogramVec); ok {
				vec = existing
			}
		}
	}
	for _, c := range codes() {
		vec.WithLabelValues(remote, c)
	}
	return vec
}

// RoundTrip measures.
func (l observe) RoundTrip(req *http.Request) (*http.Response, error) {
	begun := time.Now()
	resp, err := l.next.RoundTrip(req)
	l.seconds.WithLabelValues(l.remote, code(resp, err)).Observe(time.Since(begun).Seconds())
	return resp, err
}

func code(resp *http.Response, err error) string {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case err != nil:
		return "error"
	case resp.StatusCode == http.StatusTooManyRequests:
		return "429"
	}
	return strconv.Itoa(resp.StatusCode/100) + "xx"
}
