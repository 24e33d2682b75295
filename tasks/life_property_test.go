package tasks

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/woocommerce"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks/erp"
	"github.com/odoogate/odoogate/tasks/redistest"
)

// lives is a shop of each platform, a worker and an Odoo, and the orders that live in
// them.
type lives struct {
	*testing.T
	*rand.Rand
	store *shopifytest.Store
	woo   *woocommercetest.Store
	shops map[string]*handlers.Shop
	odoo  *odootest.Server
	admin *odooclient.Client
	queue *Queue
	opt   Options // of w
	w     *Worker
	all   []*lived
	ahead atomic.Int64 // of the stores' clocks, in nanoseconds

	plain bool // no gifts and what is taken back of them
	lossy bool // what happens between two looks is seen at once
}

// Orders live side by side while their deliveries come doubled, in any order, or not
// at all, and one of each comes last. In the end Odoo says of each what its store says.
// ODOOGATE_LIVES asks for so many lives of a new seed, ODOOGATE_SEED for those of this one.
func TestTheLivesOfOrdersEndAsTheStoreSays(t *testing.T) {
	n, seed := howMany(t, 60, 2)
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Logf("seed %d: make property LIVES=%d SEED=%d", seed, n, seed)
			l := openLives(t, version, seed)
			l.live(n, func() bool { return false })
			l.settle()
			l.judge()
		})
	}
}

// howMany lives a run has, and its seed, unless ODOOGATE_LIVES asks for others.
func howMany(t *testing.T, usual int, seed uint64) (int, uint64) {
	if more, err := strconv.Atoi(os.Getenv("ODOOGATE_LIVES")); err == nil {
		usual, seed = more, uint64(time.Now().UnixNano())
	}
	if text := os.Getenv("ODOOGATE_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err, "ODOOGATE_SEED")
	}
	return usual, seed
}

// Three in ten deliveries are lost, the last ones too. After one sweep Odoo says of each
// order what the store says.
func TestLivesOfWhichDeliveriesAreLostEndAsTheStoreSaysAfterOneSweep(t *testing.T) {
	n, seed := howMany(t, 30, 3)
	for _, version := range []int{17, 19} {
		t.Run(fmt.Sprint(version), func(t *testing.T) {
			t.Logf("seed %d", seed)
			l := openLives(t, version, seed)
			l.plain, l.lossy = true, true
			l.live(n, func() bool { return l.IntN(10) < 3 })
			l.settle()
			l.sweep()
			l.settle()
			l.judge()
		})
	}
}

// live has so many orders live, and tells of them unless it is lost.
func (l *lives) live(n int, lost func() bool) {
	l.Helper()
	for i := range n {
		l.sell(i)
	}
	l.deliver(true, lost)
	l.settle()
	for range 8 {
		for _, one := range l.all {
			if l.IntN(5) > 0 {
				one.GoesOn()
			}
		}
		l.deliver(false, lost)
		if l.IntN(2) == 0 {
			l.settle()
		}
	}
	for _, one := range l.all {
		one.Settle() // money on its way may leave documents for later
		if last := l.present(one); !lost() {
			l.accept(last)
		}
	}
}

// sweep has the worker sweep both stores once.
func (l *lives) sweep() {
	l.Helper()
	ctx := context.Background()
	// Shopify's store dates the changes of an order a second apart, and so ahead of time: an
	// hour passes, since whatever was asked before too.
	l.ahead.Store(int64(time.Hour))
	for _, one := range l.all {
		rec, _, err := l.w.journal.Get(ctx, one.ref)
		require.NoError(l, err)
		if !rec.Looked.IsZero() {
			require.NoError(l, l.w.rdb.HSet(ctx, recordKey(one.ref), "looked", stamp(rec.Looked.Add(-time.Hour))).Err())
		}
	}
	for id, shop := range l.shops {
		set, err := NewCursors(l.w.rdb).Set(ctx, id, time.Now().Add(-time.Hour), "test", "")
		require.NoError(l, err)
		require.Eventually(l, func() bool {
			s, _, err := NewJobs(l.w.rdb).Get(ctx, shop, JobSweep)
			return err == nil && s.Ended.After(set.When) && s.Outcome == "ok"
		}, time.Minute, 10*time.Millisecond, "%s is not swept", id)
	}
}

const livesConfig = `server: {listen: "127.0.0.1:0"}
redis: {url: "redis://127.0.0.1:1/0"}
odoo: {url: %q, database: %q, user: %q, password: %q}
shops:
  - id: fi
    platform: shopify
    shopify: {domain: %s, endpoint: %q, access_token: %q, secrets: [%q]}
` + livesBooks + `
  - id: de
    platform: woocommerce
    woocommerce: {url: %q, endpoint: %q, consumer_key: %q, consumer_secret: %q, secrets: [%q]}
` + livesBooks

const livesBooks = `    mode: live
    go_live: 2000-01-01
    books:
      products: {shipping: SHIP, fee: FEE, rounding: ROUND, refund: REFUND}
      editable_until: always
      payments: {journals: {shopify_payments: Bank, stripe: Bank}}
    import: {fulfilled: import}
    workflows: [{name: online, invoice: post, pay: true, deliver: shipped}]
    workflow: online
`

