package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
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
  odoogate alerts ls fi --json | jq '.alerts[] | select(.severity == "critical")'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			shop := strings.Join(args, "")
			return p.atDesk(cmd.Context(), opt, shop, func(ctx context.Context, d *desk) error {
				return p.listAlerts(ctx, opt, d.operator, shop)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func (p process) listAlerts(ctx context.Context, opt deskOptions, op *tasks.Operator, shop string) error {
	list, err := op.Alerts(ctx, shop)
	if err != nil {
		return err
	}
	if opt.json {
		return p.writeJSON(map[string]any{"alerts": list})
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
				return p.testAlerts(ctx, opt, d.operator, strings.Join(args, ""))
			})
		},
	}
	opt.flagsWithin(cmd, time.Minute)
	return cmd
}

func (p process) testAlerts(ctx context.Context, opt deskOptions, op *tasks.Operator, only string) error {
	tried, err := op.TestAlerts(ctx, only)
	if err != nil {
		return err
	}
	failed := 0
	var words strings.Builder
	for _, t := range tried {
		if t.Sent {
			fmt.Fprintf(&words, "✓ %s: the %s was sent\n", t.Target, t.Way)
			continue
		}
		failed++
		fmt.Fprintf(&words, "✗ %s: %s\n", t.Target, t.Failed)
	}
	if err := p.tell(opt, map[string]any{"targets": tried}, "%s", words.String()); err != nil || failed == 0 {
		return err
	}
	return fmt.Errorf("%s failed", commerce.Count(failed, "target"))
}
