package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers"
)

func (p process) webhooksCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhooks",
		Short: "See and mend what the shops send to odoogate",
		Long: `See and mend the webhooks of the shops: what each sends to odoogate, and what should
come and does not. The job webhooks looks every two minutes and mends by itself what a
live shop sends wrongly (webhooks: care), or only says so (webhooks: observe).

Shopify lists those that the app made by the API. What the app's configuration file
declares is not listed; a webhook of it is not made a second time. WooCommerce lists all,
disables one after seven deliveries in a row that it could not make, and repeats none.`,
	}
	cmd.AddCommand(p.webhooksListCommand(), p.webhooksSyncCommand(), p.webhooksRemoveCommand(),
		p.webhookWordCommand(handlers.HookPause, "Let one webhook send nothing"), p.webhookWordCommand(handlers.HookResume, "Let a paused or disabled webhook send again"))
	return cmd
}

func (p process) webhooksListCommand() *cobra.Command {
	return p.webhooksOfShop(&cobra.Command{
		Use:   "ls <shop>",
		Short: "List the webhooks of a shop and what is wrong with them",
		Example: `  odoogate webhooks ls fi --config /etc/odoogate/odoogate.yml
  odoogate webhooks ls fi --json | jq '.subscriptions[] | select(.wrong)'`,
	}, func(ctx context.Context, d *desk, shop *handlers.Shop, opt deskOptions) error {
		l, err := d.operator.Webhooks(ctx, shop.ID)
		if err != nil {
			return err
		}
		if opt.json {
			return p.writeJSON(l)
		}
		return p.writeWebhooks(shop, l)
	})
}

func (p process) webhooksSyncCommand() *cobra.Command {
	var yes bool
	cmd := p.webhooksOfShop(&cobra.Command{
		Use:   "sync <shop>",
		Short: "Make the webhooks of a shop right; a dry run without --yes",
		Long: `Make the webhooks of a shop right: missing ones are made, those that lead elsewhere,
are filtered, cut or come as XML are changed, doubled ones deleted. Those of other
programs stay. What they may have missed is asked for at the shop.

Without --yes nothing is changed: it shows what would be. It works for shops that only
observe too, and after webhooks rm.

Status 0: shown, or all changes were made.`,
		Example: `  odoogate webhooks sync fi --config /etc/odoogate/odoogate.yml
  odoogate webhooks sync fi --yes`,
	}, func(ctx context.Context, d *desk, shop *handlers.Shop, opt deskOptions) error {
		did, err := d.operator.MendWebhooks(ctx, shop.ID, yes)
		return p.writeHooksDone(opt, did, err, fmt.Sprintf("odoogate webhooks sync %s --yes", shop.ID))
	})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "make the changes")
	return cmd
}

func (p process) webhooksRemoveCommand() *cobra.Command {
	var yes bool
	cmd := p.webhooksOfShop(&cobra.Command{
		Use:   "rm <shop>",
		Short: "Delete the webhooks of a shop that are odoogate's; a dry run without --yes",
		Long: `Delete the webhooks of a shop that lead to odoogate, here or at an address of before.
Those of other programs stay, and so does what the app's configuration file declares.
The job webhooks leaves it so until odoogate webhooks sync makes them anew; sweeps go on
bringing what changes.`,
		Example: `  odoogate webhooks rm fi --config /etc/odoogate/odoogate.yml
  odoogate webhooks rm fi --yes`,
	}, func(ctx context.Context, d *desk, shop *handlers.Shop, opt deskOptions) error {
		did, err := d.operator.RemoveWebhooks(ctx, shop.ID, yes)
		return p.writeHooksDone(opt, did, err, fmt.Sprintf("odoogate webhooks rm %s --yes", shop.ID))
	})
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "delete them")
	return cmd
}

// webhookWordCommand pauses or resumes one webhook, where the platform can.
func (p process) webhookWordCommand(do handlers.HookAction, short string) *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   string(do) + " <shop> <id>",
		Short: short + ", where the shop system can (Shopify cannot)",
		Long: short + `, where the shop system can do that with a single one: Shopify cannot. The
id is that of webhooks ls. One that is paused stays so: the job webhooks does not resume it.`,
		Example: fmt.Sprintf("  odoogate webhooks %s fi 42 --config /etc/odoogate/odoogate.yml", do),
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atWebhooks(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk, shop *handlers.Shop, _ deskOptions) error {
				if err := d.operator.ChangeWebhook(ctx, shop.ID, handlers.HookChange{Do: do, ID: args[1]}); err != nil {
					return err
				}
				l, err := d.operator.Webhooks(ctx, shop.ID)
				if err != nil {
					return err
				}
				return p.tell(opt, l, "webhook %s of %s: %s done\n", args[1], shop.ID, do)
			})
		},
	}
	opt.flagsWithin(cmd, hookTime)
	return cmd
}

// hookTime is what some twenty calls to a shop may take.
const hookTime = time.Minute

type webhooksWork func(context.Context, *desk, *handlers.Shop, deskOptions) error

// webhooksOfShop is a command about all webhooks of one shop.
func (p process) webhooksOfShop(cmd *cobra.Command, work webhooksWork) *cobra.Command {
	opt := &deskOptions{}
	cmd.Args = cobra.ExactArgs(1)
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return p.atWebhooks(cmd.Context(), *opt, args[0], work) }
	opt.flagsWithin(cmd, hookTime)
	return cmd
}

func (p process) atWebhooks(ctx context.Context, opt deskOptions, id string, work webhooksWork) error {
	return p.atDesk(ctx, opt, id, func(ctx context.Context, d *desk) error {
		return work(ctx, d, d.shops[id], opt)
	})
}
