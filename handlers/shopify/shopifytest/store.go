// Package shopifytest is a Shopify store for tests and the demo: it keeps
// orders, signs and posts webhooks over real HTTP, and answers Admin GraphQL by
// really parsing the query against a schema. Both are made from one state whose
// amounts add up to the cent.
package shopifytest

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Options of a store. The zero value of each field has a default.
type Options struct {
	Domain   string // demo.myshopify.com
	Currency string // EUR
	// Secret signs deliveries, Token opens the Admin API; both have made-up defaults.
	Secret, Token string
	// Now is the store's clock.
	Now func() time.Time
	// APIVersion is what the store answers with, whatever was asked (2026-07).
	APIVersion string
	// Bucket and Restore are the cost points of the Admin API: 2,000 and 100 a
	// second, as on the smallest plan.
	Bucket, Restore float64
	// UnknownSKU, when set, is in the last order of each Generate.
	UnknownSKU string
	// Presentment makes Orders tell the buyer's money.
	Presentment bool
	// Scopes are what the app may do (read_orders, read_all_orders, read_customers and
	// read_returns). Without read_orders, orders are refused, without read_products
	// what asks for variants, without read_returns what asks for returns, and without
	// read_locations what asks for places.
	Scopes []string
}

func (o Options) withDefaults() Options {
	o.Domain = cmp.Or(o.Domain, "demo.myshopify.com")
	o.Currency = cmp.Or(o.Currency, "EUR")
	o.Secret = cmp.Or(o.Secret, "hush-demo-client-secret")
	o.Token = cmp.Or(o.Token, "shpat_demo_token")
	o.APIVersion = cmp.Or(o.APIVersion, "2026-07")
	o.Bucket = cmp.Or(o.Bucket, 2000)
	o.Restore = cmp.Or(o.Restore, 100)
	if o.Scopes == nil {
		o.Scopes = []string{"read_orders", "read_all_orders", "read_customers", "read_returns"}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Store is one store. Its methods may be called from anywhere at once.
type Store struct {
	opts  Options
	admin *admin

	mu       sync.Mutex
	orders   map[int64]*Order
	lastID   int64
	sequence int        // deliveries so far
	news     []occasion // what was not announced yet
	hooks    []*hook
	lastHook int64
	unsent   []*posting           // what failed and is posted again
	tokens   map[string]time.Time // fetched ones → when they run out
}

// New opens a store without orders.
func New(opts Options) *Store {
	s := &Store{opts: opts.withDefaults(), orders: map[int64]*Order{}, tokens: map[string]time.Time{}}
	s.admin = newAdmin(s)
	return s
}

// Domain is the store's myshopify.com address.
func (s *Store) Domain() string { return s.opts.Domain }

// Secret is the client secret that signs deliveries.
func (s *Store) Secret() string { return s.opts.Secret }

// Token is the Admin API's access token.
func (s *Store) Token() string { return s.opts.Token }

// Listen serves the Admin API on an address such as 127.0.0.1:0 and returns the
// URL for the setting "endpoint" and what stops it.
func (s *Store) Listen(addr string) (url string, stop func() error, err error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return "", nil, fmt.Errorf("listen for the store: %w", err)
	}
	srv := &http.Server{Handler: s.Handler(), ReadHeaderTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(l) // always ErrServerClosed: stop is the only way out
	}()
	return "http://" + l.Addr().String(), func() error {
		err := srv.Close()
		<-done
		return err
	}, nil
}

// The first ids: above 2^53, like the vendor's own samples.
const (
	firstOrderID = 820_982_911_946_154_500
	lineIDStep   = 1000
)

// AddOrder prices an order and keeps it; ids, number and times that are zero are
// given. It returns the order's id.
func (s *Store) AddOrder(o Order) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := o.clone()
	if c.ID == 0 {
		s.lastID++
		c.ID = firstOrderID + s.lastID
	}
	if c.Number == 0 {
		c.Number = 1001 + len(s.orders)
	}
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.opts.Now()
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt.Add(2 * time.Second)
	}
	c.RiskLevel = cmp.Or(c.RiskLevel, "NONE")
	c.number()
	c.feesWere, c.dutiesWere = c.Fees, c.Duties
	c.price()
	if c.Gateway != "" && !c.Manual && len(c.Transactions) == 0 {
		c.pay(c.UpdatedAt)
	}
	s.orders[c.ID] = c
	s.news = append(append(s.news, occasion{order: c.ID, topic: "orders/create"}), c.news...)
	c.news = nil
	return strconv.FormatInt(c.ID, 10)
}

// number gives every line an id that follows from the order's.
func (o *Order) number() {
	base := (o.ID % 1_000_000_000_000) * lineIDStep
	for i := range o.Lines {
		o.Lines[i].ID = cmp.Or(o.Lines[i].ID, 8_000_000_000_000_000_000+base+int64(i))
	}
	for i := range o.Bundles {
		o.Bundles[i].ID = cmp.Or(o.Bundles[i].ID, 7_000_000_000_000_000_000+base+int64(i))
	}
	for i := range o.ShippingLines {
		o.ShippingLines[i].ID = cmp.Or(o.ShippingLines[i].ID, 4_000_000_000_000_000_000+base+int64(i))
	}
}

// nextID is an id for something that belongs to the order.
func (o *Order) nextID(series int64) int64 {
	n := int64(len(o.Transactions) + len(o.Fulfillments) + len(o.Refunds) + len(o.Returns))
	return series*1_000_000_000_000_000_000 + (o.ID%1_000_000_000_000)*lineIDStep + n
}

// UpdateOrder changes an order, prices it again and moves updated_at. Set
// Line.Current to edit a quantity; raise Quantity with it to order more.
func (s *Store) UpdateOrder(id string, change func(*Order)) error {
	return s.change(id, func(o *Order) error {
		change(o)
		return nil
	})
}

// change is UpdateOrder for what can be refused: the order then stays as it was.
func (s *Store) change(id string, change func(*Order) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.find(id)
	if err != nil {
		return err
	}
	c := old.clone()
	if err := change(c); err != nil {
		return fmt.Errorf("order %s: %w", c.name(), err)
	}
	c.number()
	c.price()
	c.UpdatedAt = s.opts.Now()
	if !c.UpdatedAt.After(old.UpdatedAt.Add(time.Second)) {
		c.UpdatedAt = old.UpdatedAt.Add(time.Second) // bodies have whole seconds
	}
	c.tell("orders/updated", 0)
	s.news, c.news = append(s.news, c.news...), nil
	s.orders[c.ID] = c
	return nil
}

// SetUpdated moves an order's last change to any time, as if it had been then, and
// announces nothing.
func (s *Store) SetUpdated(id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err == nil {
		o.UpdatedAt = at
	}
	return err
}

// DeleteOrder removes an order.
func (s *Store) DeleteOrder(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err != nil {
		return err
	}
	delete(s.orders, o.ID)
	s.news = append(s.news, occasion{order: o.ID, topic: "orders/delete"})
	return nil
}

func (s *Store) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.orders)
}

func (s *Store) find(id string) (*Order, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil || s.orders[n] == nil {
		return nil, fmt.Errorf("the store has no order %q", id)
	}
	return s.orders[n], nil
}
