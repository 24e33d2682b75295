package odootest

import (
	"cmp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// taxTotals is sale.order.tax_totals: what the order's form shows below the
// lines, by group of taxes. The two versions share hardly a name.
func taxTotals(e *env, order *record) any {
	if e.s.edition.major >= 19 {
		return e.totals19(order)
	}
	return e.totals17(order)
}

// untaxedAmount is the heading of the groups that have none of their own.
const untaxedAmount = "Untaxed Amount"

// heading is the subtotal that a group of taxes stands under.
func heading(group *record) string {
	if s := group.str("preceding_subtotal"); s != "" {
		return s
	}
	return untaxedAmount
}

// group17 is what one group of taxes comes to.
type group17 struct {
	group     *record
	base, tax float64
	fixed     bool // it has taxes of a fixed amount only
}

// totals17 keeps the floats as they come, 153.45000000000002 included: so does
// the real one. A fault of its amount_tax is not here: the third decimal of a
// dinar is kept.
func (e *env) totals17(order *record) map[string]any {
	round := e.rounding(order)
	currency := e.related(order, "currency_id")
	sum := sum17(e.all17(order, e.priced(order)), f64(round.unit), f64(round.summary))
	subtotals, names, byName := []any{}, []any{}, map[string]any{}
	tax, groups := 0.0, e.groups17(sum.lines)
	for _, name := range headings(groups, func(g group17) *record { return g.group }) {
		list, before := []any{}, sum.untaxed+tax
		for _, g := range groups {
			if heading(g.group) != name {
				continue
			}
			tax += g.tax
			list = append(list, map[string]any{
				"group_key": g.group.id, "tax_group_id": g.group.id, "tax_group_name": g.group.str("name"),
				"tax_group_amount": python(g.tax), "tax_group_base_amount": python(g.base),
				"formatted_tax_group_amount": formatted(g.tax, currency), "formatted_tax_group_base_amount": formatted(g.base, currency),
				"hide_base_amount": g.fixed,
			})
		}
		byName[name], names = list, append(names, name)
		subtotals = append(subtotals, map[string]any{"name": name, "amount": python(before), "formatted_amount": formatted(before, currency)})
	}
	unit := f64(round.unit)
	return map[string]any{
		"amount_untaxed": python(floatRound(sum.untaxed, unit)), "amount_total": python(floatRound(sum.untaxed+tax, unit)),
		"formatted_amount_untaxed": formatted(sum.untaxed, currency), "formatted_amount_total": formatted(sum.untaxed+tax, currency),
		"groups_by_subtotal": byName, "subtotals": subtotals, "subtotals_order": names,
		"display_tax_base": len(groups) > 1 || len(groups) == 1 && floatRound(groups[0].base-sum.untaxed, unit) != 0,
	}
}

// groups17 sums shares by group of taxes. A line counts once for a group's base,
// with the first of its taxes.
func (e *env) groups17(lines []taxed17) []group17 {
	var out []group17
	for _, l := range lines {
		seen := map[int64]bool{}
		for _, s := range l.shares {
			at := slices.IndexFunc(out, func(g group17) bool { return g.group.id == s.tax.totals })
			if at < 0 {
				at = len(out)
				out = append(out, group17{group: e.browse("account.tax.group", s.tax.totals), fixed: true})
			}
			g := &out[at]
			if !seen[g.group.id] {
				seen[g.group.id] = true
				g.base += s.base
			}
			g.tax += s.amount
			g.fixed = g.fixed && s.tax.kind == "fixed"
		}
	}
	slices.SortFunc(out, func(a, b group17) int { return byGroup(a.group, b.group) })
	return out
}

func byGroup(a, b *record) int {
	return cmp.Or(cmp.Compare(a.num("sequence"), b.num("sequence")), cmp.Compare(a.id, b.id))
}

// headings are the subtotals of sorted groups in the order of their first one.
func headings[G any](groups []G, of func(G) *record) []string {
	var out []string
	for _, g := range groups {
		if name := heading(of(g)); !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// python is a float as it goes out, with whatever stands behind its last cent.
func python(v float64) pyFloat { return pyFloat{decimal.NewFromFloat(v)} }

// formatted is an amount as a person reads it: 1,283.35 € with a space that does
// not break.
func formatted(v float64, currency *record) string {
	digits, symbol, before := int32(2), "", false
	if currency != nil {
		digits, symbol, before = -currency.dec("rounding").Exponent(), currency.str("symbol"), currency.str("position") == "before"
	}
	whole, cents, _ := strings.Cut(decimal.NewFromFloat(v).StringFixed(digits), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	out := sign + whole
	if cents != "" {
		out += "." + cents
	}
	if before {
		return symbol + "\u00a0" + out
	}
	return out + "\u00a0" + symbol
}
