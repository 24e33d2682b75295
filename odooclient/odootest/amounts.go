package odootest

import "github.com/shopspring/decimal"

// amounts computes one line by itself. Its price_tax is a float without digits,
// stored with whatever a sum in 17 and a difference in 19 leave behind the last
// cent.
func (e *env) amounts(order, r *record) {
	var untaxed, tax, all decimal.Decimal
	round := e.lineRounding(order)
	switch {
	case r.str("display_type") != "":
	case e.s.edition.major >= 19:
		line := e.taxed19(order, r)
		line.excluded = true // the line's base is rounded by itself; only the order's follows its total
		sum := sum19([]taxed{line}, round.unit)
		untaxed, all = sum.untaxed, sum.untaxed.Add(sum.tax)
		tax = decimal.NewFromFloat(f64(all) - f64(untaxed))
	default:
		sum := sum17([]taxed17{e.taxed17(order, r)}, f64(round.unit), f64(round.summary))
		untaxed, tax = money(sum.untaxed, round.unit), decimal.NewFromFloat(sum.tax)
		all = money(sum.untaxed+sum.tax, round.unit)
	}
	e.set(r, "price_subtotal", untaxed)
	e.set(r, "price_tax", tax)
	e.set(r, "price_total", all)
	e.set(r, "currency_id", order.get("currency_id"))
}

// taxed19 computes a line in exact decimals, which 19's floats agree with.
func (e *env) taxed19(order, r *record) taxed {
	round := e.lineRounding(order)
	price := r.dec("price_unit").Mul(one.Sub(r.dec("discount").Div(hundred)))
	return apply19(e.taxes(r.ids("tax_id")), price, r.dec("product_uom_qty"), round.unit, round.perLine)
}

// taxed17 computes a line in the floats of 17.
func (e *env) taxed17(order, r *record) taxed17 {
	round := e.lineRounding(order)
	price := e.float(r, "price_unit") * (1 - e.float(r, "discount")/100)
	return apply17(e.taxes(r.ids("tax_id")), price, e.float(r, "product_uom_qty"), f64(round.unit), round.perLine)
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
	for len(e.unbooked) > 0 {
		move := e.unbooked[0]
		if e.unbooked = e.unbooked[1:]; !move.gone {
			e.rebook(move)
		}
	}
}

func (e *env) sum(order *record) {
	untaxed, tax, all := e.orderAmounts(order)
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

// orderAmounts are an order's sums: of its lines' amounts where taxes are
// rounded per line, else of the lines computed together.
func (e *env) orderAmounts(order *record) (untaxed, tax, all decimal.Decimal) {
	round := e.rounding(order)
	lines := e.priced(order)
	if e.s.edition.major >= 19 {
		if round.perLine {
			for _, l := range lines {
				untaxed, tax = untaxed.Add(l.dec("price_subtotal")), tax.Add(roundTo(l.dec("price_tax"), round.unit))
			}
		} else {
			sum := sum19(e.all19(order, lines), round.unit)
			untaxed, tax = sum.untaxed, sum.tax
		}
		return untaxed, tax, untaxed.Add(tax)
	}
	var u, t float64
	if round.perLine {
		for _, l := range lines {
			u, t = u+e.float(l, "price_subtotal"), t+f64(l.dec("price_tax"))
		}
	} else {
		sum := sum17(e.all17(order, lines), f64(round.unit), f64(round.summary))
		u, t = sum.untaxed, sum.tax
	}
	untaxed, tax = money(u, round.unit), money(t, round.unit)
	return untaxed, tax, money(f64(untaxed)+f64(tax), round.unit)
}

// priced are an order's lines without sections and notes.
func (e *env) priced(order *record) []*record {
	lines := e.children(order, "order_line")
	out := lines[:0]
	for _, l := range lines {
		if l.str("display_type") == "" {
			out = append(out, l)
		}
	}
	return out
}

func (e *env) all17(order *record, lines []*record) []taxed17 {
	out := make([]taxed17, len(lines))
	for i, l := range lines {
		out[i] = e.taxed17(order, l)
	}
	return out
}

func (e *env) all19(order *record, lines []*record) []taxed {
	out := make([]taxed, len(lines))
	for i, l := range lines {
		out[i] = e.taxed19(order, l)
	}
	return out
}
