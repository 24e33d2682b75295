package erp

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

// totals are compared between shop and Odoo.
type totals struct {
	Total decimal.Decimal `json:"total"`
	Tax   decimal.Decimal `json:"tax"`

	byTax map[int64]decimal.Decimal // the shop's amount of each of Odoo's taxes
	// InOdoo and OrderTax are what the order's own fields will say. They differ from
	// the above where 17 cuts an order's tax to another currency's decimals; the
	// summary by groups of taxes, and the invoice, are right there.
	InOdoo   decimal.Decimal           `json:"-"`
	OrderTax decimal.Decimal           `json:"-"`
	Groups   map[int64]decimal.Decimal `json:"-"` // nil: not known
}

// summary reports whether the order's own total and tax do not tell whether each
// group of taxes is right.
func (t totals) summary() bool {
	return len(t.Groups) > 1 || !t.OrderTax.Equal(t.Tax)
}

// said is what the shop says of the order, before anything is known of its lines.
func said(o *commerce.Order) totals {
	t := totals{Total: o.Total.Amount, Tax: o.TotalTax.Amount, byTax: map[int64]decimal.Decimal{}}
	t.InOdoo, t.OrderTax = t.Total, t.Tax
	return t
}

// amounts are what the shop says of the order, its tax by Odoo's taxes. The order's
// own sums count where its lines', rounded one by one, differ by a little.
func (w *wanting) amounts(items []item) (totals, error) {
	o := w.order
	t := said(o)
	little := w.grid.Amount.Mul(decimal.NewFromInt(int64(len(items) + 1)))
	lines, most := decimal.Zero, map[taxWords]levied{} // the largest levy of each of the shop's taxes
	ofWords := map[taxWords]decimal.Decimal{}
	for _, it := range items {
		lines = lines.Add(it.Line.Total.Amount)
		for _, l := range it.Taxes {
			words := wordsOf(l.Tax)
			t.byTax[l.Odoo.ID] = t.byTax[l.Odoo.ID].Add(l.Amount.Amount)
			ofWords[words] = ofWords[words].Add(l.Amount.Amount)
			if was, ok := most[words]; !ok || l.Amount.Amount.Abs().GreaterThan(was.Amount.Amount.Abs()) {
				most[words] = l
			}
		}
	}
	for _, sum := range o.Taxes {
		at, ok := most[wordsOf(sum)]
		if diff := sum.Amount.Amount.Sub(ofWords[wordsOf(sum)]); ok && diff.Abs().LessThanOrEqual(little) {
			t.byTax[at.Odoo.ID] = t.byTax[at.Odoo.ID].Add(diff)
		}
	}
	if err := w.taxOf(&t, little); err != nil {
		return t, err
	}
	if !o.PricesIncludeTax {
		lines = lines.Add(t.Tax)
	}
	if lines.Sub(t.Total).Abs().GreaterThan(little) {
		return t, w.contradicts(fmt.Sprintf("says a total of %s, and its lines come to %s", o.Total, commerce.Money{Amount: lines, Currency: o.Currency}))
	}
	return t, nil
}

// taxWords are what a tax of the shop is told apart by.
type taxWords struct{ title, rate string }

func wordsOf(t commerce.Tax) taxWords {
	return taxWords{strings.TrimSpace(t.Title), t.Rate.Round(4).String()}
}

// taxOf rounds the tax of each kind and lets the largest carry what is left to the
// order's tax.
func (w *wanting) taxOf(t *totals, little decimal.Decimal) error {
	sum, largest := decimal.Zero, int64(0)
	for _, id := range slices.Sorted(maps.Keys(t.byTax)) {
		t.byTax[id] = w.grid.round(t.byTax[id])
		sum = sum.Add(t.byTax[id])
		if largest == 0 || t.byTax[id].Abs().GreaterThan(t.byTax[largest].Abs()) {
			largest = id
		}
	}
	rest := t.Tax.Sub(sum)
	switch {
	case rest.IsZero():
	case largest != 0 && rest.Abs().LessThanOrEqual(little):
		t.byTax[largest] = t.byTax[largest].Add(rest)
	default:
		return w.contradicts(fmt.Sprintf("says a tax of %s, and that of its lines comes to %s", w.order.TotalTax, commerce.Money{Amount: sum, Currency: w.order.Currency}))
	}
	return nil
}

func (w *wanting) contradicts(what string) error {
	return &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: w.order.Ref,
		Detail: "the order contradicts itself: the shop " + what,
		Remedy: "compare the order's lines and total in the shop; an app that edits orders may have left it so, then enter it in Odoo by hand"}
}

// unsolved says why no rows are equal to the order, by how much the nearest ones
// miss it, and what would help. lacks is what the rounding product lacks, nil for
// nothing.
func (w *wanting) unsolved(err error, want totals, lacks *gap) error {
	var none *parity.NoSolution
	if !errors.As(err, &none) {
		return err
	}
	amount := func(d decimal.Decimal) string { return d.StringFixed(commerce.Digits(w.order.Currency)) }
	e := &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: w.order.Ref,
		Detail: fmt.Sprintf("Odoo would make %s %s with %s tax of the order's lines, the shop says %s with %s tax", amount(none.Closest.Total),
			w.order.Currency, amount(none.Closest.Tax), w.order.Total, amount(want.Tax)),
		Remedy: "compare taxes and lines with the shop, and enter the order in Odoo by hand"}
	for _, t := range w.Taxes {
		if d, ok := none.Taxes[t.ID]; ok {
			e.Detail += fmt.Sprintf("; of %q %s is missing", t.Name, amount(d))
		}
	}
	units := none.Residual.DivRound(w.grid.Amount, 0).IntPart()
	switch none.Reason {
	case parity.OutOfRange:
		e.Detail = "the order has quantities, prices or rates that no shop has, and Odoo could not compute with them"
	case parity.NeedsAdjustment, parity.NeedsBoth, parity.NeedsResidual:
		if lacks != nil {
			return join(w.order.Ref, &commerce.Error{Op: e.Op, Reason: commerce.Missing, Ref: e.Ref, Detail: e.Detail,
				Remedy: "a product for rounding would make them equal"}, *lacks)
		}
		if units <= int64(w.most()) {
			break // so much is allowed already: what would do are too many rows
		}
		e.Remedy = fmt.Sprintf("set books.products.rounding_most of shop %s to %d, if so much may be booked as rounding without tax; the order then runs again by itself", w.Shop, units)
		e.Needs = []string{strings.Join([]string{"rounding", w.Shop, itoa(units)}, "/")}
	case parity.NeedsPrice:
		e.Remedy = "raise the decimal accuracy of product prices in Odoo"
	case parity.NeedsQuantity:
		e.Remedy = "raise the decimal accuracy of units of measure in Odoo"
	}
	return e
}
