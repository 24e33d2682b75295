package parity

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// Order is an order as the shop tells it. Amounts that have more decimals than the
// currency are rounded: the order's at once, the lines' so that their sums are right.
type Order struct {
	Included bool // the shop's prices and line totals have the tax in them
	Lines    []Line
	Total    decimal.Decimal // with tax
	// Taxes is the tax of the whole order for each Odoo tax. A group has its target
	// under its own ID, or its children have theirs; a tax that is not named is zero.
	Taxes map[int64]decimal.Decimal
}

// Line is one line of the shop.
type Line struct {
	Quantity   decimal.Decimal
	List       decimal.Decimal // price of one before discounts, in the shop's mode
	Total      decimal.Decimal // after discounts, in the shop's mode
	Discounted bool
	Taxes      []Levy
	// Least are the quantities that its rows must have, in their order: so much of
	// them has left already. nil: as it comes.
	Least []decimal.Decimal
}

// Levy is a tax on a line, as the shop computed it.
type Levy struct {
	Tax    Tax
	Rate   decimal.Decimal // percent
	Amount decimal.Decimal
}

// Options is what may be done beyond the lines.
type Options struct {
	Adjust      bool            // a product for taxed adjustment rows is configured
	MaxResidual decimal.Decimal // bound of the untaxed rounding row; zero: none
}

// Form is how a line of the shop stands in Odoo.
type Form string

// The forms, in the order of preference.
const (
	Plain    Form = "plain"    // the shop's price, no discount
	Discount Form = "discount" // the shop's price with a discount in percent
	Net      Form = "net"      // the price after discount
	Pair     Form = "pair"     // another price with a discount that fits it
	Split    Form = "split"    // two rows
)

// Placed is the rows of one line.
type Placed struct {
	Form Form
	Rows []Row
}

// Solution is rows that are equal to the order, in total and in every tax.
type Solution struct {
	Lines       []Placed // one for each line of the order
	Adjustments []Row    // of the adjustment product, taxed
	Residual    *Row     // of the rounding product, untaxed
	Totals      Totals
}

// Rows is every row of the solution.
func (s Solution) Rows() []Row {
	var all []Row
	for _, l := range s.Lines {
		all = append(all, l.Rows...)
	}
	all = append(all, s.Adjustments...)
	if s.Residual != nil {
		all = append(all, *s.Residual)
	}
	return all
}

// Reason tells what would have solved an order.
type Reason string

// The reasons, the cheapest remedy first.
const (
	NeedsAdjustment Reason = "adjustment" // a product for taxed adjustments
	NeedsResidual   Reason = "residual"   // NoSolution.Residual as the bound of the rounding row
	NeedsBoth       Reason = "adjustment+residual"
	NeedsPrice      Reason = "price digits"    // more decimals in Odoo's prices
	NeedsQuantity   Reason = "quantity digits" // more decimals in Odoo's quantities
	Unreachable     Reason = "unreachable"     // none of these: the shop's numbers do not belong together
	OutOfRange      Reason = "out of range"    // numbers that no shop has; nothing was tried
)

// NoSolution says that no rows within the options are equal to the order.
type NoSolution struct {
	Reason   Reason
	Closest  Totals                    // of the lines alone
	Total    decimal.Decimal           // how much Closest lacks; negative: has too much
	Taxes    map[int64]decimal.Decimal // the same per tax, where it lacks any
	Residual decimal.Decimal           // the bound that would do, for NeedsResidual and NeedsBoth
}

func (e *NoSolution) Error() string {
	if e.Reason == OutOfRange || e.Reason == NeedsQuantity {
		return fmt.Sprintf("no rows for the order were looked for (%s)", e.Reason)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "no rows are equal to the order (%s): the lines come to %s and lack %s", e.Reason, e.Closest.Total, e.Total)
	for _, id := range sortedKeys(e.Taxes) {
		fmt.Fprintf(&b, ", of tax %d they lack %s", id, e.Taxes[id])
	}
	return b.String()
}
