package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// rebooks notes that an invoice's taxes, sums and what is owed must be computed
// again before anyone looks.
func (e *env) rebooks(move *record) {
	if isInvoice(move) && !slices.Contains(e.unbooked, move) {
		e.unbooked = append(e.unbooked, move)
	}
}

// taxItem is what one row of a tax's distribution comes to on an invoice.
type taxItem struct {
	tax, distribution, group int64
	amount                   decimal.Decimal
}

// rebook computes an invoice: its lines' amounts, a line for every tax that comes
// to something, and the line that is owed.
func (e *env) rebook(move *record) {
	e.booking = true
	defer func() { e.booking = false }()
	var lines []*record
	for _, l := range e.children(move, "invoice_line_ids") {
		if l.str("display_type") == "product" {
			lines = append(lines, l)
		}
	}
	untaxed, taxes := e.invoiceTaxes(move, lines)
	sign, total, tax := move.facing().Neg(), untaxed, decimal.Zero
	left := decimal.Zero // what the receivable has to balance, in the books
	for _, l := range lines {
		e.book(move, l, sign.Mul(l.dec("price_subtotal")))
	}
	e.settleRounding(move, lines, untaxed, sign)
	for _, l := range lines {
		left = left.Add(l.dec("balance"))
	}
	have := e.itemsOf(move, "tax")
	for _, t := range taxes {
		tax, total = tax.Add(t.amount), total.Add(t.amount)
		if t.amount.IsZero() {
			continue
		}
		at := slices.IndexFunc(have, func(l *record) bool {
			return l.num("tax_repartition_line_id") == t.distribution && l.num("group_tax_id") == t.group
		})
		var l *record
		if at >= 0 {
			l = have[at]
			have = slices.Delete(have, at, at+1)
		} else {
			l = e.taxLine(move, t)
		}
		e.book(move, l, sign.Mul(t.amount))
		left = left.Add(l.dec("balance"))
	}
	for _, l := range have {
		e.remove(l)
	}
	e.set(move, "amount_untaxed", untaxed)
	e.set(move, "amount_tax", tax)
	e.set(move, "amount_total", total)
	e.owed(move, total, left.Neg())
}

func (e *env) itemsOf(move *record, kind string) []*record {
	return slices.DeleteFunc(e.children(move, "line_ids"), func(l *record) bool { return l.str("display_type") != kind })
}

// settleRounding lets the lines in the books add up to the invoice, where the
// version rounds on the whole of it.
func (e *env) settleRounding(move *record, lines []*record, untaxed, sign decimal.Decimal) {
	sum, weights := decimal.Zero, make([]decimal.Decimal, len(lines))
	amounts := make([]decimal.Decimal, len(lines))
	for i, l := range lines {
		amounts[i] = l.dec("price_subtotal")
		sum, weights[i] = sum.Add(amounts[i]), amounts[i].Abs()
	}
	if diff := untaxed.Sub(sum); !diff.IsZero() && len(lines) > 0 {
		spread(amounts, weights, diff, e.related(move, "currency_id").dec("rounding"))
		for i, l := range lines {
			e.book(move, l, sign.Mul(amounts[i]))
		}
	}
}

// book writes a line's amount in the invoice's currency and in the company's.
func (e *env) book(move, l *record, amount decimal.Decimal) {
	e.set(l, "amount_currency", amount)
	e.set(l, "balance", e.inBooks(move, amount))
	e.set(l, "currency_id", move.get("currency_id"))
}

// inBooks is an amount of a document in the company's currency.
func (e *env) inBooks(move *record, amount decimal.Decimal) decimal.Decimal {
	own, currency := e.related(e.related(move, "company_id"), "currency_id"), e.related(move, "currency_id")
	if own == nil || currency == nil || own == currency {
		return amount
	}
	return roundTo(amount.DivRound(rate(currency, own), divDigits), own.dec("rounding"))
}

func (e *env) taxLine(move *record, t taxItem) *record {
	account := e.related(move, "journal_id").get("default_account_id")
	if d := e.browse("account.tax.repartition.line", t.distribution); d != nil && d.get("account_id") != nil {
		account = d.get("account_id")
	}
	return e.make("account.move.line", map[string]any{
		"move_id": move.id, "display_type": "tax", "name": e.browse("account.tax", t.tax).str("name"), "tax_line_id": t.tax, "tax_repartition_line_id": link(t.distribution),
		"group_tax_id": link(t.group), "account_id": account, "partner_id": e.entityOf(move), "quantity": decimal.Zero,
	})
}

// link is an id as a relation stores it: nothing for none.
func link(id int64) any {
	if id == 0 {
		return nil
	}
	return id
}

