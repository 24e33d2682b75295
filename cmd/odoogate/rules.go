package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/tasks/erp"
)

func (p process) rulesCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "rules", Short: "Look at the rules that choose workflows and settings"}
	cmd.AddCommand(p.rulesExplainCommand())
	return cmd
}

func (p process) rulesExplainCommand() *cobra.Command {
	var opt deskOptions
	cmd := &cobra.Command{
		Use:   "explain <shop> <order id>",
		Short: "Say which rule takes one order, and which workflow it gives it",
		Long: `Read one order from its shop and go through the shop's rules: what the order is
chosen by, for each rule that does not apply which condition it does not meet, the
ones that apply, the workflow that is chosen and by which place of the
configuration, and what that does. Odoo is not asked; "odoogate explain" does that.

The order id is the shop's own, such as 5001 in .../orders/5001.`,
		Example: `  odoogate rules explain fi 5001 --config /etc/odoogate/odoogate.yml
  odoogate rules explain fi 5001 --json | jq '.rules[] | select(.applies)'`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.explainRules(cmd.Context(), opt, args[0], args[1])
		},
	}
	opt.flagsWithin(cmd, time.Minute)
	return cmd
}

// ruled is what rules explain says of an order.
type ruled struct {
	Order  string           `json:"order"`
	Number string           `json:"number"`
	Facts  []config.Setting `json:"facts"`
	config.Ruling
}

func (p process) explainRules(ctx context.Context, opt deskOptions, id, order string) error {
	ctx, cancel := context.WithTimeout(ctx, opt.timeout)
	defer cancel()
	_, shop, shut, err := p.openShop(opt.config, id)
	if err != nil {
		return err
	}
	defer func() { _ = shut() }()
	o, err := shop.Orders.Order(ctx, order)
	if err != nil {
		return err
	}
	f := erp.Facts(o)
	r := ruled{Order: o.Ref.String(), Number: o.Number, Facts: f.Settings(), Ruling: shop.Config.Rule(f)}
	if opt.json {
		return p.writeJSON(r)
	}
	return writeRuling(p.out, r)
}

// writeRuling is for people: the facts, the table line by line, what comes of it.
func writeRuling(w io.Writer, r ruled) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s)\n\nRules are chosen by\n", r.Order, r.Number)
	for _, f := range r.Facts {
		fmt.Fprintf(&b, "  %-12s %s\n", f.Key, dash(f.Value))
	}
	b.WriteString("\nRules: the first that applies gives its settings, the first of those that name a workflow gives that\n")
	if len(r.Rules) == 0 {
		b.WriteString("  the shop has none\n")
	}
	for _, line := range r.Rules {
		fmt.Fprintf(&b, "  %-10s %-20s %s\n", line.Place, line.Name, verdictOf(line))
		for _, c := range line.Unmet {
			fmt.Fprintf(&b, "    %s\n", broken(c.String(), 6))
		}
	}
	switch {
	case r.From == "":
		fmt.Fprintf(&b, "\nNo workflow\n  the order is parked until a rule chooses one, or the shop names one for the rest under workflow\n")
	case r.Workflow == "":
		fmt.Fprintf(&b, "\nNo workflow is named, so as always\n")
	default:
		fmt.Fprintf(&b, "\nWorkflow %q, chosen by %s\n", r.Workflow, r.From)
	}
	if r.Held {
		fmt.Fprintf(&b, "  first: its risk holds it, until somebody confirms it in Odoo or runs: odoogate order release %s\n", released(r.Order))
	}
	for _, s := range r.Steps {
		fmt.Fprintf(&b, "  %s\n", s)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func verdictOf(line config.RuleLine) string {
	switch {
	case line.Applies:
		return "applies"
	case !line.Asked:
		return "is not asked any more"
	}
	return "does not apply"
}

// released are the arguments that release an order: fi/order/5001 → fi 5001.
func released(ref string) string { return strings.Replace(ref, "/order/", " ", 1) }
