package odootest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// taxDef is one tax as the computation needs it; groups are already replaced by
// their children.
type taxDef struct {
	id          int64
	kind        string // percent, fixed, division
	amount      decimal.Decimal
	included    bool
	raisesBase  bool    // include_base_amount
	affected    bool    // is_base_affected
	repartition []int64 // repartition line ids
	factors     []decimal.Decimal
	affectsNext bool // raisesBase and the next tax is affected, or none follows
	following   string
}

// taxed is one line's base and what each tax adds to it, before the order sums
// them up. Amounts of a key belong to the same row of the tax summary.
type taxed struct {
	base     decimal.Decimal
	keys     []string
	sums     []decimal.Decimal
	excluded bool // a tax that is not in the price is among them; kept by 19 only
}

const divDigits = 30

var (
	hundred = decimal.NewFromInt(100)
	one     = decimal.NewFromInt(1)
)

// roundTo rounds half away from zero to a multiple of unit.
func roundTo(d, unit decimal.Decimal) decimal.Decimal {
	if unit.IsZero() {
		return d
	}
	if unit.Coefficient().IsInt64() && unit.Coefficient().Int64() == 1 {
		return d.Round(-unit.Exponent())
	}
	return d.DivRound(unit, divDigits).Round(0).Mul(unit)
}

// taxes reads the definitions of some taxes in the order of application.
func (e *env) taxes(ids []int64) []taxDef {
	var rs []*record
	seen := map[int64]bool{}
	var collect func(ids []int64)
	collect = func(ids []int64) {
		group := make([]*record, 0, len(ids))
		for _, id := range ids {
			if r := e.browse("account.tax", id); r != nil && !seen[id] {
				seen[id] = true
				group = append(group, r)
			}
		}
		slices.SortFunc(group, func(a, b *record) int {
			return int((a.num("sequence")-b.num("sequence"))*1_000_000 + a.id - b.id)
		})
		for _, r := range group {
			if r.str("amount_type") == "group" {
				collect(r.ids("children_tax_ids"))
			} else {
				rs = append(rs, r)
			}
		}
	}
	collect(ids)
	out := make([]taxDef, len(rs))
	for i, r := range rs {
		t := taxDef{
			id: r.id, kind: r.str("amount_type"), amount: r.dec("amount"), included: e.inPrice(r),
			raisesBase: r.flag("include_base_amount"), affected: r.flag("is_base_affected"),
		}
		for _, p := range e.children(r, "invoice_repartition_line_ids") {
			if p.str("repartition_type") == "tax" {
				t.repartition = append(t.repartition, p.id)
				t.factors = append(t.factors, p.dec("factor_percent").Div(hundred))
			}
		}
		out[i] = t
	}
	for i := range out {
		out[i].affectsNext = out[i].raisesBase && (i == len(out)-1 || out[i+1].affected)
		if out[i].raisesBase {
			out[i].following = following(out[i+1:])
		}
	}
	return out
}

func following(rest []taxDef) string {
	var b strings.Builder
	for _, t := range rest {
		if t.affected {
			fmt.Fprintf(&b, ",%d", t.id)
		}
	}
	return b.String()
}

// apply computes one line in Odoo 17's way. Taxes in the price are first taken
// out of it, walking backwards; then every tax is computed forwards. Where taxes
// are in the price the last of them gets what is left, so that base and taxes
// add up to the price that was given.
func apply(taxes []taxDef, price, qty, unit decimal.Decimal, perLine bool) taxed {
	full := roundTo(price.Mul(qty), unit)
	sign := one
	if full.IsNegative() {
		sign, full = one.Neg(), full.Neg()
	}
	base, goals := takeOut(taxes, full, qty.Abs())
	base = roundTo(base, unit)
	step := unit
	if !perLine {
		step = unit.Shift(-5)
	}
	out := taxed{base: base.Mul(sign)}
	running, cum, raised := base, decimal.Zero, false
	for i, t := range taxes {
		on := base
		if t.included || t.affected {
			on = running
		}
		goal, aimed := goals[i]
		var a decimal.Decimal
		if t.included && aimed && !raised {
			a, cum = goal.Sub(running.Add(cum)), decimal.Zero
		} else {
			a = t.on(on, qty.Abs())
		}
		a = roundTo(a, step)
		if t.included && !aimed {
			cum = cum.Add(a)
		}
		for n, factor := range t.factors {
			out.keys = append(out.keys, fmt.Sprintf("%d%s", t.repartition[n], t.following))
			out.sums = append(out.sums, roundTo(a.Mul(factor), step).Mul(sign))
		}
		if t.raisesBase {
			running = running.Add(a)
			raised = raised || !t.included
		}
	}
	return out
}

// takeOut walks backwards and returns the price without its included taxes and,
// per tax, the price it has to reach again.
func takeOut(taxes []taxDef, full, qty decimal.Decimal) (decimal.Decimal, map[int]decimal.Decimal) {
	goals := map[int]decimal.Decimal{}
	base, open := full, true
	percent, division, fixed := decimal.Zero, decimal.Zero, decimal.Zero
	strip := func() {
		if percent.Equal(one.Neg()) { // a tax of -100 % in the price has no base
			percent = decimal.Zero
		}
		base = base.Sub(fixed).DivRound(one.Add(percent), divDigits).Mul(one.Sub(division))
		percent, division, fixed = decimal.Zero, decimal.Zero, decimal.Zero
	}
	for i, t := range slices.Backward(taxes) {
		if t.affectsNext {
			strip()
			open = true
		}
		if !t.included {
			continue
		}
		switch t.kind {
		case "percent":
			percent = percent.Add(t.amount.Div(hundred))
		case "division":
			division = division.Add(t.amount.Div(hundred))
		case "fixed":
			fixed = qty.Mul(t.amount)
		}
		if open && !t.amount.IsZero() {
			goals[i], open = base, false
		}
	}
	strip()
	return base, goals
}

// on is the tax on a base.
func (t taxDef) on(base, qty decimal.Decimal) decimal.Decimal {
	switch t.kind {
	case "fixed":
		return qty.Mul(t.amount)
	case "division":
		rest := one.Sub(t.amount.Div(hundred))
		if rest.IsZero() {
			return decimal.Zero
		}
		return base.DivRound(rest, divDigits).Sub(base)
	}
	return base.Mul(t.amount).Div(hundred)
}

// total sums lines up as the order does. Rounding globally, every row of the
// tax summary is cut to a company's currency before the order's: the real one
// loses the third decimal of a dinar that way.
func total(lines []taxed, unit, summary decimal.Decimal, perLine bool) (untaxed, tax decimal.Decimal) {
	sums := map[string]decimal.Decimal{}
	var order []string
	for _, l := range lines {
		untaxed = untaxed.Add(l.base)
		for i, k := range l.keys {
			if perLine {
				tax = tax.Add(l.sums[i])
				continue
			}
			if _, seen := sums[k]; !seen {
				order = append(order, k)
			}
			sums[k] = sums[k].Add(l.sums[i])
		}
	}
	for _, k := range order {
		tax = tax.Add(roundTo(roundTo(sums[k], summary), unit))
	}
	return untaxed, tax
}
