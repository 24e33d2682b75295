// Package handlers is the contract that a shop system fills. Everything above
// it works with a Shop and never asks which platform it is.
package handlers

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Header reads one request header by its name in any case; http.Header is one.
type Header interface{ Get(name string) string }

// Delivery is one HTTP request of a shop system as it came off the wire. Body
// holds the raw bytes. It and the texts of Header belong to the caller: keep nothing
// of them.
type Delivery struct {
	Header   Header
	Body     []byte
	Received time.Time
}

// Receiver is filled by platforms that push. Both methods are on the only hot
// path: no network, no full decode, safe for concurrent use.
type Receiver interface {
	// Verify proves who sent the delivery. It returns a *commerce.Error with
	// reason Unauthorized and words that help no forger. The gateway calls it
	// before anything else reads the body.
	Verify(Delivery) error
	// Events names what a verified delivery is about. Reason Ignored answers 200
	// and is counted (a topic we do not know, a ping); Invalid answers 400. The
	// events' Body may alias the delivery's; nothing else of them does.
	Events(Delivery) ([]commerce.Event, error)
}

// Orders reads orders. Errors are *commerce.Error: NotFound when the shop has no
// such order, Denied, RateLimited with RetryAfter, Unavailable, or Invalid when
// the answer cannot be understood.
type Orders interface {
	// Decode understands the payload of an event with HintOrder. ErrPartial says
	// that the payload does not hold the whole order and the shop must be read.
	Decode(body []byte) (*commerce.Order, error)
	// Order is one read of the shop: the truth. id is the platform's own.
	Order(ctx context.Context, id string) (*commerce.Order, error)
	// Updated yields the orders whose last change was at since or later and at until
	// or before (zero: whenever), by the shop's clock, oldest change first; the caller
	// breaks when it has enough. An order that changes meanwhile may come twice or
	// leave the list, and none that stays is left out. After an error nothing more is
	// yielded.
	Updated(ctx context.Context, since, until time.Time) iter.Seq2[Change, error]
	// Placed yields the orders placed at from or later and before until, each once,
	// the oldest first, however many there are. It waits out rate limits; the caller
	// breaks when it has enough. After an error nothing more is yielded.
	Placed(ctx context.Context, from, until time.Time) iter.Seq2[commerce.Ref, error]
}

// Customers reads the accounts of buyers. Errors are as of Orders, and Ignored for an
// account that is no buyer's, such as one of staff.
type Customers interface {
	// Decode understands the payload of an event with HintCustomer. ErrPartial says that
	// the payload does not hold the whole account and the shop must be read.
	Decode(body []byte) (*commerce.Customer, error)
	// Customer is one read of the shop: the truth. id is the platform's own.
	Customer(ctx context.Context, id string) (*commerce.Customer, error)
	// Registered yields the accounts made at from or later and before until (zero:
	// whenever), each once, and when each changed last; the caller breaks when it has
	// enough. An account that comes or goes meanwhile may be left out, and no other. It
	// waits out rate limits. After an error nothing more is yielded.
	Registered(ctx context.Context, from, until time.Time) iter.Seq2[Change, error]
}

// CustomerSetter is filled by those Customers whose accounts may be made and changed from
// outside. Passwords are the shop's alone: none is given, and an account's own e-mail
// address, by which its owner logs in, is never changed. Errors are as of Customers.
type CustomerSetter interface {
	// CustomerWith is one read of the shop: the account with an e-mail address, in any
	// case of its letters; NotFound: none has it.
	CustomerWith(ctx context.Context, email string) (*commerce.Customer, error)
	// CreateCustomer makes an account and returns it as the shop has it then. Exists: one
	// has the e-mail address. It is asked for once and not again: after any error but that
	// and Invalid, CustomerWith alone tells whether it was made.
	CreateCustomer(ctx context.Context, w commerce.CustomerWrite) (*commerce.Customer, error)
	// SetCustomer writes to an account and returns it as it is then. Doing it again
	// changes nothing.
	SetCustomer(ctx context.Context, id string, w commerce.CustomerWrite) (*commerce.Customer, error)
	// Announces says what a shop system tells the owner of a new account by itself, in one
	// sentence for people.
	Announces() string
}

// Change is that a record changed, and when by the shop's clock.
type Change struct {
	Ref commerce.Ref
	At  time.Time
}

