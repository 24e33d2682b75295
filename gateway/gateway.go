// Package gateway is the HTTP edge: it takes deliveries in, answers for health
// and metrics, and shows the monitor. It reads raw bytes, lets the shop's
// platform verify them, stores, answers; nothing else. It alone knows Fiber.
package gateway

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/adaptor"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/valyala/fasthttp"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// Acceptor stores an event before the sender is answered; *tasks.Intake is one. It
// returns within a second, or when ctx ends if that is sooner, and keeps nothing of the
// event's Body then.
type Acceptor interface {
	Accept(ctx context.Context, e commerce.Event) (duplicate bool, err error)
}

// acceptsWithin is what an Acceptor takes at the most.
const acceptsWithin = time.Second

// Misses is told of deliveries that could not be taken and do not come again as they
// are: the shop has to be asked for what they were about. *tasks.Intake is one.
type Misses interface {
	Missed(ctx context.Context, shop string)
}

// Options are what a gateway is made of.
type Options struct {
	Config  config.Server
	Shops   map[string]*handlers.Shop
	Accept  Acceptor
	Misses  Misses // nil: nobody is told
	Checks  []Check
	Metrics interface {
		prometheus.Registerer
		prometheus.Gatherer
	}
	// Monitor is served under MonitorPath behind Login; nil Login: it is off.
	Monitor http.Handler
	Login   *config.Monitor
	API     *API // nil: /api is off
	Log     *slog.Logger
}

// readBuffer is what a connection keeps to read into: most deliveries come in with
// one read. No request's headers may be larger.
const readBuffer = 8 << 10

// MonitorPath is where the monitor stands.
const MonitorPath = "/monitor"

// Gateway is the HTTP server. Run it once.
type Gateway struct {
	opt     Options
	app     *fiber.App
	budget  *budget
	proxies proxies
	health  *health
	metrics *metrics

	stopping atomic.Bool
}

// ErrAtOnce is the cause of a context that ends without a drain: another server
// takes over what comes from now on, or a part of this one has failed.
var ErrAtOnce = errors.New("stop at once")

// New builds the routes; it listens to nothing before Serve.
func New(opt Options) *Gateway {
	g := &Gateway{opt: opt, budget: newBudget(opt.Config.InFlight, opt.Config.BodyLimit),
		proxies: newProxies(opt.Config.TrustedProxies), health: newHealth(opt.Checks),
		metrics: newMetrics(opt.Metrics, opt.Shops)}
	opt.Metrics.MustRegister(g.health)
	g.app = fiber.New(fiber.Config{
		AppName:               "odoogate",
		DisableStartupMessage: true,
		Immutable:             true,
		StreamRequestBody:     true,
		// A form would be read whole, into memory and files, before anybody asks what it is.
		DisablePreParseMultipartForm: true,
		BodyLimit:                    opt.Config.BodyLimit,
		ReadBufferSize:               readBuffer,
		ReadTimeout:                  opt.Config.ReadTimeout,
		WriteTimeout:                 opt.Config.RequestTimeout,
		IdleTimeout:                  75 * time.Second,
		ErrorHandler:                 g.answerError,
	})
	g.app.Server().HeaderReceived = goesOn
	g.app.Use(g.requestID, headers, g.lastRequest, wholeRequest)
	g.app.All("/hooks/:shop", g.hook)
	g.app.Get("/healthz", g.healthz)
	g.app.Get("/readyz", g.readyz)
	g.app.Get("/metrics", adaptor.HTTPHandler(promhttp.HandlerFor(opt.Metrics, promhttp.HandlerOpts{})))
	if opt.Monitor != nil && opt.Login != nil {
		g.app.Use(MonitorPath, throttle(g.proxies.client, refuse), login(*opt.Login), adaptor.HTTPHandler(opt.Monitor))
	}
	if opt.API != nil {
		g.serveAPI(*opt.API)
	}
	return g
}

// goesOn lets senders that ask whether to go on with the body be told, however they
// write it: WooCommerce's 100-Continue is not fasthttp's 100-continue, and would wait.
func goesOn(h *fasthttp.RequestHeader) (none fasthttp.RequestConfig) {
	const asks = "100-continue"
	if said := h.Peek(fasthttp.HeaderExpect); len(said) == len(asks) && bytes.EqualFold(said, []byte(asks)) {
		h.Set(fasthttp.HeaderExpect, asks)
	}
	return none
}

// Serve answers on ln until ctx ends. A gateway that takes deliveries is then
// drained: for that long it says at /readyz that it stops and takes everything as
// before, so that a balancer sends elsewhere without having lost anything. After
// it, or at once where the cause is ErrAtOnce, it takes no new connection, finishes
// the requests it has begun inside the grace, and returns.
func (g *Gateway) Serve(ctx context.Context, ln net.Listener) error {
	ended := make(chan error, 1)
	go func() { ended <- g.app.Listener(quiet{ln}) }()
	select {
	case err := <-ended:
		return fmt.Errorf("http server: %w", err)
	case <-ctx.Done():
	}
	g.stopping.Store(true)
	if drain := g.opt.Config.Drain; drain > 0 && g.opt.Accept != nil && !errors.Is(context.Cause(ctx), ErrAtOnce) {
		g.opt.Log.Info("stopping; deliveries are taken while senders turn elsewhere", "drain", drain)
		over := time.NewTimer(drain)
		defer over.Stop()
		select {
		case err := <-ended:
			return fmt.Errorf("http server: %w", err)
		case <-over.C:
		}
	}
	err := g.app.ShutdownWithTimeout(g.opt.Config.Grace)
	_ = ln.Close() // where the server had not begun, its shutdown closed nothing
	return errors.Join(err, <-ended)
}
