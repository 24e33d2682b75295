package odootest

import "github.com/shopspring/decimal"

func returnModels(add declare, ed *edition) {
	m := add("stock.return.picking", "Return Picking",
		rel("many2one", "picking_id", "Picking", "stock.picking"),
		o2m("product_return_moves", "Moves", "stock.return.picking.line", "wizard_id"),
		rel("many2one", "company_id", "Company", "res.company").calc(func(e *env, r *record) any {
			if p := e.related(r, "picking_id"); p != nil {
				return p.get("company_id")
			}
			return nil
		}))
	m.display = wizardName
	name := "create_returns"
	if ed.major < 19 {
		m.add(rel("many2one", "location_id", "Return Location", "stock.location"))
	} else {
		name = "action_create_returns"
	}
	m.prepare = func(e *env, r *record, _ map[string]bool) error {
		if id, ok := toInt(e.context["active_id"]); ok && r.get("picking_id") == nil && e.context["active_model"] == "stock.picking" && e.browse("stock.picking", id) != nil {
			r.put("picking_id", id)
		}
		return nil
	}
	m.after = fillReturn
	m.methods[name] = &method{record: true, op: "w", run: createReturn}
	m = add("stock.return.picking.line", "Return Picking Line",
		rel("many2one", "wizard_id", "Wizard", "stock.return.picking").index().owned(),
		rel("many2one", "product_id", "Product", "product.product").must(),
		col("float", "quantity", "Quantity").prec("Product Unit of Measure").must().def(one),
		rel("many2one", "uom_id", "Unit of Measure", "uom.uom").calc(func(e *env, r *record) any { return e.related(r, "product_id").get("uom_id") }),
		rel("many2one", "move_id", "Move", "stock.move"),
		col("boolean", "to_refund", "Update quantities on SO/PO").def(true))
	m.recName = "product_id"
	m.display = func(e *env, r *record) string { return e.nameOf("product.product", r.num("product_id")) }
}

// fillReturn offers every move of the transfer: 17 with all that has not come
// back yet, 19 with nothing.
func fillReturn(e *env, rs []*record, given map[string]bool, created bool) error {
	for _, r := range rs {
		p := e.related(r, "picking_id")
		if !created || p == nil || given["product_return_moves"] {
			continue
		}
		if p.m.edition.major < 19 {
			if p.str("state") != "done" {
				return userError("You may only return Done pickings.")
			}
			e.set(r, "location_id", p.get("location_id"))
		}
		for _, mv := range e.children(p, "move_ids") {
			if mv.str("state") == "cancel" {
				continue
			}
			quantity := decimal.Zero
			if p.m.edition.major < 19 {
				quantity = mv.dec("quantity").Sub(e.returned(mv))
			}
			e.make("stock.return.picking.line", map[string]any{"wizard_id": r.id, "product_id": mv.get("product_id"), "quantity": quantity, "move_id": mv.id})
		}
	}
	return nil
}

// returned is how much of a move other moves bring back, done or under way.
func (e *env) returned(mv *record) decimal.Decimal {
	sum := decimal.Zero
	for _, back := range e.children(mv, "returned_move_ids") {
		if back.str("state") != "cancel" {
			sum = sum.Add(back.dec("quantity"))
		}
	}
	return sum
}

// createReturn makes the transfer that brings goods back and reserves for it.
func createReturn(e *env, c *call) (any, error) {
	var action map[string]any
	for _, w := range c.rs {
		p := e.related(w, "picking_id")
		var lines []*record
		for _, l := range e.children(w, "product_return_moves") {
			if l.get("move_id") == nil {
				return nil, userError("You have manually created product lines, please delete them to proceed.")
			}
			if !l.dec("quantity").IsZero() {
				lines = append(lines, l)
			}
		}
		if len(lines) == 0 || p == nil {
			return nil, userError("Please specify at least one non-zero quantity.")
		}
		if err := e.sender(); err != nil {
			return nil, err
		}
		next := e.returnPicking(w, p)
		for _, l := range lines {
			e.allocate(e.copyMove(e.related(l, "move_id"), map[string]any{
				"picking_id": next.id, "product_uom_qty": l.dec("quantity"), "to_refund": l.flag("to_refund"), "origin_returned_move_id": l.num("move_id"),
				"location_id": next.get("location_id"), "location_dest_id": next.get("location_dest_id"), "state": "confirmed", "date": e.now, "origin": p.get("origin"),
			}))
		}
		action = map[string]any{"name": "Returned Picking", "view_mode": "form", "res_model": "stock.picking", "res_id": next.id, "type": "ir.actions.act_window", "context": e.returnContext(p, next)}
		if p.m.edition.major < 19 {
			action["view_mode"] = "form,tree,calendar"
		}
	}
	return action, nil
}

func (e *env) returnPicking(w, p *record) *record {
	kind := e.related(p, "picking_type_id")
	back := kind.get("return_picking_type_id")
	if back == nil {
		back = kind.id
	}
	to := p.get("location_id")
	if w.get("location_id") != nil {
		to = w.get("location_id")
	}
	next := e.copyPicking(p, map[string]any{
		"picking_type_id": back, "return_id": p.id, "origin": "Return of " + p.str("name"), "location_id": p.get("location_dest_id"),
		"location_dest_id": to, "scheduled_date": e.now,
	})
	e.post(next, "mail.mt_note", "<p>This transfer has been created from: "+p.str("name")+"</p>", map[string]any{"is_internal": false})
	return next
}

// returnContext is what 17 adds to the caller's context; 19 leaves it alone.
func (e *env) returnContext(p, next *record) map[string]any {
	out := map[string]any{}
	for k, v := range e.context {
		out[k] = v
	}
	if p.m.edition.major >= 19 {
		return out
	}
	out["default_partner_id"], out["search_default_picking_type_id"] = p.num("partner_id"), next.num("picking_type_id")
	for _, k := range []string{"draft", "assigned", "confirmed", "ready", "planning_issues", "available"} {
		out["search_default_"+k] = false
	}
	return out
}
