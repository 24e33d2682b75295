package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/tasks"
)

func (p process) privacyCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "privacy",
		Short: "See and finish what shops ask about people's data",
		Long: `See and finish what shops ask about people's data. Erasing is done by the workers
on what odoogate holds: bodies that wait in the queue, and texts of the journal. What
a customer asks to be told waits for a person, and goes nowhere by itself. Orders and
contacts in Odoo are never touched: see docs/operating.md.`,
	}
	cmd.AddCommand(p.privacyListCommand(), p.privacyShowCommand(), p.privacyRunCommand(), p.privacyDoneCommand())
	return cmd
}

func (p process) privacyListCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "ls [shop]",
		Short: "List the requests, open and done, with their deadlines",
		Example: `  odoogate privacy ls --config /etc/odoogate/odoogate.yml
  odoogate privacy ls fi --json | jq '.requests[] | select(.state != "done")'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			shop := ""
			if len(args) > 0 {
				shop = args[0]
			}
			return p.atDesk(cmd.Context(), opt, shop, p.listRequests(opt, shop))
		},
	}
	opt.flags(cmd)
	return cmd
}

func (p process) listRequests(opt deskOptions, only string) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		list, err := d.operator.Requests(ctx, only)
		if err != nil {
			return err
		}
		if opt.json {
			return p.writeJSON(map[string]any{"requests": list})
		}
		if len(list) == 0 {
			_, err := fmt.Fprintln(p.out, "no shop has asked anything about people's data")
			return err
		}
		rows := [][]string{{"SHOP", "REQUEST", "TOPIC", "RECEIVED", "DEADLINE", "STATE", "DONE"}}
		for _, r := range list {
			rows = append(rows, []string{r.Shop, r.Name, r.Topic, moment(r.Received), r.Deadline.Format(time.DateOnly), stateText(r), moment(r.Done)})
		}
		return columns(p.out, rows)
	}
}

func stateText(r tasks.Request) string {
	if r.State == tasks.RequestPerson {
		return "needs a person"
	}
	return string(r.State)
}

func (p process) privacyRunCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "run <shop> <request>",
		Short: "Have a request carried out, on your word",
		Long: `Have a worker carry out a request, on your word: one that waits for a person because
the shop is not uninstalled here, or one that was done before. shop/redact removes
what waits for the shop; if it still works, it is then asked for those orders again.`,
		Example: `  odoogate privacy run fi shop/redact/954889 --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				r, err := d.operator.RunRequest(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				return p.tell(opt, r, "The next worker that is free carries it out; then: odoogate privacy show %s %s\n", r.Shop, r.Name)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func (p process) privacyDoneCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:     "done <shop> <request>",
		Short:   "Note that you did what a request asks for",
		Example: `  odoogate privacy done fi 9999 --config /etc/odoogate/odoogate.yml`,
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				r, err := d.operator.CloseRequest(ctx, args[0], args[1])
				if err != nil {
					return err
				}
				return p.tell(opt, r, "request %s of %s is done\n", r.Name, r.Shop)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}
