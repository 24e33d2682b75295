package shopify

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// withCharges adds to refunds what went back of fees and duties. The API tells their
// sums at the checkout and now, and not which refund it was: the last one with so much
// money beyond its lines and its shipping.
func (r *record) withCharges(refunds []commerce.Refund) []commerce.Refund {
	refunds = slices.Clone(refunds)
	for _, c := range []struct {
		id       string
		was, now decimal.Decimal
	}{{"fees", r.feesWere, r.fees}, {"duties", r.dutiesWere, r.duties}} {
		back := c.was.Sub(c.now)
		if !back.IsPositive() {
			continue
		}
		for i := range slices.Backward(refunds) {
			if r.beyond(refunds[i]).GreaterThanOrEqual(back) {
				refunds[i].Shipping = append(slices.Clone(refunds[i].Shipping), commerce.RefundShipping{LineID: r.id + "-" + c.id, Amount: r.money(back), Tax: r.money(decimal.Zero)})
				break
			}
		}
	}
	return refunds
}

// beyond is the money of a refund beyond its lines and its shipping.
func (r *record) beyond(f commerce.Refund) decimal.Decimal {
	sum := f.Amount.Amount.Add(f.Pending.Amount)
	less := func(amount, tax commerce.Money) {
		sum = sum.Sub(amount.Amount)
		if !r.included {
			sum = sum.Sub(tax.Amount)
		}
	}
	for _, l := range f.Lines {
		less(l.Amount, l.Tax)
	}
	for _, s := range f.Shipping {
		less(s.Amount, s.Tax)
	}
	return sum
}
