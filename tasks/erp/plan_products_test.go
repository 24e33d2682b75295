package erp

import (
	"slices"
	"strings"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// one is an order of one line.
func one(l commerce.Line, total, tax string) func(*commerce.Order) {
	return func(o *commerce.Order) {
		o.Lines = []commerce.Line{l}
		sum(o, total, tax)
	}
}

func mug(change func(*commerce.Line)) func(*commerce.Order) {
	l := sold("1", "MUG", "2", "12.55", "25.10", "25.5", "5.10")
	change(&l)
	return one(l, "25.10", "5.10")
}

// with are settings for products, of an Odoo whose products have the usual fields.
func with(p config.Products) func(*settings) {
	return func(s *settings) {
		m := *s.master
		m.ProductFields = map[string]string{"name": "char", "default_code": "char", "barcode": "char", "list_price": "float", "sale_ok": "boolean",
			"purchase_ok": "boolean", "taxes_id": "many2many", "type": "selection", "detailed_type": "selection", "x_shop_sku": "char", "weight": "float"}
		s.master, s.Books.Products = &m, p
	}
}

// shelved puts products on the shelf beside the ordinary ones.
func shelved(more shelf) func(*commerce.Order, *have, settings) {
	return func(_ *commerce.Order, h *have, _ settings) {
		for a, found := range more {
			h.Products[a] = found
		}
	}
}

// special is a line of a kind of its own.
func ofKind(kind commerce.LineKind, title string) func(*commerce.Order) {
	l := sold("7", "", "1", "10.00", "10.00", "", "")
	l.Kind, l.Title, l.NeedsShipping = kind, title, false
	return one(l, "10.00", "0")
}

func productCases() []planCase {
	unknown := func(l *commerce.Line) { l.SKU, l.Title = "NEW", "A new\nthing" }
	all := config.Products{Shipping: "SHIP", GiftCard: "CARD", Tip: "TIP", Fee: "FEE", Duty: "DUTY", GiftWrap: "WRAP"}
	named := shelf{}
	for i, sku := range []string{"CARD", "TIP", "FEE", "DUTY", "WRAP"} {
		named[code(sku)] = []product{{ID: 201 + int64(i), SKU: sku, Service: true}}
	}
	return []planCase{
		{name: "product by its barcode", order: mug(func(l *commerce.Line) { l.SKU, l.Barcode = "OTHER", "6400000000017" }),
			have: shelved(shelf{{byBarcode, "6400000000017"}: {{ID: 101, SKU: "MUG"}}})},
		{name: "product whose barcode is the SKU", order: mug(func(l *commerce.Line) { l.SKU = "6400000000017" }),
			have: shelved(shelf{{byBarcode, "6400000000017"}: {{ID: 101, SKU: "MUG"}}})},
		{name: "product by a field that people made", books: with(config.Products{Match: []string{"x_shop_sku"}}),
			order: mug(func(l *commerce.Line) { l.SKU = "M-1" }), have: shelved(shelf{{"x_shop_sku", "M-1"}: {{ID: 101, SKU: "MUG"}}})},
		{name: "match by a field that Odoo does not have", books: with(config.Products{Match: []string{"x_gone", "weight"}}), order: mug(func(*commerce.Line) {})},
		{name: "product bound by its variant", books: with(config.Products{Bind: map[string]string{"44": "TEE", "MUG": "CUP"}}),
			order: mug(func(l *commerce.Line) { l.VariantID = "44" })},
		{name: "product bound to one that Odoo lacks", books: with(config.Products{Bind: map[string]string{"MUG": "CUP"}}), order: mug(func(*commerce.Line) {})},
		{name: "product with no SKU and a variant", order: mug(func(l *commerce.Line) { l.SKU, l.VariantID = "", "44" })},
		{name: "unknown product with a barcode", order: mug(func(l *commerce.Line) { l.SKU, l.Barcode = "NEW", "6400000000017" })},
		{name: "product of another company", have: func(_ *commerce.Order, h *have, _ settings) { h.Products[code("MUG")][0].Company = 2 }},
		{name: "archived product", have: func(_ *commerce.Order, h *have, _ settings) { h.Products[code("MUG")][0].Archived = true }},
		{name: "unknown product on the placeholder", books: with(config.Products{Unknown: "placeholder", Placeholder: "TEE"}), order: mug(unknown)},
		{name: "line without a SKU on the placeholder", books: with(config.Products{Unknown: "placeholder", Placeholder: "TEE"}),
			order: mug(func(l *commerce.Line) { l.SKU = "" })},
		{name: "placeholder that Odoo lacks", books: with(config.Products{Unknown: "placeholder", Placeholder: "GONE"}), order: mug(unknown)},
		{name: "unknown product is made", books: with(config.Products{Unknown: "create"}), order: mug(func(l *commerce.Line) {
			unknown(l)
			l.Barcode = "6400000000017"
		})},
		{name: "unknown service in a foreign currency is made", books: with(config.Products{Unknown: "create"}), order: func(o *commerce.Order) {
			mug(func(l *commerce.Line) { l.SKU, l.VariantID, l.NeedsShipping, l.Taxes = "", "44", false, nil })(o)
			dollars(o)
			o.TotalTax.Amount = dec("0")
		}},
		{name: "product made for an order before", books: with(config.Products{Unknown: "create"}), order: mug(unknown),
			have: shelved(shelf{{byXID, "odoogate.fi_product_NEW"}: {{ID: 300, SKU: "RENAMED"}}})},
		{name: "shipping on the product of the delivery method", books: func(s *settings) {
			with(config.Products{})(s)
			s.Names.OrderCarrier, s.Books.Carrier = "carrier_id", "Posti"
			s.Carriers = []known{{ID: 61, Name: "Posti", Product: 109}}
		}, have: shelved(shelf{{byID, "109"}: {{ID: 109, SKU: "Delivery_007", Service: true}}})},
		{name: "gift card sold", books: with(all), order: ofKind(commerce.LineGiftCard, "Gift card 10"), have: shelved(named)},
		{name: "tip", books: with(all), order: ofKind(commerce.LineTip, "Tip"), have: shelved(named)},
		{name: "fee", books: with(all), order: ofKind(commerce.LineFee, "Cash on delivery"), have: shelved(named)},
		{name: "duties", books: with(all), order: ofKind(commerce.LineDuty, "Duties"), have: shelved(named)},
		{name: "gift wrap", books: with(all), order: ofKind(commerce.LineGiftWrap, "Wrapping"), have: shelved(named)},
		{name: "tip without a product", order: ofKind(commerce.LineTip, "Tip")},
		{name: "duties on a product that Odoo lacks", books: with(all), order: ofKind(commerce.LineDuty, "Duties")},
		{name: "a kind of line that nobody knows", order: ofKind("donation", "Donation")},
		{name: "negative quantity", order: mug(func(l *commerce.Line) { l.Quantity = dec("-1") })},
		{name: "two lines with one id", order: func(o *commerce.Order) { o.Lines = append(o.Lines, sold("1", "TEE", "1", "1.00", "1.00", "", "")) }},
		{name: "more lines than Odoo confirms in time", order: func(o *commerce.Order) { o.Lines = slices.Repeat(o.Lines[:1], 10_000) }},
		{name: "hostile text", order: mug(func(l *commerce.Line) {
			l.Title = "Mug\r\n\x1b[31m\u202e<script>alert(1)</script>\u0085\t" + strings.Repeat("very ", 20_000) + "long"
			l.Properties = []commerce.Property{{Name: "Text", Value: "\u05e9\u05dc\u05d5\u05dd\nline two"}}
		})},
	}
}
