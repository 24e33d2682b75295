// Package parity knows what Odoo makes of an order before Odoo does. Predict is
// Odoo's arithmetic of lines and taxes in exact decimals, for the arithmetic of 17
// (and 18) and of 19, rounded per line or globally. Solve uses it to find order
// lines whose total and tax per Odoo tax equal what the shop says, to the last
// decimal. The package is pure: numbers in, numbers out, and the same numbers give
// the same answer.
package parity

import "github.com/shopspring/decimal"

// Kind is how a tax is computed, in Odoo's own words (account.tax.amount_type).
type Kind string

// The kinds of taxes.
const (
	Percent  Kind = "percent"
	Fixed    Kind = "fixed"
	Division Kind = "division"
	Group    Kind = "group"
)

// Tax is an account.tax. Two taxes with the same ID are the same tax.
type Tax struct {
	ID         int64
	Kind       Kind
	Amount     decimal.Decimal // 25.5 is 25.5 %; of a fixed tax: the amount for one piece
	Included   bool            // price_include
	RaisesBase bool            // include_base_amount
	Affected   bool            // is_base_affected
	Sequence   int
	Shares     []decimal.Decimal // factors of the repartition lines of type tax; none: one of 1. {1, -1} is a reverse charge
	Children   []Tax             // of a group
}

// Arithmetic is what decides how Odoo rounds an order.
type Arithmetic struct {
	Version int             // Odoo's major version: below 19 the arithmetic of 17, else that of 19
	Global  bool            // the company rounds globally, not per line
	Unit    decimal.Decimal // rounding of the order's currency: 0.01, 1, 0.001, 0.05
	// CompanyUnit is the rounding of the currency of the RPC user's default company;
	// zero stands for Unit. Where 17 rounds globally it goes into Totals.OrderTax.
	CompanyUnit               decimal.Decimal
	Price, Discount, Quantity int32 // decimals that Odoo keeps of each
}

// Row is one order line in Odoo. Odoo cuts its numbers to the decimals it keeps.
type Row struct {
	Quantity decimal.Decimal
	Price    decimal.Decimal
	Discount decimal.Decimal // percent
	Taxes    []Tax
}

// Totals is what Odoo makes of rows.
type Totals struct {
	Untaxed, Tax, Total decimal.Decimal // of the posted invoice, and of the order
	// ByTax is the tax of each account.tax that a row carries. The children of a
	// group stand under their own IDs, and the group's ID has their sum.
	ByTax map[int64]decimal.Decimal
	// OrderTax is what sale.order.amount_tax says. It is Tax, except where 17 rounds
	// globally and the company's currency has another rounding than the order's: 17
	// cuts the order's tax to the company's first, and the invoice is right again.
	OrderTax decimal.Decimal
	// Uncertain: a discounted row lies so near to a tie that the floats of 17 may
	// round it either way, and the totals may be off by one unit.
	Uncertain bool
}

var (
	one     = decimal.NewFromInt(1)
	two     = decimal.NewFromInt(2)
	hundred = decimal.NewFromInt(100)
)

// Decimals of a quotient that never ends, and the decimals at which a sum of such
// quotients is taken for exact: a third and two thirds are one.
const (
	quotientDecimals = 26
	exactDecimals    = 18
)

// rounder rounds to multiples of a unit, half away from zero.
type rounder struct {
	unit   decimal.Decimal
	places int32 // where power
	power  bool  // the unit is a power of ten
}

func newRounder(unit decimal.Decimal) rounder {
	for p := int32(-6); p <= 14; p++ {
		if unit.Equal(decimal.New(1, -p)) {
			return rounder{unit, p, true}
		}
	}
	return rounder{unit: unit}
}

func (r rounder) round(x decimal.Decimal) decimal.Decimal {
	if x.Exponent() < -exactDecimals {
		x = x.Round(exactDecimals)
	}
	if r.power {
		return x.Round(r.places)
	}
	return x.DivRound(r.unit, 0).Mul(r.unit)
}

// quotient rounds x ÷ y once. A y of zero leaves x.
func (r rounder) quotient(x, y decimal.Decimal) decimal.Decimal {
	switch {
	case y.IsZero() || y.Equal(one):
		return r.round(x)
	case r.power:
		return x.DivRound(y, r.places)
	}
	return x.DivRound(y.Mul(r.unit), 0).Mul(r.unit)
}

// quotient is x ÷ y, as exact as it gets. A y of zero leaves x.
func quotient(x, y decimal.Decimal) decimal.Decimal {
	if y.IsZero() || y.Equal(one) {
		return x
	}
	return x.DivRound(y, quotientDecimals)
}

// units is how many units x is, for an x that is a multiple of the unit.
func (r rounder) units(x decimal.Decimal) int64 {
	if r.power {
		return x.Shift(r.places).IntPart()
	}
	return x.DivRound(r.unit, 0).IntPart()
}

// amount is n units.
func (r rounder) amount(n int64) decimal.Decimal {
	if r.power {
		return decimal.New(n, -r.places)
	}
	return r.unit.Mul(decimal.NewFromInt(n))
}

// multiple reports whether x is a whole number of units.
func (r rounder) multiple(x decimal.Decimal) bool { return r.round(x).Equal(x) }
