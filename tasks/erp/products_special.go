package erp

import (
	"fmt"
	"slices"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// special is a kind of line that is on a product of ours rather than on one of the
// shop's, and the setting below books.products that names it.
type special struct {
	key     string
	what    string // the lines, in people's words
	product string // the product, in people's words
	service bool   // goods would be delivered
	name    func(config.Products) string
}

// specials are those kinds.
func specials() map[commerce.LineKind]special {
	return map[commerce.LineKind]special{
		commerce.LineShipping: {"shipping", "shipping", "a service product", true, func(p config.Products) string { return p.Shipping }},
		commerce.LineGiftCard: {"gift_card", "gift cards sold", "a product whose income account is a liability, for they are no sale yet", false,
			func(p config.Products) string { return p.GiftCard }},
		commerce.LineTip:      {"tip", "tips", "a service product", true, func(p config.Products) string { return p.Tip }},
		commerce.LineFee:      {"fee", "fees", "a service product", true, func(p config.Products) string { return p.Fee }},
		commerce.LineDuty:     {"duty", "duties", "a service product", true, func(p config.Products) string { return p.Duty }},
		commerce.LineGiftWrap: {"gift_wrap", "gift wrap", "a product", false, func(p config.Products) string { return p.GiftWrap }},
		commerce.LineRefund:   {"refund", "refunds beside goods that came back", "a service product", true, func(p config.Products) string { return p.Refund }},
	}
}

// searchSpecial looks for the product that the settings name for the kind.
func (s settings) searchSpecial(kind commerce.LineKind) search {
	sp, ok := specials()[kind]
	if !ok {
		return search{lack: gap{detail: fmt.Sprintf("lines of kind %q are not known here", kind), remedy: "enter this order in Odoo by hand"}}
	}
	sku := sp.name(s.Books.Products)
	if sku == "" {
		return search{lack: gap{need: s.need("setting", "products."+sp.key),
			detail: fmt.Sprintf("shop %s names no product for %s", s.Shop, sp.what),
			remedy: fmt.Sprintf("set books.products.%s of shop %s to the internal reference of %s", sp.key, s.Shop, sp.product)}}
	}
	return s.searchNamed(sp.key, sku)
}

// searchNamed looks for a product that the settings name.
func (s settings) searchNamed(key, sku string) search {
	return search{ways: []way{{ask: ask{byCode, sku}, How: "books.products." + key}}, lack: s.noSuch(key, sku)}
}

// noSuch is about a product that the settings name and Odoo does not have.
func (s settings) noSuch(key, sku string) gap {
	return gap{need: s.need("product", sku),
		detail: fmt.Sprintf("Odoo has no product with internal reference %s, which books.products.%s of shop %s names", sku, key, s.Shop),
		remedy: fmt.Sprintf("create a product with internal reference %s in Odoo, or correct books.products.%s", sku, key)}
}

// searchShipping looks for products.shipping, else for the product of the
// delivery method that the order has.
func (s settings) searchShipping(o *commerce.Order) search {
	if s.Books.Products.Shipping != "" {
		return s.searchSpecial(commerce.LineShipping)
	}
	id, g := s.carrier(o)
	if g != nil {
		return search{wrong: g}
	}
	at := slices.IndexFunc(s.Carriers, func(k known) bool { return k.ID == id && id != 0 })
	if at < 0 || s.Carriers[at].Product == 0 {
		return s.searchSpecial(commerce.LineShipping)
	}
	return search{ways: []way{{ask: ask{byID, itoa(s.Carriers[at].Product)}, How: "the product of the delivery method " + s.Carriers[at].Name}},
		lack: gap{need: s.need("setting", "products.shipping"),
			detail: fmt.Sprintf("the product of the delivery method %q is not one of company %s", s.Carriers[at].Name, s.Company.Name),
			remedy: fmt.Sprintf("set books.products.shipping of shop %s to the internal reference of a service product", s.Shop)}}
}
