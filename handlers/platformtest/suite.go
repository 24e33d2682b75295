// Package platformtest is what every platform must pass. A new platform begins
// with a Suite and Run; what is particular to it is tested beside it.
package platformtest

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Suite is one platform with all that the tests need of it.
type Suite struct {
	Platform handlers.Platform
	// Block is the YAML of a working block with these signing secrets; endpoint
	// is the fake's address, "" where nothing is asked.
	Block func(endpoint string, secrets ...string) string
	// Vectors are recorded signatures, good and bad. Nil: nothing is pushed.
	Vectors []Vector
	// Header keeps a delivery's headers under this platform's own names.
	Header Header
	// Fake opens a fake shop with an order in it. It ends with the test.
	Fake func(t *testing.T) Fake
	// Equal compares the order of a payload with the one that was read. It leaves
	// out what this platform's payloads never hold.
	Equal func(t *testing.T, payload, read *commerce.Order)
	// Secrets must be in no error's text.
	Secrets []string
}

// Vector is a delivery and whether its signature holds under these secrets.
type Vector struct {
	Name     string
	Delivery handlers.Delivery
	Secrets  []string
	Accept   bool
}

// Header are the names of the headers that the suite changes.
type Header struct {
	Signature string // "" where requests are not signed
	EventID   string
	Topic     string
}

// Fake is a stateful fake shop over HTTP.
type Fake struct {
	URL    string
	Secret string
	// Order is the id of an order that it holds, Missing of one that it does not.
	Order, Missing string
	// Delivery is a new signed delivery about Order, with an id of its own.
	Delivery func() handlers.Delivery
	// Sign gives any body and topic a good signature and an id of its own.
	Sign func(topic string, body []byte) handlers.Delivery
	// Deny, Limit and Hang make the next answer a refusal for lack of rights, one
	// that asks to wait for a minute, and none at all.
	Deny, Limit, Hang func()
	// Accounts is nil where the shop's Customers is.
	Accounts *Accounts
	// Close is called before the test looks for goroutines left behind.
	Close func(*handlers.Shop)
}

// Accounts are those of a fake's customers.
type Accounts struct {
	// Account is the id of one that it holds, Missing of one that it does not.
	Account, Missing string
	// Delivery is a new signed delivery about Account, with an id of its own.
	Delivery func() handlers.Delivery
	// Register makes one at a time of whole seconds and returns its id, Edit changes one,
	// as its owner does, and Delete takes one away.
	Register     func(at time.Time) string
	Edit, Delete func(id string)
}

// Run holds a platform against everything that handlers.Receiver, handlers.Orders,
// handlers.Customers and handlers.Webhooks promise.
func Run(t *testing.T, s Suite) {
	t.Run("open", s.open)
	t.Run("verify", s.verify)
	t.Run("events", s.events)
	t.Run("orders", s.orders)
	t.Run("customers", s.customers)
	t.Run("webhooks", s.webhooks)
}

// start opens the fake and a shop on it.
func (s Suite) start(t *testing.T) (Fake, *handlers.Shop) {
	fake := s.Fake(t)
	shop := s.shop(t, fake.URL, fake.Secret)
	t.Cleanup(func() { fake.Close(shop) })
	return fake, shop
}

func (s Suite) shop(t *testing.T, endpoint string, secrets ...string) *handlers.Shop {
	shop, err := s.try(t, s.Block(endpoint, secrets...))
	require.NoError(t, err)
	return shop
}

func (s Suite) try(t *testing.T, block string) (*handlers.Shop, error) {
	cfg, err := config.NewShop("fi", s.Platform.Name, config.Books{}, block)
	require.NoError(t, err)
	return s.Platform.Open(cfg, handlers.Deps{PublicURL: publicURL})
}

// fails holds an error to its reason and to saying nothing that is secret.
func (s Suite) fails(t *testing.T, want commerce.Reason, err error) {
	t.Helper()
	require.Equal(t, want, commerce.ReasonOf(err), "%v", err)
	s.quiet(t, err)
}

func (s Suite) quiet(t *testing.T, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, secret := range s.Secrets {
		require.NotContains(t, err.Error(), secret)
	}
}

// open: the block is strict and a shop without secrets is refused.
func (s Suite) open(t *testing.T) {
	t.Run("a shop says who it is", func(t *testing.T) {
		shop := s.shop(t, "", "one", "two")
		require.Equal(t, "fi", shop.ID)
		require.Equal(t, s.Platform.Name, shop.Platform)
		require.True(t, shop.Receiver != nil || shop.Orders != nil, "it can neither receive nor read")
		if shop.Receiver != nil {
			require.Len(t, shop.Signers, 2)
			require.NotContains(t, shop.Signers, "one")
		}
	})
	t.Run("the same secret gives the same fingerprint, another one another", func(t *testing.T) {
		one := s.shop(t, "", "one").Signers
		require.Equal(t, one, s.shop(t, "", "one").Signers)
		require.NotEqual(t, one, s.shop(t, "", "two").Signers)
	})
	t.Run("a shop without secrets is refused with its place", func(t *testing.T) {
		_, err := s.try(t, s.Block(""))
		var problems config.Problems
		require.ErrorAs(t, err, &problems)
	})
	t.Run("an unknown setting is refused", func(t *testing.T) {
		_, err := s.try(t, s.Block("", "one")+"\nno_such_setting: 1\n")
		var problems config.Problems
		require.ErrorAs(t, err, &problems)
	})
}

// delivery copies one, so that tests can change it.
func copied(d handlers.Delivery) (handlers.Delivery, http.Header) {
	h, ok := d.Header.(http.Header)
	if !ok {
		panic("the suite wants its deliveries to have http.Header")
	}
	h = h.Clone()
	return handlers.Delivery{Header: h, Body: append([]byte(nil), d.Body...), Received: time.Unix(1795309200, 0)}, h
}
