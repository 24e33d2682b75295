package odootest

import (
	"cmp"
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
	rate        float64 // amount as 17 computes with it
	repartition []int64 // repartition line ids
	factors     []float64
	affectsNext bool // raisesBase and the next tax is affected, or none follows
	following   string
	group       int64 // the group tax it came with
	totals      int64 // its row in an order's tax totals, an account.tax.group
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
	out := make([]taxDef, 0, len(ids))
	var collect func(ids []int64, group int64)
	collect = func(ids []int64, group int64) {
		rs := make([]*record, 0, len(ids))
		for _, id := range ids {
			if r := e.browse("account.tax", id); r != nil && !slices.ContainsFunc(out, func(t taxDef) bool { return t.id == id }) {
				rs = append(rs, r)
			}
		}
		slices.SortStableFunc(rs, func(a, b *record) int {
			return cmp.Or(cmp.Compare(a.num("sequence"), b.num("sequence")), cmp.Compare(a.id, b.id))
		})
		for _, r := range rs {
			if r.str("amount_type") == "group" {
				collect(r.ids("children_tax_ids"), r.id)
			} else {
				out = append(out, e.tax(r, group))
			}
		}
	}
	collect(ids, 0)
	for i := range out {
		out[i].affectsNext = out[i].raisesBase && (i == len(out)-1 || out[i+1].affected)
		if out[i].raisesBase {
			out[i].following = following(out[i+1:])
		}
	}
	return out
}

// tax reads one definition.
func (e *env) tax(r *record, group int64) taxDef {
	t := taxDef{
		id: r.id, kind: r.str("amount_type"), amount: r.dec("amount"), rate: f64(r.dec("amount")), included: e.inPrice(r),
		raisesBase: r.flag("include_base_amount"), affected: r.flag("is_base_affected"), group: group, totals: r.num("tax_group_id"),
	}
	for _, p := range e.children(r, "invoice_repartition_line_ids") {
		if p.str("repartition_type") == "tax" {
			t.repartition = append(t.repartition, p.id)
			t.factors = append(t.factors, f64(p.dec("factor_percent"))/100)
		}
	}
	return t
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
