package odootest

import "github.com/shopspring/decimal"

// quantities are what a product has, by the names of its fields.
type quantities struct{ onHand, reserved, incoming, outgoing decimal.Decimal }

func quantityFields() []*field {
	show := func(name, label string, of func(quantities) decimal.Decimal) *field {
		return col("float", name, label).calc(func(e *env, r *record) any { return of(e.quantitiesOf(r)) })
	}
	return []*field{
		show("qty_available", "Quantity On Hand", func(q quantities) decimal.Decimal { return q.onHand }),
		show("free_qty", "Free To Use Quantity ", func(q quantities) decimal.Decimal { return q.onHand.Sub(q.reserved) }),
		show("virtual_available", "Forecasted Quantity", func(q quantities) decimal.Decimal { return q.onHand.Add(q.incoming).Sub(q.outgoing) }),
		show("incoming_qty", "Incoming", func(q quantities) decimal.Decimal { return q.incoming }),
		show("outgoing_qty", "Outgoing", func(q quantities) decimal.Decimal { return q.outgoing }),
	}
}

// quantitiesOf sums a product's rows and open moves, a template's over its variants.
func (e *env) quantitiesOf(r *record) quantities {
	var out quantities
	variants := []*record{r}
	if r.m.name == "product.template" {
		variants = e.children(r, "product_variant_ids")
	}
	places := e.scope()
	moves := e.table("stock.move")
	for _, v := range variants {
		for _, q := range e.quants(v.id) {
			if e.within(q.num("location_id"), places) {
				out.onHand, out.reserved = out.onHand.Add(q.dec("quantity")), out.reserved.Add(q.dec("reserved_quantity"))
			}
		}
		for _, id := range moves.idx[moves.m.fields["product_id"].slot][v.id] {
			mv := moves.rows[id]
			from, to := e.within(mv.num("location_id"), places), e.within(mv.num("location_dest_id"), places)
			switch s := mv.str("state"); {
			case s == "done" || s == "cancel" || s == "draft" || from == to:
			case from:
				out.outgoing = out.outgoing.Add(mv.dec("product_uom_qty"))
			default:
				out.incoming = out.incoming.Add(mv.dec("product_uom_qty"))
			}
		}
	}
	return out
}

// storable says whether a product's stock is counted.
func storable(product *record) bool {
	return product.str("detailed_type") == "product" || product.flag("is_storable")
}
