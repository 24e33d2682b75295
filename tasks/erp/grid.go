package erp

import "github.com/shopspring/decimal"

var hundred = decimal.NewFromInt(100)

// row is one order line of Odoo: a line of the shop, or a part of one.
type row struct {
	Quantity decimal.Decimal `json:"quantity"`
	Price    decimal.Decimal `json:"price"`
	Discount decimal.Decimal `json:"discount"` // percent
}

// exact is what a row comes to before it is rounded.
func (r row) exact() decimal.Decimal {
	hundred := decimal.NewFromInt(100)
	return r.Price.Mul(r.Quantity).Mul(hundred.Sub(r.Discount)).DivRound(hundred, 8)
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
