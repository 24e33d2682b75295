package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) pullCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "pull", Short: "Have a shop's records looked at now"}
	cmd.AddCommand(p.pullOrdersCommand(), p.pullCustomersCommand())
	return cmd
}

// pullOptions are the flags of pull orders and pull customers.
type pullOptions struct {
	deskOptions
	span
	kind         string // of the records
	shop, by     string
	ids, numbers []string
	all          bool
	dryRun, wait bool
}

// flags are those that both have; what the time is of differs.
func (o *pullOptions) flags(cmd *cobra.Command, kind, what string) {
	o.kind = kind
	cmd.Flags().StringVar(&o.shop, "shop", "", "the shop's id in the configuration")
	cmd.Flags().StringSliceVar(&o.ids, "ids", nil, "the shop's ids of "+kind+"s, with commas; @file or - for one a line")
	o.span.flags(cmd, kind+"s "+what)
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "only say what a worker would do")
	cmd.Flags().BoolVar(&o.wait, "wait", false, "wait until every look has ended")
	o.flagsFor(cmd, 10*time.Minute, "how long --wait waits")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "wait")
	_ = cmd.MarkFlagRequired("shop") // the flag is there
}

func (p process) pullOrdersCommand() *cobra.Command {
	var opt pullOptions
	cmd := &cobra.Command{
		Use:     "orders",
		Aliases: []string{"order", "cancellations"},
		Short:   "Have workers look at orders, by their ids or by when they were placed or changed",
		Long: `Ask for one more look at orders: a worker reads each from the shop and makes Odoo
equal to it, as after a webhook: a new one is booked, a cancelled one cancelled,
one that is equal left alone. It writes no more than a webhook would, and may be
asked for twice: what people changed in Odoo stays (see order reimport).

Orders are named by the shop's own ids, with commas, or one a line in a file
(@ids.txt) or from the standard input (-); by their numbers (--numbers '#1001'), for
which the shop is searched; or by a time: --from is in it, --to is not. Those from before go_live stay out, and it says which.

With --dry-run nothing is asked for: it says what a worker would do. It is also the
way to see what a shop in mode observe would book.

With --wait it ends when every look has ended. Status 0: asked for, or with --wait
and --dry-run: none of them is parked or failed.`,
		Example: `  odoogate pull orders --shop fi --ids 5001,5002 --wait
  odoogate pull orders --shop fi --numbers '#1001' --wait
  odoogate pull orders --shop fi --ids @ids.txt --dry-run
  odoogate prove --shop fi --from 24h --json | jq -r '.apart[].id' | odoogate pull orders --shop fi --ids - --wait
  odoogate pull orders --shop fi --from 2026-11-01 --to 2026-11-02
  odoogate pull orders --shop fi --from 2h --by changed --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if opt.by != "placed" && opt.by != "changed" {
				return fmt.Errorf("--by %q is neither placed nor changed", opt.by)
			}
			return p.pull(cmd.Context(), opt)
		},
	}
	opt.flags(cmd, commerce.KindOrder, "placed or changed")
	cmd.Flags().StringSliceVar(&opt.numbers, "numbers", nil, "the orders' numbers, with commas; @file or - for one a line")
	cmd.Flags().StringVar(&opt.by, "by", "placed", "what the time is of: placed, or changed last")
	cmd.MarkFlagsMutuallyExclusive("ids", "numbers", "from")
	cmd.MarkFlagsOneRequired("ids", "numbers", "from")
	return cmd
}

func (p process) pullCustomersCommand() *cobra.Command {
	var opt pullOptions
	cmd := &cobra.Command{
		Use:     "customers",
		Aliases: []string{"customer", "accounts"},
		Short:   "Have workers look at customers' accounts, by their ids, by when they were registered, or all",
		Long: `Ask for one more look at accounts: a worker reads each from the shop and brings it to
its contact in Odoo as books.customers.accounts says, as after a webhook. It may be
asked for twice: one that is equal is left alone, and what people changed in Odoo
stays. go_live says nothing about accounts.

Accounts are named by the shop's own ids, with commas, or one a line in a file
(@ids.txt) or from the standard input (-); by when they were registered: --from is in
it, --to is not; or all of them (--all). Guests have no account.

With --dry-run nothing is asked for: it says what a worker would do. It is also the
way to see what a shop in mode observe would write.

With --wait it ends when every look has ended. Status 0: asked for, or with --wait
and --dry-run: none of them is parked or failed.`,
		Example: `  odoogate pull customers --shop de --ids 25,26 --wait
  odoogate pull customers --shop de --ids @ids.txt --dry-run
  odoogate pull customers --shop de --from 2026-11-01 --to 2026-11-02
  odoogate pull customers --shop de --all --dry-run --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.pull(cmd.Context(), opt) },
	}
	opt.flags(cmd, commerce.KindCustomer, "registered")
	cmd.Flags().BoolVar(&opt.all, "all", false, "every account of the shop")
	cmd.MarkFlagsMutuallyExclusive("ids", "all", "from")
	cmd.MarkFlagsOneRequired("ids", "all", "from")
	return cmd
}

