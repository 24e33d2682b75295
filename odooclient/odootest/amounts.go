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
	unit, companyUnit, perLine := e.rounding(order)
	untaxed, tax := e.summed(lines, unit, companyUnit, perLine)
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
func (e *env) summed(lines []taxed, unit, companyUnit decimal.Decimal, perLine bool) (untaxed, tax decimal.Decimal) {
	if e.s.edition.major >= 19 && !perLine {
		return total19(lines, unit)
	}
	return total(lines, unit, companyUnit, perLine)
}

// rounding is the unit of the order's currency, that of the company's and
// whether taxes are rounded on every line.
func (e *env) rounding(order *record) (unit, companyUnit decimal.Decimal, perLine bool) {
	unit, companyUnit = decimal.New(1, -2), decimal.New(1, -2)
	if c := e.related(order, "currency_id"); c != nil {
		unit = c.dec("rounding")
	}
	// The method and currency are those of the caller's company, as measured.
	company := e.browse("res.company", e.company())
	if company == nil {
		return unit, companyUnit, true
	}
	if c := e.related(company, "currency_id"); c != nil {
		companyUnit = c.dec("rounding")
	}
	return unit, companyUnit, company.str("tax_calculation_rounding_method") != "round_globally"
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
	unit, companyUnit, perLine := e.rounding(order)
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
		untaxed, tax = e.summed(lines, unit, companyUnit, false)
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
