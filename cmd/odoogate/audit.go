package main

import (
	"context"
	"strconv"

	"github.com/spf13/cobra"
)

func (p process) auditCommand() *cobra.Command {
	var opt deskOptions
	var limit int
	cmd := &cobra.Command{
		Use:   "audit <shop>",
		Short: "List what operators changed of a shop, by command or API, the latest first",
		Long: `List what operators changed of a shop, the latest first: who (the user of a command,
the name of a token of the API), when, what, of how many events, and why. The last
thousand changes are kept; the workers' log has each of them too.`,
		Example: `  odoogate audit fi --config /etc/odoogate/odoogate.yml
  odoogate audit fi --limit 500 --json`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				changes, err := d.operator.Audit(ctx, args[0], limit)
				switch {
				case err != nil:
					return err
				case opt.json:
					return p.writeJSON(map[string]any{"changes": changes})
				}
				rows := [][]string{{"WHEN", "WHO", "WHAT", "COUNT", "ON", "WHY"}}
				for _, c := range changes {
					many := "–"
					if c.Many > 0 {
						many = strconv.Itoa(c.Many)
					}
					rows = append(rows, []string{c.At.UTC().Format("2006-01-02 15:04:05"), c.Who, c.What, many, dash(c.On), dash(c.Why)})
				}
				return columns(p.out, rows)
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().IntVar(&limit, "limit", 50, "how many at most")
	return cmd
}
