package woocommercetest

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Subscription is a webhook of the shop.
type Subscription struct {
	Topic  string // order.created
	URI    string
	Name   string
	Secret string // the store's
	Status string // active, paused or disabled (active)
}

// The states of a webhook.
const (
	active   = "active"
	paused   = "paused"
	disabled = "disabled"
)

// hook is a subscription that stands.
type hook struct {
	Subscription
	id       int64
	failed   int  // deliveries in a row that failed
	pending  bool // its ping was not answered 200 yet
	created  time.Time
	modified time.Time
}

// tooManyFailures is how many in a row a webhook bears; the next one disables it.
const tooManyFailures = 6

// Subscribe makes a webhook as a plugin does: it is pinged after its first delivery.
func (s *Store) Subscribe(sub Subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, refusal := s.subscribe(sub)
	if refusal != nil {
		return fmt.Errorf("subscribe to %s: %s", sub.Topic, refusal["message"])
	}
	return nil
}

func (s *Store) subscribe(sub Subscription) (made *hook, refusal object) {
	if refusal := s.refusal(sub); refusal != nil {
		return nil, refusal
	}
	sub.Secret = cmp.Or(sub.Secret, s.opts.Secret)
	sub.Status = cmp.Or(sub.Status, active)
	sub.Name = cmp.Or(sub.Name, "Webhook created on "+s.now().In(s.opts.Zone).Format("Jan 2, 2006 @ 03:04 PM"))
	s.lastHook++
	made = &hook{Subscription: sub, id: s.lastHook, pending: true, created: s.now(), modified: s.now()}
	s.hooks = append(s.hooks, made)
	return made, nil
}

// refusal says why there can be no such webhook.
func (s *Store) refusal(sub Subscription) object {
	resource, event, _ := strings.Cut(sub.Topic, ".")
	known := slices.Contains([]string{"created", "updated", "deleted", "restored"}, event) && slices.Contains([]string{"order", "product", "customer", "coupon"}, resource)
	if resource == "customer" && event == "restored" {
		known = false
	}
	if resource == "action" {
		known = strings.HasPrefix(event, "woocommerce_") || strings.HasPrefix(event, "wc_")
	}
	if !known {
		return failure("woocommerce_rest_shop_webhook_invalid_topic", "Webhook topic must be valid.", http.StatusBadRequest)
	}
	if u, err := url.Parse(sub.URI); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return failure("woocommerce_rest_shop_webhook_invalid_delivery_url", "Webhook delivery URL must be a valid URL starting with http:// or https://.", http.StatusBadRequest)
	}
	return nil
}

// Subscriptions are all that stand, with their secrets.
func (s *Store) Subscriptions() []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Subscription, 0, len(s.hooks))
	for _, h := range s.hooks {
		out = append(out, h.Subscription)
	}
	return out
}

// Resubscribe changes every subscription for which change answers true, and deletes it
// where keep is then false.
func (s *Store) Resubscribe(change func(*Subscription) (keep bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = slices.DeleteFunc(s.hooks, func(h *hook) bool { return !change(&h.Subscription) })
}

func (s *Store) hookOf(id int64) *hook {
	if i := slices.IndexFunc(s.hooks, func(h *hook) bool { return h.id == id }); i >= 0 {
		return s.hooks[i]
	}
	return nil
}

// webhook is a webhook as the API tells it: without its secret and its failures.
func (s *Store) webhook(h *hook) object {
	resource, event, _ := strings.Cut(h.Topic, ".")
	out := object{"id": h.id, "name": h.Name, "status": h.Status, "topic": h.Topic, "resource": resource, "event": event,
		"hooks": []string{"woocommerce_" + event + "_" + resource}, "delivery_url": h.URI, "_links": s.links("webhooks", fmt.Sprint(h.id))}
	s.stamp(out, "date_created", h.created)
	s.stamp(out, "date_modified", h.modified)
	return out
}

// refuses reports whether WordPress posts to no such address.
func (s *Store) refuses(address string) bool {
	if !s.opts.PublicTargets {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Port() != "" && !slices.Contains([]string{"80", "443", "8080"}, u.Port()) {
		return true
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && (ip.To4() == nil || ip.IsPrivate() || ip.IsLoopback() || ip.IsUnspecified())
}
