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
	Index  int           // of the order's line that it comes from: it names the rows
	Line   commerce.Line // quantity and amounts as they are to be booked
	Text   string
	Taxes  []levied
	Notice string // that a person may want to look at
	choice
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
	products shelf
	left     fixed
	gaps     gaps
}

// items are the order's lines on their products. Its error lists all that is
// missing at once.
func (w *wanting) items() ([]item, error) {
	if err := bookable(w.order); err != nil {
		return nil, err
	}
	lines, lacks := w.entries(w.order)
	w.gaps = lacks
	all := make([]item, 0, len(lines))
	for _, l := range lines {
		it := item{Index: l.Index, Line: l.Line, choice: w.productOf(l)}
		it.Taxes = w.levied(l.Line)
		it.Text, it.Notice = lineText(l, it.Placeholder), notice(l, it.choice)
		if it.New != nil {
			it.New = it.New.priced(w, it)
		}
		if !l.Quantity.Equal(l.Quantity.Round(w.grid.Quantity)) {
			w.gaps.add(gap{
				detail: fmt.Sprintf("the quantity %s of %q has more decimals than Odoo keeps (%d)", l.Quantity, cleanLine(l.Title, shortText), w.grid.Quantity),
				remedy: "raise the decimal accuracy of units of measure in Odoo"})
		}
		all = append(all, it)
	}
	return all, missing(w.order.Ref, w.gaps...)
}

// bookable refuses orders that no booking would be right for.
func bookable(o *commerce.Order) error {
	if err := tooLong(o); err != nil {
		return err
	}
	if m := foreign(o); m != nil {
		return &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: o.Ref,
			Detail: fmt.Sprintf("the order is in %s and an amount of it in %s", o.Currency, m.Currency),
			Remedy: "enter this order in Odoo by hand"}
	}
	seen := make(map[string]bool, len(o.Lines))
	for i, l := range o.Lines {
		xid := lineXID(o, i, 0)
		if seen[xid] {
			return &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: o.Ref,
				Detail: fmt.Sprintf("the shop tells two lines with the id %s, and Odoo would keep one of them", cleanLine(l.ID, shortText)),
				Remedy: "enter this order in Odoo by hand"}
		}
		seen[xid] = true
		if l.Quantity.IsNegative() && l.Kind != commerce.LineRefund {
			return &commerce.Error{Op: "erp.order", Reason: commerce.Invalid, Ref: o.Ref,
				Detail: fmt.Sprintf("the line %q has the quantity %s: what comes back is a return and no sale", cleanLine(l.Title, shortText), l.Quantity),
				Remedy: "take the line out of the order in the shop, or enter this order in Odoo by hand"}
		}
	}
	return nil
}

// foreign is an amount that is in another currency than the order, nil for none.
func foreign(o *commerce.Order) *commerce.Money {
	amounts := []commerce.Money{o.Total, o.TotalTax}
	taxes := func(all []commerce.Tax) {
		for _, t := range all {
			amounts = append(amounts, t.Amount)
		}
	}
	taxes(o.Taxes)
	for _, l := range o.Lines {
		amounts = append(amounts, l.UnitPrice, l.Total)
		for _, d := range l.Discounts {
			amounts = append(amounts, d.Amount)
		}
		taxes(l.Taxes)
	}
	at := slices.IndexFunc(amounts, func(m commerce.Money) bool { return m.Currency != o.Currency && !m.IsZero() })
	if at < 0 {
		return nil
	}
	return &amounts[at]
}

// mostLines is how many lines an order may have. Odoo took 24 s to confirm one of
// 2,000 lines, a part of a minute that servers allow a call; the time grows faster
// than the lines.
const mostLines = 2000

func tooLong(o *commerce.Order) error {
	n := len(slices.DeleteFunc(slices.Clone(o.Lines), func(l commerce.Line) bool { return !booked(l) }))
	if n <= mostLines {
		return nil
	}
	return &commerce.Error{Op: "erp.order", Reason: commerce.TooLarge, Ref: o.Ref,
		Detail: fmt.Sprintf("the order has %d lines, and more than %d are not booked: Odoo would not confirm them in time", n, mostLines),
		Remedy: "divide it into several orders in the shop, or enter it in Odoo by hand"}
}

// productOf is the product of a line as it is to be booked.
func (w *wanting) productOf(l entry) choice {
	c, g := w.choose(w.searchFor(w.order, l.Line), w.products)
	switch {
	case g != nil:
		w.gaps.add(*g)
	case l.Beside && !c.Service:
		w.gaps.add(gap{
			detail: fmt.Sprintf("the product %s of the bundle %q is no service: Odoo would deliver it beside the bundle's parts", c.SKU, cleanLine(l.Title, shortText)),
			remedy: "change that product's type to Service in Odoo, or set books.products.bundles of shop " + w.Shop + " to kit, then replay the order"})
	}
	c.SKU = cmp.Or(c.SKU, l.SKU)
	return c
}

// notice is what a person may want to look at about the product of a line.
func notice(l entry, c choice) string {
	switch {
	case c.New != nil:
		return fmt.Sprintf("the product %s was not in Odoo and is made: complete it there", cmp.Or(c.SKU, c.New.XID))
	case c.Placeholder:
		return fmt.Sprintf("%s is not in Odoo and stands on the product %s", cmp.Or(l.SKU, "a line without a SKU"), c.SKU)
	case c.Archived:
		return fmt.Sprintf("the product %s is archived in Odoo", cmp.Or(c.SKU, itoa(c.ID)))
	}
	return ""
}

// noticed are the notices of lines that are written, each once.
func noticed(lines []line) []string {
	var all []string
	for _, l := range lines {
		if l.Notice != "" && !slices.Contains(all, l.Notice) {
			all = append(all, l.Notice)
		}
	}
	return all
}

// levied maps the line's taxes. A rate of 0 that no rule names is no tax at all.
func (w *wanting) levied(l commerce.Line) []levied {
	var all []levied
	for _, t := range l.Taxes {
		found, g := w.taxFor(w.taxKey(l, t))
		if g != nil {
			w.gaps.add(*g)
		}
		if found != nil {
			all = append(all, levied{t, *found})
		}
	}
	return all
}

// lineText is what people read on the line: the title, what the buyer had put on
// it, the bundle that it came in, and the discounts that are in its price. It is
// clean and ends at longText.
func lineText(l entry, unknown bool) string {
	title := cmp.Or(l.Title, l.SKU, l.Code, string(l.Kind))
	if unknown && l.SKU != "" && title != l.SKU {
		title += " [" + cleanLine(l.SKU, shortText) + "]"
	}
	text := []string{title}
	for _, p := range l.Properties {
		if !strings.HasPrefix(p.Name, "_") && strings.TrimSpace(p.Value) != "" {
			text = append(text, strings.TrimSpace(p.Name+": "+p.Value))
		}
	}
	if l.In != "" {
		text = append(text, l.In)
	}
	for _, d := range l.Discounts {
		if t := strings.TrimSpace(d.Title); t != "" && !slices.Contains(text, t) {
			text = append(text, t)
		}
	}
	return clean(strings.Join(text, "\n"), longText)
}
