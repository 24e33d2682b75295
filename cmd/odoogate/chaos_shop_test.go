package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// sold is one order of a store and what a judge must know of it.
type sold struct {
	life
	at      *outlet
	ref     commerce.Ref
	later   bool // people settle what is paid: such money is not registered
	email   string
	changed []time.Time // when something happened to it, the first time as it was placed
	looked  time.Time   // when a run after the wipe was first seen to have looked at it
	known   time.Time   // when, right before Redis was wiped, the journal knew its very state; zero: it did not
}

// arrival is an event whose delivery was answered 200.
type arrival struct {
	event commerce.Event
	order commerce.Ref
}

// mail counts what happens to deliveries, and keeps the events taken after the wipe.
type mail struct {
	mu        sync.Mutex
	made      int // deliveries, each with an id of its own
	lost      int // of these, never posted
	missed    int // of these, posted once in vain
	posted    int // requests
	accepted  int // answered 200
	repeated  int // of these, of something that was answered 200 before
	refused   map[int]int
	silent    int // requests without an answer
	seen      map[string]bool
	afterWipe map[string]arrival
}

// turn is something that happens in a store: an order is placed, or lives on.
type turn struct {
	at    time.Duration
	order int
	first bool
}

// turns says when each of n orders is placed and when it lives on.
func turns(rng *rand.Rand, n int, length time.Duration) []turn {
	var list []turn
	sales := length * 85 / 100
	for i := range n {
		placed := time.Duration(rng.Int64N(int64(sales)))
		list = append(list, turn{at: placed, order: i, first: true})
		for range rng.IntN(5) {
			// Soon after the sale, so that much of it happens while it is being booked.
			after := time.Duration(rng.ExpFloat64() * float64(length) / 12)
			list = append(list, turn{at: min(placed+after, length), order: i})
		}
	}
	slices.SortStableFunc(list, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	return list
}

// trade lets the stores live through the turns and posts their news, until ctx ends.
func (c *chaos) trade(ctx context.Context, list []turn) {
	rng := rand.New(rand.NewPCG(c.seed, 11))
	orders := map[int]*sold{}
	start := time.Now()
	for _, m := range list {
		pause(ctx, time.Until(start.Add(m.at)))
		if ctx.Err() != nil {
			return
		}
		if m.first {
			orders[m.order] = c.sell(rng, c.outlets[m.order%len(c.outlets)])
		} else {
			c.happens(orders[m.order], life.GoesOn)
		}
		c.tell(ctx, rng, orders[m.order])
	}
	for i := range len(orders) { // in order, for the same random numbers
		c.happens(orders[i], life.Settle)
		c.tell(ctx, rng, orders[i])
	}
}

// sell places an order; every third buyer has another one, half of these in the other
// store.
func (c *chaos) sell(rng *rand.Rand, at *outlet) *sold {
	s := &sold{at: at, email: fmt.Sprintf("buyer%d@example.com", rng.IntN(1+c.orders*2/3))}
	var id string
	var err error
	if id, s.later, s.life, err = at.sell(rng, s.email); err != nil {
		c.Errorf("place an order: %v", err)
	}
	s.ref = commerce.Ref{Shop: at.id, Kind: commerce.KindOrder, ID: id}
	s.changed = append(s.changed, time.Now())
	c.mu.Lock()
	c.sold = append(c.sold, s)
	c.mu.Unlock()
	return s
}

func (c *chaos) happens(s *sold, what func(life)) {
	what(s.life)
	c.mu.Lock()
	defer c.mu.Unlock()
	s.changed = append(s.changed, time.Now())
}

// chaosLoss is how many of a hundred deliveries a store never posts; the sweep finds
// what they were about.
const chaosLoss = 30

// tell posts the store's news about an order, some of them much later, and in any order,
// or not at all: each once, or one to four times where the store repeats.
func (c *chaos) tell(ctx context.Context, rng *rand.Rand, s *sold) {
	news, err := s.at.news()
	if err != nil {
		c.Errorf("the store's news: %v", err)
	}
	for _, d := range news {
		copies := 1 + max(0, rng.IntN(8)-4) // most of them once
		if !s.at.repeats() {
			copies = 1
		}
		lost := rng.IntN(100) < chaosLoss
		m := &s.at.mail
		m.mu.Lock()
		m.made++
		if lost {
			m.lost++
			copies = 0
		}
		m.mu.Unlock()
		for range copies {
			late := time.Duration(rng.ExpFloat64() * float64(1500*time.Millisecond))
			gateway := rng.IntN(2)
			c.senders.Go(func() {
				pause(ctx, min(late, 15*time.Second))
				c.send(ctx, s, d, gateway)
			})
		}
	}
}

// send posts a delivery, and again until it is answered 200 where the store repeats: to
// the other gateway after each failure.
func (c *chaos) send(ctx context.Context, s *sold, d delivery, gateway int) {
	for wait := 200 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 2*time.Second) {
		c.sending <- struct{}{} // a shop has so many connections
		began := time.Now()
		status, err := s.at.post(ctx, c.client, c.procs[gateway].url+"/hooks/"+s.at.id, d)
		<-c.sending
		if c.answered(s, d, began, status, err) {
			return
		}
		if !s.at.repeats() {
			s.at.mail.misses()
			return
		}
		gateway = 1 - gateway
		pause(ctx, wait)
	}
}

func (m *mail) misses() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.missed++
}

func (c *chaos) answered(s *sold, d delivery, began time.Time, status int, err error) (taken bool) {
	events, badly := s.at.shop.Receiver.Events(handlers.Delivery{Header: d.Header(), Body: d.Body, Received: began})
	if badly != nil {
		c.Errorf("the %s of %s names no event: %v", d.Topic, s.at.id, badly)
	}
	m := &s.at.mail
	m.mu.Lock()
	defer m.mu.Unlock()
	m.posted++
	switch {
	case err != nil:
		m.silent++
		return false
	case status != http.StatusOK:
		m.refused[status]++
		return false
	}
	m.accepted++
	if m.seen[d.WebhookID] {
		m.repeated++
	}
	m.seen[d.WebhookID] = true
	if wiped := c.wiped.Load(); wiped != nil && began.After(*wiped) {
		for _, e := range events {
			m.afterWipe[e.TaskID()] = arrival{e, s.ref}
		}
	}
	return true
}
