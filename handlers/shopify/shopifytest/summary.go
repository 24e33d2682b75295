package shopifytest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// Summary is an order as a judge wants to see it.
type Summary struct {
	ID, Number, Currency string
	Total, TotalTax      decimal.Decimal
	Cancelled            bool
	SKUs                 []string
}

// Orders lists all orders by number, in the money that the options say.
func (s *Store) Orders() []Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	side := shopSide
	if s.opts.Presentment {
		side = presentmentSide
	}
	var out []Summary
	for _, o := range slices.SortedFunc(maps.Values(s.orders), func(a, b *Order) int { return cmp.Compare(a.Number, b.Number) }) {
		sum := Summary{ID: strconv.FormatInt(o.ID, 10), Number: o.name(), Currency: s.currency(o, side),
			Total: o.totals.currentSum[side], TotalTax: o.totals.currentTax[side], Cancelled: !o.CancelledAt.IsZero()}
		for _, l := range o.Lines {
			sum.SKUs = append(sum.SKUs, l.SKU)
		}
		out = append(out, sum)
	}
	return out
}

func (o *Order) name() string { return "#" + strconv.Itoa(o.Number) }

func (s *Store) currency(o *Order, side int) string {
	if side == presentmentSide && o.Presentment != "" {
		return o.Presentment
	}
	return s.opts.Currency
}

// financial is the payment state in the Admin API's words.
func (o *Order) financial() string {
	paid, back := decimal.Zero, decimal.Zero
	for _, t := range o.Transactions {
		if t.Status != "SUCCESS" {
			continue
		}
		if t.Kind == "REFUND" {
			back = back.Add(t.Amount[shopSide])
		} else {
			paid = paid.Add(t.Amount[shopSide])
		}
	}
	switch {
	case back.IsPositive() && back.GreaterThanOrEqual(paid):
		return "REFUNDED"
	case back.IsPositive():
		return "PARTIALLY_REFUNDED"
	case len(o.Transactions) > 0 && paid.GreaterThanOrEqual(o.totals.currentSum[shopSide]):
		return "PAID"
	case paid.IsPositive():
		return "PARTIALLY_PAID"
	case !o.CancelledAt.IsZero():
		return "VOIDED"
	}
	return "PENDING"
}

// fulfilment is the shipping state in the Admin API's words.
func (o *Order) fulfilment() string {
	if len(o.Fulfillments) == 0 {
		return "UNFULFILLED"
	}
	for i := range o.Lines {
		shipped := 0
		for _, f := range o.Fulfillments {
			shipped += f.Lines[o.Lines[i].ID]
		}
		if shipped < o.Lines[i].Current {
			return "PARTIALLY_FULFILLED"
		}
	}
	return "FULFILLED"
}
