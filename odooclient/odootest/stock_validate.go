package odootest

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// validate is button_validate. Where nothing is marked as picked all that is
// reserved counts; goods that are missing are asked about, unless the context
// says what becomes of them. The question marks the moves as picked all the same.
func validate(e *env, c *call) (any, error) {
	rs := c.rs
	if c.m.edition.major >= 19 {
		rs = slices.DeleteFunc(slices.Clone(rs), func(p *record) bool { return p.str("state") == "done" })
	}
	if err := e.movable(rs); err != nil {
		return nil, err
	}
	for _, p := range rs {
		moves := e.children(p, "move_ids")
		has := slices.ContainsFunc(moves, func(mv *record) bool { return !mv.dec("quantity").IsZero() })
		picked := slices.ContainsFunc(moves, func(mv *record) bool { return mv.flag("picked") })
		for _, mv := range moves {
			if has && !picked {
				e.pick(mv, true)
			}
		}
	}
	if !e.flag("skip_backorder") {
		if short := e.short(rs); len(short) > 0 {
			return e.backorderQuestion(rs, short), nil
		}
	}
	dropped := contextIDs(e.context, "picking_ids_not_to_backorder")
	for _, p := range rs {
		if err := e.transfer(p, slices.Contains(dropped, p.id)); err != nil {
			return nil, err
		}
	}
	return true, nil
}

// movable refuses transfers with nothing to move. Of several only those without
// any moves are refused.
func (e *env) movable(rs []*record) error {
	var empty []string
	for _, p := range rs {
		moves := e.children(p, "move_ids")
		if len(moves) == 0 {
			empty = append(empty, p.str("name"))
			continue
		}
		picked := p.m.edition.major >= 19 && slices.ContainsFunc(moves, func(mv *record) bool { return mv.flag("picked") && !closed(mv) })
		some := slices.ContainsFunc(moves, func(mv *record) bool {
			return !closed(mv) && (!picked || mv.flag("picked")) && !mv.dec("quantity").IsZero()
		})
		if len(rs) == 1 && !some {
			if p.m.edition.major >= 19 {
				return userError("Transfer trouble alert! Validating a zero quantity transfer? You're not moving invisible goods around are you?\nSet some quantities and let's get moving!")
			}
			return userError("You cannot validate a transfer if no quantities are reserved. To force the transfer, encode quantities.")
		}
	}
	switch {
	case len(empty) > 0 && len(rs) == 1:
		return userError("You can’t validate an empty transfer. Please add some products to move before proceeding.")
	case len(empty) > 0:
		return userError("Transfers %s: Please add some items to move.", strings.Join(empty, ", "))
	}
	return nil
}

func closed(mv *record) bool { return mv.str("state") == "done" || mv.str("state") == "cancel" }

// short are the transfers that would leave something behind.
func (e *env) short(rs []*record) (out []*record) {
	for _, p := range rs {
		if slices.ContainsFunc(e.children(p, "move_ids"), func(mv *record) bool {
			demand := mv.dec("product_uom_qty")
			return mv.str("state") != "cancel" && (!demand.IsZero() && !mv.flag("picked") || pickedOf(mv).LessThan(demand))
		}) {
			out = append(out, p)
		}
	}
	return out
}

// backorderQuestion is the action that a person would answer in a dialogue.
func (e *env) backorderQuestion(all, short []*record) map[string]any {
	view := int64(848)
	if e.s.edition.major >= 19 {
		view = 943
	}
	context := maps.Clone(e.context)
	if context == nil {
		context = map[string]any{}
	}
	if context["button_validate_picking_ids"] == nil {
		context["button_validate_picking_ids"] = idsOf(all)
	}
	links := make([]any, len(short))
	for i, p := range short {
		links[i] = []any{int64(4), p.id}
	}
	context["default_show_transfers"], context["default_pick_ids"] = len(all) > 1, links
	return map[string]any{
		"name": "Create Backorder?", "type": "ir.actions.act_window", "view_mode": "form", "res_model": "stock.backorder.confirmation",
		"views": []any{[]any{view, "form"}}, "view_id": view, "target": "new", "context": context,
	}
}

// transfer moves what is picked. The rest goes to a transfer of its own, or is
// given up.
func (e *env) transfer(p *record, dropRest bool) error {
	var done []*record
	for _, mv := range e.children(p, "move_ids") {
		if closed(mv) {
			continue
		}
		take := mv.flag("picked") && mv.dec("quantity").IsPositive()
		if !take && (dropRest || mv.dec("product_uom_qty").IsZero()) {
			e.cancelMove(mv)
		}
		if take {
			done = append(done, mv)
		}
	}
	var rest []*record
	for _, mv := range done {
		if left := mv.dec("product_uom_qty").Sub(mv.dec("quantity")); left.IsPositive() && !dropRest {
			rest = append(rest, e.split(mv, left))
		}
	}
	for _, mv := range done {
		e.finish(mv)
	}
	for _, mv := range e.children(p, "move_ids") {
		if !closed(mv) && !slices.Contains(rest, mv) {
			rest = append(rest, mv)
		}
	}
	if len(done) == 0 {
		return nil
	}
	e.set(p, "date_done", e.now.Truncate(time.Second))
	if len(rest) > 0 {
		if err := e.backorder(p, rest); err != nil {
			return err
		}
	}
	e.pickingState(p)
	for _, mv := range done {
		e.delivered(mv)
	}
	if order := e.related(p, "sale_id"); order != nil {
		e.dated(order)
	}
	return nil
}

// finish moves the goods of one move.
func (e *env) finish(mv *record) {
	for _, l := range e.children(mv, "move_line_ids") {
		if !e.bypasses(mv) {
			e.put(l.num("product_id"), l.num("location_id"), decimal.Zero, l.dec("quantity").Neg())
		}
		e.shift(l, l.dec("quantity"))
	}
	e.set(mv, "state", "done")
	e.set(mv, "date", e.now.Truncate(time.Second))
	e.touch(mv)
}
