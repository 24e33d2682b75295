package odootest

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// beforeOrder refuses what a confirmed order refuses.
func beforeOrder(_ *env, rs []*record, vals map[string]any) error {
	if _, ok := vals["pricelist_id"]; !ok {
		return nil
	}
	for _, r := range rs {
		if r.str("state") == "sale" {
			return userError("You cannot change the pricelist of a confirmed order !")
		}
	}
	return nil
}

func refuseOrder(_ *env, rs []*record) error {
	for _, r := range rs {
		if s := r.str("state"); s != "draft" && s != "cancel" {
			return userError("You can not delete a sent quotation or a confirmed sales order. You must first cancel it.")
		}
	}
	return nil
}

func refuseLine(_ *env, rs []*record) error {
	for _, r := range rs {
		if r.str("state") == "sale" && r.str("display_type") == "" {
			return userError("Once a sales order is confirmed, you can't remove one of its lines (we need to track if something gets invoiced or delivered).\n" +
				"                Set the quantity to 0 instead.")
		}
	}
	return nil
}

func deletedLine(e *env, rs []*record) {
	for _, r := range rs {
		if order := e.related(r, "order_id"); order != nil {
			e.totals(order)
		}
	}
}

// confirm is action_confirm: all or none, and date_order becomes now.
func confirm(e *env, c *call) (any, error) {
	for _, r := range c.rs {
		if s := r.str("state"); s != "draft" && s != "sent" {
			if c.m.edition.major >= 19 {
				return nil, userError("Some orders are not in a state requiring confirmation.")
			}
			return nil, userError("The following orders are not in a state requiring confirmation: %s", e.names(c.rs))
		}
		for _, l := range e.children(r, "order_line") {
			if l.str("display_type") == "" && l.get("product_id") == nil {
				return nil, userError("Some order lines are missing a product, you need to correct them before going further.")
			}
		}
	}
	for _, r := range c.rs {
		e.set(r, "state", "sale")
		e.set(r, "date_order", e.now)
		e.touch(r)
		for _, l := range e.children(r, "order_line") {
			e.set(l, "state", "sale")
			e.touch(l)
			if l.str("display_type") == "" {
				e.deliver(r, l)
			}
		}
		if !e.flag("tracking_disable") && !e.flag("mail_notrack") {
			e.post(r, "sale.mt_order_confirmed", "", nil)
		}
		e.confirmation(r)
	}
	return true, nil
}

func (e *env) names(rs []*record) string {
	names := make([]string, len(rs))
	for i, r := range rs {
		names[i] = e.displayName(r)
	}
	return strings.Join(names, ", ")
}

// cancel is action_cancel. On anything but a draft 17 only opens a wizard, unless
// the context says that no warning is wanted; 19 cancels at once.
func cancel(e *env, c *call) (any, error) {
	wizard := false
	for _, r := range c.rs {
		if r.flag("locked") {
			return nil, userError("You cannot cancel a locked order. Please unlock it first.")
		}
		wizard = wizard || r.str("state") != "draft"
	}
	if wizard && c.m.edition.major < 19 && !e.flag("disable_cancel_warning") {
		if len(c.rs) != 1 {
			return nil, valueError("Expected singleton: %s", recordset(c.m, c.rs))
		}
		kind := "Sales Order"
		if c.rs[0].str("state") != "sale" {
			kind = "Quotation"
		}
		return map[string]any{
			"name": "Cancel " + kind, "view_mode": "form", "res_model": "sale.order.cancel",
			"type": "ir.actions.act_window", "target": "new", "view_id": int64(1070),
			"context": map[string]any{"default_order_id": c.rs[0].id, "mark_so_as_canceled": true, "model_description": kind},
		}, nil
	}
	for _, r := range c.rs {
		e.track(r)
		e.state(r, "cancel")
		for _, p := range e.children(r, "picking_ids") {
			if p.str("state") != "done" {
				e.set(p, "state", "cancel")
				e.touch(p)
				e.track(p)
			}
		}
	}
	return true, nil
}

// redraft is action_draft: only cancelled orders go back.
func redraft(e *env, c *call) (any, error) {
	for _, r := range c.rs {
		if s := r.str("state"); s == "cancel" || s == "sent" {
			e.state(r, "draft")
		}
	}
	return true, nil
}

func (e *env) state(r *record, state string) {
	e.set(r, "state", state)
	e.touch(r)
	for _, l := range e.children(r, "order_line") {
		e.set(l, "state", state)
		e.touch(l)
	}
}

func lock(on bool) func(e *env, c *call) (any, error) {
	return func(e *env, c *call) (any, error) {
		for _, r := range c.rs {
			e.set(r, "locked", on)
			e.touch(r)
		}
		return nil, nil
	}
}

// deliver keeps the outgoing picking of an order equal to its storable lines:
// more is a move of its own, less is taken from the last moves.
func (e *env) deliver(order, line *record) {
	product := e.related(line, "product_id")
	if product == nil || isService(product) {
		return
	}
	due := line.dec("product_uom_qty")
	moves := e.children(line, "move_ids")
	for _, mv := range moves {
		if mv.str("state") != "cancel" {
			due = due.Sub(mv.dec("product_uom_qty"))
		}
	}
	for _, mv := range slices.Backward(moves) {
		if s := mv.str("state"); !due.IsNegative() || s == "done" || s == "cancel" {
			continue
		}
		left := decimal.Max(decimal.Zero, mv.dec("product_uom_qty").Add(due))
		due = due.Add(mv.dec("product_uom_qty").Sub(left))
		e.set(mv, "product_uom_qty", left)
		if left.IsZero() {
			e.set(mv, "state", "cancel")
		}
		e.touch(mv)
	}
	if !due.IsPositive() {
		return
	}
	vals := map[string]any{
		"picking_id": e.openPicking(order), "sale_line_id": line.id, "product_id": product.id, "product_uom": line.get("product_uom"),
		"product_uom_qty": due, "quantity": decimal.Zero, "state": "confirmed", "company_id": order.get("company_id"), "origin": order.str("name"),
	}
	if m := e.s.models["stock.move"]; m.fields["name"] != nil {
		vals["name"] = line.str("name")
	}
	e.make("stock.move", vals)
}

func (e *env) openPicking(order *record) int64 {
	for _, p := range e.children(order, "picking_ids") {
		if s := p.str("state"); s != "done" && s != "cancel" {
			return p.id
		}
	}
	vals := map[string]any{
		"partner_id": order.get("partner_shipping_id"), "origin": order.str("name"), "sale_id": order.id, "move_type": order.get("picking_policy"),
		"company_id": order.get("company_id"), "carrier_id": order.get("carrier_id"), "state": "confirmed", "location_dest_id": e.s.place("customers"),
	}
	if w := e.warehouse(order); w != nil {
		vals["picking_type_id"] = w.get("out_type_id")
	}
	picking := e.make("stock.picking", vals)
	e.post(picking, "mail.mt_note", "<p>This transfer has been created from: "+order.str("name")+"</p>", map[string]any{"is_internal": false})
	return picking.id
}

// warehouse is the order's, else the first of its company: 19 lets an order go
// without one.
func (e *env) warehouse(order *record) *record {
	if w := e.related(order, "warehouse_id"); w != nil {
		return w
	}
	t := e.table("stock.warehouse")
	for _, id := range t.ids {
		if w := t.rows[id]; w.num("company_id") == order.num("company_id") {
			return w
		}
	}
	return nil
}
