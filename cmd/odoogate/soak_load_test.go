package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// load is a shop's day: new orders, what becomes of them, repeats, and what must be
// refused.
type load struct {
	*crew
	rng    *rand.Rand
	seed   uint64
	fresh  []string     // made in the store and not told yet
	told   []string     // orders, in the order of their first delivery
	orders atomic.Int64 // how many were told
	recent []post       // genuine deliveries, the newest last
	n      int
	sent   atomic.Int64 // distinct genuine deliveries

	mu    sync.Mutex
	took  []time.Duration // of each answer
	again []string        // answers after which the sender had to come again
	wrong []string        // what was not as it must be
}

func (c *crew) load(seed uint64) *load {
	l := &load{crew: c, rng: rand.New(rand.NewPCG(seed, 5)), seed: seed, told: slices.Clone(c.script.orders)}
	l.orders.Store(int64(len(l.told)))
	return l
}

// next are the deliveries that come next, to be posted at once.
func (l *load) next() []post {
	l.n++
	switch l.n % 10 {
	case 0, 3: // a new order, and again before the first answer is there
		list := l.genuine(l.order(), "orders/create")
		return append(list, list...)
	case 6: // what becomes of an order comes with it, in any order
		list := l.genuine(l.order(), "orders/create", "orders/paid", "orders/updated")
		slices.Reverse(list)
		return list
	case 1: // the tags of one and the same order: nothing of it is booked
		id := l.told[0]
		l.must(l.store.UpdateOrder(id, func(o *shopifytest.Order) { o.Tags = []string{fmt.Sprint("round ", l.n)} }))
		return l.genuine(id, "orders/updated")
	case 4: // a note of one of the last orders
		id := l.told[len(l.told)-1-l.rng.IntN(min(20, len(l.told)))]
		l.must(l.store.UpdateOrder(id, func(o *shopifytest.Order) { o.Note = fmt.Sprint("round ", l.n) }))
		return l.genuine(id, "orders/updated")
	case 5: // nothing is done about products yet
		return []post{l.signed("products/update", fmt.Sprintf(`{"id": %d, "title": "Mug"}`, 1+l.n%20))}
	case 8:
		return []post{l.refused()}
	}
	if len(l.recent) == 0 {
		return nil
	}
	return []post{l.recent[l.rng.IntN(len(l.recent))]}
}

// order is one that was not told yet.
func (l *load) order() string {
	if len(l.fresh) == 0 {
		l.seed++
		l.fresh = l.store.Generate(l.seed, shopifytest.Scenarios)
	}
	id := l.fresh[0]
	l.fresh, l.told = l.fresh[1:], append(l.told, id)
	l.orders.Add(1)
	return id
}

func (l *load) genuine(id string, topics ...string) (list []post) {
	made, err := l.store.Deliveries(id, topics...)
	l.must(err)
	for _, d := range made {
		l.script.deliveries[id]++
		list = append(list, l.remember(post{order: id, path: "/hooks/" + demoShop, d: d, want: http.StatusOK}))
	}
	return list
}

func (l *load) signed(topic, body string) post {
	return l.remember(post{path: "/hooks/" + demoShop, d: l.store.Sign(topic, []byte(body)), want: http.StatusOK})
}

func (l *load) remember(p post) post {
	l.sent.Add(1)
	l.recent = append(l.recent, p)
	if len(l.recent) > 200 {
		l.recent = slices.Delete(l.recent, 0, 100)
	}
	return p
}

// refused is a delivery that must not come in, one kind after the other; each names
// something that was never seen before.
func (l *load) refused() post {
	all := l.script.forged
	p := all[(l.n/10)%len(all)]
	if p.want == http.StatusNotFound {
		p.path = fmt.Sprintf("/hooks/nobody%d", l.n)
	}
	return p
}

// must notes what went wrong in the store.
func (l *load) must(err error) {
	if err != nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.wrong = append(l.wrong, err.Error())
	}
}

// post sends deliveries at once and waits for their answers; it comes again where
// it is asked to, as the shop does.
func (l *load) post(ctx context.Context, list []post) {
	var wg sync.WaitGroup
	for _, p := range list {
		wg.Go(func() {
			for attempt := 1; ; attempt++ {
				start := time.Now()
				status, err := shopifytest.Post(ctx, l.client, l.url+p.path, p.d)
				if ctx.Err() != nil || l.answered(p, status, err, time.Since(start), attempt) {
					return
				}
				pause(ctx, time.Second)
			}
		})
	}
	wg.Wait()
}

// answered notes an answer and says whether the sender is done with the delivery.
func (l *load) answered(p post, status int, err error, took time.Duration, attempt int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, took)
	if status == p.want {
		return true
	}
	said := fmt.Sprintf("%s %s was answered %d after %s, want %d: %v", p.path, p.d.Topic, status, took.Round(time.Millisecond), p.want, err)
	if p.want == http.StatusOK && (err != nil || status >= 500) && attempt < 5 {
		l.again = append(l.again, said)
		return false
	}
	l.wrong = append(l.wrong, said)
	return true
}

// run posts at a steady pace until ctx ends.
func (l *load) run(ctx context.Context, every time.Duration) {
	work := make(chan []post)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for list := range work {
				l.post(context.WithoutCancel(ctx), list)
			}
		})
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-tick.C:
			work <- l.next()
		}
	}
	close(work)
	wg.Wait()
}

// atRest waits until nothing is under way any more.
func (c *crew) atRest(within time.Duration) {
	c.t.Helper()
	ctx := context.Background()
	busy := ""
	require.Eventually(c.t, func() bool {
		pipe := c.rdb.Pipeline()
		leases := pipe.ZCard(ctx, "odoogate:{"+demoShop+"}:leases")
		pending, active := pipe.LLen(ctx, "asynq:{live}:pending"), pipe.LLen(ctx, "asynq:{live}:active")
		scheduled, retry := pipe.ZCard(ctx, "asynq:{live}:scheduled"), pipe.ZCard(ctx, "asynq:{live}:retry")
		_, err := pipe.Exec(ctx)
		busy = fmt.Sprintf("%d leases, %d pending, %d active, %d scheduled, %d to be tried again, %v",
			leases.Val(), pending.Val(), active.Val(), scheduled.Val(), retry.Val(), err)
		return err == nil && leases.Val()+pending.Val()+active.Val()+scheduled.Val()+retry.Val() == 0
	}, within, 50*time.Millisecond, "not at rest: %v", lazy(func() string { return busy }))
}
