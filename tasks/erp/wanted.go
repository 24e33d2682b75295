package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// product is a product variant that Odoo has.
type product struct {
	ID       int64
	SKU      string
	Archived bool
	Company  int64 // 0: of every company
}

// line is an order line as it must stand in Odoo.
type line struct {
	XID     string `json:"xid"`
	SKU     string `json:"-"` // of Product
	Product int64  `json:"product"`
	Name    string `json:"name"`
	row
	Taxes    []int64 `json:"taxes"` // sorted; empty: none
	Sequence int     `json:"sequence"`
	Delivery bool    `json:"delivery,omitempty"`
	Form     string  `json:"form"`
}

// skus are the internal references that the order's lines need, each once.
func (s settings) skus(o *commerce.Order) []string {
	var all []string
	for _, l := range o.Lines {
		sku := l.SKU
		if l.Kind == commerce.LineShipping {
			sku = s.Books.ShippingProduct
		}
		if sku != "" && booked(l) && !slices.Contains(all, sku) {
			all = append(all, sku)
		}
	}
	return all
}

// booked reports whether a line stands in Odoo at all: one edited away does not.
func booked(l commerce.Line) bool { return l.Quantity.IsPositive() }

// wanted is every line that the order must have in Odoo. Its error lists all that
// is missing at once.
func (s settings) wanted(o *commerce.Order, products map[string][]product) ([]line, error) {
	w := wanting{settings: s, order: o, products: products}
	var g *gap
	if w.grid, g = s.gridOf(o.Currency); g != nil {
		return nil, missing(o.Ref, *g)
	}
	var lines []line
	for i, l := range o.Lines {
		if !booked(l) {
			continue
		}
		if l.Kind != commerce.LineProduct && l.Kind != commerce.LineShipping {
			return nil, notYet(o.Ref, l)
		}
		rows, err := w.line(i, l)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			r.Sequence = 10 + len(lines)
			lines = append(lines, r)
		}
	}
	if err := missing(o.Ref, w.gaps...); err != nil {
		return nil, err
	}
	return lines, nil
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

// wanting is the work on one order's lines.
type wanting struct {
	settings
	grid     grid
	order    *commerce.Order
	products map[string][]product
	gaps     gaps
}

// line gives the rows for one line of the shop; what is missing goes to gaps.
func (w *wanting) line(index int, l commerce.Line) ([]line, error) {
	id := w.product(l)
	taxes, total, list := w.taxes(l)
	if len(w.gaps) > 0 {
		return nil, nil
	}
	if !l.Quantity.Equal(l.Quantity.Round(w.grid.Quantity)) {
		return nil, missing(w.order.Ref, gap{
			detail: fmt.Sprintf("the quantity %s of %q has more decimals than Odoo keeps (%d)", l.Quantity, l.Title, w.grid.Quantity),
			remedy: "raise the decimal accuracy of units of measure in Odoo"})
	}
	rows, form := w.grid.represent(l.Quantity, list, len(l.Discounts) > 0, total)
	if rows == nil {
		return nil, &commerce.Error{Op: "erp.order", Reason: commerce.Mismatch, Ref: w.order.Ref,
			Detail: fmt.Sprintf("with %d decimals in prices and %d in discounts Odoo cannot express %s × %q for %s %s",
				w.grid.Price, w.grid.Discount, l.Quantity, l.Title, total, w.order.Currency),
			Remedy: "raise the decimal accuracy of product prices in Odoo"}
	}
	sku := l.SKU
	if l.Kind == commerce.LineShipping {
		sku = w.Books.ShippingProduct
	}
	lines := make([]line, len(rows))
	for n, r := range rows {
		lines[n] = line{XID: lineXID(w.order, index, n), SKU: sku, Product: id, Name: lineText(l), row: r, Taxes: taxes,
			Delivery: l.Kind == commerce.LineShipping && w.Names.LineDelivery != "", Form: form}
	}
	return lines, nil
}

// product is the product of a line by its SKU.
func (w *wanting) product(l commerce.Line) int64 {
	sku := l.SKU
	if l.Kind == commerce.LineShipping {
		if sku = w.Books.ShippingProduct; sku == "" {
			w.gaps.add(gap{
				detail: fmt.Sprintf("shop %s names no product for shipping", w.Shop),
				remedy: fmt.Sprintf("set books.shipping_product of shop %s to the internal reference of a service product", w.Shop),
				need:   strings.Join([]string{"setting", w.Shop, "shipping_product"}, "/")})
			return 0
		}
	}
	if sku == "" {
		w.gaps.add(gap{
			detail: fmt.Sprintf("the line %q has no SKU", l.Title),
			remedy: "give the variant a SKU in the shop, then replay the order"})
		return 0
	}
	p, g := w.productOf(sku, w.products[sku])
	if g != nil {
		w.gaps.add(*g)
		return 0
	}
	return p.ID
}

// productOf is the one product with the SKU: an archived one only when there is
// no other.
func (s settings) productOf(sku string, found []product) (product, *gap) {
	need := strings.Join([]string{"sku", s.Shop, sku}, "/")
	found = slices.DeleteFunc(slices.Clone(found), func(p product) bool { return p.Company != 0 && p.Company != s.Company.ID })
	live := slices.DeleteFunc(slices.Clone(found), func(p product) bool { return p.Archived })
	if len(live) > 0 {
		found = live
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return product{}, &gap{need: need, sku: sku,
			detail: fmt.Sprintf("Odoo has no product with internal reference %s", sku),
			remedy: fmt.Sprintf("create a product with internal reference %s in Odoo; the order then runs again by itself", sku)}
	}
	ids := make([]string, len(found))
	for i, p := range found {
		ids[i] = itoa(p.ID)
	}
	return product{}, &gap{need: need,
		detail: fmt.Sprintf("Odoo has %d products with internal reference %s (ids %s)", len(found), sku, strings.Join(ids, ", ")),
		remedy: fmt.Sprintf("archive all but one of the products with internal reference %s", sku)}
}

// taxes maps the line's taxes and brings its total and list price into the mode of
// Odoo's taxes: with the tax where theirs are included, without it where not.
func (w *wanting) taxes(l commerce.Line) (ids []int64, total, list decimal.Decimal) {
	total, list = l.Total.Amount, l.UnitPrice.Amount
	ids = []int64{}
	var less, more decimal.Decimal // rates that the list price must lose or gain
	dest, included := destination(w.order), w.order.PricesIncludeTax
	for _, t := range l.Taxes {
		found, g := w.taxFor(taxKey{Rate: t.Rate.Round(4), Country: dest, Included: included})
		if g != nil {
			w.gaps.add(*g)
		}
		if found == nil {
			continue
		}
		if !slices.Contains(ids, found.ID) {
			ids = append(ids, found.ID)
		}
		switch {
		case included && !found.Included:
			total, less = total.Sub(t.Amount.Amount), less.Add(t.Rate)
		case !included && found.Included:
			total, more = total.Add(t.Amount.Amount), more.Add(t.Rate)
		}
	}
	slices.Sort(ids)
	list = list.Mul(hundred.Add(more)).DivRound(hundred.Add(less), 8)
	return ids, w.grid.round(total), list
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
