package odootest

import (
	"github.com/shopspring/decimal"
)

func backorderModel(add declare) {
	m := add("stock.backorder.confirmation", "Backorder Confirmation",
		rel("many2many", "pick_ids", "Pick", "stock.picking"),
		col("boolean", "show_transfers", "Show Transfers").def(false))
	m.display = wizardName
	m.methods["process"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) { return e.answered(nil) }}
	m.methods["process_cancel_backorder"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		drop := []any{}
		for _, w := range c.rs {
			for _, id := range w.ids("pick_ids") {
				drop = append(drop, id)
			}
		}
		return e.answered(drop)
	}}
}

func wizardName(_ *env, r *record) string { return r.m.name + "," + pyRepr(r.id) }

// answered validates the transfers that the context names again, now knowing
// whose rest is given up.
func (e *env) answered(drop []any) (any, error) {
	m := e.s.models["stock.picking"]
	c := &call{m: m}
	for _, id := range contextIDs(e.context, "button_validate_picking_ids") {
		if p := e.browse(m.name, id); p != nil {
			c.rs = append(c.rs, p)
		}
	}
	if len(c.rs) == 0 {
		return true, nil
	}
	outer := e.context
	defer func() { e.context = outer }()
	e.context = map[string]any{"skip_backorder": true}
	for k, v := range outer {
		e.context[k] = v
	}
	e.context["skip_backorder"], e.context["picking_ids_not_to_backorder"] = true, drop
	return validate(e, c)
}

// split takes a part of a move's demand into a move of its own.
func (e *env) split(mv *record, part decimal.Decimal) *record {
	e.set(mv, "product_uom_qty", mv.dec("product_uom_qty").Sub(part))
	return e.copyMove(mv, map[string]any{"product_uom_qty": part, "state": "confirmed"})
}

// copyMove makes a move like another, with nothing reserved.
func (e *env) copyMove(mv *record, vals map[string]any) *record {
	for _, f := range []string{
		"name", "picking_id", "group_id", "sale_line_id", "product_id", "product_uom", "company_id", "location_id", "location_dest_id", "partner_id",
		"origin", "to_refund", "date", "date_deadline", "sequence", "origin_returned_move_id",
	} {
		if f := mv.m.fields[f]; f != nil && vals[f.name] == nil && mv.get(f.name) != nil {
			vals[f.name] = mv.get(f.name)
		}
	}
	return e.make("stock.move", vals)
}

// backorder moves what is left of a transfer to a new one and reserves for it.
func (e *env) backorder(p *record, rest []*record) error {
	if err := e.sender(); err != nil {
		return err
	}
	next := e.copyPicking(p, map[string]any{"backorder_id": p.id, "carrier_id": p.get("carrier_id"), "user_id": p.get("user_id")})
	for _, mv := range rest {
		e.set(mv, "picking_id", next.id)
		for _, l := range e.children(mv, "move_line_ids") {
			e.set(l, "picking_id", next.id)
		}
		e.pick(mv, false)
	}
	e.post(p, "mail.mt_note", "<p>The backorder "+next.str("name")+" has been created.</p>", map[string]any{"is_internal": false})
	for _, mv := range rest {
		e.allocate(mv)
	}
	e.pickingState(next)
	return nil
}

// copyPicking makes a transfer like another without its moves.
func (e *env) copyPicking(p *record, vals map[string]any) *record {
	for _, f := range []string{"partner_id", "origin", "sale_id", "move_type", "company_id", "location_id", "location_dest_id", "picking_type_id", "priority", "scheduled_date"} {
		if _, given := vals[f]; !given && p.get(f) != nil {
			vals[f] = p.get(f)
		}
	}
	return e.make("stock.picking", vals)
}

// cancelMove gives back what a move has and ends it.
func (e *env) cancelMove(mv *record) {
	if mv.str("state") == "cancel" {
		return
	}
	e.pick(mv, false)
	e.unreserve(mv)
	e.moveState(mv, "cancel")
}

// pick marks a move and its lines.
func (e *env) pick(mv *record, picked bool) {
	if mv.flag("picked") != picked {
		e.set(mv, "picked", picked)
		e.touch(mv)
	}
	for _, l := range e.children(mv, "move_line_ids") {
		e.set(l, "picked", picked)
	}
}

// pickedOf is how much of a move's quantity is marked as picked.
func pickedOf(mv *record) decimal.Decimal {
	if mv.flag("picked") {
		return mv.dec("quantity")
	}
	return decimal.Zero
}

// delivered sums up again what the line behind a move was delivered: what went
// to the customer without what came back to be refunded.
func (e *env) delivered(mv *record) {
	line := e.related(mv, "sale_line_id")
	if line == nil {
		return
	}
	sum := decimal.Zero
	for _, mv := range e.children(line, "move_ids") {
		if mv.str("state") == "done" && mv.num("product_id") == line.num("product_id") {
			sum = sum.Add(e.direction(mv, mv.dec("quantity")))
		}
	}
	if !line.dec("qty_delivered").Equal(sum) {
		e.set(line, "qty_delivered", sum)
		e.touch(line)
	}
}

// direction is a quantity as a line counts it: out, back, or not at all, as what
// comes back to be thrown away.
func (e *env) direction(mv *record, quantity decimal.Decimal) decimal.Decimal {
	returned := mv.get("origin_returned_move_id") != nil
	switch out := e.text(mv, "location_dest_id", "usage") == "customer"; {
	case scrapped(e, mv):
		return decimal.Zero
	case out && (!returned || mv.flag("to_refund")):
		return quantity
	case !out && mv.flag("to_refund"):
		return quantity.Neg()
	}
	return decimal.Zero
}

// sender refuses what leaves a message in the name of a user without an address:
// in 17 backorders, returns and registered payments.
func (e *env) sender() error {
	if u := e.browse("res.users", e.uid); e.s.edition.major < 19 && u.str("email") == "" {
		return userError("Unable to send message, please configure the sender's email address.")
	}
	return nil
}
