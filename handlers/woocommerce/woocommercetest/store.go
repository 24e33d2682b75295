// Package woocommercetest is a WooCommerce shop for tests and the demo: it keeps
// orders, answers the REST API v3 over real HTTP, and signs and posts webhooks as real
// shops were seen to do: late, once, and in no order. All is made from one state whose
// amounts are reckoned as WooCommerce reckons them.
package woocommercetest

import (
	"cmp"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Store is one shop. Its methods may be called from anywhere at once.
type Store struct {
	opts Options
	api  *api

	mu        sync.Mutex
	orders    map[int64]*Order
	gone      map[int64]*Order // deleted for good, for judges
	customers map[int64]*Customer
	greeted   []string // whoever was mailed about a new account
	products  []Product
	coupons   map[int64]string // their codes
	trashed   map[int64]bool   // products and coupons
	lastID    int64            // orders, refunds, products and coupons are counted together
	lastItem  int64            // their lines
	lastUser  int64            // the last account that was given a number
	news      []occasion       // what was not told by News yet
	hooks     []*hook
	lastHook  int64
	jobs      []job // deliveries that wait for the shop's queue
	woken     chan struct{}
}

// New opens a store without orders.
func New(opts Options) *Store {
	s := &Store{opts: opts.withDefaults(), orders: map[int64]*Order{}, gone: map[int64]*Order{}, customers: map[int64]*Customer{},
		coupons: map[int64]string{}, trashed: map[int64]bool{}, products: Catalogue(), lastID: firstOrderID, lastItem: 500, woken: make(chan struct{}, 1)}
	s.api = newAPI(s)
	return s
}

// firstOrderID is what the first order's id comes after.
const firstOrderID = 5000

// Home is the shop's address for the setting "url".
func (s *Store) Home() string { return s.opts.Home }

// Secret is what the shop's own deliveries are signed with.
func (s *Store) Secret() string { return s.opts.Secret }

// ConsumerKey and ConsumerSecret open the REST API.
func (s *Store) ConsumerKey() string { return s.opts.ConsumerKey }

// ConsumerSecret is the key's secret.
func (s *Store) ConsumerSecret() string { return s.opts.ConsumerSecret }

// Listen serves the REST API on an address such as 127.0.0.1:0 and returns the URL
// for the setting "endpoint" and what stops it.
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

// now is the clock in whole seconds: WordPress keeps no parts of them.
func (s *Store) now() time.Time { return s.opts.Now().UTC().Truncate(time.Second) }

// AddOrder prices an order and keeps it; ids, number and times that are zero are
// given. It returns the order's id.
func (s *Store) AddOrder(o Order) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := o.clone()
	if c.ID == 0 {
		s.lastID++
		c.ID = s.lastID
	}
	c.Number = cmp.Or(c.Number, strconv.FormatInt(c.ID, 10))
	c.Currency = cmp.Or(c.Currency, s.opts.Currency)
	c.Status = cmp.Or(c.Status, "pending")
	c.CreatedVia = cmp.Or(c.CreatedVia, "checkout")
	c.RoundAtSubtotal = c.RoundAtSubtotal || s.opts.RoundAtSubtotal
	if c.CreatedAt.IsZero() {
		c.CreatedAt = s.now()
	}
	if c.UpdatedAt.IsZero() {
		c.UpdatedAt = c.CreatedAt
	}
	s.number(c)
	c.price()
	s.orders[c.ID] = c
	s.tellOfNew(c)
	s.reached(c, "", c.UpdatedAt)
	return strconv.FormatInt(c.ID, 10)
}

// tellOfNew announces an order. The block checkout of new shops tells the update first,
// and drafts by it alone; old ones tell drafts as created.
func (s *Store) tellOfNew(o *Order) {
	switch {
	case o.Status == draft && s.opts.Old:
		s.tell("order.created", o.ID)
	case o.Status == draft:
		s.tell("order.updated", o.ID)
	case o.CreatedVia == "store-api" && !s.opts.Old:
		s.tell("order.updated", o.ID)
		s.tell("order.created", o.ID)
	default:
		s.tell("order.created", o.ID)
		s.tell("order.updated", o.ID)
	}
}

// number gives every line that has none an id.
func (s *Store) number(o *Order) {
	give := func(id *int64) {
		if *id == 0 {
			s.lastItem++
			*id = s.lastItem
		}
	}
	for i := range o.Lines {
		give(&o.Lines[i].ID)
	}
	for i := range o.ShippingLines {
		give(&o.ShippingLines[i].ID)
	}
	for i := range o.Fees {
		give(&o.Fees[i].ID)
	}
	for i := range o.Coupons {
		give(&o.Coupons[i].ID)
	}
	for i := range o.Meta {
		give(&o.Meta[i].ID)
	}
}

// UpdateOrder changes an order, as staff or a plugin does, reckons it again and moves
// its date_modified, which has whole seconds: two changes may have the same. A status
// that is set has what follows from it.
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
	return s.changeLocked(id, change)
}

func (s *Store) changeLocked(id string, change func(*Order) error) error {
	old, err := s.find(id)
	if err != nil {
		return err
	}
	c := old.clone()
	if err := change(c); err != nil {
		return fmt.Errorf("order %s: %w", c.Number, err)
	}
	s.number(c)
	c.price()
	c.UpdatedAt = s.later(c)
	s.orders[c.ID] = c
	s.tell("order.updated", c.ID)
	s.reached(c, old.Status, c.UpdatedAt)
	return nil
}

// later is when a change of an order is: never before the one before it.
func (s *Store) later(o *Order) time.Time {
	if now := s.now(); now.After(o.UpdatedAt) {
		return now
	}
	return o.UpdatedAt
}

// SetUpdated moves an order's last change to any time, as if it had been then, and
// announces nothing.
func (s *Store) SetUpdated(id string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err == nil {
		o.UpdatedAt = at.UTC().Truncate(time.Second)
	}
	return err
}

// isStatus reports whether orders of this shop can have a status.
func (s *Store) isStatus(status string) bool {
	return slices.Contains(statuses(), status) || slices.Contains(s.opts.Statuses, status)
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
