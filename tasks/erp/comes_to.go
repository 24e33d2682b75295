package erp

import (
	"strings"

	"github.com/shopspring/decimal"
)

// cents is how far two forms of a line may be apart: what rounding moves between rows.
var cents = decimal.New(5, -2)

// comesTo reports whether an order stands as it must but for the form of its rows: the
// total, the tax but for cents, and of each line product, quantity and amount but for cents. Which rows
// cents are put on depends on what was invoiced by then, so that a plan made later may
// have others; where nothing is remembered that is no difference.
func (s settings) comesTo(lines []line, want totals, h *standing) bool {
	if !h.Total.Equal(want.Total) || h.Tax.Sub(want.Tax).Abs().GreaterThan(cents) {
		return false
	}
	type part struct {
		name    string
		product int64
	}
	quantity, amount := map[part]decimal.Decimal{}, map[part]decimal.Decimal{}
	for _, l := range lines {
		if l.Form != formRounding {
			of := part{base(l.XID), l.Product}
			quantity[of], amount[of] = quantity[of].Add(l.Quantity), amount[of].Add(l.exact())
		}
	}
	for _, l := range h.Lines {
		switch {
		case !strings.HasPrefix(l.XID, module):
			return false // people added it
		case !strings.Contains(l.XID, "_rounding_"):
			of := part{base(l.XID), l.Product}
			quantity[of], amount[of] = quantity[of].Sub(l.Quantity), amount[of].Sub(l.exact())
		}
	}
	for of, n := range quantity {
		if !n.IsZero() || amount[of].Abs().GreaterThan(cents) {
			return false
		}
	}
	return true
}
