package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
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
	var path, role, listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Take deliveries in and bring them to Odoo",
		Long: `Take deliveries in (role gateway) and bring them to Odoo (role worker).
Every process answers /healthz, /readyz and /metrics; run as many of each role
as you like against one Redis and one Odoo.`,
		Example: `  odoogate serve --config /etc/odoogate/odoogate.yml
  odoogate serve --config odoogate.yml --role worker --listen 127.0.0.1:8081`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := parseRoles(role)
			if err != nil {
				return err
			}
			cfg, err := config.Load(path, p.environ)
			if cfg == nil {
				return err
			}
			if listen != "" {
				cfg.Server.Listen = listen
			}
			log := newLog(cfg.Log, p)
			a, openErr := newApp(cfg, r, log)
			if err := config.Join(err, openErr); err != nil {
				if a != nil {
					err = errors.Join(err, a.close())
				}
				return fmt.Errorf("the configuration has problems:\n%w", err)
			}
			return a.run(cmd.Context())
		},
	}
	cmd.Flags().StringVarP(&path, "config", "c", "odoogate.yml", "the configuration file")
	cmd.Flags().StringVar(&role, "role", "all", "all, gateway, worker")
	cmd.Flags().StringVar(&listen, "listen", "", "address to listen on instead of server.listen")
	return cmd
}

func newLog(cfg config.Log, p process) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.Level)); err != nil {
		level = slog.LevelInfo
	}
	opt := &slog.HandlerOptions{Level: level}
	if cfg.Format == "text" {
		return slog.New(slog.NewTextHandler(p.err, opt))
	}
	return slog.New(slog.NewJSONHandler(p.err, opt))
}

// run serves until ctx ends and everything begun is finished or handed back.
func (a *app) run(ctx context.Context) error {
	ln, err := a.gateway.Listen()
	if err != nil {
		return errors.Join(err, a.close())
	}
	a.log.Info("odoogate serves", "listen", ln.Addr().String(), "shops", len(a.shops), "version", version())
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts := make(chan error, 2)
	n := 1
	go func() { parts <- a.gateway.Serve(ctx, ln) }()
	if a.worker != nil {
		n++
		go func() { parts <- a.worker.Run(ctx) }()
	}
	var errs []error
	for range n {
		errs = append(errs, <-parts)
		stop() // one part cannot do without the other
	}
	a.log.Info("odoogate has stopped")
	return errors.Join(append(errs, a.close())...)
}
