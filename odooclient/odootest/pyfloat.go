package odootest

import (
	"math"
	"strconv"

	"github.com/shopspring/decimal"
)

// floatRound rounds half away from zero to a multiple of unit in binary floats,
// as Odoo 17 does: the value is divided by the unit, pushed outwards by a hair
// that grows with it, rounded to a whole number and multiplied back. What that
// makes of a tie is the point: exact decimals answer some of them differently.
func floatRound(v, unit float64) float64 {
	if v == 0 || unit == 0 {
		return 0
	}
	n := v / unit
	hair := math.Pow(2, math.Log(math.Abs(n))/math.Ln2-52)
	return math.Round(n+math.Copysign(hair, n)) * unit
}

// digitsUnit is the unit of a number of decimals, 0.01 for 2.
func digitsUnit(digits int32) float64 {
	unit, err := strconv.ParseFloat("1e-"+strconv.Itoa(int(digits)), 64)
	if err != nil {
		return 0
	}
	return unit
}

// f64 is the float closest to a decimal, which is what Python reads from a
// NUMERIC column or a JSON number.
func f64(d decimal.Decimal) float64 {
	coefficient, exponent := d.Coefficient(), d.Exponent()
	// Both are exact here, and one division of exact floats is correctly rounded.
	if coefficient.IsInt64() && exponent <= 0 && exponent >= -22 {
		if n := coefficient.Int64(); n > -1<<53 && n < 1<<53 {
			return float64(n) / tens[-exponent]
		}
	}
	f, err := strconv.ParseFloat(d.String(), 64)
	if err != nil {
		return 0
	}
	return f
}

// tens are the powers of ten that a float holds exactly.
var tens = [23]float64{
	1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
}

// money is a float as a currency's column stores it: rounded, then written with
// the currency's decimals.
func money(v float64, unit decimal.Decimal) decimal.Decimal {
	return decimal.NewFromFloat(floatRound(v, f64(unit))).Round(-unit.Exponent())
}
