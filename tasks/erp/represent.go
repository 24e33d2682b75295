package erp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// represent gives every item rows of which Odoo makes the shop's total and the
// shop's amount of each tax. Rows of the rounding product are added where the
// items' own rows cannot carry the amounts.
func (w *wanting) represent(items []item) ([]line, totals, error) {
	want, err := w.amounts(items)
	if err != nil {
		return nil, totals{}, err
	}
	found, rounding, err := w.solve(items, want)
	if err != nil {
		return nil, want, err
	}
	lines := w.rowsOf(items, found, rounding)
	want.InOdoo = found.Totals.Untaxed.Add(found.Totals.OrderTax)
	want.OrderTax, want.Groups = found.Totals.OrderTax, w.byGroup(found.Totals.ByTax)
	return lines, want, nil
}

// solve finds the rows, and the product for those that only round.
func (w *wanting) solve(items []item, want totals) (parity.Solution, choice, error) {
	rounding, lacks := w.rounding()
	options := parity.Options{Adjust: lacks == nil, MaxResidual: w.grid.Amount.Mul(decimal.NewFromInt(int64(w.most())))}
	if lacks != nil {
		options.MaxResidual = decimal.Zero
	}
	found, err := w.arithmetic().Solve(w.shopsSide(items, want), options)
	if err != nil {
		return found, rounding, w.unsolved(err, want, lacks)
	}
	return found, rounding, nil
}

// arithmetic is how Odoo will compute the order. In 17 it is the user's own company
// that decides about rounding, whichever company the order is of (measured).
func (w *wanting) arithmetic() parity.Arithmetic {
	decides := w.Company
	if at := slices.IndexFunc(w.Companies, func(c company) bool { return c.ID == w.Own }); at >= 0 && w.Version < 19 {
		decides = w.Companies[at]
	}
	return parity.Arithmetic{Version: w.Version, Global: decides.Global, Unit: w.grid.Amount, CompanyUnit: w.Currencies[decides.Currency].Rounding,
		Price: w.grid.Price, Discount: w.grid.Discount, Quantity: w.grid.Quantity}
}

// shopsSide is the order as the shop tells it, with Odoo's taxes.
func (w *wanting) shopsSide(items []item, want totals) parity.Order {
	o := parity.Order{Included: w.order.PricesIncludeTax, Total: want.Total, Taxes: want.byTax}
	for _, it := range items {
		l := parity.Line{Quantity: it.Line.Quantity, List: it.Line.UnitPrice.Amount, Total: it.Line.Total.Amount, Discounted: len(it.Line.Discounts) > 0,
			Least: w.least(it.Index)}
		for _, t := range it.Taxes {
			l.Taxes = append(l.Taxes, parity.Levy{Tax: t.Odoo.parity(), Rate: t.Rate, Amount: t.Amount.Amount})
		}
		o.Lines = append(o.Lines, l)
	}
	return o
}

// least is how much of each row of a line has left.
func (w *wanting) least(index int) (all []decimal.Decimal) {
	for n := 0; len(w.left) > 0; n++ {
		x, ok := w.left[lineXID(w.order, index, n)]
		if !ok {
			break
		}
		all = append(all, x)
	}
	return all
}

// rowsOf turns rows into lines with external ids: those of an item in their order,
// after them what stands on the rounding product.
func (w *wanting) rowsOf(items []item, found parity.Solution, rounding choice) []line {
	var lines []line
	put := func(l line, r parity.Row) {
		l.row, l.Taxes, l.Sequence = row{r.Quantity, r.Price, r.Discount}, taxIDs(r), 10+len(lines)
		lines = append(lines, l)
	}
	for i, it := range items {
		for n, r := range found.Lines[i].Rows {
			put(line{XID: lineXID(w.order, it.Index, n), SKU: it.SKU, Product: it.ID, New: it.New, Found: it.Found, Notice: it.Notice, Name: it.Text,
				Form: string(found.Lines[i].Form), Back: it.Line.Kind == commerce.LineRefund,
				Delivery: it.Line.Kind == commerce.LineShipping && w.Names.LineDelivery != ""}, r)
		}
	}
	for n, r := range extra(found) {
		put(line{XID: roundingXID(w.order.Ref, n), SKU: rounding.SKU, Product: rounding.ID, Found: rounding.Found, Name: roundingText, Form: formRounding}, r)
	}
	return lines
}

// extra are the rows on the rounding product.
func extra(found parity.Solution) []parity.Row {
	if found.Residual == nil {
		return found.Adjustments
	}
	return append(slices.Clone(found.Adjustments), *found.Residual)
}

// taxIDs are the taxes of a row, sorted.
func taxIDs(r parity.Row) []int64 {
	ids := []int64{}
	for _, t := range r.Taxes {
		ids = append(ids, t.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// formRounding is the form of rows on the rounding product, roundingText what
// stands on them.
const (
	formRounding = "rounding"
	roundingText = "Rounding"
)

// rounding is the product for cents, and what it lacks. Goods will not do: Odoo
// would deliver them.
func (w *wanting) rounding() (choice, *gap) {
	const key = "products.rounding"
	sku := w.Books.Products.Rounding
	if sku == "" {
		return choice{}, &gap{
			detail: "shop " + w.Shop + " names no product for rounding",
			remedy: "set books." + key + " of shop " + w.Shop + " to the internal reference of a service product",
			need:   strings.Join([]string{"setting", w.Shop, key}, "/")}
	}
	c, g := w.choose(w.searchNamed("rounding", sku), w.products)
	if g == nil && !c.Service {
		g = &gap{detail: fmt.Sprintf("the rounding product %s is no service: Odoo would want to deliver it", sku),
			remedy: "change that product's type to Service in Odoo, then replay the order"}
	}
	return c, g
}

// most is how many smallest units may stand on the rounding product without tax.
func (s settings) most() int {
	if s.Books.Products.RoundingMost == nil {
		return 0
	}
	return *s.Books.Products.RoundingMost
}

// byGroup sums taxes up as the order's own summary shows them.
func (s settings) byGroup(byTax map[int64]decimal.Decimal) map[int64]decimal.Decimal {
	groups, seen := map[int64]decimal.Decimal{}, map[int64]bool{}
	var add func(t tax)
	add = func(t tax) {
		for _, c := range t.Children {
			add(c)
		}
		if amount, ok := byTax[t.ID]; ok && t.Kind != parity.Group && !seen[t.ID] {
			seen[t.ID], groups[t.Group] = true, groups[t.Group].Add(amount)
		}
	}
	for _, t := range s.Taxes {
		add(t)
	}
	return groups
}
