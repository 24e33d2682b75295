package tasks

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// hookPatience is what a shop would wait for an answer.
const hookPatience = 5 * time.Second

// tryHook posts to the address that a shop will post to, from here, without a
// signature. odoogate answers that with 401; whatever else comes back says what
// stands between.
func tryHook(ctx context.Context, f *commerce.Findings, hook string) {
	if hook == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, hookPatience)
	defer cancel()
	client := &http.Client{
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: hookPatience},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook, strings.NewReader("{}"))
	if err != nil {
		f.Problem("correct server.public_url", "%s is no address that can be posted to", hook)
		return
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "odoogate check")
	resp, err := client.Do(req)
	if err != nil {
		closed(f, hook, err)
		return
	}
	_ = resp.Body.Close()
	answeredBy(f, hook, resp)
}

// closed says why there is no answer.
func closed(f *commerce.Findings, hook string, err error) {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	var name *net.DNSError
	switch text := err.Error(); {
	case errors.As(err, &name):
		f.Problem("make a DNS record for that name, or correct server.public_url", "the host of %s is not known: %s", hook, text)
	case strings.Contains(text, "x509:"), strings.Contains(text, "tls:"):
		f.Problem("give the TLS proxy a certificate of a public authority for that name (Caddy does it by itself)", "shops refuse the certificate of %s: %s", hook, text)
	default:
		f.Warn("start `odoogate serve` and the TLS proxy before it, and check again; if a firewall lets this machine not reach itself from outside, try from elsewhere: an unsigned POST must be answered 401",
			"nothing answers at %s: %s", hook, text)
	}
}

func answeredBy(f *commerce.Findings, hook string, resp *http.Response) {
	status := resp.Status
	switch code := resp.StatusCode; {
	case code == http.StatusUnauthorized:
		f.OK("deliveries reach odoogate at %s (an unsigned one is refused, as it must be)", hook)
	case code/100 == 3:
		f.Problem("enter the address that it leads to as server.public_url; shops do not follow redirects", "%s answers %s", hook, status)
	case code == http.StatusNotFound, code == http.StatusMethodNotAllowed:
		f.Problem("let the TLS proxy pass /hooks/ on to server.listen with its path unchanged, and see that the serving process has this configuration",
			"%s answers %s: something else than this shop's hook is there", hook, status)
	case code == http.StatusBadGateway, code == http.StatusServiceUnavailable, code == http.StatusGatewayTimeout:
		f.Warn("start `odoogate serve`, see /readyz, and check again", "%s answers %s: the proxy is there, odoogate is not or cannot store", hook, status)
	case code == http.StatusForbidden:
		f.Problem("let the firewall or proxy pass POST requests to /hooks/ from anywhere; the signature says who sent them", "%s answers %s", hook, status)
	default:
		f.Warn("see what answers there; odoogate refuses an unsigned delivery with 401", "%s answers %s", hook, status)
	}
}
