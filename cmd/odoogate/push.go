package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/all"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) pushCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "push", Short: "Bring records of Odoo to a shop now"}
	cmd.AddCommand(p.pushCustomersCommand())
	return cmd
}

func (p process) pushCustomersCommand() *cobra.Command {
	opt := pullOptions{kind: commerce.KindContact}
	cmd := &cobra.Command{
		Use:     "customers",
		Aliases: []string{"customer", "contacts"},
		Short:   "Bring contacts of Odoo to their accounts in a shop, by the contacts' ids",
		Long: `Ask for contacts to be brought to the shop: a worker reads each from Odoo, looks for its
account by the e-mail address, and makes the account hold the contact's name, company,
phone number and addresses for invoices and deliveries. Contacts under it, and other or
private addresses, never leave Odoo. What the account lacks is filled; what it has is
written over where the shop still holds what both had last, and else stays, and it says
so. Nothing is emptied, and no password or e-mail address of an account is changed. It may
be asked for twice: the second time writes nothing.

A contact without an account gets one where the file says write_back.accounts: all. The
shop then makes its password, and mails the person about the new account unless that is
off there; as long as the setting is known, nobody is mailed.

Contacts are named by their ids in Odoo, with commas, or one a line in a file (@ids.txt)
or from the standard input (-). --shop may be left out where only one shop takes customers
(WooCommerce does, Shopify does not). An archived one, an address, one that belongs to
another contact and one without an e-mail address are skipped, with what to do.

With --dry-run nothing is asked for: it says what a worker would do. It is also the way to
see what a shop in mode observe would get.

With --wait it ends when every push has ended. Status 0: asked for, or with --wait and
--dry-run: none of them is parked or failed.`,
		Example: `  odoogate push customers --ids 12,15 --dry-run
  odoogate push customers --shop de --ids 12 --wait
  odoogate push customers --shop de --ids @ids.txt
  psql odoo -Atc 'select id from res_partner where active and parent_id is null and email is not null' | odoogate push customers --shop de --ids - --wait --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.push(cmd.Context(), opt) },
	}
	cmd.Flags().StringVar(&opt.shop, "shop", "", "the shop's id in the configuration; not needed where only one takes customers")
	cmd.Flags().StringSliceVar(&opt.ids, "ids", nil, "the ids of contacts in Odoo, with commas; @file or - for one a line")
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "only say what a worker would do")
	cmd.Flags().BoolVar(&opt.wait, "wait", false, "wait until every push has ended")
	opt.flagsFor(cmd, 10*time.Minute, "how long --wait waits")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "wait")
	_ = cmd.MarkFlagRequired("ids") // the flag is there
	return cmd
}

func (p process) push(ctx context.Context, opt pullOptions) (err error) {
	if opt.shop, err = p.pushesTo(opt); err != nil {
		return err
	}
	d, err := p.openDesk(opt.deskOptions, opt.shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if opt.ids, err = p.readIDs(opt.ids); err != nil && !errors.Is(err, errNoneCame) {
		return fmt.Errorf("--ids: %w", err)
	}
	bar := p.watched()
	defer bar.end()
	return p.pulling(d, opt, bar).run(ctx)
}

// pushesTo is the shop that is meant.
func (p process) pushesTo(opt pullOptions) (string, error) {
	cfg, err := config.Load(opt.config, p.environ)
	if err != nil {
		return "", err
	}
	shops, err := all.Open(cfg, handlers.Deps{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return "", err
	}
	return tasks.PushesTo(shops, opt.shop)
}
