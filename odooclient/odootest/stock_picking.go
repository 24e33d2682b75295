package odootest

import (
	"time"

	"github.com/shopspring/decimal"
)

// pickingMethods are what a person presses on a transfer.
func pickingMethods(m *model) {
	m.methods["button_validate"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		for _, p := range c.rs {
			if p.str("state") == "draft" {
				e.confirmPicking(p)
				for _, mv := range e.children(p, "move_ids") {
					if mv.dec("quantity").IsZero() {
						e.resizeMove(mv, mv.dec("product_uom_qty"))
					}
				}
			}
		}
		return validate(e, c)
	}}
	m.methods["action_confirm"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		for _, p := range c.rs {
			e.confirmPicking(p)
		}
		return true, nil
	}}
	m.methods["action_assign"] = &method{record: true, op: "w", run: assignPickings}
	m.methods["do_unreserve"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		for _, p := range c.rs {
			for _, mv := range e.children(p, "move_ids") {
				if !mv.flag("picked") && !closed(mv) { // what is picked stays
					e.unreserve(mv)
					e.restate(mv)
				}
			}
		}
		return nil, nil
	}}
	m.methods["action_cancel"] = &method{record: true, op: "w", run: func(e *env, c *call) (any, error) {
		for _, p := range c.rs {
			if err := e.cancelPicking(p); err != nil {
				return nil, err
			}
		}
		return true, nil
	}}
}

// confirmPicking makes the moves of a draft real and reserves for them.
func (e *env) confirmPicking(p *record) {
	for _, mv := range e.children(p, "move_ids") {
		if mv.str("state") == "draft" {
			e.moveState(mv, "confirmed")
			e.allocate(mv)
		}
	}
}

func assignPickings(e *env, c *call) (any, error) {
	found := false
	for _, p := range c.rs {
		if p.str("state") == "draft" {
			e.confirmPicking(p)
		}
		for _, mv := range e.children(p, "move_ids") {
			if mv.str("state") != "draft" && !closed(mv) {
				found = true
				e.allocate(mv)
			}
		}
	}
	if !found {
		return nil, userError("Nothing to check the availability for.")
	}
	return true, nil
}

func (e *env) cancelPicking(p *record) error {
	for _, mv := range e.children(p, "move_ids") {
		if mv.str("state") == "done" {
			return userError("You cannot cancel a stock move that has been set to 'Done'. Create a return in order to reverse the moves which took place.")
		}
	}
	for _, mv := range e.children(p, "move_ids") {
		e.cancelMove(mv)
	}
	if len(e.children(p, "move_ids")) == 0 {
		e.set(p, "state", "cancel")
		e.touch(p)
	}
	return nil
}

// availability says whether all of an outgoing transfer that waits is there.
func availability(e *env, p *record) any {
	if s := p.str("state"); pickingCode(e, p) != "outgoing" || s != "waiting" && s != "confirmed" && s != "assigned" {
		return nil
	}
	for _, mv := range e.children(p, "move_ids") {
		lack := mv.dec("product_uom_qty").Sub(mv.dec("quantity"))
		if closed(mv) || e.bypasses(mv) || !lack.IsPositive() {
			continue
		}
		free := decimal.Zero
		for _, q := range e.quants(mv.num("product_id")) {
			if e.within(q.num("location_id"), []int64{mv.num("location_id")}) {
				free = free.Add(unreserved(q))
			}
		}
		if free.LessThan(lack) {
			return "late"
		}
	}
	return "available"
}

func pickingCode(e *env, p *record) any {
	if kind := e.related(p, "picking_type_id"); kind != nil {
		return kind.str("code")
	}
	return nil
}

// deadline is the first of the moves' deadlines, or the last where all leave
// together.
func deadline(e *env, p *record) any {
	var out any
	for _, mv := range e.children(p, "move_ids") {
		at := mv.at("date_deadline")
		if at.IsZero() {
			continue
		}
		if old := timeOf(out); out == nil || (p.str("move_type") == "one") == at.After(old) {
			out = at
		}
	}
	return out
}

// schedule moves a transfer to the dates of its moves.
func (e *env) schedule(p *record) {
	var out any
	for _, mv := range e.children(p, "move_ids") {
		if closed(mv) {
			continue
		}
		at := mv.at("date")
		if old := timeOf(out); out == nil || (p.str("move_type") == "one") == at.After(old) {
			out = at
		}
	}
	if out != nil {
		e.set(p, "scheduled_date", out)
	}
}

// timeOf is a time, the zero one for nothing.
func timeOf(v any) time.Time {
	t, _ := v.(time.Time)
	return t
}
