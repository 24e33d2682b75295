package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
)

func (p process) alertsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "alerts",
		Short: "See what people were told of, and try the targets",
		Long: `See what people were told of, and try the targets that stand under alerts.targets. What
an alert is and what to do about each kind: see docs/operating.md.`,
	}
	cmd.AddCommand(p.alertsListCommand(), p.alertsTestCommand())
	return cmd
}

func (p process) alertsListCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "ls [shop]",
		Short: "List the alerts that stand, the one seen last first",
		Long: `List the alerts that stand, the one seen last first, with what to do and who was told.
An alert goes by itself when its cause is gone. That a gateway's spool holds
deliveries while Redis is away is told and not listed: alerts are in Redis.`,
		Example: `  odoogate alerts ls --config /etc/odoogate/odoogate.yml
  odoogate alerts ls fi --json | jq '.[] | select(.severity == "critical")'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			shop := strings.Join(args, "")
			return p.atDesk(cmd.Context(), opt, shop, func(ctx context.Context, d *desk) error {
				return p.listAlerts(ctx, opt, d.operator, shop)
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().BoolVar(&opt.json, "json", false, "print them as JSON")
	return cmd
}

func (p process) listAlerts(ctx context.Context, opt deskOptions, op *tasks.Operator, shop string) error {
	list, err := op.Alerts(ctx, shop)
	if err != nil {
		return err
	}
	if opt.json {
		return p.writeJSON(list)
	}
	if len(list) == 0 {
		_, err := fmt.Fprintln(p.out, "nothing stands that a person is to be told of")
		return err
	}
	rows := [][]string{{"SEVERITY", "KIND", "SHOP", "COUNT", "FIRST SEEN", "LAST SEEN", "TOLD"}}
	for _, one := range list {
		var told []string
		for target := range one.Told {
			told = append(told, target)
		}
		slices.Sort(told)
		rows = append(rows, []string{string(one.Severity), one.Kind, dash(one.Shop), strconv.Itoa(one.Count), moment(one.First), moment(one.Last),
			dash(strings.Join(told, ", "))})
	}
	if err := columns(p.out, rows); err != nil {
		return err
	}
	for _, one := range list {
		_, err := fmt.Fprintf(p.out, "\n%s %s: %s\n  → %s\n  %s\n", one.Kind, dash(one.Shop), broken(one.Detail, 2), broken(one.Remedy, 4), one.Look)
		if err != nil {
			return err
		}
	}
	return nil
}

func (p process) alertsTestCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "test [target]",
		Short: "Send a message to one target or to all, and say how it went",
		Long: `Send a message that is about nothing to one target or to all, and say how it went. It
goes straight to the target; no worker has to run. In Odoo it makes an activity on
the contact of the company, for somebody to close.

Status 0: every target took it.`,
		Example: `  odoogate alerts test --config /etc/odoogate/odoogate.yml
  odoogate alerts test office`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, "", func(ctx context.Context, d *desk) error {
				odoo := odooclient.New(d.cfg.Odoo, odooclient.Options{})
				defer odoo.Close()
				return p.testAlerts(ctx, d.cfg.Alerts.Targets, strings.Join(args, ""), d.alerts(erp.New(odoo, erp.Options{})))
			})
		},
	}
	opt.flags(cmd)
	cmd.Flag("timeout").DefValue = "1m0s"
	opt.timeout = time.Minute
	return cmd
}

func (p process) testAlerts(ctx context.Context, targets []config.AlertTarget, only string, alerts *tasks.Alerts) error {
	var names []string
	failed := 0
	for _, t := range targets {
		names = append(names, t.Name)
		if only != "" && t.Name != only {
			continue
		}
		line := fmt.Sprintf("✓ %s: the %s was sent", t.Name, t.Way())
		if err := alerts.Test(ctx, t.Name); err != nil {
			failed++
			line = fmt.Sprintf("✗ %s: %s", t.Name, err)
		}
		if _, err := fmt.Fprintln(p.out, line); err != nil {
			return err
		}
	}
	switch {
	case len(targets) == 0:
		return errors.New("no target stands under alerts.targets, so nobody is told of anything; deploy/odoogate.example.yml shows how")
	case only != "" && !slices.Contains(names, only):
		return fmt.Errorf("no target %q stands under alerts.targets; there are %s", only, strings.Join(names, ", "))
	case failed > 0:
		return fmt.Errorf("%s failed", commerce.Count(failed, "target"))
	}
	return nil
}
