package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

// span is a time as flags give it: from the first moment to the last, which is not
// in it.
type span struct{ from, to, zone string }

func (s *span) flags(cmd *cobra.Command, what string) {
	cmd.Flags().StringVar(&s.from, "from", "", "only "+what+" at this time or later: a date, a time, or how long ago (2h)")
	cmd.Flags().StringVar(&s.to, "to", "", "only "+what+" before this time; now if not given")
	cmd.Flags().StringVar(&s.zone, "zone", "UTC", "the time zone of dates and times without an offset, such as Europe/Helsinki")
}

// moments are the bounds; to is now where none is given.
func (s span) moments(now time.Time) (from, to time.Time, err error) {
	zone, err := time.LoadLocation(s.zone)
	if err != nil || s.zone == "" || s.zone == "Local" {
		return from, to, fmt.Errorf("--zone %q is no time zone; write one such as Europe/Helsinki, or UTC", s.zone)
	}
	if s.from == "" {
		return from, to, errors.New("--from is missing: a date such as 2026-11-01")
	}
	if from, err = parseMomentIn(s.from, now, zone); err != nil {
		return from, to, fmt.Errorf("--from %w", err)
	}
	if to = now; s.to != "" {
		if to, err = parseMomentIn(s.to, now, zone); err != nil {
			return from, to, fmt.Errorf("--to %w", err)
		}
	}
	if !from.Before(to) {
		return from, to, fmt.Errorf("--from %s is not before --to %s", moment(from), moment(to))
	}
	return from, to, nil
}

// proveOptions are the flags of prove.
type proveOptions struct {
	deskOptions
	span
	shop string
	most int
}

func (p process) proveCommand() *cobra.Command {
	var opt proveOptions
	cmd := &cobra.Command{
		Use:   "prove",
		Short: "Hold a shop's orders of a time against Odoo, and list every difference with its repair",
		Long: `Read every order that was placed in a time from the shop, and what Odoo holds of
each: the order, lines, deliveries, invoices, credit notes and payments. Compare
counts, totals, taxes by rate, money received and paid back, and states, find
orders that only one side has, and say of each difference what repairs it. It
writes nothing.

The time is by when an order was placed: --from is in it, --to is not, so that
--from 2026-11-01 --to 2026-12-01 is all of November. Dates are UTC unless --zone
names another zone or they carry an offset (2026-11-01T00:00:00+02:00).

Orders that the configuration keeps out of Odoo (go_live, import) are counted
apart, by the rule, and are no difference; those that are parked are one.

Status 0: everything is equal. 1: something differs, or could not be read.`,
		Example: `  odoogate prove --shop fi --from 2026-11-01 --to 2026-12-01
  odoogate prove --shop fi --from 2026-11-01 --to 2026-12-01 --zone Europe/Helsinki
  odoogate prove --shop fi --from 24h --json | jq -r '.apart[].commands[0]'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.prove(cmd.Context(), opt) },
	}
	cmd.Flags().StringVarP(&opt.config, "config", "c", "odoogate.yml", "the configuration file")
	cmd.Flags().BoolVar(&opt.json, "json", false, "print it as JSON, as the API answers it")
	cmd.Flags().StringVar(&opt.shop, "shop", "", "the shop's id in the configuration")
	opt.span.flags(cmd, "orders placed")
	cmd.Flags().IntVar(&opt.most, "most", 1000, "how many orders that differ are told one by one; the rest is counted")
	_ = cmd.MarkFlagRequired("shop") // the flag is there
	return cmd
}

func (p process) prove(ctx context.Context, opt proveOptions) (err error) {
	from, to, err := opt.moments(time.Now())
	if err != nil {
		return err
	}
	if opt.most < 1 {
		return errors.New("--most must be at least 1")
	}
	d, err := p.openDesk(opt.deskOptions, opt.shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	bar := p.watched()
	defer bar.end()
	prover := tasks.Prover{Shop: d.shop, Books: d.books, Journal: d.journal, Most: opt.most, Progress: func(orders int, share float64) {
		bar.show(share, commerce.Count(orders, "order")+" compared")
	}}
	proof, err := prover.Prove(ctx, from, to)
	bar.end()
	if err != nil {
		return err
	}
	if opt.json {
		err = p.writeJSON(proof)
	} else {
		err = writeProof(p.out, proof)
	}
	if err == nil && !proof.Equal {
		n := proof.Orders
		err = fmt.Errorf("shop %s and Odoo are not equal: %d differ, %d only the shop has, %d only Odoo has", opt.shop, n.Differ, n.OnlyShop, n.OnlyOdoo)
	}
	return err
}
