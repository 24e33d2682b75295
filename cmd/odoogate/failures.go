package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) failuresCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "failures [shop]",
		Short: "Say why events need a person, by cause, and what to do about each",
		Long: `Say why events need a person: those that are parked or failed, grouped by cause. A
cause is a reason with the kind of thing that is waited for (missing/sku), or with
the remedy where nothing is waited for. Each comes with its remedy, some examples,
and the command that runs all of it again.`,
		Example: `  odoogate failures --config /etc/odoogate/odoogate.yml
  odoogate failures fi --json | jq -r '.causes[] | [.count, .cause, .remedy] | @tsv'`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			shop := strings.Join(args, "")
			return p.atDesk(cmd.Context(), opt, shop, func(ctx context.Context, d *desk) error {
				causes, err := d.operator.Failures(ctx, shop)
				switch {
				case err != nil:
					return err
				case opt.json:
					return p.writeJSON(map[string]any{"causes": causes})
				}
				return writeFailures(p.out, causes)
			})
		},
	}
	opt.flags(cmd)
	return cmd
}

func writeFailures(out io.Writer, causes []tasks.Cause) error {
	var b strings.Builder
	if len(causes) == 0 {
		b.WriteString("no event needs a person\n")
	}
	for i, c := range causes {
		if i > 0 {
			b.WriteString("\n")
		}
		fmt.Fprintf(&b, "%s of %s: %s, since %s", c.Cause, c.Shop, commerce.Count(c.Count, "event"), moment(c.Oldest))
		if c.Count > 1 {
			fmt.Fprintf(&b, ", the last %s", moment(c.Newest))
		}
		b.WriteString("\n")
		if c.Detail != "" {
			fmt.Fprintf(&b, "  %s\n", broken(c.Detail, 2))
		}
		if c.Remedy != "" {
			fmt.Fprintf(&b, "  → %s\n", broken(c.Remedy, 4))
		}
		if len(c.Needs) > 0 {
			fmt.Fprintf(&b, "  waits for  %s\n", broken(strings.Join(c.Needs, ", "), 13))
		}
		var like []string
		for _, e := range c.Like {
			name := e.Number
			if name == "" {
				name = e.Record
			}
			like = append(like, e.Event+" ("+name+")")
		}
		fmt.Fprintf(&b, "  such as    %s\n", broken(strings.Join(like, ", "), 13))
		fmt.Fprintf(&b, "  again      %s\n", c.Retry)
	}
	_, err := io.WriteString(out, b.String())
	return err
}
