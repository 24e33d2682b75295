package odootest

import "github.com/shopspring/decimal"

// saleWizards are the dialogues that orders open.
func saleWizards(add declare, ed *edition) {
	m := add("choose.delivery.carrier", "Delivery Carrier Selection Wizard",
		rel("many2one", "order_id", "Order", "sale.order").must(),
		rel("many2one", "carrier_id", "Shipping Method", "delivery.carrier").must(),
		col("float", "delivery_price", "Delivery Price").def(decimal.Zero), col("float", "display_price", "Cost").def(decimal.Zero).ro(),
		col("float", "total_weight", "Total Order Weight").def(decimal.Zero))
	m.display = wizardName
	m.methods["update_price"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		out := map[string]any{"name": "Add a shipping method", "type": "ir.actions.act_window", "view_mode": "form", "res_model": c.m.name, "target": "new"}
		for _, w := range c.rs {
			price := e.related(w, "carrier_id").dec("fixed_price")
			e.set(w, "delivery_price", price)
			e.set(w, "display_price", price)
			out["res_id"] = w.id
		}
		if ed.major >= 19 {
			out["context"] = map[string]any{"no_rate": false}
		}
		return out, nil
	}}
	m.methods["button_confirm"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		for _, w := range c.rs {
			if err := e.chooseCarrier(e.related(w, "order_id"), e.related(w, "carrier_id"), w.dec("delivery_price")); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}}
	if ed.major >= 19 {
		return
	}
	m = add("sale.order.cancel", "Sales Order Cancel", rel("many2one", "order_id", "Sale Order", "sale.order").must())
	m.display = wizardName
	m.methods["action_cancel"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		outer := e.context
		defer func() { e.context = outer }()
		e.context = map[string]any{"disable_cancel_warning": true}
		for k, v := range outer {
			e.context[k] = v
		}
		orders := e.s.models["sale.order"]
		for _, w := range c.rs {
			if _, err := cancel(e, &call{m: orders, rs: []*record{e.related(w, "order_id")}}); err != nil {
				return nil, err
			}
		}
		return true, nil
	}}
}

// chooseCarrier puts a carrier's line in the place of the ones that are there.
func (e *env) chooseCarrier(order, carrier *record, price decimal.Decimal) error {
	var old []*record
	for _, l := range e.children(order, "order_line") {
		if l.flag("is_delivery") {
			old = append(old, l)
		}
	}
	lines := e.s.models["sale.order.line"]
	if err := e.unlink(lines, old); err != nil {
		return err
	}
	if err := e.write(order.m, []*record{order}, map[string]any{"carrier_id": carrier.id}); err != nil {
		return err
	}
	_, err := e.create(lines, []map[string]any{{
		"order_id": order.id, "product_id": carrier.num("product_id"), "name": carrier.str("name"), "price_unit": price, "product_uom_qty": one, "is_delivery": true,
	}})
	return err
}

// setDeliveryLine cannot be called from outside: it wants the carrier's record.
func setDeliveryLine(_ *env, c *call) (any, error) {
	return nil, attributeError("'%s' object has no attribute 'id'", pyType(c.args["carrier"]))
}
