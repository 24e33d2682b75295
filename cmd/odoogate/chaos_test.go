package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/shopspring/decimal"
	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/handlers/woocommerce/woocommercetest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/redistest"
)

const (
	processes  = 4               // two gateways, then two workers
	chaosLease = 3 * time.Second // as chaosConfig says
)

// chaos is two stores of different platforms, two gateways and two workers that are
// killed again and again, their Redis and an Odoo that fails. The seed decides what is sold and told, what goes wrong
// at Odoo and when what is killed or cut off; how these meet is a matter of real time.
type chaos struct {
	*testing.T
	seed   uint64
	orders int
	length time.Duration

	odoo    *odootest.Server
	admin   *odooclient.Client
	redis   *redistest.Server
	outlets []*outlet
	journal *tasks.Journal
	client  *http.Client
	procs   []*proc
	faults  *odooPlan

	senders  sync.WaitGroup
	watching sync.WaitGroup
	sending  chan struct{}
	wiped    atomic.Pointer[time.Time]
	dealt    map[string]int // blows by name

	mu   sync.Mutex
	sold []*sold
}

// Two gateways and two workers are killed every few seconds, Redis is killed, stalled,
// cut off and once wiped, and Odoo fails before and after it commits. Shopify posts the
// changes of its orders one to four times until they are taken, WooCommerce once whatever
// comes of it, and both of them three in ten never. In the end Odoo has every order once
// and as its store says, to the cent. CHAOS_SEED, CHAOS_TIME and CHAOS_ORDERS ask for
// another run; see make chaos.
func TestNothingIsLostAndNothingTwiceInChaos(t *testing.T) {
	c := openChaos(t, fromEnv(t, "CHAOS_SEED", 1, func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) }),
		fromEnv(t, "CHAOS_ORDERS", 300, strconv.Atoi), fromEnv(t, "CHAOS_TIME", time.Minute, time.ParseDuration))
	stop := c.keepAll()
	ctx, cancel := context.WithTimeout(t.Context(), c.length+chaosPatience)
	defer cancel()
	var trading sync.WaitGroup
	trading.Go(func() { c.trade(ctx, turns(rand.New(rand.NewPCG(c.seed, 12)), c.orders, c.length)) })
	c.strike()
	trading.Wait()
	c.senders.Wait()
	require.NoError(t, ctx.Err(), "not every delivery was taken in time")
	v := c.settle()
	stop()
	c.Log(c.table(v))
	v.require(c)
}

func fromEnv[V any](t *testing.T, name string, usual V, parse func(string) (V, error)) V {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return usual
	}
	v, err := parse(text)
	require.NoError(t, err, name)
	return v
}

const chaosConfig = `server: {listen: "127.0.0.1:0", grace: 10s}
redis: {url: "redis://127.0.0.1:1/0"}
odoo: {url: %q, database: %q, user: %q, password: %q, connections: 4, timeout: 3s}
worker: {live: 32, sweep: 8, lease: 3s, retry: 2s, lookback: 72h}
jobs: {sweep: {every: 5s}}
spool: {min_free: 0}
shops:
`

// chaosShop is one of the shops, after its id and what is the platform's own.
const chaosShop = `  - id: %s
    %s
    mode: live
    go_live: 2000-01-01
    books:
      products: {shipping: SHIP, fee: FEE, rounding: ROUND, refund: REFUND}
      editable_until: always
      payments: {journals: {shopify_payments: Bank, stripe: Bank}}
    import: {fulfilled: import}
    workflows: [{name: online, invoice: post, pay: true, deliver: shipped}]
    workflow: online
`

func openChaos(t *testing.T, seed uint64, orders int, length time.Duration) *chaos {
	t.Helper()
	t.Logf("seed %d, %d orders in %s; the same seed sells, posts and strikes the same", seed, orders, length)
	c := &chaos{T: t, seed: seed, orders: orders, length: length, sending: make(chan struct{}, 32), dealt: map[string]int{},
		faults: &odooPlan{seed: seed, calls: map[string]int{}, made: map[string]int{}},
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 32}}}
	t.Cleanup(c.client.CloseIdleConnections)
	c.openOdoo()
	c.redis = redistest.Start(t, "--appendonly", "yes", "--appendfsync", "everysec")
	rdb, err := tasks.OpenWork(config.Redis{URL: config.NewSecret(c.redis.URL), PoolSize: 4})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })
	c.journal = tasks.NewJournal(rdb)

	path := c.openShops()
	for n := range processes {
		c.procs = append(c.procs, openProc(t, []string{"gateway", "worker"}[n/2], n%2, path, c.redis.Addr))
	}
	return c
}

