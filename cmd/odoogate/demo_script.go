package main

import (
	"bytes"
	"context"
	"math/rand/v2"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// post is one delivery on its way, and the status it must get.
type post struct {
	order string // "" for the forged
	path  string
	d     shopifytest.Delivery
	want  int
}

// script is what the store posts in the demo.
type script struct {
	pace       time.Duration // between two deliveries of one connection
	orders     []string
	deliveries map[string]int // order id → how often it is delivered
	genuine    []post
	forged     []post
	refused    atomic.Int64 // forged ones that got the status they must get
	sent       atomic.Int64
}

// script makes the orders and everything that is posted about them: each
// delivered one to four times, changed and cancelled ones among them.
func (w *world) script(seed uint64) *script {
	rng := rand.New(rand.NewPCG(seed, 2))
	s := &script{orders: w.store.Generate(seed, demoOrders), deliveries: map[string]int{}}
	unknown := s.orders[len(s.orders)-1]
	_ = w.store.UpdateOrder(unknown, func(o *shopifytest.Order) { o.Lines[0].SKU = demoUnknownSKU })
	for i, id := range s.orders {
		var list []shopifytest.Delivery
		add := func(topic string) {
			made, err := w.store.Deliveries(id, topic)
			if err == nil {
				list = append(list, made...)
			}
		}
		add("orders/create")
		switch {
		case id == unknown:
		case i%9 == 4:
			_ = w.store.UpdateOrder(id, func(o *shopifytest.Order) { o.Lines[0].Quantity++; o.Lines[0].Current++ })
			add("orders/updated")
		case i%24 == 20: // the bank transfer arrives
			_ = w.store.Pay(id)
			add("orders/paid")
		case i%30 == 17:
			_ = w.store.CancelOrder(id)
			add("orders/cancelled")
		case i%4 == 1:
			add("orders/updated")
		}
		for len(list) < 1+rng.IntN(4) { // the same delivery again, as after a lost answer
			list = append(list, list[rng.IntN(len(list))])
		}
		s.deliveries[id] = len(list)
		for _, d := range list {
			s.genuine = append(s.genuine, post{order: id, path: "/hooks/" + demoShop, d: d, want: http.StatusOK})
		}
	}
	s.forged = w.forgeries(s)
	return s
}

// forgeries are the deliveries that must be refused, each with its status.
func (w *world) forgeries(s *script) []post {
	var list []post
	add := func(want int, path string, d shopifytest.Delivery) {
		list = append(list, post{path: path, d: d, want: want})
	}
	hook := "/hooks/" + demoShop
	for i := range 3 {
		d := s.genuine[i*7].d
		add(http.StatusUnauthorized, hook, d.Forged())
		add(http.StatusUnauthorized, hook, d.Truncated())
		add(http.StatusNotFound, "/hooks/nobody", d)
	}
	add(http.StatusRequestEntityTooLarge, hook, w.store.Sign("orders/create", bytes.Repeat([]byte(" "), 17<<20)))
	add(http.StatusBadRequest, hook, w.store.Sign("orders/create", []byte(`{"id": 1, "line_items": [`)))
	return list
}

// send posts everything, shuffled, and shows how it goes until all is settled.
func (w *world) send(ctx context.Context, s *script) error {
	settled := make(chan struct{})
	go func() {
		defer close(settled)
		w.post(ctx, s)
		w.settle(ctx, s)
	}()
	w.progress(ctx, s, settled)
	return ctx.Err()
}

// post sends every delivery of the script, shuffled, and returns when the last
// one is answered or given up.
func (w *world) post(ctx context.Context, s *script) {
	all := append(append([]post{}, s.genuine...), s.forged...)
	rng := rand.New(rand.NewPCG(uint64(len(all)), 3))
	rng.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	work := make(chan post, len(all))
	for _, p := range all {
		work <- p
	}
	close(work)
	var wg sync.WaitGroup
	for range demoParallel {
		wg.Go(func() {
			for p := range work {
				if ctx.Err() == nil {
					w.deliver(ctx, s, p)
					pause(ctx, s.pace)
				}
			}
		})
	}
	wg.Wait()
}

func pause(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// await waits until something is so, for demoPatience at most, and reports whether it is.
func (w *world) await(ctx context.Context, so func() bool) bool {
	ctx, cancel := context.WithTimeout(ctx, demoPatience)
	defer cancel()
	for !so() {
		if ctx.Err() != nil {
			return false
		}
		pause(ctx, 20*time.Millisecond)
	}
	return true
}

func (w *world) deliver(ctx context.Context, s *script, p post) {
	attempts := 1
	if p.want == http.StatusOK {
		attempts = demoAttempts
	}
	// Its error only repeats a status that is no 2xx.
	status, _ := shopifytest.PostWithRetry(ctx, w.client, w.url+p.path, p.d, attempts, demoPause)
	if p.want != http.StatusOK && status == p.want {
		s.refused.Add(1)
	}
	s.sent.Add(1)
}

// settle waits until every order has come to an end.
func (w *world) settle(ctx context.Context, s *script) {
	w.await(ctx, func() bool { return w.judge(ctx, s).settled() })
}

// progress draws one line that moves on a terminal, and a line a second elsewhere.
func (w *world) progress(ctx context.Context, s *script, settled <-chan struct{}) {
	all := len(s.genuine) + len(s.forged)
	f, isFile := w.out.(*os.File)
	every, end := time.Second, "\n"
	if isFile {
		if st, err := f.Stat(); err == nil && st.Mode()&os.ModeCharDevice != 0 {
			every, end = 100*time.Millisecond, "\r"
		}
	}
	line := func(end string) {
		v := w.judge(ctx, s)
		w.say("  delivered %3d of %d · in Odoo %2d of %d · refused %2d of %d%s",
			s.sent.Load(), all, v.equal+v.parked, len(s.orders), s.refused.Load(), len(s.forged), end)
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-settled:
			line("\n\n")
			return
		case <-ctx.Done():
			return
		case <-tick.C:
			line(end)
		}
	}
}
