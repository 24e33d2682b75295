package main

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) cursorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cursor",
		Short: "See and set how far a shop was swept",
		Long: `See and set how far a shop was swept: all orders that changed before its cursor, by the
shop's own clock, were looked at. The job sweep moves it.`,
	}
	cmd.AddCommand(p.cursorShowCommand(), p.cursorSetCommand())
	return cmd
}

func (p process) cursorShowCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "show <shop>",
		Short: "Show the cursor of a shop, the sweep that is under way, and who set it",
		Example: `  odoogate cursor show fi --config /etc/odoogate/odoogate.yml
  odoogate cursor show fi --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				cur, err := d.operator.Cursor(ctx, args[0])
				if err != nil {
					return err
				}
				if opt.json {
					return p.writeJSON(cur)
				}
				return p.showCursor(cur, time.Now())
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func (p process) showCursor(cur tasks.Cursor, now time.Time) error {
	if cur.At.IsZero() {
		_, err := fmt.Fprintf(p.out, "%s was never swept; the first sweep begins with its go_live, see odoogate jobs ls %s\n", cur.Shop, cur.Shop)
		return err
	}
	state := "through"
	if cur.Open {
		state = "under way"
		if all := cur.Until.Sub(cur.From); all > 0 {
			state += ", " + strconv.Itoa(int(100*cur.At.Sub(cur.From)/all)) + " % of its time"
		}
	}
	if err := columns(p.out, [][]string{
		{"cursor", second(cur.At), "everything that changed before was looked at; " + commerce.Span(now.Sub(cur.At)) + " ago"},
		{"window", second(cur.From) + " to " + second(cur.Until), state},
		{"changes", strconv.Itoa(cur.Seen), strconv.Itoa(cur.Asked) + " of them to look at"},
	}); err != nil || len(cur.Set) == 0 {
		return err
	}
	rows := [][]string{{"\nSET", "BY", "FROM", "TO", "WHY"}}
	for _, s := range cur.Set {
		rows = append(rows, []string{second(s.When), s.By, second(s.From), second(s.To), dash(s.Why)})
	}
	return columns(p.out, rows)
}

func (p process) cursorSetCommand() *cobra.Command {
	var opt deskOptions
	var why string
	cmd := &cobra.Command{
		Use:   "set <shop> <time>",
		Short: "Have a shop swept from another time on",
		Long: `Have a shop swept from another time on, at once. An earlier one asks the shop again for
what changed since; what Odoo has already costs nothing but the asking. A later one
leaves out what changed in between: only its webhooks tell of that. Who set it, when and
from where is kept.`,
		Example: `  odoogate cursor set fi 2026-11-01 --why 'the first days were missing' --config /etc/odoogate/odoogate.yml
  odoogate cursor set fi 2026-11-25T14:30
  odoogate cursor set fi 48h`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			to, err := parseMoment(args[1], time.Now())
			if err != nil {
				return err
			}
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				set, err := d.operator.SetCursor(ctx, args[0], to, why)
				if err != nil {
					return err
				}
				cur, err := d.operator.Cursor(ctx, args[0])
				if err != nil {
					return err
				}
				return p.tell(opt, cur, "%s is swept from %s on; the cursor stood at %s. odoogate jobs ls %s shows how it goes\n",
					args[0], second(set.To), second(set.From), args[0])
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().StringVar(&why, "why", "", "for people who wonder; nobody's personal data")
	return cmd
}
