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

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks"
	"github.com/odoogate/odoogate/tasks/erp"
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
	cmd.Flags().BoolVar(&opt.json, "json", false, "print it as JSON")
	return cmd
}

// binding is one row of the file and what becomes of it.
type binding struct {
	Row     int    `json:"row,omitempty"` // of the file, the heading is 1
	Kind    string `json:"kind"`
	ID      string `json:"id"`
	Odoo    string `json:"odoo,omitempty"` // as it was written
	OdooID  int64  `json:"odoo_id,omitempty"`
	Was     int64  `json:"was,omitempty"` // what it is bound to until now
	Outcome string `json:"outcome"`       // binds, changes, unbinds, same, wrong
	Why     string `json:"why,omitempty"`
}

func (b binding) tie() erp.Tie { return erp.Tie{Kind: b.Kind, ID: b.ID} }

func (p process) listTies(ctx context.Context, d *desk, opt deskOptions, shop string) error {
	ties, err := d.ties.All(ctx, shop)
	if err != nil {
		return err
	}
	list := []binding{}
	for tie, id := range ties {
		list = append(list, binding{Kind: tie.Kind, ID: tie.ID, OdooID: id, Outcome: "bound"})
	}
	slices.SortFunc(list, func(a, b binding) int { return cmp.Or(strings.Compare(a.Kind, b.Kind), strings.Compare(a.ID, b.ID)) })
	if opt.json {
		return p.writeJSON(list)
	}
	return p.writeBindings(list)
}

func (p process) bind(ctx context.Context, d *desk, opt deskOptions, shop, file string, yes bool) error {
	list, err := p.readBindings(file)
	if err != nil {
		return err
	}
	if err := d.judge(ctx, shop, list); err != nil {
		return err
	}
	wrong, to := 0, map[erp.Tie]int64{}
	for _, b := range list {
		switch b.Outcome {
		case "wrong":
			wrong++
		case "same":
		default:
			to[b.tie()] = b.OdooID
		}
	}
	again := 0
	if yes && wrong == 0 {
		if err := d.operator.Did(ctx, shop, tasks.Change{What: "bind", On: filepath.Base(file), Many: len(to)}); err != nil {
			return err
		}
		if err := d.ties.Tie(ctx, shop, to); err != nil {
			return err
		}
		if again, err = d.runBound(ctx, shop, to); err != nil {
			return err
		}
	}
	if opt.json {
		err = p.writeJSON(list)
	} else if err = p.writeBindings(list); err == nil {
		err = p.sayBound(len(to), wrong, again, yes)
	}
	if wrong > 0 {
		err = errors.Join(err, fmt.Errorf("%d of %d rows are wrong, so nothing is bound", wrong, len(list)))
	}
	return err
}

func (p process) sayBound(changes, wrong, again int, yes bool) error {
	text := ""
	switch {
	case wrong > 0:
	case !yes && changes > 0:
		text = fmt.Sprintf("\nNothing is bound yet: the same with --yes makes these %d changes.\n", changes)
	case yes:
		text = fmt.Sprintf("\n%d changes are made; %d orders that waited for them run again.\n", changes, again)
	}
	_, err := io.WriteString(p.out, text)
	return err
}

func (p process) writeBindings(list []binding) error {
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
func (p process) readBindings(file string) (list []binding, err error) {
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
		list = append(list, binding{Row: line, Kind: strings.TrimSpace(fields[0]), ID: strings.TrimSpace(fields[1]), Odoo: strings.TrimSpace(fields[2])})
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

// judge says what becomes of each row.
func (d *desk) judge(ctx context.Context, shop string, list []binding) error {
	cfg := d.shopConfig(shop)
	odoo := odooclient.New(d.cfg.Odoo, odooclient.Options{})
	defer odoo.Close()
	books := erp.New(odoo, erp.Options{})
	bound, err := d.ties.All(ctx, shop)
	if err != nil {
		return err
	}
	found := map[string]map[string]erp.Bound{}
	for _, kind := range []string{erp.TieProduct, erp.TieCustomer} {
		var words []string
		for _, b := range list {
			if b.Kind == kind && b.Odoo != "" {
				words = append(words, b.Odoo)
			}
		}
		if len(words) > 0 {
			if found[kind], err = books.Bindable(ctx, cfg, kind, words); err != nil {
				return err
			}
		}
	}
	first := map[erp.Tie]binding{}
	for i := range list {
		b := &list[i]
		at := found[b.Kind][b.Odoo]
		b.OdooID, b.Was = at.ID, bound[b.tie()]
		b.Outcome, b.Why = b.judged(at, first[b.tie()], cfg)
		if b.Outcome != "wrong" {
			first[b.tie()] = *b
		}
	}
	return nil
}

// judged is what becomes of a row. before is an earlier row about the same record.
func (b binding) judged(at erp.Bound, before binding, cfg config.Shop) (outcome, why string) {
	switch {
	case b.Kind != erp.TieProduct && b.Kind != erp.TieCustomer:
		return "wrong", fmt.Sprintf("the kind is product or customer, not %q", b.Kind)
	case b.ID == "":
		return "wrong", "the shop's id is missing"
	case at.Why != "":
		return "wrong", fmt.Sprintf("%s %s", b.Odoo, at.Why)
	case before.Row != 0 && before.OdooID != b.OdooID:
		return "wrong", fmt.Sprintf("row %d binds it to %s", before.Row, dash(before.Odoo))
	}
	if to := cfg.Books.Products.Bind[b.ID]; b.Kind == erp.TieProduct && to != "" {
		why = "books.products.bind leads to " + to + ", which counts first"
	}
	switch {
	case b.OdooID == b.Was:
		return "same", why
	case b.OdooID == 0:
		return "unbinds", why
	case b.Was != 0:
		return "changes", cmp.Or(why, fmt.Sprintf("it was bound to %d", b.Was))
	}
	return "binds", why
}

func (d *desk) shopConfig(id string) config.Shop {
	at := slices.IndexFunc(d.cfg.Shops, func(s config.Shop) bool { return s.ID == id })
	return d.cfg.Shops[at]
}

// runBound runs the orders again that were parked for want of a product, once some
// are bound: which of its names a line was missed by, its variant or its SKU, is not told.
func (d *desk) runBound(ctx context.Context, shop string, to map[erp.Tie]int64) (n int, err error) {
	binds := false
	for tie, id := range to {
		binds = binds || tie.Kind == erp.TieProduct && id != 0
	}
	if !binds {
		return 0, nil
	}
	var wait []commerce.Ref
	for rec, err := range d.journal.Parked(ctx, shop) {
		if err != nil {
			return 0, err
		}
		if slices.ContainsFunc(rec.Needs, func(need string) bool { return strings.HasPrefix(need, "sku/"+shop+"/") }) {
			wait = append(wait, rec.Ref)
		}
	}
	nonce := uuid.NewString()
	for _, ref := range wait {
		if _, err := d.queue.Ask(ctx, tasks.LaneOperator, ref, "bind", nonce); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
