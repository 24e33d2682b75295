package shopifytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"time"
)

// Delivery is one webhook as it is posted. Posting it again is a repeat: body,
// signature and webhook id stay.
type Delivery struct {
	Topic     string
	WebhookID string
	Body      []byte
	Headers   map[string]string
}

// Deliveries makes one signed delivery a topic with the order's present state,
// each with a webhook id of its own. Topics of a part of the order, such as
// refunds/create, are about the last one of its kind.
func (s *Store) Deliveries(order string, topics ...string) ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(order)
	if err != nil {
		return nil, err
	}
	var out []Delivery
	for _, topic := range topics {
		d, err := s.deliver(o, topic, 0)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// occasion is something that a store announces by a webhook. part is the refund,
// return, transaction or fulfilment that it is about, 0 for the last one.
type occasion struct {
	order int64
	topic string
	part  int64
}

// tell notes what a change did. That the order was updated is told once, at last.
func (o *Order) tell(topic string, part int64) {
	o.news = append(o.news, occasion{o.ID, topic, part})
}

// News makes a signed delivery of everything that happened in the store since the
// last call, in that order and with the present state.
func (s *Store) News() ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, n := range s.news {
		o := s.subject(n)
		if o == nil {
			continue
		}
		d, err := s.deliver(o, n.topic, n.part)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	s.news = nil
	return out, nil
}

// subject is the order that an occasion is about, nil where nothing is left to tell.
func (s *Store) subject(n occasion) *Order {
	o := s.orders[n.order]
	if o == nil && n.topic == "orders/delete" {
		return &Order{ID: n.order}
	}
	return o
}

func (s *Store) deliver(o *Order, topic string, part int64) (Delivery, error) {
	raw, err := json.Marshal(s.body(o, topic, part))
	if err != nil {
		return Delivery{}, fmt.Errorf("write the body of %s: %w", topic, err)
	}
	s.sequence++
	return s.sign(topic, s.sequence, raw), nil
}

// Sign makes a delivery of any body, signed by the store's own secret.
func (s *Store) Sign(topic string, body []byte) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sequence++
	return s.sign(topic, s.sequence, body)
}

func (s *Store) sign(topic string, n int, body []byte) Delivery {
	id := fmt.Sprintf("%08x-b7be-4d3d-b14e-%012x", n, sum(s.opts.Domain))
	return Delivery{Topic: topic, WebhookID: id, Body: body, Headers: map[string]string{
		"Content-Type":           "application/json",
		"User-Agent":             "Shopify-Captain-Hook",
		"X-Shopify-Topic":        topic,
		"X-Shopify-Shop-Domain":  s.opts.Domain,
		"X-Shopify-Api-Version":  s.opts.APIVersion,
		"X-Shopify-Webhook-Id":   id,
		"X-Shopify-Event-Id":     fmt.Sprintf("%08x-595f-4e7e-bc6f-%012x", n, sum(s.opts.Domain)),
		"X-Shopify-Triggered-At": s.opts.Now().UTC().Format("2006-01-02T15:04:05.000000Z"),
		"X-Shopify-Hmac-Sha256":  Signature(s.opts.Secret, body),
	}}
}

// sum keeps the webhook ids of two stores apart.
func sum(domain string) uint64 {
	h := sha256.Sum256([]byte(domain))
	var n uint64
	for _, b := range h[:6] {
		n = n<<8 | uint64(b)
	}
	return n
}

// Signature is what X-Shopify-Hmac-Sha256 holds for a body.
func Signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (d Delivery) with(name, value string) Delivery {
	d.Headers = maps.Clone(d.Headers)
	d.Headers[name] = value
	return d
}

// Forged is the delivery as somebody without the secret would send it.
func (d Delivery) Forged() Delivery {
	return d.with("X-Shopify-Hmac-Sha256", Signature("a guess", d.Body))
}

// Truncated lost the second half of its body on the way: the signature is that
// of the whole.
func (d Delivery) Truncated() Delivery {
	d.Body = d.Body[:len(d.Body)/2]
	return d
}

// Relabelled is the delivery under another topic. The signature still holds.
func (d Delivery) Relabelled(topic string) Delivery {
	d = d.with("X-Shopify-Topic", topic)
	d.Topic = topic
	return d
}

// Header gives the headers in the form of net/http.
func (d Delivery) Header() http.Header {
	h := http.Header{}
	for k, v := range d.Headers {
		h.Set(k, v)
	}
	return h
}

// deliveryTimeout is how long Shopify waits for the whole request.
const deliveryTimeout = 5 * time.Second

// Post sends one delivery like the real sender: five seconds for everything, no
// redirect followed, the answer's body not looked at.
func Post(ctx context.Context, client *http.Client, url string, d Delivery) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, deliveryTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(d.Body))
	if err != nil {
		return 0, fmt.Errorf("post %s: %w", d.Topic, err)
	}
	req.Header = d.Header()
	sender := *client
	sender.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := sender.Do(req)
	if err != nil {
		return 0, fmt.Errorf("post %s: %w", d.Topic, err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing of it is used
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10))
	if err != nil {
		return resp.StatusCode, fmt.Errorf("read the answer to %s: %w", d.Topic, err)
	}
	return resp.StatusCode, nil
}

// PostWithRetry posts until a 2xx comes back, at most attempts times, with
// backoff before the second attempt and twice the last pause before each
// further one. It returns the last status.
func PostWithRetry(ctx context.Context, client *http.Client, url string, d Delivery, attempts int, backoff time.Duration) (int, error) {
	var status int
	var err error
	for i := range attempts {
		if i > 0 {
			pause := time.NewTimer(backoff)
			select {
			case <-ctx.Done():
				pause.Stop()
				return status, ctx.Err()
			case <-pause.C:
			}
			backoff *= 2
		}
		if status, err = Post(ctx, client, url, d); err == nil && status/100 == 2 {
			return status, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("post %s: %d attempts ended with status %d", strings.TrimSpace(d.Topic), attempts, status)
	}
	return status, err
}
