package main

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
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
  odoogate privacy ls fi --json | jq '.[] | select(.state != "done")'`,
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
	cmd.Flags().BoolVar(&opt.json, "json", false, "print it as JSON")
	return cmd
}

func (p process) listRequests(opt deskOptions, only string) func(context.Context, *desk) error {
	return func(ctx context.Context, d *desk) error {
		list := []tasks.Request{}
		for _, shop := range shopNames(d.cfg) {
			if only != "" && shop != only {
				continue
			}
			of, err := d.requests.List(ctx, shop)
			if err != nil {
				return err
			}
			list = append(list, of...)
		}
		if opt.json {
			return p.writeJSON(list)
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
			return p.atRequest(cmd.Context(), opt, args, func(ctx context.Context, d *desk, r tasks.Request) error {
				if err := d.operator.Did(ctx, r.Shop, tasks.Change{What: "privacy run", On: r.Name}); err != nil {
					return err
				}
				if _, err := d.queue.Accept(ctx, r.Again(uuid.NewString())); err != nil {
					return err
				}
				_, err := fmt.Fprintf(p.out, "The next worker that is free carries it out; then: odoogate privacy show %s %s\n", r.Shop, r.Name)
				return err
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
			return p.atRequest(cmd.Context(), opt, args, func(ctx context.Context, d *desk, r tasks.Request) error {
				switch r.State {
				case tasks.RequestDone:
					return fmt.Errorf("request %s of %s is done since %s", r.Name, r.Shop, moment(r.Done))
				case tasks.RequestOpen:
					return fmt.Errorf("request %s of %s is still with the workers", r.Name, r.Shop)
				}
				if err := d.operator.Did(ctx, r.Shop, tasks.Change{What: "privacy done", On: r.Name}); err != nil {
					return err
				}
				if err := d.requests.Close(ctx, r.Shop, r.Name); err != nil {
					return err
				}
				_, err := fmt.Fprintf(p.out, "request %s of %s is done\n", r.Name, r.Shop)
				return err
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

// atRequest opens the desk at one request: args are shop and request.
func (p process) atRequest(ctx context.Context, opt deskOptions, args []string, work func(context.Context, *desk, tasks.Request) error) error {
	return p.atDesk(ctx, opt, args[0], func(ctx context.Context, d *desk) error {
		r, known, err := d.requests.Get(ctx, args[0], args[1])
		if err != nil {
			return err
		}
		if !known {
			return noRequest(args[0], args[1])
		}
		return work(ctx, d, r)
	})
}

func noRequest(shop, name string) error {
	return fmt.Errorf("%s has no request %q; odoogate privacy ls %s lists them", shop, name, shop)
}
