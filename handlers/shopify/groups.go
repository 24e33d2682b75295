package shopify

import (
	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// group is a bundle as it was bought: what it costs stands on its items.
type group struct {
	id, sku, variant, title string
	quantity                decimal.Decimal
}

// bundles are the bundles of which every part is left in the same proportion, by
// their ids. One that was taken apart by a refund or an edit is no bundle any
// more: what is left of its parts stands for itself.
func (r *record) bundles() map[string]commerce.Line {
	out := map[string]commerce.Line{}
	for _, g := range r.groups {
		if _, known := out[g.id]; known {
			continue
		}
		var left decimal.Decimal
		whole, seen := true, false
		for _, it := range r.items {
			if it.group != g.id || !it.quantity.IsPositive() {
				continue
			}
			n, rest := g.quantity.Mul(it.current).QuoRem(it.quantity, 0)
			whole = whole && rest.IsZero() && (!seen || n.Equal(left))
			left, seen = n, true
		}
		if whole && left.IsPositive() {
			out[g.id] = commerce.Line{ID: g.id, Kind: commerce.LineBundle, SKU: g.sku, VariantID: g.variant, Title: g.title, Quantity: left,
				UnitPrice: r.money(decimal.Zero), Total: r.money(decimal.Zero)}
		}
	}
	return out
}
