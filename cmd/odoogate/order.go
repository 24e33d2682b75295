package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (p process) orderCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "order", Short: "Look at single orders and decide about them"}
	cmd.AddCommand(p.orderShowCommand(), p.orderReimportCommand(), p.orderReleaseCommand())
	return cmd
}

func (p process) orderReleaseCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "release <shop> <order id>",
		Short: "Let an order go on that its risk holds",
		Long: `Let an order go on that is held for its risk (risk.hold): a worker confirms its
quotation and carries it through its workflow, whatever the shop says of its risk
from now on. Confirming the quotation in Odoo does the same.

The order id is the shop's own, such as 5001 in .../orders/5001.`,
		Example: `  odoogate order release fi 5001 --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				did, err := d.operator.Release(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				return p.tell(opt, did, "%s/order/%s is released. The next worker that is free confirms %s in Odoo and carries it through its workflow;\n"+
					"the log says how that ends (event finished, topic release).\n", args[0], did.Order, did.Odoo)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}
