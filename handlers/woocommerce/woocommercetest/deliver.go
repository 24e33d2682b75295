package woocommercetest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Delivery is one webhook as it is posted. Posting it again is a double: body, signature
// and ids stay.
type Delivery struct {
	Topic string
	// WebhookID tells it apart as far as it can be: webhook, delivery id and the body's
	// hash. What one webhook sends twice within a second with the same body is the same.
	WebhookID string
	Body      []byte
	Headers   map[string]string
}

// occasion is something that a store tells by a webhook, with the record's id.
type occasion struct {
	topic string
	id    int64
}

// tell queues what happened for every active webhook of the topic. What waits already
// is not queued twice.
func (s *Store) tell(topic string, id int64) {
	n := occasion{topic, id}
	if slices.Contains(s.opts.Topics, topic) && !slices.Contains(s.news, n) {
		s.news = append(s.news, n)
	}
	for _, h := range s.hooks {
		if j := (job{h, id}); h.Topic == topic && h.Status == active && !slices.Contains(s.jobs, j) {
			s.jobs = append(s.jobs, j)
		}
	}
	s.wake()
}

// News makes a signed delivery of everything that happened since the last call, in that
// order and with the present state, as webhooks of Options.Topics would.
func (s *Store) News() ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Delivery
	for _, n := range s.news {
		d, err := s.own(n.topic, n.id)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	s.news = nil
	return out, nil
}