// owed keeps the line of what the customer owes, or gets back.
func (e *env) owed(move *record, total, balance decimal.Decimal) {
	var l *record
	if have := e.itemsOf(move, "payment_term"); len(have) > 0 {
		if l = have[0]; len(e.children(move, "line_ids")) == 1 {
			e.remove(l)
			e.set(move, "amount_residual", decimal.Zero)
			return
		}
	} else if len(e.children(move, "line_ids")) > 0 {
		l = e.make("account.move.line", map[string]any{
			"move_id": move.id, "display_type": "payment_term", "account_id": e.account(receivableCode), "quantity": decimal.Zero,
		})
	} else {
		return
	}
	e.set(l, "name", e.owedName(move))
	e.set(l, "partner_id", e.entityOf(move))
	e.set(l, "amount_currency", total.Mul(move.facing()))
	e.set(l, "balance", balance)
	e.set(l, "currency_id", move.get("currency_id"))
	e.set(l, "date_maturity", move.get("invoice_date_due"))
	e.residual(l)
}

// owedName is what stands on the customer's account.
func (e *env) owedName(move *record) any {
	ref, payment := move.str("ref"), move.str("payment_reference")
	if payment == "" {
		return nil
	}
	if move.m.edition.major >= 19 && ref != "" && ref != payment {
		return ref + " - " + payment
	}
	return payment
}

// invoiceTaxes computes lines as their version does and returns the untaxed sum
// and the rows of the taxes.
func (e *env) invoiceTaxes(move *record, lines []*record) (decimal.Decimal, []taxItem) {
	company := e.related(move, "company_id")
	round := e.roundingIn(move, company)
	if e.s.edition.major >= 19 {
		return e.invoiceTaxes19(move, lines, round)
	}
	unit := f64(round.unit)
	var all []taxed17
	untaxed := 0.0
	for _, l := range lines {
		price := e.float(l, "price_unit") * (1 - e.float(l, "discount")/100)
		t := apply17(e.taxes(l.ids("tax_ids")), price, e.float(l, "quantity"), unit, round.perLine)
		own := sum17([]taxed17{clone17(t)}, unit, 0)
		e.set(l, "price_subtotal", money(own.untaxed, round.unit))
		e.set(l, "price_total", money(own.untaxed+own.tax, round.unit))
		untaxed += t.untaxed
		all = append(all, t)
	}
	var out []taxItem
	var rows []taxRow
	var sums []float64
	for _, t := range all {
		for _, s := range t.shares {
			at := slices.Index(rows, s.row)
			if at < 0 {
				at = len(rows)
				rows, sums = append(rows, s.row), append(sums, 0)
				out = append(out, taxItem{tax: s.tax.id, distribution: e.distribution(move, s.row.distribution), group: s.row.group})
			}
			sums[at] += s.amount
		}
	}
	for i := range out {
		out[i].amount = money(floatRound(sums[i], unit), round.unit)
	}
	return money(untaxed, round.unit), out
}

func clone17(t taxed17) taxed17 { return taxed17{untaxed: t.untaxed, shares: slices.Clone(t.shares)} }

func (e *env) invoiceTaxes19(move *record, lines []*record, round rounding) (decimal.Decimal, []taxItem) {
	var all []taxed
	untaxed := decimal.Zero
	for _, l := range lines {
		price := l.dec("price_unit").Mul(one.Sub(l.dec("discount").Div(hundred)))
		t := apply19(e.taxes(l.ids("tax_ids")), price, l.dec("quantity"), round.unit, round.perLine)
		own := t
		own.excluded = true
		sum := sum19([]taxed{own}, round.unit)
		e.set(l, "price_subtotal", sum.untaxed)
		e.set(l, "price_total", sum.untaxed.Add(sum.tax))
		untaxed = untaxed.Add(sum.untaxed)
		all = append(all, t)
	}
	sum := sum19(all, round.unit)
	if !round.perLine {
		untaxed = sum.untaxed
	}
	var out []taxItem
	for _, r := range sum.rows {
		at := 0
		if r.reverse && len(r.tax.repartition) > 1 {
			at = 1
		}
		item := taxItem{tax: r.tax.id, group: r.tax.group, amount: r.sum}
		if len(r.tax.repartition) > 0 {
			item.distribution = e.distribution(move, r.tax.repartition[at])
		}
		out = append(out, item)
	}
	return untaxed, out
}

// distribution is the line of a tax's distribution for what a document is: the
// computation names those of invoices.
func (e *env) distribution(move *record, id int64) int64 {
	l := e.browse("account.tax.repartition.line", id)
	if l == nil || move.str("move_type") != "out_refund" {
		return id
	}
	tax := e.related(l, "tax_id")
	at := slices.Index(e.children(tax, "invoice_repartition_line_ids"), l)
	if refund := e.children(tax, "refund_repartition_line_ids"); at >= 0 && at < len(refund) {
		return refund[at].id
	}
	return id
}
