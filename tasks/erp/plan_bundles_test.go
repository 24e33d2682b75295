package erp

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
)

// part is a line of bundle 9.
func partOf(id, sku, quantity, price, total, rate, tax string) commerce.Line {
	l := sold(id, sku, quantity, price, total, rate, tax)
	l.Bundle = "9"
	return l
}

func box(quantity, price, total, rate, tax string) commerce.Line {
	l := sold("9", "BOX", quantity, price, total, rate, tax)
	l.Kind, l.Title = commerce.LineBundle, "Gift box"
	return l
}

// allocated is a bundle of a shop that tells each part's price, as Shopify does.
func allocated(o *commerce.Order) {
	mug, tee := partOf("1", "MUG", "4", "12.55", "45.18", "25.5", "9.18"), partOf("2", "TEE", "2", "20.00", "36.00", "25.5", "7.31")
	mug.Discounts, tee.Discounts = []commerce.Discount{{Title: "TEN", Amount: eur("5.02")}}, []commerce.Discount{{Title: "TEN", Amount: eur("4.00")}}
	parent := box("2", "0", "0", "", "")
	parent.NeedsShipping = false
	o.Lines = []commerce.Line{parent, mug, tee, shipping("4.90", "25.5", "1.00")}
	sum(o, "86.08", "17.49")
}

// onParent is a bundle of a shop that puts the whole price on it, as others do.
func onParent(o *commerce.Order) {
	parent := box("2", "39.90", "71.82", "25.5", "14.59")
	parent.Discounts = []commerce.Discount{{Title: "TEN", Amount: eur("7.98")}}
	mug, tee := partOf("1", "MUG", "4", "12.55", "0", "", ""), partOf("2", "TEE", "2", "20.00", "0", "", "")
	o.Lines = []commerce.Line{parent, mug, tee, shipping("4.90", "25.5", "1.00")}
	sum(o, "76.72", "15.59")
}

func noListPrices(o *commerce.Order) {
	onParent(o)
	o.Lines[1].UnitPrice, o.Lines[2].UnitPrice = eur("0"), eur("0")
}

func bundleCases() []planCase {
	boxes := shelved(shelf{code("BOX"): {{ID: 120, SKU: "BOX", Service: true}}})
	goods := shelved(shelf{code("BOX"): {{ID: 120, SKU: "BOX"}}})
	as := func(policy string) func(*settings) {
		return with(config.Products{Shipping: "SHIP", Bundles: policy})
	}
	return []planCase{
		{name: "bundle with prices on its parts as a kit", books: as("kit"), order: allocated, have: goods},
		{name: "bundle with prices on its parts exploded", order: allocated},
		{name: "bundle with prices on its parts as a service", books: as("service"), order: allocated, have: boxes},
		{name: "bundle with its own price as a kit", books: as("kit"), order: onParent, have: goods},
		{name: "bundle with its own price exploded", books: as("explode"), order: onParent},
		{name: "bundle with its own price as a service", books: as("service"), order: onParent, have: boxes},
		{name: "bundle exploded by quantity", order: noListPrices},
		{name: "bundle that Odoo lacks", books: as("kit"), order: onParent},
		{name: "bundle as a service on goods", books: as("service"), order: onParent, have: goods},
		{name: "bundle of two taxes as a kit", books: as("kit"), have: goods, order: func(o *commerce.Order) {
			allocated(o)
			o.Lines[2].Taxes[0].Rate = dec("14")
		}},
		{name: "bundle without parts", order: func(o *commerce.Order) { onParent(o); o.Lines = append(o.Lines[:1], o.Lines[3]) }, have: goods},
		{name: "bundle within a bundle", order: func(o *commerce.Order) {
			onParent(o)
			inner := box("1", "5.00", "5.00", "25.5", "1.02")
			inner.ID, inner.Bundle, inner.Title = "10", "9", "Inner box"
			o.Lines[2].Bundle = "10"
			o.Lines = append(o.Lines, inner)
			sum(o, "81.72", "16.61")
		}},
		{name: "parts of a bundle that is not there", order: func(o *commerce.Order) { allocated(o); o.Lines = o.Lines[1:] }},
	}
}

func TestExplainingTellsHowEachProductWasFound(t *testing.T) {
	o, s, h := order(), books(), have{Products: stock()}
	onParent(o)
	o.Lines[2].SKU, o.Lines[2].VariantID = "OTHER", "44"
	s.Books.Products.Bind = map[string]string{"44": "TEE"}
	p, err := planOrder(o, h, s, Applied{})
	require.NoError(t, err)
	var got []string
	for _, r := range s.reasons(o, h, p) {
		if strings.Contains(r, " line ") {
			got = append(got, r)
		}
	}
	tax := `; 25.5 % is "25.5% G", the only one of its rate and mode`
	require.Equal(t, []string{
		"product line MUG: product MUG (SKU MUG)" + tax,
		"product line OTHER: product TEE (bound to TEE)" + tax,
		"shipping line posti: product SHIP (books.products.shipping)" + tax,
	}, got)
	var found []string
	for _, l := range p.Lines {
		found = append(found, l.Found)
	}
	require.Equal(t, []string{"SKU MUG", "bound to TEE", "books.products.shipping"}, found)
}
