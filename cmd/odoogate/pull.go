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
	cmd.AddCommand(p.pullOrdersCommand())
	return cmd
}

// pullOptions are the flags of pull orders.
type pullOptions struct {
	deskOptions
	span
	shop, by     string
	ids, numbers []string
	dryRun, wait bool
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
		RunE: func(cmd *cobra.Command, _ []string) error { return p.pullOrders(cmd.Context(), opt) },
	}
	cmd.Flags().StringVar(&opt.shop, "shop", "", "the shop's id in the configuration")
	cmd.Flags().StringSliceVar(&opt.ids, "ids", nil, "the shop's ids of orders, with commas; @file or - for one a line")
	cmd.Flags().StringSliceVar(&opt.numbers, "numbers", nil, "the orders' numbers, with commas; @file or - for one a line")
	opt.span.flags(cmd, "placed or changed")
	cmd.Flags().StringVar(&opt.by, "by", "placed", "what the time is of: placed, or changed last")
	cmd.Flags().BoolVar(&opt.dryRun, "dry-run", false, "only say what a worker would do")
	cmd.Flags().BoolVar(&opt.wait, "wait", false, "wait until every look has ended")
	opt.flagsFor(cmd, 10*time.Minute, "how long --wait waits")
	cmd.MarkFlagsMutuallyExclusive("ids", "numbers", "from")
	cmd.MarkFlagsOneRequired("ids", "numbers", "from")
	cmd.MarkFlagsMutuallyExclusive("dry-run", "wait")
	_ = cmd.MarkFlagRequired("shop") // the flag is there
	return cmd
}

func (p process) pullOrders(ctx context.Context, opt pullOptions) (err error) {
	if opt.by != "placed" && opt.by != "changed" {
		return fmt.Errorf("--by %q is neither placed nor changed", opt.by)
	}
	if len(opt.ids)+len(opt.numbers) > 0 && opt.to != "" {
		return errors.New("--to goes with --from")
	}
	d, err := p.openDesk(opt.deskOptions, opt.shop)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	bar := p.watched()
	defer bar.end()
	pull := &pulling{process: p, pullOptions: opt, bar: bar, operator: d.operator}
	pull.Puller = tasks.Puller{Shop: d.shop, Queue: d.queue, Journal: d.journal, Books: d.books, Progress: func(done, of int) { pull.progress(done, of) }}
	if err := pull.names(ctx); err != nil {
		return err
	}
	return pull.run(ctx)
}

// pulling is one pull under way.
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

func (u *pulling) progress(done, of int) {
	share := -1.0
	if of > 0 {
		share = float64(done) / float64(of)
	}
	u.bar.show(share, commerce.Count(done, "order")+" "+u.did)
}

// names finds out which orders are meant.
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
	from, to, err := u.moments(time.Now())
	if err != nil {
		return err
	}
	u.wish = tasks.PullWish{From: from, To: to, Changed: u.by == "changed"}
	if u.wish.Changed {
		u.ids, err = u.Changed(ctx, from, to)
		return err
	}
	u.ids, u.before, err = u.Placed(ctx, from, to)
	return err
}

// run asks, waits or rehearses, and prints what became of each order.
func (u *pulling) run(ctx context.Context) error {
	if u.dryRun {
		u.did = "planned"
		return u.print(u.Rehearse(ctx, u.ids))
	}
	u.did = "asked for"
	if err := u.operator.Pulls(ctx, u.shop, u.wish, len(u.ids)); err != nil {
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
