package parity

import "github.com/shopspring/decimal"

// pairSteps is how far the search for a pair goes. A hundred steps find nearly
// every total below 500.00; the rest is for the large ones, before splitting.
const pairSteps = 400

// maxSteps bounds the searches of one order together.
const maxSteps = 50_000

// forms finds rows for amounts.
type forms struct {
	*book
	steps int // of the search for pairs that are left for this order
}

// hits reports whether Odoo's total of r is surely t: a discounted row on a tie may
// go either way in floats and is not taken.
func (f *forms) hits(r Row, t decimal.Decimal) bool {
	exact := r.exact()
	full := f.money.round(exact)
	return full.Equal(t) && !f.nearTie(r, exact, full)
}

// represent finds the rows whose sum in Odoo is exactly t for the quantity q and
// names the form. list is the price before discounts in the tax mode of t. It
// gives no rows when Odoo's decimals cannot express t.
func (f *forms) represent(q, list decimal.Decimal, discounted bool, t decimal.Decimal) ([]Row, Form) {
	if q.IsNegative() {
		rows, form := f.represent(q.Neg(), list, discounted, t.Neg())
		for i := range rows {
			rows[i].Quantity = rows[i].Quantity.Neg()
		}
		return rows, form
	}
	if t.IsNegative() {
		rows, form := f.represent(q, list.Neg(), discounted, t.Neg())
		for i := range rows {
			rows[i].Price = rows[i].Price.Neg()
		}
		return rows, form
	}
	kept := list.Round(f.Price)
	if r := (Row{Quantity: q, Price: list}); !discounted && list.Equal(kept) && f.hits(r, t) {
		return []Row{r}, Plain
	}
	if q.IsZero() {
		return nil, ""
	}
	if discounted && kept.IsPositive() {
		if r := (Row{Quantity: q, Price: kept, Discount: f.percent(q, kept, t)}); r.Discount.IsPositive() && f.hits(r, t) {
			return []Row{r}, Discount
		}
	}
	if r, form, ok := f.single(q, kept, t); ok {
		return []Row{r}, form
	}
	return f.split(q, kept, t)
}

// single finds one row for t: the net price, else a pair of price and discount.
func (f *forms) single(q, list, t decimal.Decimal) (Row, Form, bool) {
	net := t.DivRound(q, f.Price)
	if r := (Row{Quantity: q, Price: net}); f.hits(r, t) {
		return r, Net, true
	}
	step := decimal.New(1, -f.Price)
	price := decimal.Max(list, net)
	for range min(pairSteps, f.steps) {
		f.steps--
		if d := f.percent(q, price, t); !d.IsNegative() {
			if r := (Row{Quantity: q, Price: price, Discount: d}); f.hits(r, t) {
				return r, Pair, true
			}
		}
		price = price.Add(step)
	}
	return Row{}, "", false
}

// percent is the discount that brings price × q nearest to t.
func (f *forms) percent(q, price, t decimal.Decimal) decimal.Decimal {
	full := price.Mul(q)
	if !full.IsPositive() {
		return decimal.Zero
	}
	return hundred.Sub(t.Mul(hundred).DivRound(full, f.Discount+6)).Round(f.Discount)
}

// step is the smallest change of a price that changes an amount.
func (f *forms) step() decimal.Decimal { return decimal.Max(decimal.New(1, -f.Price), f.money.unit) }

// split spreads t over two rows: for whole quantities at two neighbouring prices,
// else all but one at the price rounded down and the rest on the last one.
func (f *forms) split(q, list, t decimal.Decimal) ([]Row, Form) {
	if !q.GreaterThan(one) {
		return nil, ""
	}
	step := f.step()
	low := t.Div(q).Div(step).Floor().Mul(step)
	if q.IsInteger() {
		up := t.Sub(low.Mul(q)).Div(step)
		a, b := Row{Quantity: q.Sub(up), Price: low}, Row{Quantity: up, Price: low.Add(step)}
		if up.IsInteger() && up.IsPositive() && up.LessThan(q) && f.money.round(a.exact()).Add(f.money.round(b.exact())).Equal(t) {
			return []Row{a, b}, Split
		}
	}
	most := Row{Quantity: q.Sub(one), Price: low}
	last, _, ok := f.single(one, list, t.Sub(f.money.round(most.exact())))
	if !ok {
		return nil, ""
	}
	return []Row{most, last}, Split
}
