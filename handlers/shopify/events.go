package shopify

import (
	"strings"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// maxEventID bounds the unsigned header that becomes part of a task's key.
const maxEventID = 128

// Events names the record of one verified delivery. A store's deliveries carry
// its own domain: another one means that the address of one shop was entered in
// another, and is Unauthorized. Without X-Shopify-Webhook-Id, which is the same
// on repeats, the delivery is Invalid: nothing else tells a repeat from a new
// event.
func (r receiver) Events(d handlers.Delivery) ([]commerce.Event, error) {
	if !strings.EqualFold(d.Header.Get("X-Shopify-Shop-Domain"), r.domain) {
		return nil, &commerce.Error{Op: "shopify.events", Reason: commerce.Unauthorized,
			Detail: "X-Shopify-Shop-Domain is not the configured store",
			Remedy: "give each store the hook address of its own shop"}
	}
	id := d.Header.Get("X-Shopify-Webhook-Id")
	if !isEventID(id) {
		return nil, invalid("X-Shopify-Webhook-Id is missing or not an id", nil)
	}
	t, ok := r.topics[d.Header.Get("X-Shopify-Topic")]
	if !ok {
		return nil, &commerce.Error{Op: "shopify.events", Reason: commerce.Ignored, Detail: "the topic is not known"}
	}
	f, err := read(d.Body)
	if err != nil {
		return nil, err
	}
	event := commerce.Event{
		// Header texts may live in a buffer that is used again: none is kept.
		ID: strings.Clone(id), Topic: t.name, Hint: t.hint,
		UpdatedAt: f.UpdatedAt.UTC(), Received: d.Received,
	}
	if event.Ref, err = r.ref(t, f); err != nil {
		return nil, err
	}
	event.Aggregate = event.Ref
	if order := f.order(); order != "" {
		event.Aggregate = commerce.Ref{Shop: r.shop, Kind: commerce.KindOrder, ID: string(order)}
	}
	if t.privacy != nil { // ids only: the body has the customer's address too
		event.Privacy = t.privacy(f)
	}
	if t.whole {
		event.Body = d.Body
	}
	return []commerce.Event{event}, nil
}

// read takes the few facts out of a body and proves that it is whole JSON.
func read(body []byte) (*facts, error) {
	var f facts
	if err := f.UnmarshalJSON(body); err != nil {
		return nil, invalid("the body is not a complete JSON object of this kind", nil)
	}
	return &f, nil
}

func (r receiver) ref(t topic, f *facts) (commerce.Ref, error) {
	if t.check != nil {
		if err := t.check(f, r.domain); err != nil {
			return commerce.Ref{}, invalid("the body has not the shape of its topic", err)
		}
	}
	id := t.id(f)
	switch {
	case id != "":
		return commerce.Ref{Shop: r.shop, Kind: t.kind, ID: string(id)}, nil
	case t.loose:
		return commerce.Ref{Shop: r.shop, Kind: commerce.KindShop, ID: r.domain}, nil
	}
	return commerce.Ref{}, invalid("the body names no "+t.kind, nil)
}

// isEventID accepts UUIDs and whatever similar may come.
func isEventID(s string) bool {
	if s == "" || len(s) > maxEventID {
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

func invalid(detail string, err error) error {
	return &commerce.Error{Op: "shopify.events", Reason: commerce.Invalid, Detail: detail, Err: err}
}