func openLives(t *testing.T, version int, seed uint64) *lives {
	l := &lives{T: t, Rand: rand.New(rand.NewPCG(seed, uint64(version))), odoo: odootest.Start(t, odootest.Options{Version: version}),
		store: shopifytest.New(shopifytest.Options{Bucket: 1e9, Restore: 1e6}), woo: woocommercetest.New(woocommercetest.Options{}), shops: map[string]*handlers.Shop{}}
	listen := func(on func(string) (string, func() error, error)) string {
		url, stop, err := on("127.0.0.1:0")
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, stop()) })
		return url
	}
	for _, p := range shopifytest.Catalogue() { // the other store sells of the same
		l.odoo.AddProduct(p.SKU, p.Name, p.Price)
	}
	for _, sku := range []string{"SHIP", "FEE", "ROUND", "REFUND"} {
		l.odoo.AddProduct(sku, sku, decimal.Zero, odootest.Values{"detailed_type": "service"})
	}
	for _, rate := range []string{"25.5", "14"} {
		l.odoo.AddTax(rate+" %", rate, false, "")
		l.odoo.AddTax(rate+" % incl.", rate, true, "")
	}
	odoo := l.odoo.Config()
	cfg, err := config.Parse(fmt.Appendf(nil, livesConfig, odoo.URL, odoo.Database, odoo.User, odoo.Password.Reveal(),
		l.store.Domain(), listen(l.store.Listen), l.store.Token(), l.store.Secret(),
		l.woo.Home(), listen(l.woo.Listen), l.woo.ConsumerKey(), l.woo.ConsumerSecret(), l.woo.Secret()), "lives.yml", nil)
	require.NoError(t, err)
	for i, platform := range []handlers.Platform{shopify.Platform(), woocommerce.Platform()} {
		shop, err := platform.Open(cfg.Shops[i], handlers.Deps{})
		require.NoError(t, err)
		shop.Clock = func(context.Context) (time.Time, error) { return time.Now().Add(time.Duration(l.ahead.Load())), nil }
		l.shops[cfg.Shops[i].ID] = shop
	}

	rdb, err := OpenWork(config.Redis{URL: config.NewSecret(redistest.Start(t).URL), AcceptTimeout: 2 * time.Second, PoolSize: 20})
	require.NoError(t, err)
	t.Cleanup(func() { _ = rdb.Close() })
	direct := odooclient.Options{Transport: l.odoo.Direct()}
	client := odooclient.New(cfg.Odoo, direct)
	t.Cleanup(client.Close)
	l.admin, l.queue = odooclient.New(l.odoo.ConfigOf("admin"), direct), NewQueue(rdb, 0)
	t.Cleanup(l.admin.Close)
	l.opt = Options{Redis: rdb, Shops: l.shops, Books: erp.New(client, erp.Options{}),
		Config: config.Worker{Live: 16, Sweep: 4, Lease: 10 * time.Second, Retry: time.Second, Lookback: time.Hour}, Grace: 5 * time.Second, Log: slog.New(slog.DiscardHandler)}
	l.w = NewWorker(l.opt)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- l.w.Run(ctx) }()
	t.Cleanup(func() { cancel(); require.NoError(t, <-ended) })
	require.Eventually(t, func() bool { // the stores are asked for orders at the start, while they have none
		return rdb.Exists(ctx, tickKey).Val() == 1 && !rdb.HExists(ctx, stateKey("fi", JobSweep), "since").Val() && !rdb.HExists(ctx, stateKey("de", JobSweep), "since").Val()
	}, time.Minute, 5*time.Millisecond)
	return l
}

// deliver brings the stores' news: all of it, or doubled, shuffled and in part, and in
// either case without what is lost.
func (l *lives) deliver(all bool, lost func() bool) {
	l.Helper()
	list := l.untold()
	if !all {
		list = append(list, list...)
		l.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		list = slices.DeleteFunc(list, func(news) bool { return l.IntN(3) == 0 })
	}
	for _, d := range list {
		if !lost() {
			l.accept(d)
		}
	}
}

// accept does what the gateway does with a delivery.
func (l *lives) accept(d news) {
	l.Helper()
	in := handlers.Delivery{Header: d.Header(), Body: d.Body, Received: time.Now()}
	require.NoError(l, d.to.Receiver.Verify(in))
	events, err := d.to.Receiver.Events(in)
	require.NoError(l, err, d.Topic)
	for _, e := range events {
		_, err := l.queue.Accept(context.Background(), e)
		require.NoError(l, err)
	}
}

// settle waits until nothing is left to do: nobody is at work, and the queue is empty
// but for looks at orders of which money is on its way back.
func (l *lives) settle() {
	l.Helper()
	require.Eventually(l, func() bool {
		for _, lane := range Lanes() {
			info, err := l.w.inspector.GetQueueInfo(lane)
			if err != nil || info.Pending+info.Active+info.Scheduled > 0 || info.Retry > 0 && !l.waits(lane) {
				return false
			}
		}
		for id := range l.shops {
			if held, err := l.w.rdb.ZCard(context.Background(), leasesKey(id)).Result(); err != nil || held > 0 {
				return false
			}
		}
		return true
	}, time.Minute, 5*time.Millisecond, "the queue does not empty")
}

// waits reports whether all that comes again is about money on its way.
func (l *lives) waits(lane string) bool {
	waiting := map[commerce.Ref]bool{}
	for _, one := range l.all {
		waiting[one.ref] = one.Now().OnItsWay.IsPositive()
	}
	again, err := l.w.inspector.ListRetryTasks(lane, asynq.PageSize(10_000))
	return err == nil && !slices.ContainsFunc(again, func(t *asynq.TaskInfo) bool {
		e, err := decodeEvent(t.Payload)
		return err != nil || !waiting[e.Aggregate]
	})
}
