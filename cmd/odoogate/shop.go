package main

import (
	"context"

	"github.com/spf13/cobra"
)

func (p process) shopCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "shop", Short: "Pause and resume shops"}
	cmd.AddCommand(p.shopListCommand(), p.shopPauseCommand(), p.shopResumeCommand())
	return cmd
}

func (p process) shopListCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:     "ls",
		Short:   "List the shops and which of them are paused",
		Example: `  odoogate shop ls --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.atDesk(cmd.Context(), opt, "", p.listShops(opt))
		},
	}
	opt.flags(cmd)
	return cmd
}

func (p process) listShops(opt deskOptions) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		list, err := d.operator.Shops(ctx)
		if err != nil {
			return err
		}
		if opt.json {
			return p.writeJSON(map[string]any{"shops": list})
		}
		rows := [][]string{{"SHOP", "PLATFORM", "MODE", "STATE", "SINCE", "WHY"}}
		for _, s := range list {
			rows = append(rows, []string{s.Shop, s.Platform, s.Mode, s.State, moment(s.Since), dash(s.Why)})
		}
		return columns(p.out, rows)
	}
}

func (p process) shopPauseCommand() *cobra.Command {
	var opt deskOptions
	var why string
	cmd := &cobra.Command{
		Use:   "pause <shop>",
		Short: "Let the orders of a shop wait",
		Long: `Let the orders of a shop wait: deliveries are taken and kept, no order of it is
written to Odoo, and the shop is asked for nothing. It costs no attempts, and what a
worker is at is finished. A shop that uninstalls the app is paused by itself.`,
		Example: `  odoogate shop pause fi --why stocktaking --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				if err := d.operator.Pause(ctx, args[0], why); err != nil {
					return err
				}
				state, err := d.operator.Shop(ctx, args[0])
				if err != nil {
					return err
				}
				return p.tell(opt, state, "%s is paused: its orders wait, and nothing is lost. Go on with: odoogate shop resume %s\n", args[0], args[0])
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().StringVar(&why, "why", "by hand", "what people read who wonder; nobody's personal data")
	return cmd
}

func (p process) shopResumeCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "resume <shop>",
		Short: "Let the orders of a paused shop go on",
		Long: `Let the orders of a paused shop go on. The workers ask the shop at once for what
changed since the pause began; what waited already comes by itself within
worker.retry.

After the app was uninstalled, install it again and put its token into the
configuration first.`,
		Example: `  odoogate shop resume fi --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				pause, err := d.operator.Resume(ctx, args[0])
				if err != nil {
					return err
				}
				state, err := d.operator.Shop(ctx, args[0])
				if err != nil {
					return err
				}
				return p.tell(opt, state, "%s goes on; it was paused since %s (%s). It is asked for what changed since then.\n", args[0], moment(pause.Since), pause.Why)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}
