package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"
)

func (p process) orderShowCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "show <shop> <order>",
		Short: "Show all that is known of one order: the shop, Odoo, the journal, and what differs",
		Long: `Read one order from its shop, from Odoo and from the journal of the workers, show
all of it on one screen, and compare both sides: state, totals, each line, what
left, what was received and refunded. It writes nothing, and shows no names,
addresses or words of buyers.

The order is the shop's own id, such as 5001 in .../orders/5001, or else the number
that Odoo knows it by. A side that cannot be read is named and the rest is shown.

Status 0: everything could be read, whether it differs or not.`,
		Example: `  odoogate order show fi 5001 --config /etc/odoogate/odoogate.yml
  odoogate order show fi '#1001'
  odoogate order show fi 5001 --json | jq '.differences'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.showOrder(cmd.Context(), opt, args[0], args[1])
		},
	}
	opt.flagsFor(cmd, 30*time.Second, "how long each side may take")
	return cmd
}

func (p process) showOrder(ctx context.Context, opt deskOptions, shop, order string) (err error) {
	d, err := p.openDesk(opt, shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	l, err := d.operator.Look(ctx, shop, order, opt.timeout)
	if err != nil {
		return err
	}
	v := l.View()
	if opt.json {
		err = p.writeJSON(v)
	} else {
		err = writeOrder(p.out, v)
	}
	if err != nil {
		return err
	}
	return l.Silent()
}
