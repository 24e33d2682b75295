package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// group19 is what one group of taxes comes to, in the order's currency and in
// the company's.
type group19 struct {
	group       *record
	taxes       []int64
	fixed       bool // only taxes of a fixed amount: no base is shown
	divided     bool // only taxes of a share of the price that is part of it
	base, tax   decimal.Decimal
	base0, tax0 decimal.Decimal // company currency
}

// totals19 is the summary of 19, every amount in both currencies.
func (e *env) totals19(order *record) map[string]any {
	lines := e.all19(order, e.priced(order))
	currency, company := e.related(order, "currency_id"), e.related(e.related(order, "company_id"), "currency_id")
	round := e.rounding(order)
	sum, books := sum19(lines, round.unit), sum19(converted(lines, rate(currency, company), company.dec("rounding"), round.perLine), company.dec("rounding"))
	groups := e.groups19(sum, books)
	subtotals := []any{}
	bases := map[string]bool{sum.untaxed.String(): true}
	names := headings(groups, func(g *group19) *record { return g.group })
	if len(names) == 0 {
		names = []string{untaxedAmount}
	}
	before, before0 := sum.untaxed, books.untaxed
	for _, name := range names {
		list, tax, tax0 := []any{}, decimal.Zero, decimal.Zero
		for _, g := range groups {
			if heading(g.group) != name {
				continue
			}
			tax, tax0 = tax.Add(g.tax), tax0.Add(g.tax0)
			row, shown := g.row()
			list = append(list, row)
			if shown != "" {
				bases[shown] = true
			}
		}
		subtotals = append(subtotals, map[string]any{
			"name": name, "tax_groups": list, "base_amount_currency": pyFloat{before}, "base_amount": pyFloat{before0},
			"tax_amount_currency": pyFloat{tax}, "tax_amount": pyFloat{tax0},
		})
		before, before0 = before.Add(tax), before0.Add(tax0)
	}
	return map[string]any{
		"currency_id": currency.id, "currency_pd": pyFloat{currency.dec("rounding")},
		"company_currency_id": company.id, "company_currency_pd": pyFloat{company.dec("rounding")},
		"has_tax_groups": len(groups) > 0, "subtotals": subtotals, "same_tax_base": len(bases) == 1,
		"base_amount_currency": pyFloat{sum.untaxed}, "base_amount": pyFloat{books.untaxed},
		"tax_amount_currency": pyFloat{sum.tax}, "tax_amount": pyFloat{books.tax},
		"total_amount_currency": pyFloat{sum.untaxed.Add(sum.tax)}, "total_amount": pyFloat{books.untaxed.Add(books.tax)},
	}
}

// row is a group as it is shown, and the base that stands beside it, if any.
func (g *group19) row() (map[string]any, string) {
	row := map[string]any{
		"id": g.group.id, "group_name": g.group.str("name"), "group_label": false, "involved_tax_ids": g.taxes,
		"tax_amount_currency": pyFloat{g.tax}, "tax_amount": pyFloat{g.tax0},
		"base_amount_currency": pyFloat{g.base}, "base_amount": pyFloat{g.base0},
		"display_base_amount_currency": false, "display_base_amount": false,
	}
	if label := g.group.str("pos_receipt_label"); label != "" {
		row["group_label"] = label
	}
	if g.fixed {
		return row, ""
	}
	shown, shown0 := g.base, g.base0
	if g.divided {
		shown, shown0 = shown.Add(g.tax), shown0.Add(g.tax0)
	}
	row["display_base_amount_currency"], row["display_base_amount"] = pyFloat{shown}, pyFloat{shown0}
	return row, shown.String()
}

// groups19 joins the rows of both currencies by group of taxes.
func (e *env) groups19(sum, books summed19) []*group19 {
	var out []*group19
	for i, r := range sum.rows {
		at := slices.IndexFunc(out, func(g *group19) bool { return g.group.id == r.tax.totals })
		if at < 0 {
			at = len(out)
			out = append(out, &group19{group: e.browse("account.tax.group", r.tax.totals), fixed: true, divided: true})
		}
		g := out[at]
		if !slices.Contains(g.taxes, r.tax.id) {
			g.taxes = append(g.taxes, r.tax.id)
		}
		g.fixed = g.fixed && r.tax.kind == "fixed"
		g.divided = g.divided && r.tax.kind == "division" && r.tax.included
		g.tax, g.tax0 = g.tax.Add(r.sum), g.tax0.Add(books.rows[i].sum)
		g.base, g.base0 = g.base.Add(r.base), g.base0.Add(books.rows[i].base)
	}
	slices.SortFunc(out, func(a, b *group19) int { return byGroup(a.group, b.group) })
	return out
}

// rate is how much of the order's currency the company's buys.
func rate(currency, company *record) decimal.Decimal {
	if company.dec("rate").IsZero() || currency.dec("rate").IsZero() {
		return one
	}
	return currency.dec("rate").DivRound(company.dec("rate"), divDigits)
}

// converted are lines in the company's currency; rounding per line, every amount
// is rounded there too.
func converted(lines []taxed, rate, unit decimal.Decimal, perLine bool) []taxed {
	convert := func(d decimal.Decimal) decimal.Decimal {
		if d = d.DivRound(rate, divDigits); perLine {
			return roundTo(d, unit)
		}
		return d
	}
	out := make([]taxed, len(lines))
	for i, l := range lines {
		out[i] = taxed{base: convert(l.base), excluded: l.excluded, shares: slices.Clone(l.shares)}
		for n := range out[i].shares {
			s := &out[i].shares[n]
			s.base, s.amount = convert(s.base), convert(s.amount)
		}
	}
	return out
}
