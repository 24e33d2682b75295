package woocommerce

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// maxDeliveryID bounds the unsigned header that becomes part of a task's key.
const maxDeliveryID = 64

var errNoRecord = errors.New("want a JSON object")

// receiver is the pushing side of one shop.
type receiver struct {
	verifier
	shop   string
	places []place
	topics map[string]topic
}

func newReceiver(v verifier, shop string, set Settings) receiver {
	r := receiver{verifier: v, shop: shop, topics: topics()}
	for _, address := range append([]string{set.URL}, set.Sources...) {
		r.places = append(r.places, placeOf(address))
	}
	return r
}

// Events names the record of one verified delivery. A delivery that names another
// shop as its source is Unauthorized: a copy of a shop has its webhooks too. What a
// living shop sends and what nothing follows from is Ignored, each with its reason;
// Invalid is what no shop sends. The shop's own delivery id is that of a second:
// only with the webhook's and the body does it tell a delivery from another.
func (r receiver) Events(d handlers.Delivery) ([]commerce.Event, error) {
	if isPing(d) {
		return nil, ignored("a ping, by which the shop asks whether the address answers")
	}
	if err := r.source(d.Header.Get("X-WC-Webhook-Source")); err != nil {
		return nil, err
	}
	webhook, delivery := d.Header.Get("X-WC-Webhook-ID"), d.Header.Get("X-WC-Webhook-Delivery-ID")
	if !isDigits(webhook) || !isDeliveryID(delivery) {
		return nil, invalid("X-WC-Webhook-ID or X-WC-Webhook-Delivery-ID is missing or not an id", nil)
	}
	t, ok := r.topics[d.Header.Get("X-WC-Webhook-Topic")]
	if !ok {
		return nil, ignored("the topic is not known")
	}
	f, err := read(d.Body)
	if err != nil {
		return nil, invalid("the body is not a complete JSON object of this kind", nil)
	}
	ref, err := r.ref(t, f)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(d.Body)
	// Header texts may live in a buffer that is used again: joining copies them.
	event := commerce.Event{ID: webhook + "-" + delivery + "-" + hex.EncodeToString(sum[:6]), Topic: t.name, Hint: t.hint,
		Ref: ref, Aggregate: ref, UpdatedAt: f.version(), Received: d.Received}
	switch {
	case ref.ID != string(f.ID): // it holds another record, or an old one
		event.UpdatedAt = time.Time{}
	case t.gone:
		event.Gone = true
	case t.looked():
		event.Body = d.Body
	}
	return []commerce.Event{event}, nil
}

// source refuses deliveries of other shops. The header is not signed and proves
// nothing; where a proxy took it away there is nothing to compare.
func (r receiver) source(address string) error {
	if address == "" {
		return nil
	}
	from := placeOf(address)
	for _, p := range r.places {
		if p.has(from) {
			return nil
		}
	}
	return &commerce.Error{Op: "woocommerce.events", Reason: commerce.Unauthorized,
		Detail: "X-WC-Webhook-Source is not the configured shop",
		Remedy: "delete the webhooks of a copy of the shop; if it is the shop itself, add the address that it names to woocommerce.sources"}
}

// ref is the record that a body is about, checked against its topic. The topic is not
// signed, and shops mix them up: what a body holds decides.
func (r receiver) ref(t topic, f *facts) (commerce.Ref, error) {
	named := func(kind, id string) (commerce.Ref, error) {
		return commerce.Ref{Shop: r.shop, Kind: kind, ID: id}, nil
	}
	switch {
	case f.fault:
		return commerce.Ref{}, ignored("the shop could not read the record itself: the body is an error of its API")
	case f.hook:
		return commerce.Ref{}, ignored("the body is that of a hook and no record")
	case f.ID == "" && f.legacy == "":
		return commerce.Ref{}, invalid("the body names no "+t.kind, nil)
	case t.kind == commerce.KindOrder && !f.is(t.kind) && f.is(commerce.KindRefund) && f.Parent != "":
		return named(t.kind, string(f.Parent))
	case !f.is(t.kind):
		return commerce.Ref{}, ignored("the body holds another kind of record than its topic is about")
	case t.gone && !t.looked() && slices.Contains(f.kinds, t.kind):
		return commerce.Ref{}, ignored("the body of a deletion holds a living record")
	case t.kind == commerce.KindOrder && isDraft(f.Status):
		return commerce.Ref{}, ignored(draftWords)
	case f.ID == "":
		return named(t.kind, string(f.legacy))
	}
	return named(t.kind, string(f.ID))
}

// isDeliveryID accepts the hash that it is and whatever similar a plugin makes of it.
func isDeliveryID(s string) bool {
	if s == "" || len(s) > maxDeliveryID {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

func ignored(detail string) error {
	return &commerce.Error{Op: "woocommerce.events", Reason: commerce.Ignored, Detail: detail}
}

func invalid(detail string, err error) error {
	return &commerce.Error{Op: "woocommerce.events", Reason: commerce.Invalid, Detail: detail, Err: err}
}
