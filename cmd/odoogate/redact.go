package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
)

func (p process) redactCommand() *cobra.Command {
	var opt deskOptions
	var customer string
	var orders []string
	var yes bool
	cmd := &cobra.Command{
		Use:   "redact <shop>",
		Short: "Erase what is held here about a customer; it shows what is held without --yes",
		Long: `Erase what odoogate holds about a customer of a shop, or about single orders: bodies in
the queue and in the journal, and the texts of the journal. Shops ask for this
themselves (customers/redact), see odoogate privacy; this is for when a person asks
you. Orders, invoices and the contact in Odoo are never touched: a person decides there.

Customer and orders are the shop's own ids. What was erased is kept as a request, see
odoogate privacy ls.`,
		Example: `  odoogate redact fi --customer 6001 --config /etc/odoogate/odoogate.yml
  odoogate redact fi --customer 6001 --orders 5001,5002 --yes`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if orders, err = p.readIDs(orders); err != nil {
				return fmt.Errorf("--orders: %w", err)
			}
			if customer == "" && len(orders) == 0 {
				return errors.New("name whom it is about with --customer, or the orders with --orders")
			}
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				return p.redact(ctx, d, opt, args[0], customer, orders, yes)
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().StringVar(&customer, "customer", "", "the customer's id in the shop")
	cmd.Flags().StringSliceVar(&orders, "orders", nil, "ids of orders, with commas; @file or - for one a line")
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "have a worker erase it")
	return cmd
}

func (p process) redact(ctx context.Context, d *desk, opt deskOptions, shop, customer string, orders []string, yes bool) error {
	did, err := d.operator.Redact(ctx, shop, customer, orders, yes)
	switch {
	case err != nil:
		return err
	case yes || opt.json:
		return p.tell(opt, did, "The next worker that is free erases it; then: odoogate privacy show %s %s\n", shop, did.Name)
	}
	rep := did.Report
	var b strings.Builder
	if err := writeHeld(&b, rep); err != nil {
		return err
	}
	next := "Nothing is erased yet: the same with --yes does it."
	if len(rep.InJournal)+len(rep.InQueue)+len(rep.InEvents) == 0 {
		next = "Nothing is held of them. See that it is the shop's own id, and not a number or an e-mail."
	}
	_, err = fmt.Fprintf(p.out, "%s\n%s\n", strings.TrimLeft(b.String(), "\n"), next)
	return err
}