// OrderLister is filled by those Orders that read several orders in one call.
type OrderLister interface {
	// PlacedWhole yields what Order would say of each order that Placed names, under
	// the same terms. One that has gone meanwhile is left out.
	PlacedWhole(ctx context.Context, from, until time.Time) iter.Seq2[*commerce.Order, error]
}

// StatusSetter is filled by those Orders whose status in the shop may be set.
type StatusSetter interface {
	// SetStatus gives an order a status, in the platform's own words. set is false where
	// nothing was to do: it has that status, or it is over (cancelled, refunded …) and
	// must not come back to life. Doing it again changes nothing. An error that is
	// ErrNotYet says why the order's next change is waited for.
	SetStatus(ctx context.Context, id, status string) (set bool, err error)
}

// OrderSearcher is filled by those Orders whose shop finds an order by the number that
// people know it by.
type OrderSearcher interface {
	// Numbered is one read of the shop: the ids of the orders with a number, with or
	// without its mark; none where it has no such order. Errors are as of Orders.
	Numbered(ctx context.Context, number string) ([]string, error)
}

// OrderFinder is filled by those Orders of which some events name a record, such
// as a return, and not the order that it belongs to.
type OrderFinder interface {
	// OrderOf is one read of the shop: the id of the order that an event's Ref
	// belongs to. NotFound says that the shop knows none; other errors are as of
	// Orders, Denied among them where the app may not see such records.
	OrderOf(ctx context.Context, ref commerce.Ref) (string, error)
}

// Shop is one configured shop, opened. Receiver or Orders is nil where the
// platform has no such thing.
type Shop struct {
	ID       string
	Platform string
	Config   config.Shop
	// Signers are fingerprints of the secrets that sign for this shop. Where two
	// shops have one in common, a signature does not prove which of them sent a
	// delivery; the registry then sets SharedSecret and the first booking of an
	// order reads the shop.
	Signers      []string
	SharedSecret bool
	Receiver     Receiver
	// SendsOnce says that the shop system never repeats a delivery: one that is
	// refused for want of room is lost. The gateway lets it wait for room, and asks
	// every other sender to come again.
	SendsOnce bool
	Orders    Orders
	// Customers is nil where accounts cannot be read.
	Customers Customers
	// Clock is what the shop's own clock says, which its times of changes are of; it
	// costs a call at most. Nil: ours has to do.
	Clock func(ctx context.Context) (time.Time, error)
	// Webhooks is nil where subscriptions cannot be read by an API.
	Webhooks Webhooks
	// Check asks the shop whether everything is as it must be: reachability,
	// credentials, rights, subscriptions. It only reads, costs a few calls, and
	// says also what is well. Nil: there is nothing to ask.
	Check func(ctx context.Context) []commerce.Finding
}

// Platform opens the shops of one shop system.
type Platform struct {
	Name string
	// Open checks the shop's own block and connects nothing. Its error may be
	// config.Problems, so that everything wrong is reported together.
	Open func(config.Shop, Deps) (*Shop, error)
}

// Limiter holds the rates of remote calls. Wait blocks until cost units of key may be
// spent or ctx ends, whose lane (LaneOf) says how urgent that is; its error is
// RateLimited with RetryAfter where the deadline came first. Done ends the call that was
// granted, with what the remote said of its bucket, the zero value if nothing.
type Limiter interface {
	Wait(ctx context.Context, key string, cost float64) (grant string, err error)
	Done(key, grant string, said commerce.Quota)
}

// Deps is what a platform is given.
type Deps struct {
	Log     *slog.Logger
	Metrics prometheus.Registerer // may be nil
	Limiter Limiter               // nil: limits hold in this process only
	// PublicURL is server.public_url, "" where it is not known; see HookURL.
	PublicURL string
}

// ErrPartial says that a payload does not hold the whole record.
var ErrPartial = &commerce.Error{Op: "decode", Reason: commerce.Ignored, Detail: "the payload is not the whole record"}

// ErrNotYet says that something is not to be done with a record as it is now.
var ErrNotYet = errors.New("not yet")

// HookURL is where a shop's deliveries come in from outside, "" where the public
// address is not known.
func HookURL(public, shop string) string {
	if public == "" {
		return ""
	}
	return strings.TrimRight(public, "/") + "/hooks/" + shop
}
