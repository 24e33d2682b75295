package odootest

import "github.com/shopspring/decimal"

// rounding says how amounts are rounded.
type rounding struct {
	unit    decimal.Decimal // of the currency
	perLine bool            // taxes are rounded on every line
	// summary is the company's unit, which 17 rounds each row of its tax summary
	// to; zero where rows are not rounded, because a company rounds per line.
	summary decimal.Decimal
}

// rounding is how an order's sums are rounded. The summary follows the method
// and currency of the caller's own company, whatever company the order has and
// the context allows: as measured.
func (e *env) rounding(order *record) rounding {
	return e.roundingIn(order, e.browse("res.company", e.home()))
}

// lineRounding is how a line's amounts are rounded: its own company counts.
func (e *env) lineRounding(order *record) rounding {
	return e.roundingIn(order, e.related(order, "company_id"))
}

func (e *env) roundingIn(order, books *record) rounding {
	out := rounding{unit: decimal.New(1, -2)}
	if c := e.related(order, "currency_id"); c != nil {
		out.unit = c.dec("rounding")
	}
	company := e.related(order, "company_id")
	out.perLine = company == nil || !globally(company)
	if books != nil && globally(books) {
		if c := e.related(books, "currency_id"); c != nil {
			out.summary = c.dec("rounding")
		}
	}
	return out
}

func globally(company *record) bool {
	return company.str("tax_calculation_rounding_method") == "round_globally"
}

// float is a value as 17's arithmetic reads it: written in this transaction it
// is the rounded multiple of its unit that the cache holds, which may be a hair
// beside the number; from the database it is the closest float.
func (e *env) float(r *record, name string) float64 {
	f := r.m.fields[name]
	v := f64(r.dec(name))
	if !e.made[r] && !e.changed[cell{r, f.slot}] {
		return v
	}
	switch {
	case f.digits != "":
		return floatRound(v, digitsUnit(e.digits(f.digits)))
	case f.currency != "":
		if c := e.related(r, f.currency); c != nil {
			return floatRound(v, f64(c.dec("rounding")))
		}
	}
	return v
}

// cell is one stored value of a record.
type cell struct {
	r    *record
	slot int
}
