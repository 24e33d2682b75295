package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks"
)

func (p process) bindCommand() *cobra.Command {
	var opt deskOptions
	var yes bool
	cmd := &cobra.Command{
		Use:   "bind <shop> [file.csv|-]",
		Short: "Bind products and customers of a shop to records that Odoo has, from CSV; a preview without --yes",
		Long: `Bind products and customers of a shop to records that Odoo had before, where neither
SKU, barcode nor e-mail finds them. Without a file it lists what is bound.

The file has a heading and three columns:

  kind,id,odoo
  product,44012,MUG          a variant's id or SKU, and the internal reference in Odoo
  product,TEE-RED,#817       or the id of the product variant in Odoo, after a #
  customer,6001,#42          a customer's id in the shop, and the contact's id in Odoo
  product,OLD,               nothing: it is bound no more

Each row is looked up in Odoo first, and nothing is bound while one of them is wrong.
What is bound counts before products.match and customers.match; books.products.bind of
the configuration counts before it. Orders that were parked for a product that is bound
now run again at once. Redis alone holds the bindings: keep the file, and bind it again
should Redis ever be lost.`,
		Example: `  odoogate bind fi products.csv --config /etc/odoogate/odoogate.yml
  odoogate bind fi products.csv --yes
  odoogate bind fi --json`,
		Args: cobra.RangeArgs(1, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.atDesk(cmd.Context(), opt, args[0], func(ctx context.Context, d *desk) error {
				if len(args) == 1 {
					return p.listTies(ctx, d, opt, args[0])
				}
				return p.bind(ctx, d, opt, args[0], args[1], yes)
			})
		},
	}
	opt.flags(cmd)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "bind what the file says")
	return cmd
}

func (p process) listTies(ctx context.Context, d *desk, opt deskOptions, shop string) error {
	list, err := d.operator.Bindings(ctx, shop)
	switch {
	case err != nil:
		return err
	case opt.json:
		return p.writeJSON(map[string]any{"bindings": list})
	}
	return p.writeBindings(list)
}

func (p process) bind(ctx context.Context, d *desk, opt deskOptions, shop, file string, yes bool) error {
	list, err := p.readBindings(file)
	if err != nil {
		return err
	}
	did, err := d.operator.Bind(ctx, shop, list, filepath.Base(file), yes)
	if err != nil {
		return err
	}
	if opt.json {
		err = p.writeJSON(did)
	} else if err = p.writeBindings(did.Bindings); err == nil {
		err = p.sayBound(did, yes)
	}
	if did.Wrong > 0 {
		err = errors.Join(err, fmt.Errorf("wrong: %d of %s, so nothing is bound", did.Wrong, commerce.Count(len(list), "row")))
	}
	return err
}

func (p process) sayBound(did tasks.Bound, yes bool) error {
	text := ""
	switch {
	case did.Wrong > 0:
	case !yes && did.Changes > 0:
		text = fmt.Sprintf("\nNothing is bound yet: the same with --yes makes %s.\n", commerce.Count(did.Changes, "change"))
	case yes:
		text = fmt.Sprintf("\n%s made; of the orders that waited, %d run again.\n", commerce.Count(did.Changes, "change"), did.Again)
	}
	_, err := io.WriteString(p.out, text)
	return err
}

func (p process) writeBindings(list []tasks.Binding) error {
	rows := [][]string{{"ROW", "KIND", "SHOP'S ID", "ODOO", "ODOO'S ID", "OUTCOME", "WHY"}}
	number := func(n int64) string {
		if n == 0 {
			return "–"
		}
		return strconv.FormatInt(n, 10)
	}
	for _, b := range list {
		rows = append(rows, []string{number(int64(b.Row)), b.Kind, b.ID, dash(b.Odoo), number(b.OdooID), b.Outcome, dash(b.Why)})
	}
	return columns(p.out, rows)
}

// readBindings reads the file; its errors name the row.
func (p process) readBindings(file string) (list []tasks.Binding, err error) {
	in := p.in
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }()
		in = f
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord, r.TrimLeadingSpace = 3, true
	head, err := r.Read()
	if err != nil || !slices.Equal(lowered(head), []string{"kind", "id", "odoo"}) {
		return nil, fmt.Errorf("%s: the first row must be kind,id,odoo (%w)", file, cmp.Or(err, errors.New("it is not")))
	}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		line, _ := r.FieldPos(0)
		list = append(list, tasks.Binding{Row: line, Kind: strings.TrimSpace(fields[0]), ID: strings.TrimSpace(fields[1]), Odoo: strings.TrimSpace(fields[2])})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s holds no rows after its heading", file)
	}
	return list, nil
}

func lowered(fields []string) []string {
	all := make([]string, len(fields))
	for i, f := range fields {
		all[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(f, "\ufeff")))
	}
	return all
}
