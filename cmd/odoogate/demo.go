package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/shopify/shopifytest"
)

// What the demo shows.
const (
	demoOrders   = 72
	demoParallel = 16 // deliveries on the way at once, as a shop in a sale sends them
	demoPatience = 60 * time.Second
	demoAttempts = 12 // of one delivery; the pause doubles from demoPause
	demoPause    = 50 * time.Millisecond
)

type demoOptions struct {
	once   bool
	listen string
	seed   uint64
	log    string
	odoo   demoOdoo
	redis  string // URL of a Redis to use instead of the embedded one
	// config is a file to write the demo's configuration to, for other commands; observe
	// has the first shop only plan.
	config  string
	observe bool
	// latency slows the in-memory Odoo down; nil: it answers at once.
	latency func(model, method string) time.Duration
	// store is the simulated store; the zero value is one on the smallest plan.
	store shopifytest.Options
}

func (p process) demoCommand() *cobra.Command {
	var opt demoOptions
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the main job with nothing to install: shop, Redis and Odoo are in this process",
		Long: `Show the main job with nothing to install. In this one process run simulated
Shopify and WooCommerce shops that sign and post over HTTP, an embedded Redis, an
in-memory Odoo that answers over HTTP, and odoogate itself with all its roles.

The Shopify store posts its orders several times each and in no order, with forged,
truncated, oversized and misdirected deliveries among them. The WooCommerce shop
posts once, by webhooks that odoogate makes there, and one order's are lost. At the
end tables say what stands in Odoo. Ctrl-C ends it.`,
		Example: `  odoogate demo
  odoogate demo --once        # ends after the table; status 0 only if all is right
  odoogate demo --log -       # with odoogate's own log on standard error
  odoogate demo --config-out demo.yml      # then, beside it: odoogate events ls fi --config demo.yml`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), opt) },
	}
	f := cmd.Flags()
	f.BoolVar(&opt.once, "once", false, "end after the tables, with status 0 only if everything is as it must be")
	f.StringVar(&opt.listen, "listen", "", "address to serve on (127.0.0.1:8080, or a free port when that is taken)")
	f.Uint64Var(&opt.seed, "seed", 1, "another number makes other orders")
	f.StringVar(&opt.log, "log", "", "file for odoogate's own log; - is standard error")
	f.StringVar(&opt.redis, "redis-url", "", "use this Redis instead of the embedded one")
	f.StringVar(&opt.config, "config-out", "", "write the demo's configuration to this file, so that other commands can be tried against it")
	f.BoolVar(&opt.observe, "observe", false, "let the first shop only plan and write nothing; the demo then judges nothing")
	f.StringVar(&opt.odoo.url, "odoo-url", "", "book the first shop's orders into this Odoo instead of the in-memory one; the others stay away")
	f.StringVar(&opt.odoo.database, "odoo-db", "", "its database")
	f.StringVar(&opt.odoo.user, "odoo-user", "", "its user; the password is read from ODOO_PASSWORD")
	return cmd
}

func (p process) demo(ctx context.Context, opt demoOptions) (err error) {
	log, closeLog, err := p.demoLog(opt.log)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	w, err := openWorld(ctx, p, opt)
	if err != nil {
		return errors.Join(err, closeLog())
	}
	defer func() { err = errors.Join(err, w.close(), closeLog()) }()
	a, err := w.app(log)
	if err != nil {
		return errors.Join(err, a.close())
	}
	ln, err := listen(w.cfg.Server.Listen)
	if err != nil {
		return errors.Join(err, a.close())
	}
	served := make(chan error, 1)
	go func() { served <- a.run(ctx, ln) }()
	showErr := make(chan error, 1)
	go func() { showErr <- w.show(ctx, opt) }()
	select {
	case err = <-served:
		stop()
		return errors.Join(err, <-showErr)
	case err = <-showErr:
		stop()
		return errors.Join(err, <-served)
	}
}

// show is the demo as a person sees it.
func (w *world) show(ctx context.Context, opt demoOptions) error {
	if err := w.ready(ctx); err != nil {
		return err
	}
	if err := w.calm(ctx); err != nil {
		return err
	}
	start := time.Now()
	s := w.script(opt.seed)
	w.say("A store in Helsinki posts %d deliveries about %d orders, shuffled, to odoogate at %s.\n",
		len(s.genuine), len(s.orders), w.url)
	w.say("Among them are %d that must be refused.\n", len(s.forged))
	w.wooOpens(opt.seed)
	w.say("\n")
	if opt.observe {
		w.post(ctx, s)
		w.say("%s only observes; see what it would write: odoogate events ls %s --config %s\n", demoShop, demoShop, cmp.Or(opt.config, "(of --config-out)"))
		w.addresses()
		<-ctx.Done()
		return nil
	}
	if err := w.send(ctx, s); err != nil {
		return err
	}
	took := time.Since(start)
	v := w.judge(ctx, s)
	w.table(v)
	w.summary(v, s, took)
	lived := errors.Join(w.wooStands(ctx), w.liveOn(ctx), w.wooGoesOn(ctx))
	w.addresses()
	if opt.once || ctx.Err() != nil {
		return errors.Join(v.err(), lived)
	}
	return w.trickle(ctx, opt.seed)
}

func (p process) demoLog(path string) (*slog.Logger, func() error, error) {
	none := func() error { return nil }
	switch path {
	case "":
		return slog.New(slog.DiscardHandler), none, nil
	case "-":
		return slog.New(slog.NewTextHandler(p.err, nil)), none, nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, none, fmt.Errorf("--log: %w", err)
	}
	return slog.New(slog.NewTextHandler(f, nil)), f.Close, nil
}

// ready waits until odoogate takes deliveries.
func (w *world) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/readyz", nil)
		if err != nil {
			return err
		}
		if resp, err := w.client.Do(req); err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("odoogate was not ready: %w", context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// demoAddress is the wished address, or the usual one, or a free one.
func demoAddress(wish string) (string, error) {
	wishes := []string{"127.0.0.1:8080", "127.0.0.1:0"}
	if wish != "" {
		wishes = []string{wish}
	}
	var errs []error
	for _, addr := range wishes {
		ln, err := net.Listen("tcp", addr)
		if err == nil {
			defer func() { _ = ln.Close() }()
			return ln.Addr().String(), nil
		}
		errs = append(errs, err)
	}
	return "", fmt.Errorf("no address to serve on; give a free one with --listen: %w", errors.Join(errs...))
}
