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
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// sold is one order of the store and what a judge must know of it.
type sold struct {
	*shopifytest.Life
	ref     commerce.Ref
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
	posted    int // requests
	accepted  int // answered 200
	repeated  int // of these, of something that was answered 200 before
	refused   map[int]int
	silent    int // requests without an answer
	seen      map[string]bool
	afterWipe map[string]arrival
}

// turn is something that happens in the store: an order is placed, or lives on.
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

// trade lets the store live through its turns and posts its news, until ctx ends.
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
			orders[m.order] = c.sell(rng)
		} else {
			c.happens(orders[m.order], func(l *shopifytest.Life) { l.GoesOn() })
		}
		c.tell(ctx, rng, orders[m.order])
	}
	for i := range len(orders) { // in order, for the same random numbers
		c.happens(orders[i], func(l *shopifytest.Life) { l.Settle() })
		c.tell(ctx, rng, orders[i])
	}
}

// sell places an order; every third buyer has another one.
func (c *chaos) sell(rng *rand.Rand) *sold {
	s := &sold{Life: shopifytest.NewLife(rng, c.store)}
	s.Plain = true // of gifts and what is taken back of them, cents are a matter of their own
	s.email = fmt.Sprintf("buyer%d@example.com", rng.IntN(1+c.orders*2/3))
	err := c.store.UpdateOrder(s.ID, func(o *shopifytest.Order) { o.Email = s.email })
	if err != nil {
		c.Errorf("place an order: %v", err)
	}
	s.ref = commerce.Ref{Shop: chaosShop, Kind: commerce.KindOrder, ID: s.ID}
	s.changed = append(s.changed, time.Now())
	c.mu.Lock()
	c.sold = append(c.sold, s)
	c.mu.Unlock()
	return s
}

func (c *chaos) happens(s *sold, what func(*shopifytest.Life)) {
	what(s.Life)
	c.mu.Lock()
	defer c.mu.Unlock()
	s.changed = append(s.changed, time.Now())
}

// chaosLoss is how many of a hundred deliveries the store never posts; the sweep finds
// what they were about.
const chaosLoss = 30

// tell posts the store's news about an order: each one to four times, some of them much
// later, and in any order, or not at all.
func (c *chaos) tell(ctx context.Context, rng *rand.Rand, s *sold) {
	news, err := c.store.News()
	if err != nil {
		c.Errorf("the store's news: %v", err)
	}
	for _, d := range news {
		copies := 1 + max(0, rng.IntN(8)-4) // most of them once
		lost := rng.IntN(100) < chaosLoss
		c.mail.mu.Lock()
		c.mail.made++
		if lost {
			c.mail.lost++
			copies = 0
		}
		c.mail.mu.Unlock()
		for range copies {
			late := time.Duration(rng.ExpFloat64() * float64(1500*time.Millisecond))
			gateway := rng.IntN(2)
			c.senders.Go(func() {
				pause(ctx, min(late, 15*time.Second))
				c.send(ctx, s.ref, d, gateway)
			})
		}
	}
}

// send posts a delivery until it is answered 200, to the other gateway after each
// failure.
func (c *chaos) send(ctx context.Context, order commerce.Ref, d shopifytest.Delivery, gateway int) {
	for wait := 200 * time.Millisecond; ctx.Err() == nil; wait = min(2*wait, 2*time.Second) {
		c.sending <- struct{}{} // a shop has so many connections
		began := time.Now()
		status, err := shopifytest.Post(ctx, c.client, c.procs[gateway].url+"/hooks/"+chaosShop, d)
		<-c.sending
		if c.answered(order, d, began, status, err) {
			return
		}
		gateway = 1 - gateway
		pause(ctx, wait)
	}
}

func (c *chaos) answered(order commerce.Ref, d shopifytest.Delivery, began time.Time, status int, err error) (taken bool) {
	events, badly := c.shop.Receiver.Events(handlers.Delivery{Header: d.Header(), Body: d.Body, Received: began})
	if badly != nil {
		c.Errorf("the store's %s names no event: %v", d.Topic, badly)
	}
	c.mail.mu.Lock()
	defer c.mail.mu.Unlock()
	c.mail.posted++
	switch {
	case err != nil:
		c.mail.silent++
		return false
	case status != http.StatusOK:
		c.mail.refused[status]++
		return false
	}
	c.mail.accepted++
	if c.mail.seen[d.WebhookID] {
		c.mail.repeated++
	}
	c.mail.seen[d.WebhookID] = true
	if wiped := c.wiped.Load(); wiped != nil && began.After(*wiped) {
		for _, e := range events {
			c.mail.afterWipe[e.TaskID()] = arrival{e, order}
		}
	}
	return true
}