// Deliveries makes one signed delivery a topic with the present state of a record: by
// the topic it is an order or something else.
func (s *Store) Deliveries(record string, topics ...string) ([]Delivery, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := strconv.ParseInt(record, 10, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is no record's id", record)
	}
	var out []Delivery
	for _, topic := range topics {
		d, err := s.own(topic, id)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Sign makes a delivery of any body, signed by the store's own secret.
func (s *Store) Sign(topic string, body []byte) Delivery {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sign(s.ownHook(topic), body)
}

// own makes a delivery of the webhook that the shop would have for a topic.
func (s *Store) own(topic string, id int64) (Delivery, error) {
	body, err := s.payload(topic, id)
	return s.sign(s.ownHook(topic), body), err
}

func (s *Store) ownHook(topic string) *hook {
	n := slices.Index(s.opts.Topics, topic)
	return &hook{id: int64(901 + n), Subscription: Subscription{Topic: topic, Secret: s.opts.Secret}}
}

// payload is the body of a topic about a record as it stands now: all of it, only its
// id where it was deleted, an error where it is gone.
func (s *Store) payload(topic string, id int64) ([]byte, error) {
	resource, event, _ := strings.Cut(topic, ".")
	switch {
	case resource == "action":
		return phpJSON(object{"action": event, "arg": id})
	case event == "deleted":
		return phpJSON(object{"id": id})
	}
	return phpJSON(s.record(resource, id))
}

// record is a record, or the API's error.
func (s *Store) record(resource string, id int64) object {
	switch resource {
	case "order":
		if o := s.orders[id]; o != nil {
			return s.order(o)
		}
		return failure("woocommerce_rest_invalid_shop_order_id", "Invalid ID.", http.StatusNotFound)
	case "product":
		if p := s.productOf(id); p != nil {
			return s.product(p)
		}
		return failure("woocommerce_rest_product_invalid_id", "Invalid ID.", http.StatusNotFound)
	case "customer":
		if c := s.customers[id]; c != nil {
			return s.customer(c)
		}
		return failure("woocommerce_rest_invalid_id", "Invalid resource ID.", http.StatusNotFound)
	}
	if code := s.coupons[id]; code != "" {
		return object{"id": id, "code": code, "amount": "5.00", "discount_type": "fixed_cart", "meta_data": []object{}, "_links": s.links("coupons", strconv.FormatInt(id, 10))}
	}
	return failure("woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.", http.StatusNotFound)
}

func (s *Store) sign(h *hook, body []byte) Delivery {
	resource, event, _ := strings.Cut(h.Topic, ".")
	id, sum := strconv.FormatInt(h.id, 10), sha256.Sum256(body)
	delivery := sha256.Sum256(fmt.Appendf(nil, "%s %s %d", s.opts.Home, id, s.now().Unix()))
	number := hex.EncodeToString(delivery[:16])
	return Delivery{Topic: h.Topic, WebhookID: id + "/" + number + "/" + hex.EncodeToString(sum[:8]), Body: body, Headers: map[string]string{
		"Content-Type":             "application/json",
		"User-Agent":               s.agent(),
		"Accept-Encoding":          "deflate, gzip, br, zstd",
		"X-WC-Webhook-Source":      s.opts.Home + "/",
		"X-WC-Webhook-Topic":       h.Topic,
		"X-WC-Webhook-Resource":    resource,
		"X-WC-Webhook-Event":       event,
		"X-WC-Webhook-Signature":   Signature(h.Secret, body),
		"X-WC-Webhook-ID":          id,
		"X-WC-Webhook-Delivery-ID": number,
	}}
}

func (s *Store) agent() string {
	if s.opts.Old {
		return "WooCommerce/7.9.0 Hookshot (WordPress/6.1.9)"
	}
	return "WooCommerce/11.0.1 Hookshot (WordPress/7.0.4)"
}

// Signature is what X-WC-Webhook-Signature holds for a body. WooCommerce takes the
// HTML entities out of its secret before.
func Signature(secret string, body []byte) string {
	mac := hmac.New(sha256.New, []byte(unescaped.Replace(secret)))
	mac.Write(body)
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// unescaped are the five entities that WordPress knows there.
var unescaped = strings.NewReplacer("&amp;", "&", "&lt;", "<", "&gt;", ">", "&quot;", `"`, "&#039;", "'")

func (d Delivery) with(name, value string) Delivery {
	d.Headers = maps.Clone(d.Headers)
	d.Headers[name] = value
	return d
}

// Forged is the delivery as somebody without the secret would send it.
func (d Delivery) Forged() Delivery {
	return d.with("X-WC-Webhook-Signature", Signature("a guess", d.Body))
}

// Truncated lost the second half of its body on the way: the signature is that of the
// whole.
func (d Delivery) Truncated() Delivery {
	d.Body = d.Body[:len(d.Body)/2]
	return d
}

// Relabelled is the delivery under another topic. The signature still holds.
func (d Delivery) Relabelled(topic string) Delivery {
	resource, event, _ := strings.Cut(topic, ".")
	d = d.with("X-WC-Webhook-Topic", topic).with("X-WC-Webhook-Resource", resource).with("X-WC-Webhook-Event", event)
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

// The sender's bounds: how long it waits, and from what size on it asks first.
const (
	deliveryTimeout = time.Minute
	pingTimeout     = 5 * time.Second
	askFirst        = 1 << 20
)

// Post sends one delivery like the real sender: a minute for everything, a connection
// of its own, no redirect followed, the answer's body not looked at.
func Post(ctx context.Context, client *http.Client, url string, d Delivery) (status int, err error) {
	h := d.Header()
	if len(d.Body) >= askFirst {
		h.Set("Expect", "100-continue")
	}
	return post(ctx, client, url, h, d.Body, deliveryTimeout)
}

func post(ctx context.Context, client *http.Client, url string, h http.Header, body []byte, patience time.Duration) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, fmt.Errorf("post to a webhook: %w", err)
	}
	req.Header, req.Close = h, true
	sender := *client
	sender.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	resp, err := sender.Do(req)
	if err != nil {
		return 0, fmt.Errorf("post to a webhook: %w", err)
	}
	defer func() { _ = resp.Body.Close() }() // nothing of it is used
	if _, err := io.Copy(io.Discard, io.LimitReader(resp.Body, 64<<10)); err != nil {
		return resp.StatusCode, fmt.Errorf("read the answer of a webhook: %w", err)
	}
	return resp.StatusCode, nil
}