func (p process) pull(ctx context.Context, opt pullOptions) (err error) {
	if opt.from == "" && opt.to != "" {
		return errors.New("--to goes with --from")
	}
	d, err := p.openDesk(opt.deskOptions, opt.shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	if opt.kind == commerce.KindCustomer {
		if err := d.operator.Accounts(opt.shop); err != nil {
			return err
		}
	}
	bar := p.watched()
	defer bar.end()
	pull := p.pulling(d, opt, bar)
	pull.wish.Customers = opt.kind == commerce.KindCustomer
	if err := pull.names(ctx); err != nil {
		return err
	}
	return pull.run(ctx)
}

// pulling is one pull or push under way.
type pulling struct {
	process
	pullOptions
	tasks.Puller
	operator *tasks.Operator
	wish     tasks.PullWish
	bar      *progress
	before   int // placed before go-live, and left out
	did      string
}

func (p process) pulling(d *orderDesk, opt pullOptions, bar *progress) *pulling {
	u := &pulling{process: p, pullOptions: opt, bar: bar, operator: d.operator}
	u.Puller = tasks.Puller{Kind: opt.kind, Shop: d.shop, Queue: d.queue, Journal: d.journal, Books: d.books, Progress: u.progress}
	return u
}

func (u *pulling) progress(done, of int) {
	share := -1.0
	if of > 0 {
		share = float64(done) / float64(of)
	}
	u.bar.show(share, commerce.Count(done, u.kind)+" "+u.did)
}

// names finds out which records are meant.
func (u *pulling) names(ctx context.Context) (err error) {
	u.did = "found"
	if len(u.ids) > 0 {
		if u.ids, err = u.readIDs(u.ids); err != nil && !errors.Is(err, errNoneCame) {
			return fmt.Errorf("--ids: %w", err)
		}
		u.wish.IDs = u.ids
		return nil
	}
	if len(u.numbers) > 0 {
		if u.wish.Numbers, err = u.readIDs(u.numbers); err != nil && !errors.Is(err, errNoneCame) {
			return fmt.Errorf("--numbers: %w", err)
		}
		u.ids, err = u.Numbered(ctx, u.wish.Numbers)
		return err
	}
	if u.all {
		u.wish.All = true
		u.ids, err = u.Registered(ctx, time.Time{}, time.Time{})
		return err
	}
	from, to, err := u.moments(time.Now())
	if err != nil {
		return err
	}
	u.wish.From, u.wish.To, u.wish.Changed = from, to, u.by == "changed"
	switch {
	case u.wish.Customers:
		u.ids, err = u.Registered(ctx, from, to)
	case u.wish.Changed:
		u.ids, err = u.Changed(ctx, from, to)
	default:
		u.ids, u.before, err = u.Placed(ctx, from, to)
	}
	return err
}

// run asks, waits or rehearses, and prints what became of each record.
func (u *pulling) run(ctx context.Context) error {
	if u.dryRun {
		u.did = "planned"
		return u.print(u.Rehearse(ctx, u.ids))
	}
	u.did = "asked for"
	if err := u.noted(ctx); err != nil {
		return err
	}
	asked := u.Ask(ctx, u.ids, uuid.NewString())
	if !u.wait {
		return u.print(asked)
	}
	var all []tasks.Pulled
	for one, err := range asked {
		if err != nil {
			return err
		}
		all = append(all, one)
	}
	u.did = "through"
	ctx, cancel := context.WithTimeout(ctx, u.timeout)
	defer cancel()
	return u.print(u.Await(ctx, all))
}

// noted writes down in the audit what is about to be asked for.
func (u *pulling) noted(ctx context.Context) error {
	if u.kind == commerce.KindContact {
		return u.operator.Pushes(ctx, u.shop, u.ids)
	}
	return u.operator.Pulls(ctx, u.shop, u.wish, len(u.ids))
}
