package commerce

import (
	"log/slog"
	"time"
)

// Hint says what an event asks us to look at. It never says what to write: the
// state of the record does.
type Hint string

// The hints. Those without a task yet end as "skipped" in plain sight.
const (
	HintOrder       Hint = "order"        // look at the order
	HintOrderGone   Hint = "order_gone"   // the order was deleted in the shop
	HintRefund      Hint = "refund"       // money or goods went back
	HintReturn      Hint = "return"       // a return was asked for, approved, closed …
	HintFulfilment  Hint = "fulfilment"   // something was shipped, held, moved
	HintPayment     Hint = "payment"      // a transaction was made or changed
	HintRisk        Hint = "risk"         // the fraud assessment changed
	HintProduct     Hint = "product"      // product or variant changed
	HintProductGone Hint = "product_gone" // product was deleted
	HintStock       Hint = "stock"        // inventory level or item changed
	HintCustomer    Hint = "customer"     // customer changed, merged, deleted
	HintPrivacy     Hint = "privacy"      // data request or erasure, see Event.Privacy
	HintUninstalled Hint = "uninstalled"  // our app was removed: its token is dead
	HintShop        Hint = "shop"         // app or shop life cycle
	HintOther       Hint = "other"        // known topic, nothing to do with orders, stock or people
)

// Event is one delivery that was verified: a hint that a record changed. The
// same event may come many times, late, or never.
type Event struct {
	// ID is the platform's own id of the delivery, the same on its repeats.
	ID    string `json:"id"`
	Topic string `json:"topic"`
	Hint  Hint   `json:"hint"`
	// Ref is the record named by the event; Aggregate is what is worked on at
	// once: an order together with its refunds, fulfilments and payments.
	Ref       Ref `json:"ref"`
	Aggregate Ref `json:"aggregate"`
	// UpdatedAt is the record's own version where the body carries one.
	UpdatedAt time.Time `json:"updated_at,omitzero"`
	Received  time.Time `json:"received"`
	// Nonce makes a run of its own out of a repeat: operators and the rescuer set it.
	Nonce string `json:"nonce,omitempty"`
	// Gone says that by the shop's word the record is deleted, or in its bin.
	Gone bool `json:"gone,omitempty"`
	// Spooled says that it waited in a gateway's spool for Redis.
	Spooled bool `json:"spooled,omitempty"`
	// Request is the gateway's name of the request that brought it, as its log and the
	// answer to the sender have it.
	Request string `json:"request,omitempty"`
	// Privacy is set with HintPrivacy.
	Privacy *Privacy `json:"privacy,omitempty"`
	// Body is the payload as received; empty where the shop must be read.
	Body []byte `json:"-"`
}

// TaskID is the key under which the queue holds this event: the same delivery
// sent again has the same one.
func (e Event) TaskID() string {
	id := e.Ref.Shop + "/" + e.Topic + "/" + e.Ref.Kind + "/" + e.Ref.ID + "/" + e.ID
	if e.Nonce != "" {
		id += "/" + e.Nonce
	}
	return id
}

// LogValue shows what identifies the event and nothing of its body.
func (e Event) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", e.ID), slog.String("topic", e.Topic), slog.String("ref", e.Ref.String()))
}
