package erp

import (
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// product is a product variant that Odoo has.
type product struct {
	ID       int64
	SKU      string
	Archived bool
	Company  int64 // 0: of every company
}

// skus are the internal references that the order's lines need, each once.
func (s settings) skus(o *commerce.Order) []string {
	var all []string
	for _, l := range o.Lines {
		sku := l.SKU
		if l.Kind == commerce.LineShipping {
			sku = s.Books.Products.Shipping
		}
		if sku != "" && booked(l) && !slices.Contains(all, sku) {
			all = append(all, sku)
		}
	}
	if sku := s.Books.Products.Rounding; sku != "" && len(all) > 0 && !slices.Contains(all, sku) {
		all = append(all, sku)
	}
	return all
}

// product is the product of a line by its SKU.
func (w *wanting) product(l commerce.Line) product {
	sku := l.SKU
	if l.Kind == commerce.LineShipping {
		if sku = w.Books.Products.Shipping; sku == "" {
			w.gaps.add(gap{
				detail: fmt.Sprintf("shop %s names no product for shipping", w.Shop),
				remedy: fmt.Sprintf("set books.products.shipping of shop %s to the internal reference of a service product", w.Shop),
				need:   strings.Join([]string{"setting", w.Shop, "products.shipping"}, "/")})
			return product{}
		}
	}
	if sku == "" {
		w.gaps.add(gap{
			detail: fmt.Sprintf("the line %q has no SKU", l.Title),
			remedy: "give the variant a SKU in the shop, then replay the order"})
		return product{}
	}
	p, g := w.productOf(sku, w.products[sku])
	if g != nil {
		w.gaps.add(*g)
		return product{}
	}
	return p
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
