package erp

import (
	"context"
	"errors"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/odooclient"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// fit gives a draft of ours rows that come to the amounts. What an order comes to is
// rounded once, and each of several invoices and credit notes by itself: the last one
// carries the cents between them.
func (w *writer) fit(ctx context.Context, v invoice, want totals) error {
	lines, err := w.odoo.Find(ctx, odooclient.Query{Model: "account.move.line", Field: "move_id", Context: w.context(),
		Fields: []string{"product_id", "name", "quantity", "price_unit", "discount", "tax_ids", "price_subtotal", "price_total", "sale_line_ids"},
		Domain: []any{[]any{"display_type", "=", "product"}}}, itoa(v.ID))
	if err != nil {
		return err
	}
	products, err := w.shelf(ctx)
	if err != nil {
		return err
	}
	work := wanting{settings: w.settings, order: w.order, products: products}
	var g *gap
	if work.grid, g = w.gridOf(w.order.Currency); g != nil {
		return missing(w.order.Ref, *g)
	}
	lines = slices.DeleteFunc(lines, func(l odooclient.Row) bool { return l.Dec("quantity").IsZero() || l.Dec("price_unit").IsZero() })
	items := make([]item, len(lines))
	for i, l := range lines {
		items[i] = work.itemOf(l)
	}
	items = append(items, work.absent(items, want)...)
	found, rounding, err := work.solve(items, want)
	if err != nil {
		return err
	}
	c, err := w.next(ctx, nil)
	if err != nil {
		return err
	}
	return w.odoo.Call(ctx, odooclient.Request{Model: "account.move", Method: "write", IDs: []int64{v.ID}, Context: c,
		Args: map[string]any{"vals": map[string]any{"invoice_line_ids": fitted(lines, found, rounding)}}}, nil)
}

// shelf is the order's products; a run that found the lines settled did not read them.
func (w *writer) shelf(ctx context.Context) (shelf, error) {
	if w.plan.products != nil {
		return w.plan.products, nil
	}
	r := reader{odoo: w.odoo, settings: w.settings}
	found, err := r.products(ctx, w.order)
	w.plan.products = found
	return found, err
}

// unfit is why a draft could not be fitted: what Odoo said, else, where no rows come
// to the amounts, how these differ.
func unfit(err, apart error) error {
	var none *commerce.Error
	if errors.As(err, &none) && none.Reason != commerce.Missing { // what is missing helps
		return apart
	}
	return err
}

// itemOf is a row of an invoice as an item in the shop's price mode.
func (w *wanting) itemOf(l odooclient.Row) item {
	money := func(d decimal.Decimal) commerce.Money {
		return commerce.Money{Amount: w.grid.round(d), Currency: w.order.Currency}
	}
	it := item{Line: commerce.Line{Quantity: l.Dec("quantity").Round(w.grid.Quantity), Total: money(l.Dec("price_subtotal"))}}
	levy := money(l.Dec("price_total").Sub(l.Dec("price_subtotal"))).Amount
	if w.order.PricesIncludeTax {
		it.Line.Total = money(l.Dec("price_total"))
	}
	it.Line = priced1(it.Line)
	var rates []decimal.Decimal
	sum := decimal.Zero
	for _, id := range l.IDs("tax_ids") {
		at := slices.IndexFunc(w.Taxes, func(one tax) bool { return one.ID == id })
		if at < 0 {
			continue
		}
		it.Taxes = append(it.Taxes, levied{commerce.Tax{Rate: w.Taxes[at].Rate, Amount: money(decimal.Zero)}, w.Taxes[at]})
		rates, sum = append(rates, w.Taxes[at].Rate), sum.Add(w.Taxes[at].Rate)
	}
	if sum.IsPositive() {
		for i, part := range spread(levy, rates, commerce.Digits(w.order.Currency)) {
			it.Taxes[i].Amount.Amount = part
		}
	}
	return it
}

// absent are items of nothing for taxes of which cents are left and that none of the
// items has: rows for rounding can stand on them.
func (w *wanting) absent(items []item, want totals) (all []item) {
	for _, t := range w.Taxes {
		on := slices.ContainsFunc(items, func(it item) bool {
			return slices.ContainsFunc(it.Taxes, func(l levied) bool { return l.Odoo.ID == t.ID })
		})
		if on || want.byTax[t.ID].IsZero() {
			continue
		}
		none := commerce.Money{Currency: w.order.Currency}
		all = append(all, item{Line: commerce.Line{Quantity: decimal.NewFromInt(1), Total: none, UnitPrice: none}, Taxes: []levied{{commerce.Tax{Rate: t.Rate, Amount: none}, t}}})
	}
	return all
}

// fitted are the commands that make an invoice's rows those that were found: the
// first of each item is the row that is there.
func fitted(lines []odooclient.Row, found parity.Solution, rounding choice) []any {
	var all []any
	values := func(r parity.Row) map[string]any {
		return map[string]any{"quantity": r.Quantity, "price_unit": r.Price, "discount": r.Discount}
	}
	add := func(r parity.Row, product int64, name string, of []int64) {
		v := values(r)
		v["product_id"], v["name"], v["tax_ids"], v["sale_line_ids"] = product, name, []any{[]any{6, 0, taxIDs(r)}}, []any{[]any{6, 0, of}}
		all = append(all, []any{0, 0, v})
	}
	for i, l := range lines {
		product, _ := l.Ref("product_id")
		for n, r := range found.Lines[i].Rows {
			if n == 0 {
				all = append(all, []any{1, l.ID(), values(r)})
				continue
			}
			add(r, product, l.Str("name"), l.IDs("sale_line_ids"))
		}
	}
	for _, r := range extra(found) {
		add(r, rounding.ID, roundingText, []int64{})
	}
	return all
}

// rest is what the order's further invoice must come to, after those that are there
// but for one.
func (w *writer) rest(ctx context.Context, p *papers, but int64) (totals, error) {
	others := slices.DeleteFunc(slices.Clone(p.Invoices), func(v invoice) bool { return v.ID == but })
	on, err := w.taxesOn(ctx, others)
	want := totals{Total: w.plan.Want.Total, Tax: w.plan.Want.Tax, byTax: w.shopTaxes()}
	if want.byTax == nil {
		want.byTax = map[int64]decimal.Decimal{}
	}
	for _, v := range others {
		want.Total, want.Tax = want.Total.Sub(v.signed(v.Total)), want.Tax.Sub(v.signed(v.Tax))
	}
	for id, amount := range on {
		want.byTax[id] = want.byTax[id].Sub(amount)
	}
	return want, err
}

// negated is the same as a credit note has it.
func (t totals) negated() totals {
	t.Total, t.Tax = t.Total.Neg(), t.Tax.Neg()
	by := map[int64]decimal.Decimal{}
	for id, amount := range t.byTax {
		by[id] = amount.Neg()
	}
	t.byTax = by
	return t
}
