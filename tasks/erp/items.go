package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// item is one line of the shop on a product of Odoo, before its amounts have a
// form: what is booked, under which text, with which taxes.
type item struct {
	Index   int           // of the order's line that it comes from: it names the rows
	Line    commerce.Line // quantity and amounts as they are to be booked
	Product product
	SKU     string // that the product was found by
	Text    string
	Taxes   []levied
}

// levied is one tax of a shop's line with the one in Odoo that it is.
type levied struct {
	commerce.Tax
	Odoo tax
}

// wanting is the work on one order's lines.
type wanting struct {
	settings
	grid     grid
	order    *commerce.Order
	products map[string][]product
	gaps     gaps
}

// booked reports whether a line stands in Odoo at all: one edited away does not.
func booked(l commerce.Line) bool { return l.Quantity.IsPositive() }

// items are the order's lines on their products. Its error lists all that is
// missing at once.
func (w *wanting) items() ([]item, error) {
	var all []item
	for i, l := range w.order.Lines {
		if !booked(l) {
			continue
		}
		if l.Kind != commerce.LineProduct && l.Kind != commerce.LineShipping {
			return nil, notYet(w.order.Ref, l)
		}
		found := w.product(l)
		it := item{Index: i, Line: l, Product: found, SKU: cmp.Or(found.SKU, l.SKU), Text: lineText(l), Taxes: w.levied(l)}
		if !l.Quantity.Equal(l.Quantity.Round(w.grid.Quantity)) {
			w.gaps.add(gap{
				detail: fmt.Sprintf("the quantity %s of %q has more decimals than Odoo keeps (%d)", l.Quantity, l.Title, w.grid.Quantity),
				remedy: "raise the decimal accuracy of units of measure in Odoo"})
		}
		all = append(all, it)
	}
	return all, missing(w.order.Ref, w.gaps...)
}

// levied maps the line's taxes. A rate of 0 that no rule names is no tax at all.
func (w *wanting) levied(l commerce.Line) []levied {
	var all []levied
	country, region := placeOfTax(w.order)
	for _, t := range l.Taxes {
		found, g := w.taxFor(taxKey{Rate: t.Rate.Round(4), Country: country, Region: region, Title: t.Title, Kind: l.Kind,
			Included: w.order.PricesIncludeTax})
		if g != nil {
			w.gaps.add(*g)
		}
		if found != nil {
			all = append(all, levied{t, *found})
		}
	}
	return all
}

// notYet refuses what would need accounts of its own, rather than book it wrong.
func notYet(ref commerce.Ref, l commerce.Line) error {
	what := map[commerce.LineKind]string{
		commerce.LineGiftCard: "a sold gift card is a liability and not a sale",
		commerce.LineTip:      "a tip needs an account of its own",
		commerce.LineFee:      "a fee needs a product of its own",
	}[l.Kind]
	if what == "" {
		what = "lines of kind " + string(l.Kind) + " are not known here"
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: ref,
		Detail: fmt.Sprintf("the line %q cannot be booked yet: %s", l.Title, what),
		Remedy: "enter this order in Odoo by hand"}
}

// lineText is what people read on the line: the title, what the buyer had put on
// it, and the discounts that are in its price.
func lineText(l commerce.Line) string {
	text := []string{cmp.Or(strings.TrimSpace(l.Title), l.SKU, l.Code, string(l.Kind))}
	for _, p := range l.Properties {
		if !strings.HasPrefix(p.Name, "_") && strings.TrimSpace(p.Value) != "" {
			text = append(text, strings.TrimSpace(p.Name+": "+p.Value))
		}
	}
	for _, d := range l.Discounts {
		if t := strings.TrimSpace(d.Title); t != "" && !slices.Contains(text, t) {
			text = append(text, t)
		}
	}
	return strings.Join(text, "\n")
}
