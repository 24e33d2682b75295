package tasks

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// The headers of what is posted. The signature is "v1=" and the HMAC-SHA256 of time,
// a full stop and body, in hexadecimal digits.
const (
	headerAlertTime      = "X-Odoogate-Timestamp" // Unix seconds
	headerAlertSignature = "X-Odoogate-Signature"
	headerAlertID        = "X-Odoogate-Delivery" // the same when it is sent again
)

// poster posts notices as signed JSON.
type poster struct {
	url, secret config.Secret
	http        *http.Client
	now         func() time.Time
}

func newPoster(cfg config.AlertWebhook) *poster {
	return &poster{url: cfg.URL, secret: cfg.Secret, now: time.Now, http: &http.Client{
		Timeout:       sendWithin,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second},
	}}
}

// posted is the body.
type posted struct {
	Version int         `json:"version"`
	ID      string      `json:"id"`
	State   string      `json:"state"` // open, resolved, test
	Subject string      `json:"subject"`
	Alerts  []OpenAlert `json:"alerts"`
}

func (p *poster) tell(ctx context.Context, n notice) error {
	body, err := json.Marshal(posted{Version: 1, ID: n.ID, State: n.State, Subject: n.subject(), Alerts: n.Alerts})
	if err != nil {
		return &commerce.Error{Op: "alert.webhook", Reason: commerce.Invalid, Err: err}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url.Reveal(), bytes.NewReader(body))
	if err != nil {
		return &commerce.Error{Op: "alert.webhook", Reason: commerce.Invalid, Detail: "the webhook's address cannot be used", Remedy: "correct its url under alerts.targets"}
	}
	at := strconv.FormatInt(p.now().Unix(), 10)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "odoogate")
	req.Header.Set(headerAlertTime, at)
	req.Header.Set(headerAlertID, n.ID)
	req.Header.Set(headerAlertSignature, "v1="+signature(p.secret, at, body))
	resp, err := p.http.Do(req)
	if err != nil {
		return noAnswer("alert.webhook", "the webhook does not answer", err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)) // its words may be anybody's
	return judged(resp, p.now())
}

func signature(secret config.Secret, at string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret.Reveal()))
	mac.Write([]byte(at + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// judged says what an answer means: 2xx is well; 408, 429 and 5xx are tried again; of
// any other the same again would be refused again.
func judged(resp *http.Response, now time.Time) error {
	if resp.StatusCode/100 == 2 {
		return nil
	}
	e := &commerce.Error{Op: "alert.webhook", Reason: commerce.Invalid, Detail: fmt.Sprintf("the webhook answered %d", resp.StatusCode),
		Remedy: "see that url and secret under alerts.targets are those of the receiver"}
	switch code := resp.StatusCode; {
	case code == http.StatusTooManyRequests:
		e.Reason, e.Remedy, e.RetryAfter = commerce.RateLimited, "", retryAfter(resp.Header.Get("Retry-After"), now)
	case code == http.StatusRequestTimeout, code >= 500:
		e.Reason, e.Remedy = commerce.Unavailable, ""
	case code/100 == 3:
		e.Remedy = "enter the address that the receiver redirects to"
	}
	return e
}

// retryAfter reads how long a receiver wants to be left alone, at most an hour.
func retryAfter(text string, now time.Time) time.Duration {
	wait := 10 * time.Second
	if seconds, err := strconv.Atoi(text); err == nil && seconds > 0 {
		wait = time.Duration(min(seconds, 3600)) * time.Second
	} else if at, err := http.ParseTime(text); err == nil {
		wait = at.Sub(now)
	}
	return min(max(wait, time.Second), time.Hour)
}

// noAnswer is an error of the network, without the address: it may hold a secret.
func noAnswer(op, detail string, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return &commerce.Error{Op: op, Reason: commerce.Unavailable, Detail: detail, Err: err}
}
