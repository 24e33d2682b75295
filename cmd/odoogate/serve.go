package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/gateway"
	"github.com/odoogate/odoogate/tasks"
)

// roles say which parts of odoogate a process is.
type roles struct{ gateway, worker bool }

func parseRoles(text string) (roles, error) {
	var r roles
	for name := range strings.SplitSeq(text, ",") {
		switch strings.TrimSpace(name) {
		case "all":
			r = roles{gateway: true, worker: true}
		case "gateway":
			r.gateway = true
		case "worker":
			r.worker = true
		default:
			return r, fmt.Errorf("--role %q is unknown; want all, gateway, worker or both with a comma", name)
		}
	}
	return r, nil
}

func (p process) serveCommand() *cobra.Command {
	s := &server{process: p}
	var role string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Take deliveries in and bring them to Odoo",
		Long: `Take deliveries in (role gateway) and bring them to Odoo (role worker).
Every process answers /healthz, /readyz and /metrics; run as many of each role
as you like against one Redis and one Odoo.

SIGTERM or an interrupt stops it: it tells the balancer at /readyz, still takes
everything for server.drain, and then finishes what it has begun.

SIGHUP or a changed configuration file reloads it: if all of it is right, a new
gateway and worker take over while the old ones finish; else nothing changes and
the log says why.`,
		Example: `  odoogate serve --config /etc/odoogate/odoogate.yml
  odoogate serve --config odoogate.yml --role worker --listen 127.0.0.1:8081`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if s.roles, err = parseRoles(role); err != nil {
				return err
			}
			defer s.collectLess()()
			out := &lines{out: s.err}
			defer out.close()
			s.err = out
			return s.run(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&s.path, "config", "c", "odoogate.yml", "the configuration file")
	cmd.Flags().StringVar(&role, "role", "all", "all, gateway, worker")
	cmd.Flags().StringVar(&s.listen, "listen", "", "address to listen on instead of server.listen")
	return cmd
}

// gatewayGC is GOGC where nobody set it, of a process that only takes deliveries in.
// What it holds beside bodies, which server.in_flight bounds, are some 10 MB: it
// stays below 64 MB with 64 senders at full load, which at 200 it does not always.
const gatewayGC = 150

// collectLess lets a gateway collect its garbage less often; undo ends it.
func (s *server) collectLess() (undo func()) {
	set := slices.ContainsFunc(s.environ, func(v string) bool { return strings.HasPrefix(v, "GOGC=") })
	if set || s.roles != (roles{gateway: true}) {
		return func() {}
	}
	before := debug.SetGCPercent(gatewayGC)
	return func() { debug.SetGCPercent(before) }
}

// load reads the configuration and wires an app of it; its error lists every
// problem of file and platforms together.
func (s *server) load() (*config.Config, *app, error) {
	cfg, err := config.Load(s.path, s.environ)
	if cfg == nil {
		return nil, nil, err
	}
	if s.listen != "" {
		cfg.Server.Listen = s.listen
	}
	log := newLog(cfg.Log, s.process)
	if err == nil && s.roles.gateway && s.kept == nil {
		if s.kept, err = tasks.OpenSpool(cfg.Spool, log); err != nil {
			return nil, nil, err
		}
	}
	a, openErr := newApp(cfg, s.roles, s.kept, log)
	if err := config.Join(err, openErr); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("the configuration has problems:\n%w", err), a.close())
	}
	return cfg, a, nil
}

func newLog(cfg config.Log, p process) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: level}
	var h slog.Handler = slog.NewJSONHandler(p.err, opt)
	if cfg.Format == "text" {
		h = slog.NewTextHandler(p.err, opt)
	}
	if together, ok := p.err.(*lines); ok {
		h = urgent{h, together}
	}
	return slog.New(h)
}

// listen opens an address, with words that help.
func listen(address string) (net.Listener, error) {
	ln, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("server.listen: %w; another process may hold the port", err)
	}
	return ln, nil
}

// run serves on ln until ctx ends and everything begun is finished or handed
// back. The worker stops first: while the gateway is drained, tasks are another's.
func (a *app) run(ctx context.Context, ln net.Listener) error {
	a.log.Info("odoogate serves", "listen", ln.Addr().String(), "shops", len(a.shops), "version", version())
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	served, last := context.WithCancel(context.WithoutCancel(ctx))
	run := []func(context.Context) error{func(ctx context.Context) error {
		defer last()
		return a.gateway.Serve(ctx, ln)
	}}
	if a.intake != nil { // what the gateway takes to its end may go to the spool
		run = append(run, func(context.Context) error { return a.intake.Run(served) },
			func(ctx context.Context) error { return a.alerts.WatchSpool(ctx, a.intake) })
	}
	if a.worker != nil {
		run = append(run, a.worker.Run)
	}
	parts := make(chan error, len(run))
	for _, part := range run {
		go func() { parts <- part(ctx) }()
	}
	var errs []error
	for range run {
		errs = append(errs, <-parts)
		stop(gateway.ErrAtOnce) // one part cannot do without the other
	}
	a.log.Info("odoogate has stopped")
	return errors.Join(append(errs, a.close())...)
}
