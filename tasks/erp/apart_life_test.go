package erp_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp"
)

// What was given back and booked does not differ: kept goods, amounts and shipping
// stand on lines of their own in Odoo.
func TestWhatWasGivenBackDoesNotDiffer(t *testing.T) {
	one := func(restock, beyond string) func(*counter) {
		return func(t *counter) {
			t.refund(refunded{ware: t.wares[0], n: dec("1"), restock: restock, beyond: dec(beyond)})
		}
	}
	stories := map[string]func(*counter){
		"kept":              one(commerce.RestockNone, "0"),
		"returned":          one(commerce.RestockReturn, "0"),
		"less a fee":        one(commerce.RestockReturn, "-2"),
		"an amount":         func(t *counter) { t.refund(refunded{beyond: dec("5")}) },
		"shipping":          func(t *counter) { t.refund(refunded{postage: dec("2")}) },
		"cancelled, a part": func(t *counter) { t.cancel(true) },
	}
	everywhere(t, func(p *place) {
		p.online()
		p.shop.Import.Fulfilled, p.shop.Books.Products.Refund, p.shop.Books.Products.Rounding = "import", "ERP-POST", "ERP-POST"
		for _, name := range slices.Sorted(maps.Keys(stories)) {
			p.within(name, func(p *place) {
				s := p.till("12.55")
				var last erp.Applied
				s.pay(s.total())
				s.ship("2")
				p.tell(s, &last)
				stories[name](s)
				p.tell(s, &last)
				require.Empty(p, p.apart(s.order()))
			})
		}
	})
}
