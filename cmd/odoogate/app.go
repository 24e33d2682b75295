package main

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/deploy"
	"github.com/odoogate/odoogate/gateway"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
	"github.com/odoogate/odoogate/tasks/spool"
)

// app is one process of odoogate, wired.
type app struct {
	log     *slog.Logger
	shops   map[string]*handlers.Shop
	gateway *gateway.Gateway
	intake  *tasks.Intake // nil without the role
	worker  *tasks.Worker // nil without the role
	alerts  *tasks.Alerts
	closers []func() error // in the order of opening
}

// newApp wires the parts that the roles need; it connects to nothing. kept is the
// process's spool, for the role gateway; it outlives the app. Its error may be
// config.Problems. The app is not nil even then: close it.
func newApp(cfg *config.Config, r roles, kept *spool.Spool, log *slog.Logger) (*app, error) {
	a := &app{log: log}
	tasks.RouteRedisLog(log)
	reg := prometheus.NewRegistry()
	reg.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	deps := handlers.Deps{Log: log, Metrics: reg}
	work, redisErr := tasks.OpenWork(cfg.Redis)
	if redisErr == nil {
		a.closers = append(a.closers, work.Close)
		deps.Limiter = tasks.NewLimiter(work)
	}
	shops, err := all.Open(cfg, deps)
	if err != nil { // the settings' own words come first
		return a, err
	}
	if redisErr != nil {
		return a, redisErr
	}
	a.shops = shops
	accept, err := tasks.OpenAccept(cfg.Redis)
	if err != nil {
		return a, err
	}
	a.closers = append(a.closers, accept.Close)
	odoo := odooclient.New(cfg.Odoo, odooclient.Options{Metrics: reg, Log: log})
	a.closers = append(a.closers, func() error { odoo.Close(); return nil })
	books := erp.New(odoo, erp.Options{Log: log, Metrics: reg, Ties: tasks.NewTies(work)})

	opt := gateway.Options{Config: cfg.Server, Metrics: reg, Log: log, Checks: []gateway.Check{{Name: "odoo", Ask: books.Ping}}}
	redis := gateway.Check{Name: "redis", Store: true, Ask: tasks.NewQueue(accept, 0).Ping}
	if r.gateway && kept != nil {
		a.intake = tasks.NewIntake(accept, cfg.Redis, kept, log, reg)
		opt.Shops, opt.Accept, opt.Misses, redis.Ask = shops, a.intake, a.intake, a.intake.Ping
		opt.Checks = append(opt.Checks, gateway.Check{Name: "spool", Store: true, Ask: a.intake.CanSpool})
	}
	opt.Checks = append(opt.Checks, redis)
	if err := a.monitor(cfg, &opt); err != nil {
		return a, err
	}
	about := tasks.AlertOptions{Config: cfg.Alerts, Redis: accept, Shops: shops, Books: books, Log: log, Metrics: reg}
	if r.worker {
		about.Redis = work
	}
	a.alerts = tasks.NewAlerts(about)
	if len(cfg.API.Tokens) > 0 {
		opt.API = &gateway.API{Tokens: cfg.API.Tokens, Operator: tasks.NewOperator(tasks.OperatorOptions{
			Redis: work, Shops: shops, Books: books, Lookback: cfg.Worker.Lookback, Alerts: a.alerts, Who: "api"}), Spec: deploy.OpenAPI, Config: cfg, Version: version()}
	}
	a.gateway = gateway.New(opt)
	if !r.worker {
		return a, nil
	}
	bodies, err := tasks.NewBodies(cfg.Journal)
	if err != nil {
		return a, err
	}
	a.worker = tasks.NewWorker(tasks.Options{Redis: work, Shops: shops, Books: books, Config: cfg.Worker, Journal: cfg.Journal, Bodies: bodies, Alerts: a.alerts,
		Grace: cfg.Server.Grace, Late: cfg.Odoo.Timeout, Log: log, Metrics: reg})
	return a, nil
}

// monitor adds Asynq's page where a login is configured.
func (a *app) monitor(cfg *config.Config, opt *gateway.Options) error {
	if cfg.Monitor == nil {
		return nil
	}
	page, err := tasks.Monitor(cfg.Redis, gateway.MonitorPath)
	if err != nil {
		return err
	}
	a.closers = append(a.closers, page.Close)
	opt.Monitor, opt.Login = http.Handler(page), cfg.Monitor
	return nil
}

// close gives back what was opened, last first.
func (a *app) close() error {
	var errs []error
	for i := len(a.closers) - 1; i >= 0; i-- {
		errs = append(errs, a.closers[i]())
	}
	return errors.Join(errs...)
}
