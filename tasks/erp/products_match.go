package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// The words of products.unknown.
const (
	unknownPlaceholder = "placeholder"
	unknownCreate      = "create"
)

// searchFor is how the product of a line of the order is looked for.
func (s settings) searchFor(o *commerce.Order, l commerce.Line) search {
	switch l.Kind {
	case commerce.LineProduct, commerce.LineBundle:
		return s.searchGoods(l)
	case commerce.LineShipping:
		return s.searchShipping(o)
	case commerce.LineRefund:
		if l.Code == string(commerce.LineShipping) {
			return s.searchShipping(o)
		}
	}
	return s.searchSpecial(l.Kind)
}

// searchGoods looks for a product of the shop's own: what the settings bind it to,
// what it is tied to, else each of products.match, else what products.unknown says.
func (s settings) searchGoods(l commerce.Line) (of search) {
	need := s.need("sku", cmp.Or(l.SKU, l.VariantID, l.Barcode))
	if to := s.bound(l); to != "" {
		return search{ways: []way{{ask: ask{byCode, to}, How: "bound to " + to}}, lack: gap{need: need,
			detail: fmt.Sprintf("books.products.bind of shop %s leads to the internal reference %s, and Odoo has no such product", s.Shop, to),
			remedy: fmt.Sprintf("create a product with internal reference %s in Odoo, or correct books.products.bind", to)}}
	}
	if of, ok := s.tied(l); ok {
		return of
	}
	if of.ways, of.wrong = s.matches(l); len(of.ways) > 0 {
		of.lack = s.notThere(l, of.ways[0].ask, need)
	} else {
		of.lack = s.nameless(l, need)
	}
	switch at := s.Books.Products.Placeholder; s.Books.Products.Unknown {
	case unknownPlaceholder:
		of.ways = append(of.ways, way{ask: ask{byCode, at}, How: "unknown, on the placeholder " + at, Placeholder: true})
		of.lack = s.noSuch("placeholder", at)
	case unknownCreate:
		if xid := productXID(s.Shop, l); xid != "" {
			of.ways = append(of.ways, way{ask: ask{byXID, xid}, How: "made for an order before"})
			of.make = newProductOf(xid, l)
		}
	}
	return of
}

// bound is the internal reference that the settings bind the product to.
func (s settings) bound(l commerce.Line) string {
	for _, key := range []string{l.VariantID, l.SKU} {
		if to := s.Books.Products.Bind[key]; key != "" && to != "" {
			return to
		}
	}
	return ""
}

// matches are the ways of products.match that the line has a value for. The gap
// names one that Odoo does not know.
func (s settings) matches(l commerce.Line) (all []way, wrong *gap) {
	add := func(w way) {
		if w.Value != "" && !slices.Contains(all, w) {
			all = append(all, w)
		}
	}
	for _, m := range s.matched() {
		switch m {
		case "sku":
			add(way{ask: ask{byCode, l.SKU}, How: cleanLine("SKU "+l.SKU, shortText)})
		case byBarcode:
			add(way{ask: ask{byBarcode, l.Barcode}})
			add(way{ask: ask{byBarcode, l.SKU}})
		default:
			if g := s.textField(m); g != nil {
				wrong = g
				continue
			}
			add(way{ask: ask{m, l.SKU}})
		}
	}
	return all, wrong
}

// matched is products.match with its default.
func (s settings) matched() []string {
	if all := s.Books.Products.Match; len(all) > 0 {
		return all
	}
	return []string{"sku", byBarcode}
}

// textField wants products to have a field of text with the name.
func (s settings) textField(name string) *gap {
	if slices.Contains([]string{"char", "text"}, s.ProductFields[name]) {
		return nil
	}
	return &gap{need: s.need("field", name),
		detail: fmt.Sprintf("products.match of shop %s names %q, which is no text field of products in Odoo", s.Shop, name),
		remedy: fmt.Sprintf("create that field in Odoo, or correct books.products.match of shop %s", s.Shop)}
}

// nameless is about a line that nothing tells the product of.
func (s settings) nameless(l commerce.Line, need string) gap {
	g := gap{need: need, detail: fmt.Sprintf("the line %q has no SKU", cleanLine(l.Title, shortText)),
		remedy: "give the variant a SKU in the shop, then replay the order"}
	if l.VariantID != "" {
		g.remedy = fmt.Sprintf("bind its variant %s to an internal reference under books.products.bind of shop %s", l.VariantID, s.Shop)
	}
	return g
}

// notThere is about a product that Odoo lacks. It may come to be found by its SKU
// or by its barcode.
func (s settings) notThere(l commerce.Line, first ask, need string) gap {
	g := gap{need: need,
		detail: fmt.Sprintf("Odoo has no product with %s", first),
		remedy: fmt.Sprintf("create a product with %s in Odoo; the order then runs again by itself", first)}
	if first.Field == byCode {
		g.sku = cleanLine(first.Value, shortText)
	}
	if l.Barcode != "" && l.Barcode != l.SKU {
		g.also = s.need("barcode", l.Barcode)
	}
	return g
}

// longestNeed is the longest key that is waited for; what is longer is no SKU.
const longestNeed = 200

// need is what must be there, as Met reads it; empty: only a person can tell.
func (s settings) need(kind, key string) string {
	if key == "" || len(key) > longestNeed {
		return ""
	}
	return strings.Join([]string{kind, s.Shop, key}, "/")
}
