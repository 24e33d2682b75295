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

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
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

// world is everything around odoogate: shops, a Redis and an Odoo.
type world struct {
	cfg     *config.Config
	text    string // cfg as a file
	url     string // of odoogate
	out     io.Writer
	client  *http.Client
	store   *shopifytest.Store
	outlet  *shopifytest.Store                     // of the second shop; nil beside a real Odoo
	woo     *wooShop                               // nil beside a real Odoo
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
		if more, err = w.openWoo(ctx); err != nil {
			return nil, errors.Join(err, w.close())
		}
		w.text += more
	}
	w.text += fmt.Sprintf("spool: {path: %q, min_free: 0}\n", filepath.Join(state, "spool.db"))
	if opt.observe {
		w.text = strings.Replace(w.text, "mode: live", "mode: observe", 1)
	}
	w.cfg, err = config.Parse([]byte(w.text), "demo.yml", nil)
	if err == nil {
		err = w.subscribe(ctx)
	}
	if err == nil && opt.config != "" {
		err = os.WriteFile(opt.config, []byte(w.text), 0o600)
	}
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

// subscribe gives the Shopify stores the webhooks that they should have: they are at
// work already.
func (w *world) subscribe(ctx context.Context) error {
	shops, err := all.Open(w.cfg, handlers.Deps{})
	if err != nil {
		return err
	}
	for id, store := range map[string]*shopifytest.Store{demoShop: w.store, demoAfter: w.outlet} {
		if store == nil {
			continue
		}
		got, err := shops[id].Webhooks.Subscriptions(ctx)
		if err != nil {
			return err
		}
		for _, c := range got.Plan() {
			if err := store.Subscribe(shopifytest.Subscription{Topic: c.Topic, URI: c.Address}); err != nil {
				return err
			}
		}
	}
	return nil
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

func demoConfig(listen, redisURL, storeURL string, odoo config.Odoo, store *shopifytest.Store) string {
	return fmt.Sprintf(`server: {listen: %q, public_url: "http://%[1]s", drain: 0s}
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
