package erp

import "github.com/shopspring/decimal"

var hundred = decimal.NewFromInt(100)

// row is one order line of Odoo: a line of the shop, or a part of one.
type row struct {
	Quantity decimal.Decimal `json:"quantity"`
	Price    decimal.Decimal `json:"price"`
	Discount decimal.Decimal `json:"discount"` // percent
}

// grid is to what Odoo rounds: the currency's smallest amount, and the decimals
// it keeps of prices, discounts and quantities.
type grid struct {
	Amount                    decimal.Decimal
	Price, Discount, Quantity int32
}

// round is Odoo's rounding of amounts: to the currency, half away from zero.
func (g grid) round(x decimal.Decimal) decimal.Decimal {
	return x.DivRound(g.Amount, 0).Mul(g.Amount)
}

func (g grid) gross(r row) decimal.Decimal {
	return r.Price.Mul(r.Quantity).Mul(hundred.Sub(r.Discount)).Shift(-2)
}

// total is what Odoo makes of r: price × (1 - discount) × quantity, rounded once.
func (g grid) total(r row) decimal.Decimal { return g.round(g.gross(r)) }

// hits reports whether Odoo's total of r is surely t. Odoo computes in floats, so
// a discounted row that falls on a tie between two amounts may go either way and
// is not taken.
func (g grid) hits(r row, t decimal.Decimal) bool {
	exact := g.gross(r)
	if !g.round(exact).Equal(t) {
		return false
	}
	if r.Discount.IsZero() {
		return true
	}
	away := exact.Sub(t).Abs().Sub(g.Amount.Div(decimal.NewFromInt(2))).Abs()
	return away.GreaterThan(decimal.New(1, -9))
}

// The forms that a line of the shop can take in Odoo, in the order of preference.
const (
	formPlain    = "plain"    // the shop's price, no discount
	formDiscount = "discount" // the shop's price with a discount in percent
	formNet      = "net"      // the price after discount
	formPair     = "pair"     // another price with a discount that fits it
	formSplit    = "split"    // two rows
)

// pairSteps is how far the search for a pair goes. A hundred steps find nearly
// every total below 500.00; the rest is for the large ones, before splitting.
const pairSteps = 400

// represent finds the rows whose sum in Odoo is exactly t for the quantity q and
// names the form. list is the price before discounts in the tax mode of t. It
// gives no rows when Odoo's decimals cannot express t.
func (g grid) represent(q, list decimal.Decimal, discounted bool, t decimal.Decimal) ([]row, string) {
	if t.IsNegative() {
		rows, form := g.represent(q, list.Neg(), discounted, t.Neg())
		for i := range rows {
			rows[i].Price = rows[i].Price.Neg()
		}
		return rows, form
	}
	if r := (row{q, list, decimal.Zero}); !discounted && list.Equal(list.Round(g.Price)) && g.hits(r, t) {
		return []row{r}, formPlain
	}
	list = list.Round(g.Price)
	if discounted && list.IsPositive() {
		if r := (row{q, list, g.percent(q, list, t)}); r.Discount.IsPositive() && g.hits(r, t) {
			return []row{r}, formDiscount
		}
	}
	if r, form, ok := g.single(q, list, t); ok {
		return []row{r}, form
	}
	return g.split(q, list, t)
}

// single finds one row for t: the net price, else a pair of price and discount.
func (g grid) single(q, list, t decimal.Decimal) (row, string, bool) {
	if r := (row{q, t.DivRound(q, g.Price), decimal.Zero}); g.hits(r, t) {
		return r, formNet, true
	}
	step := decimal.New(1, -g.Price)
	price := decimal.Max(list, t.DivRound(q, g.Price))
	for range pairSteps {
		if d := g.percent(q, price, t); !d.IsNegative() {
			if r := (row{q, price, d}); g.hits(r, t) {
				return r, formPair, true
			}
		}
		price = price.Add(step)
	}
	return row{}, "", false
}

// percent is the discount that brings price × q nearest to t.
func (g grid) percent(q, price, t decimal.Decimal) decimal.Decimal {
	full := price.Mul(q)
	if !full.IsPositive() {
		return decimal.Zero
	}
	return hundred.Sub(t.Mul(hundred).DivRound(full, g.Discount+6)).Round(g.Discount)
}

// split spreads t over two rows: for whole quantities at two neighbouring prices,
// else all but one at the price rounded down and the rest on the last one.
func (g grid) split(q, list, t decimal.Decimal) ([]row, string) {
	one := decimal.NewFromInt(1)
	if !q.GreaterThan(one) {
		return nil, ""
	}
	step := decimal.Max(decimal.New(1, -g.Price), g.Amount)
	low := t.Div(q).Div(step).Floor().Mul(step)
	if q.IsInteger() {
		up := t.Sub(low.Mul(q)).Div(step)
		a, b := row{q.Sub(up), low, decimal.Zero}, row{up, low.Add(step), decimal.Zero}
		if up.IsInteger() && up.IsPositive() && up.LessThan(q) && g.total(a).Add(g.total(b)).Equal(t) {
			return []row{a, b}, formSplit
		}
	}
	most := row{q.Sub(one), low, decimal.Zero}
	last, _, ok := g.single(one, list, t.Sub(g.total(most)))
	if !ok {
		return nil, ""
	}
	return []row{most, last}, formSplit
}
