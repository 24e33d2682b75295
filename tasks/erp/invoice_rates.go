package erp

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// ratesAgree compares the tax of each kind on the invoices with the shop's: two
// that are off by opposite cents hide behind an equal sum. With one tax the sum
// tells all.
func (w *writer) ratesAgree(ctx context.Context, p *papers) error {
	want := w.shopTaxes()
	if len(want) < 2 {
		return nil
	}
	got, err := w.taxesOn(ctx, p.Invoices)
	if err != nil {
		return err
	}
	digits := commerce.Digits(w.order.Currency)
	for _, id := range slices.Sorted(maps.Keys(want)) {
		if made := got[id]; !made.Equal(want[id]) {
			at := slices.IndexFunc(w.Taxes, func(t tax) bool { return t.ID == id })
			return w.invoiceDiffers(p, fmt.Sprintf("the draft invoice of %s says %s %s of the tax %q, the shop %s", p.Name, made.StringFixed(digits),
				w.order.Currency, w.Taxes[at].Name, want[id].StringFixed(digits)))
		}
	}
	return nil
}

// taxesOn is the amount of each of Odoo's taxes on invoices, credit notes taken off.
func (w *writer) taxesOn(ctx context.Context, bills []invoice) (map[int64]decimal.Decimal, error) {
	rows := make([][]odooclient.Row, len(bills))
	err := each(ctx, bills, func(ctx context.Context, i int) (err error) {
		rows[i], err = w.odoo.Find(ctx, odooclient.Query{Model: "account.move.line", Field: "move_id", Fields: []string{"tax_line_id", "amount_currency"},
			Context: w.context(), Domain: []any{[]any{"display_type", "=", "tax"}}}, itoa(bills[i].ID))
		return err
	})
	want, root := w.shopTaxes(), w.roots()
	got := map[int64]decimal.Decimal{}
	for _, r := range slices.Concat(rows...) {
		id, _ := r.Ref("tax_line_id")
		if above, ok := root[id]; ok && !want[above].IsZero() {
			id = above
		}
		got[id] = got[id].Sub(r.Dec("amount_currency")) // a debt of the buyer is a credit here
	}
	g := grid{Amount: w.Currencies[w.order.Currency].Rounding}
	for id := range got {
		got[id] = g.round(got[id])
	}
	return got, err
}

// roots is the group of each tax that is a part of one.
func (s settings) roots() map[int64]int64 {
	all := map[int64]int64{}
	for _, t := range s.Taxes {
		if t.Kind == parity.Group {
			for _, c := range t.Children {
				all[c.ID] = t.ID
			}
		}
	}
	return all
}

// shopTaxes is the shop's amount of each of Odoo's taxes; nil where one is not known.
func (w *writer) shopTaxes() map[int64]decimal.Decimal {
	work := wanting{settings: w.settings, order: w.order}
	work.grid, _ = w.gridOf(w.order.Currency)
	var items []item
	for i, l := range w.order.Lines {
		if booked(l) {
			items = append(items, item{Index: i, Line: l, Taxes: work.levied(l)})
		}
	}
	if len(work.gaps) > 0 || work.grid.Amount.IsZero() {
		return nil
	}
	t, err := work.amounts(items)
	if err != nil {
		return nil
	}
	return t.byTax
}
