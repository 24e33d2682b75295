package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/odooclient/odootest"
	"github.com/odoogate/odoogate/tasks"
)

const (
	demoShop       = "fi"
	demoUnknownSKU = "NEW-ARRIVAL-7"
	demoShipping   = "SHIP"
	demoRounding   = "ROUND"
	demoLogin      = "demo"
	demoToken      = "demo-demo-demo-demo-demo-demo-demo" //nolint:gosec // of what ends with the demo
)

// demoOdoo names a real Odoo to book into; empty: the in-memory one.
type demoOdoo struct{ url, database, user string }

// world is everything around odoogate: a shop, a Redis and an Odoo.
type world struct {
	cfg     *config.Config
	text    string // cfg as a file
	url     string // of odoogate
	out     io.Writer
	client  *http.Client
	store   *shopifytest.Store
	outlet  *shopifytest.Store                     // of the second shop; nil beside a real Odoo
	odoo    *odootest.Server                       // nil: a real one stands in
	look    func(context.Context) []odootest.Order // what stands in Odoo, whichever it is
	journal *tasks.Journal
	closers []func() error
}

// openWorld starts the surroundings and writes odoogate's configuration for them.
func openWorld(ctx context.Context, p process, opt demoOptions) (*world, error) {
	w := &world{out: p.out, client: &http.Client{Timeout: 10 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: demoParallel}}}
	w.closers = append(w.closers, func() error { w.client.CloseIdleConnections(); return nil })
	redisURL := opt.redis
	if redisURL == "" {
		var stop func() error
		redisURL, stop = embedRedis(ctx)
		w.closers = append(w.closers, stop)
	}
	if err := w.openJournal(redisURL); err != nil {
		return nil, errors.Join(err, w.close())
	}
	opt.store.Presentment = true
	w.store = shopifytest.New(opt.store)
	storeURL, stopStore, err := w.store.Listen("127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.closers = append(w.closers, stopStore)
	odoo, err := w.openOdoo(opt, p)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	addr, err := demoAddress(opt.listen)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.url = "http://" + addr
	state, err := os.MkdirTemp("", "odoogate-demo-")
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.closers = append(w.closers, func() error { return os.RemoveAll(state) })
	w.text = demoConfig(addr, redisURL, storeURL, odoo, w.store)
	if w.odoo != nil {
		more, err := w.openAfter()
		if err != nil {
			return nil, errors.Join(err, w.close())
		}
		w.text += more
	}
	w.text += fmt.Sprintf("spool: {path: %q, min_free: 0}\n", filepath.Join(state, "spool.db"))
	if opt.observe {
		w.text = strings.Replace(w.text, "mode: live", "mode: observe", 1)
	}
	w.cfg, err = config.Parse([]byte(w.text), "demo.yml", nil)
	if err == nil && opt.config != "" {
		err = os.WriteFile(opt.config, []byte(w.text), 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// app is odoogate with all its roles; its spool is closed with the world.
func (w *world) app(log *slog.Logger) (*app, error) {
	kept, err := tasks.OpenSpool(w.cfg.Spool, log)
	if err != nil {
		return &app{}, err
	}
	w.closers = append(w.closers, kept.Close)
	return newApp(w.cfg, roles{gateway: true, worker: true}, kept, log)
}

// embedRedis starts a Redis in this process whose clock ticks.
func embedRedis(ctx context.Context) (url string, stop func() error) {
	mr := miniredis.NewMiniRedis()
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var ticking sync.WaitGroup
	stop = func() error {
		cancel()
		ticking.Wait()
		mr.Close()
		return nil
	}
	if err := mr.Start(); err != nil {
		return "", stop
	}
	ticking.Go(func() {
		const step = 100 * time.Millisecond
		tick := time.NewTicker(step)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				mr.FastForward(step)
			}
		}
	})
	return "redis://" + mr.Addr() + "/0", stop
}

// openJournal reads what odoogate writes down, over a connection of our own.
func (w *world) openJournal(redisURL string) error {
	rdb, err := tasks.OpenWork(config.Redis{URL: config.NewSecret(redisURL), PoolSize: 4})
	if err != nil {
		return err
	}
	w.journal = tasks.NewJournal(rdb)
	w.closers = append(w.closers, rdb.Close)
	return nil
}

// openOdoo starts the in-memory Odoo with what a Finnish shop needs, unless a
// real one was named.
func (w *world) openOdoo(opt demoOptions, p process) (config.Odoo, error) {
	if real := opt.odoo; real.url != "" {
		set := config.Default().Odoo
		set.URL, set.Database, set.User = real.url, real.database, real.user
		for _, e := range p.environ {
			if v, ok := strings.CutPrefix(e, "ODOO_PASSWORD="); ok {
				set.Password = config.NewSecret(v)
			}
		}
		w.look = w.lookInto(set)
		return set, nil
	}
	w.odoo = odootest.New(odootest.Options{Latency: opt.latency})
	seedOdoo(w.odoo)
	w.look = func(context.Context) []odootest.Order { return w.odoo.Orders() }
	_, stop, err := w.odoo.Listen("127.0.0.1:0")
	if err != nil {
		return config.Odoo{}, err
	}
	w.closers = append(w.closers, func() error { stop(); return nil })
	return w.odoo.Config(), nil
}

// lookInto reads the orders of a real Odoo, at most once a second.
func (w *world) lookInto(set config.Odoo) func(context.Context) []odootest.Order {
	client := odooclient.New(set, odooclient.Options{})
	w.closers = append(w.closers, func() error { client.Close(); return nil })
	var mu sync.Mutex
	var read time.Time
	var last []odootest.Order
	return func(ctx context.Context) []odootest.Order {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(read) < time.Second {
			return last
		}
		var rows []odooclient.Row
		err := client.Call(ctx, odooclient.Request{Model: "sale.order", Method: "search_read", Args: map[string]any{
			"domain": []any{[]any{"origin", "=like", demoShop + "/%"}},
			"fields": []any{"name", "client_order_ref", "state", "currency_id", "amount_tax", "amount_total"},
		}}, &rows)
		if err != nil {
			return last // asked again in the next round
		}
		read, last = time.Now(), nil
		for _, r := range rows {
			_, currency := r.Ref("currency_id")
			digits := commerce.Digits(currency)
			last = append(last, odootest.Order{Name: r.Str("name"), Ref: r.Str("client_order_ref"), State: r.Str("state"),
				Currency: currency, Tax: r.Dec("amount_tax").Round(digits), Total: r.Dec("amount_total").Round(digits)})
		}
		return last
	}
}

func seedOdoo(odoo *odootest.Server) {
	for _, p := range shopifytest.Catalogue() {
		odoo.AddProduct(p.SKU, p.Name, p.Price)
	}
	service := odootest.Values{"detailed_type": "service"}
	odoo.AddProduct(demoShipping, "Delivery", shopifytest.Catalogue()[0].Price, service)
	for _, p := range [][2]string{{"GIFTCARD", "Gift card"}, {"TIP", "Tip"}, {"DUTY", "Duties"}, {demoRounding, "Rounding"}, {"REFUND", "Refunds"}} {
		odoo.AddProduct(p[0], p[1], decimal.Zero, service)
	}
	for _, rate := range []string{"25.5", "14"} {
		odoo.AddTax(rate+" %", rate, false, "FI")
		odoo.AddTax(rate+" % incl.", rate, true, "FI")
	}
}

func demoConfig(listen, redisURL, storeURL string, odoo config.Odoo, store *shopifytest.Store) string {
	return fmt.Sprintf(`server: {listen: %q, drain: 0s}
redis: {url: %q}
odoo: {url: %q, database: %q, user: %q, password: %q}
monitor: {user: %s, password: %s}
api: {tokens: [{name: demo, token: %s, may: operate}]}
shops:
  - id: %s
    platform: shopify
    mode: live
    go_live: 2000-01-01
    shopify:
      domain: %s
      endpoint: %q
      access_token: %q
      secrets: [%q]
      money: presentment
    books: {products: {shipping: %s, rounding: %s, gift_card: GIFTCARD, tip: TIP, duty: DUTY}}
`, listen, redisURL, odoo.URL, odoo.Database, odoo.User, odoo.Password.Reveal(), demoLogin, demoLogin, demoToken,
		demoShop, store.Domain(), storeURL, store.Token(), store.Secret(), demoShipping, demoRounding)
}

// say prints to the person who watches; a terminal that went away is no error.
func (w *world) say(format string, args ...any) { _, _ = fmt.Fprintf(w.out, format, args...) }

// close ends what was started, last first.
func (w *world) close() error {
	var errs []error
	for i := len(w.closers) - 1; i >= 0; i-- {
		errs = append(errs, w.closers[i]())
	}
	return errors.Join(errs...)
}
