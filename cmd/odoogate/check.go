package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
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
	r := tasks.NewCheckReport(findings)
	if opt.json {
		err = p.writeJSON(r)
	} else {
		err = writeReport(p.out, r)
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
	rdb, err := tasks.OpenWork(cfg.Redis)
	if err != nil {
		return nil, err
	}
	odoo := odooclient.New(cfg.Odoo, odooclient.Options{})
	defer odoo.Close()
	op := tasks.NewOperator(tasks.OperatorOptions{Redis: rdb, Shops: shops, Books: erp.New(odoo, erp.Options{})})
	return append(f.List, op.Check(ctx, cfg)...), rdb.Close()
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
