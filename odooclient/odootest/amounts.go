package odootest

import (
	"github.com/shopspring/decimal"
)

// amounts computes one line.
func (e *env) amounts(order, r *record) {
	lines := []taxed{}
	if r.str("display_type") == "" {
		line := e.taxed(order, r)
		line.excluded = true // 19 rounds a line's own base; only the order's follows its total
		lines = append(lines, line)
	}
	unit, summary, perLine := e.rounding(order)
	untaxed, tax := e.summed(lines, unit, summary, perLine)
	e.set(r, "price_subtotal", untaxed)
	e.set(r, "price_tax", tax)
	e.set(r, "price_total", untaxed.Add(tax))
	e.set(r, "currency_id", order.get("currency_id"))
}

func (e *env) taxed(order, r *record) taxed {
	unit, _, perLine := e.rounding(order)
	price := r.dec("price_unit").Mul(one.Sub(r.dec("discount").Div(hundred)))
	taxes, qty := e.taxes(r.ids("tax_id")), r.dec("product_uom_qty")
	if e.s.edition.major >= 19 {
		return apply19(taxes, price, qty, unit, perLine)
	}
	return apply(taxes, price, qty, unit, perLine)
}

// summed is what lines come to, by the version's rule.
func (e *env) summed(lines []taxed, unit, summary decimal.Decimal, perLine bool) (untaxed, tax decimal.Decimal) {
	if e.s.edition.major >= 19 && !perLine {
		return total19(lines, unit)
	}
	return total(lines, unit, summary, perLine)
}

// totals notes that an order's sums must be computed again before anyone looks.
func (e *env) totals(order *record) {
	if !e.stale[order.id] {
		e.stale[order.id] = true
		e.pending = append(e.pending, order)
	}
}

// flush computes what is stale.
func (e *env) flush() {
	for _, order := range e.pending {
		if !order.gone {
			e.sum(order)
		}
	}
	clear(e.stale)
	e.pending = nil
}

func (e *env) sum(order *record) {
	unit, summary, perLine := e.rounding(order)
	var untaxed, tax decimal.Decimal
	var lines []taxed
	for _, l := range e.children(order, "order_line") {
		switch {
		case l.str("display_type") != "":
		case perLine:
			untaxed, tax = untaxed.Add(l.dec("price_subtotal")), tax.Add(l.dec("price_tax"))
		default:
			lines = append(lines, e.taxed(order, l))
		}
	}
	if !perLine {
		untaxed, tax = e.summed(lines, unit, summary, false)
	}
	all := untaxed.Add(tax)
	if order.get("amount_total") != nil && order.dec("amount_untaxed").Equal(untaxed) && order.dec("amount_tax").Equal(tax) {
		return
	}
	if order.str("state") == "sale" {
		e.track(order)
	}
	e.set(order, "amount_untaxed", untaxed)
	e.set(order, "amount_tax", tax)
	e.set(order, "amount_total", all)
	e.touch(order)
}
