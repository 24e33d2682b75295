package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

// checkOptions are the flags of check.
type checkOptions struct {
	deskOptions
	strict bool
}

func (p process) checkCommand() *cobra.Command {
	var opt checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Connect to everything the configuration names and say what to mend",
		Long: `Connect to Redis, Odoo and every shop that the configuration names, and say what
is well, what a person should look at, and what does not work, each with its
remedy. It only reads; run it beside a serving odoogate whenever you like.

Status 0: no problems. With --strict: no warnings either.`,
		Example: `  odoogate check --config /etc/odoogate/odoogate.yml
  odoogate check --json | jq '.findings[] | select(.level != "ok")'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.check(cmd.Context(), opt) },
	}
	cmd.Flags().BoolVar(&opt.strict, "strict", false, "end with status 1 on warnings too")
	opt.flagsWithin(cmd, time.Minute)
	return cmd
}

func (p process) check(ctx context.Context, opt checkOptions) error {
	ctx, cancel := context.WithTimeout(ctx, opt.timeout)
	defer cancel()
	findings, err := p.findings(ctx, opt.config)
	if err != nil {
		return err
	}
	r := newReport(findings)
	if opt.json {
		err = p.writeJSON(r)
	} else {
		err = r.table(p.out)
	}
	if err != nil {
		return err
	}
	switch {
	case r.Problems > 0:
		return fmt.Errorf("%s; mend them and check again", commerce.Count(r.Problems, "problem"))
	case opt.strict && r.Warnings > 0:
		return fmt.Errorf("%s, and --strict allows none", commerce.Count(r.Warnings, "warning"))
	}
	return nil
}

// findings looks at everything. A configuration that cannot be run is all there
// is to say then: nothing that it names can be trusted.
func (p process) findings(ctx context.Context, path string) ([]commerce.Finding, error) {
	f := &commerce.Findings{Part: "config"}
	cfg, err := config.Load(path, p.environ)
	if cfg == nil {
		f.Problem("give the configuration with --config; `odoogate init` writes one", "%s", err)
		return f.List, nil
	}
	quiet := slog.New(slog.DiscardHandler)
	tasks.RouteRedisLog(quiet)
	shops, openErr := all.Open(cfg, handlers.Deps{Log: quiet})
	if err := config.Join(err, openErr); err != nil {
		configProblems(f, err)
		return f.List, nil
	}
	f.OK("%s has no problems: %s", path, commerce.Count(len(shops), "shop"))
	c := &checking{cfg: cfg, shops: shops}
	list, err := c.run(ctx)
	return append(f.List, list...), err
}

// configProblems notes each problem apart. Its sentence holds what was found and,
// after a semicolon, what to do.
func configProblems(f *commerce.Findings, err error) {
	const manual = "deploy/odoogate.example.yml explains every key"
	var known config.Problems
	if !errors.As(err, &known) {
		f.Problem(manual, "%s", err)
		return
	}
	for _, one := range known {
		found, remedy, ok := strings.Cut(one.String(), "; ")
		if !ok {
			remedy = manual
		}
		f.Problem(remedy, "%s", found)
	}
}

// checking is one look at everything around.
type checking struct {
	cfg   *config.Config
	shops map[string]*handlers.Shop
}

// run asks Redis, Odoo and the shops at the same time, and returns the findings
// in the order of the file.
func (c *checking) run(ctx context.Context) ([]commerce.Finding, error) {
	rdb, err := tasks.OpenWork(c.cfg.Redis)
	if err != nil {
		return nil, err
	}
	odoo := odooclient.New(c.cfg.Odoo, odooclient.Options{})
	defer odoo.Close()
	books := erp.New(odoo, erp.Options{})

	var redis, inOdoo, ofAlerts []commerce.Finding
	pauses, requests := tasks.NewPauses(rdb), tasks.NewRequests(rdb, c.shops)
	ofShops := make([][]commerce.Finding, len(c.cfg.Shops))
	var wg sync.WaitGroup
	wg.Go(func() { redis = tasks.CheckRedis(ctx, rdb) })
	wg.Go(func() { ofAlerts = tasks.CheckAlerts(ctx, c.cfg.Alerts) })
	wg.Go(func() { inOdoo = books.Check(ctx, c.cfg.Shops) })
	for i, shop := range c.cfg.Shops {
		wg.Go(func() { ofShops[i] = append(tasks.CheckShop(ctx, pauses, requests, shop.ID), c.shop(ctx, shop)...) })
	}
	wg.Wait()

	out := slices.Concat(redis, tasks.CheckSpool(c.cfg.Spool))
	byPart := map[string][]commerce.Finding{}
	for _, f := range inOdoo {
		if f.Part == "odoo" {
			out = append(out, f)
			continue
		}
		byPart[f.Part] = append(byPart[f.Part], f)
	}
	for i, shop := range c.cfg.Shops {
		out = append(out, ofShops[i]...)
		out = append(out, byPart["shop "+shop.ID]...)
		if len(byPart["shop "+shop.ID]) > 0 { // else Odoo could not be asked
			out = append(out, books.CheckNeeds(ctx, shop, needs(ofShops[i]))...)
		}
	}
	return append(out, ofAlerts...), rdb.Close()
}

func needs(found []commerce.Finding) []string {
	var out []string
	for _, f := range found {
		out = append(out, f.Needs...)
	}
	return out
}

// shop asks one shop, and tries the address that it posts to.
func (c *checking) shop(ctx context.Context, shop config.Shop) []commerce.Finding {
	f := &commerce.Findings{Part: "shop " + shop.ID}
	opened := c.shops[shop.ID]
	if opened.Check != nil {
		f.List = append(f.List, opened.Check(ctx)...)
	}
	if opened.SharedSecret {
		f.OK("another shop has the same signing secret: the first booking of each order reads the shop")
	}
	if opened.Receiver != nil {
		tryHook(ctx, f, handlers.HookURL(c.cfg.Server.PublicURL, shop.ID))
	}
	if shop.Mode != "live" {
		f.OK("mode observe: what would be written to Odoo is shown, and nothing is written")
		f.List[len(f.List)-1].Remedy = "set mode: live and go_live in the shop's part of the configuration when what it shows is right"
	}
	return f.List
}
