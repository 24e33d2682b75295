package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// bypasses says whether a move takes its goods without a reservation: what is not
// counted, and what comes from outside.
func (e *env) bypasses(mv *record) bool {
	if product := e.related(mv, "product_id"); product == nil || !storable(product) {
		return true
	}
	usage := e.text(mv, "location_id", "usage")
	return usage != "internal" && usage != "transit" && usage != "view"
}

// allocate reserves for a move what it lacks and the stock below its place has free.
// What is picked keeps its quantity.
func (e *env) allocate(mv *record) {
	if closed(mv) {
		return
	}
	if !mv.flag("picked") {
		e.reserve(mv, mv.dec("product_uom_qty").Sub(mv.dec("quantity")), false)
	}
	e.restate(mv)
}

// reserve adds to a move's quantity from the free stock below its place; what is
// not there only when forced, from the place itself.
func (e *env) reserve(mv *record, need decimal.Decimal, force bool) {
	place := mv.num("location_id")
	if !e.bypasses(mv) {
		for _, q := range e.quants(mv.num("product_id")) {
			free := decimal.Min(need, unreserved(q))
			if free.IsPositive() && e.within(q.num("location_id"), []int64{place}) {
				e.addLine(mv, q.num("location_id"), free)
				need = need.Sub(free)
			}
		}
		if !force {
			return
		}
	}
	if need.IsPositive() {
		e.addLine(mv, place, need)
	}
}

// addLine lets a move take more from a place.
func (e *env) addLine(mv *record, place int64, quantity decimal.Decimal) {
	lines := e.children(mv, "move_line_ids")
	if i := slices.IndexFunc(lines, func(l *record) bool { return l.num("location_id") == place }); i >= 0 {
		e.resize(lines[i], lines[i].dec("quantity").Add(quantity))
	} else {
		l := e.make("stock.move.line", map[string]any{
			"move_id": mv.id, "picking_id": mv.get("picking_id"), "product_id": mv.get("product_id"), "company_id": mv.get("company_id"),
			"product_uom_id": mv.get("product_uom"), "location_id": place, "location_dest_id": mv.get("location_dest_id"), "quantity": decimal.Zero, "picked": mv.get("picked"),
		})
		e.resize(l, quantity)
	}
	e.sumLines(mv)
}

// resize changes what a line takes, and with it what its place has reserved. A
// line that is done moves the difference at once.
func (e *env) resize(l *record, quantity decimal.Decimal) {
	mv := e.related(l, "move_id")
	diff := quantity.Sub(l.dec("quantity"))
	switch {
	case mv.str("state") == "done":
		e.shift(l, diff)
	case !e.bypasses(mv):
		e.put(l.num("product_id"), l.num("location_id"), decimal.Zero, diff)
	}
	e.set(l, "quantity", quantity)
	e.touch(l)
}

// shift moves goods along a line; only what is counted leaves a trace.
func (e *env) shift(l *record, quantity decimal.Decimal) {
	if product := e.related(l, "product_id"); product == nil || !storable(product) {
		return
	}
	e.put(l.num("product_id"), l.num("location_id"), quantity.Neg(), decimal.Zero)
	e.put(l.num("product_id"), l.num("location_dest_id"), quantity, decimal.Zero)
}

func (e *env) sumLines(mv *record) {
	sum := decimal.Zero
	for _, l := range e.children(mv, "move_line_ids") {
		sum = sum.Add(l.dec("quantity"))
	}
	e.set(mv, "quantity", sum)
	e.touch(mv)
}

// resizeMove is a quantity written to a move: its lines take more or less.
func (e *env) resizeMove(mv *record, quantity decimal.Decimal) {
	lines := e.children(mv, "move_line_ids")
	have := decimal.Zero
	for _, l := range lines {
		have = have.Add(l.dec("quantity"))
	}
	if more := quantity.Sub(have); more.IsPositive() {
		if mv.str("state") == "done" {
			e.addLine(mv, mv.num("location_id"), more)
		} else {
			e.reserve(mv, more, true)
		}
	}
	for less, i := have.Sub(quantity), len(lines)-1; less.IsPositive() && i >= 0; i-- {
		part := decimal.Min(less, lines[i].dec("quantity"))
		less = less.Sub(part)
		e.resize(lines[i], lines[i].dec("quantity").Sub(part))
		if lines[i].dec("quantity").IsZero() {
			e.remove(lines[i])
		}
	}
	e.sumLines(mv)
	e.restate(mv)
}

// unreserve gives back all that a move has reserved.
func (e *env) unreserve(mv *record) {
	for _, l := range e.children(mv, "move_line_ids") {
		e.resize(l, decimal.Zero)
		e.remove(l)
	}
	e.sumLines(mv)
}

// restate derives the state of an open move from what it has, and its transfer's.
func (e *env) restate(mv *record) {
	if s := mv.str("state"); s == "done" || s == "cancel" || s == "draft" {
		return
	}
	state := "confirmed"
	switch have := mv.dec("quantity"); {
	case have.GreaterThanOrEqual(mv.dec("product_uom_qty")):
		state = "assigned"
	case have.IsPositive():
		state = "partially_available"
	}
	e.moveState(mv, state)
}

func (e *env) moveState(mv *record, state string) {
	if mv.str("state") != state {
		e.set(mv, "state", state)
		e.touch(mv)
	}
	if p := e.related(mv, "picking_id"); p != nil {
		e.pickingState(p)
	}
}

// pickingState derives a transfer's state from its moves.
func (e *env) pickingState(p *record) {
	state := stateOf(e.children(p, "move_ids"), p.str("move_type"))
	if state == p.str("state") {
		return
	}
	e.set(p, "state", state)
	e.touch(p)
	if !e.made[p] {
		e.track(p)
	}
	if order := e.related(p, "sale_id"); order != nil {
		e.touch(order) // its delivery status
	}
}

// stateOf is the state of a transfer with such moves. One that leaves at once is
// ready when anything is there, one that leaves whole when all is.
func stateOf(moves []*record, policy string) string {
	if len(moves) == 0 {
		return "draft"
	}
	count, open := map[string]int{}, 0
	for _, mv := range moves {
		count[mv.str("state")]++
		if s := mv.str("state"); s != "done" && s != "cancel" {
			open++
		}
	}
	switch {
	case count["draft"] > 0:
		return "draft"
	case count["cancel"] == len(moves):
		return "cancel"
	case open == 0:
		return "done"
	case count["assigned"] == open, policy != "one" && count["assigned"]+count["partially_available"] > 0:
		return "assigned"
	}
	return "confirmed"
}
