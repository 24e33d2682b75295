package shopifytest

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Subscription is a webhook of the app.
type Subscription struct {
	Topic         string // orders/create
	URI           string
	Format        string // JSON or XML (JSON)
	Filter        string // field:value; everything else is held back
	IncludeFields []string
	// Declared ones stand in the app's configuration file: the Admin API neither lists
	// nor changes them, and failures do not delete them.
	Declared bool
}

// hook is a subscription that stands.
type hook struct {
	Subscription
	id     int64
	failed int // deliveries in a row that failed
}

// tooManyFailures is after how many of them in a row a subscription is deleted.
// https://shopify.dev/docs/apps/build/webhooks/verify-deliveries
const tooManyFailures = 8

// Subscribe makes a subscription. The same topic at the same address twice is
// refused, as the real API does.
func (s *Store) Subscribe(sub Subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, refusal := s.subscribe(sub); refusal != "" {
		return fmt.Errorf("subscribe to %s: %s", sub.Topic, refusal)
	}
	return nil
}

func (s *Store) subscribe(sub Subscription) (made *hook, refusal string) {
	if slices.ContainsFunc(s.hooks, func(h *hook) bool { return h.Topic == sub.Topic && h.URI == sub.URI }) {
		return nil, "Address for this topic has already been taken"
	}
	s.lastHook++
	made = &hook{Subscription: sub, id: s.lastHook}
	s.hooks = append(s.hooks, made)
	return made, ""
}

// Subscriptions are all that stand, the declared ones too.
func (s *Store) Subscriptions() []Subscription {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Subscription, 0, len(s.hooks))
	for _, h := range s.hooks {
		out = append(out, h.Subscription)
	}
	return out
}

// Resubscribe changes every subscription for which change answers true, and deletes
// it where keep is then false.
func (s *Store) Resubscribe(change func(*Subscription) (keep bool)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = slices.DeleteFunc(s.hooks, func(h *hook) bool { return !change(&h.Subscription) })
}

// hookNodes are what the app made by the Admin API.
func (s *Store) hookNodes() []*node {
	out := make([]*node, 0, len(s.hooks))
	for _, h := range s.hooks {
		if !h.Declared {
			out = append(out, h.node())
		}
	}
	return out
}

func (h *hook) node() *node {
	return &node{"WebhookSubscription", object{
		"id": gid("WebhookSubscription", h.id), "uri": h.URI, "format": orDefault(h.Format, "JSON"), "filter": null(h.Filter),
		"topic": topicEnum(h.Topic), "includeFields": tags(h.IncludeFields),
	}}
}

// topicEnum is how the Admin API writes a topic.
func topicEnum(topic string) string {
	return strings.ToUpper(strings.NewReplacer("/", "_", ".", "_").Replace(topic))
}

// hookTopics are the topics that can be subscribed to by the Admin API here.
func hookTopics() []string {
	return []string{
		"orders/create", "orders/updated", "orders/paid", "orders/cancelled", "orders/edited", "orders/fulfilled", "orders/delete",
		"orders/risk_assessment_changed", "order_transactions/create", "refunds/create", "fulfillments/create", "app/uninstalled",
		"returns/request", "returns/approve", "returns/decline", "returns/cancel", "returns/close", "returns/reopen", "returns/update", "returns/process",
		"reverse_fulfillment_orders/dispose",
	}
}

// changeHook carries out one mutation and tells what became of it.
func (s *Store) changeHook(mutation string, args object) *node {
	verb := strings.TrimPrefix(mutation, "webhookSubscription")
	h, field, refusal := s.applyHook(verb, args)
	out := object{"userErrors": []*node{}, "webhookSubscription": (*node)(nil), "deletedWebhookSubscriptionId": nil}
	switch {
	case refusal != "":
		out["userErrors"] = []*node{{"UserError", object{"field": []string{field}, "message": refusal}}}
	case verb == "Delete":
		out["deletedWebhookSubscriptionId"] = gid("WebhookSubscription", h.id)
	default:
		out["webhookSubscription"] = h.node()
	}
	return &node{mutation + "Payload", out}
}

func (s *Store) applyHook(verb string, args object) (h *hook, field, refusal string) {
	input, _ := args["webhookSubscription"].(object)
	if verb == "Create" {
		return s.createHook(args["topic"], input)
	}
	id, _ := args["id"].(string)
	at := slices.IndexFunc(s.hooks, func(h *hook) bool { return !h.Declared && gid("WebhookSubscription", h.id) == id })
	if at < 0 {
		return nil, "id", "Webhook subscription does not exist"
	}
	h = s.hooks[at]
	if verb == "Delete" {
		s.hooks = slices.Delete(s.hooks, at, at+1)
		return h, "", ""
	}
	sub := h.Subscription
	if refusal = sub.set(input); refusal != "" {
		return nil, "webhookSubscription", refusal
	}
	if slices.ContainsFunc(s.hooks, func(other *hook) bool { return other != h && other.Topic == sub.Topic && other.URI == sub.URI }) {
		return nil, "webhookSubscription", "Address for this topic has already been taken"
	}
	h.Subscription, h.failed = sub, 0
	return h, "", ""
}

func (s *Store) createHook(topic any, input object) (h *hook, field, refusal string) {
	at := slices.IndexFunc(hookTopics(), func(name string) bool { return topicEnum(name) == topic })
	if at < 0 {
		return nil, "topic", "Invalid topic specified"
	}
	sub := Subscription{Topic: hookTopics()[at]}
	if scope := hookScope(sub.Topic); !slices.Contains(s.opts.Scopes, scope) {
		return nil, "topic", "You do not have permission to create or update webhooks with " + sub.Topic + " topic"
	}
	if refusal = sub.set(input); refusal != "" {
		return nil, "webhookSubscription", refusal
	}
	h, refusal = s.subscribe(sub)
	return h, "webhookSubscription", refusal
}

// hookScope is what the app needs to hear of a topic.
func hookScope(topic string) string {
	if strings.HasPrefix(topic, "returns/") || strings.HasPrefix(topic, "reverse_") {
		return "read_returns"
	}
	return "read_orders"
}

// set puts what an input says over a subscription.
func (sub *Subscription) set(input object) (refusal string) {
	if uri, ok := input["uri"].(string); ok {
		sub.URI = uri
	}
	if u, err := url.Parse(sub.URI); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return "Address is invalid"
	}
	if format, ok := input["format"].(string); ok {
		sub.Format = format
	}
	if filter, ok := input["filter"]; ok {
		sub.Filter, _ = filter.(string) // null takes it away
	}
	if fields, ok := input["includeFields"].([]any); ok {
		sub.IncludeFields = nil
		for _, f := range fields {
			name, _ := f.(string)
			sub.IncludeFields = append(sub.IncludeFields, name)
		}
	}
	return ""
}