// openShops opens a shop of each platform, and writes the configuration.
func (c *chaos) openShops() (path string) {
	c.Helper()
	odoo := c.odoo.Config()
	text := fmt.Sprintf(chaosConfig, odoo.URL, odoo.Database, odoo.User, odoo.Password.Reveal())
	for id, s := range map[string]store{
		"fi": shopifyStore{shopifytest.New(shopifytest.Options{Bucket: 1e9, Restore: 1e6})},
		"de": wooStore{woocommercetest.New(woocommercetest.Options{})},
	} {
		url, stop, err := s.Listen("127.0.0.1:0")
		require.NoError(c, err)
		c.Cleanup(func() { require.NoError(c, stop()) })
		text += fmt.Sprintf(chaosShop, id, s.settings(url))
		c.outlets = append(c.outlets, &outlet{store: s, id: id, mail: mail{refused: map[int]int{}, seen: map[string]bool{}, afterWipe: map[string]arrival{}}})
	}
	slices.SortFunc(c.outlets, func(a, b *outlet) int { return cmp.Compare(a.id, b.id) }) // for the same lives
	cfg, err := config.Parse([]byte(text), "chaos.yml", nil)
	require.NoError(c, err)
	shops, err := all.Open(cfg, handlers.Deps{Log: slog.New(slog.DiscardHandler)})
	require.NoError(c, err)
	for _, at := range c.outlets {
		at.shop = shops[at.id]
	}
	path = filepath.Join(c.TempDir(), "odoogate.yml")
	require.NoError(c, os.WriteFile(path, []byte(text), 0o600))
	return path
}

func (c *chaos) openOdoo() {
	c.Helper()
	c.odoo = odootest.Start(c, odootest.Options{Version: []int{17, 19}[c.seed%2]})
	for _, p := range shopifytest.Catalogue() { // the other store's has the same
		c.odoo.AddProduct(p.SKU, p.Name, p.Price)
	}
	for _, sku := range []string{"SHIP", "FEE", "ROUND", "REFUND"} {
		c.odoo.AddProduct(sku, sku, decimal.Zero, odootest.Values{"detailed_type": "service"})
	}
	for _, rate := range []string{"25.5", "14"} {
		c.odoo.AddTax(rate+" %", rate, false, "")
		c.odoo.AddTax(rate+" % incl.", rate, true, "")
	}
	c.admin = odooclient.New(c.odoo.ConfigOf("admin"), odooclient.Options{})
	c.Cleanup(c.admin.Close)
}

// keepAll starts the processes and returns what stops them.
func (c *chaos) keepAll() (stop func()) {
	c.Helper()
	var stops []func() error
	for _, p := range c.procs {
		stops = append(stops, p.keep(c.T))
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			for i, end := range stops {
				if err := end(); err != nil {
					c.procs[i].note(err)
				}
			}
		})
	}
	c.Cleanup(func() {
		stop()
		if c.Failed() {
			c.keepLogs()
		}
	})
	return stop
}

// keepLogs names the processes' logs and keeps them beyond the test.
func (c *chaos) keepLogs() {
	dir, err := os.MkdirTemp("", "odoogate-chaos-")
	if err != nil {
		return
	}
	for _, p := range c.procs {
		if raw, err := os.ReadFile(p.log); err == nil {
			_ = os.WriteFile(filepath.Join(dir, filepath.Base(p.log)), raw, 0o600)
		}
	}
	c.Logf("the logs of the processes are in %s", dir)
}

// strike deals the seed's blows, each at its time, and then ends all trouble.
func (c *chaos) strike() {
	start := time.Now()
	c.odoo.Fault(c.faults.fault)
	for _, b := range blows(rand.New(rand.NewPCG(c.seed, 13)), c.length) {
		pause(c.Context(), time.Until(start.Add(b.at)))
		b.do(c)
		if b.name != "" {
			c.dealt[b.name]++
		}
	}
	pause(c.Context(), time.Until(start.Add(c.length)))
	c.faults.over.Store(true)
}
