package woocommercetest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// rest is what of a line was not given back yet, in whole cents, as staff sees it.
func (o *Order) rest(line int64, p *priced, also *Refund) RefundedPart {
	out := RefundedPart{total: cents(p.total)}
	for _, t := range p.taxes {
		out.taxes = append(out.taxes, taxAmount{t.TaxRate, o.roundTax(t.amount)})
	}
	for _, r := range append(slices.Clone(o.Refunds), *also) {
		for _, part := range r.Parts {
			if part.Line != line {
				continue
			}
			out.total = out.total.Sub(part.total)
			for _, t := range part.taxes {
				out.taxes = merge(out.taxes, taxAmount{t.TaxRate, t.amount.Neg()})
			}
		}
	}
	return out
}

// share is what n of the whole line come to, each amount rounded by itself, taxes to four
// digits where they are told unrounded.
func (p *priced) share(n, whole int, unrounded bool) RefundedPart {
	of := func(d decimal.Decimal) decimal.Decimal {
		return cents(d.Mul(decimal.NewFromInt(int64(n))).DivRound(decimal.NewFromInt(int64(whole)), 16))
	}
	out := RefundedPart{total: of(p.total)}
	for _, t := range p.taxes {
		tax := of(t.amount)
		if unrounded {
			tax = t.amount.Mul(decimal.NewFromInt(int64(n))).DivRound(decimal.NewFromInt(int64(whole)), 4)
		}
		out.taxes = append(out.taxes, taxAmount{t.TaxRate, tax})
	}
	return out
}

// least is the part with no amount above another's.
func (p RefundedPart) least(other RefundedPart) RefundedPart {
	p.total = decimal.Min(p.total, other.total)
	for i := range p.taxes {
		p.taxes[i].amount = decimal.Min(p.taxes[i].amount, other.taxes[i].amount)
	}
	return p
}

// money is that much of a part: its taxes by their share, what is left is net.
func (p RefundedPart) money(gross decimal.Decimal) RefundedPart {
	whole := p.worth()
	if whole.IsZero() {
		return p
	}
	p.total = gross
	for i := range p.taxes {
		p.taxes[i].amount = cents(p.taxes[i].amount.Mul(gross).DivRound(whole, 16))
		p.total = p.total.Sub(p.taxes[i].amount)
	}
	return p
}

// worth is what a part comes to with its taxes.
func (p RefundedPart) worth() decimal.Decimal { return p.total.Add(sumOf(p.taxes)) }

func (r *Refund) worth() decimal.Decimal {
	sum := decimal.Zero
	for _, p := range r.Parts {
		sum = sum.Add(p.worth())
	}
	return sum
}

// leftOf is how many pieces of a line were not given back.
func (o *Order) leftOf(l *Line) int {
	n := l.Quantity
	for _, r := range o.Refunds {
		for _, p := range r.Parts {
			if p.Line == l.ID {
				n -= p.Quantity
			}
		}
	}
	return n
}

// nothingLeft reports whether a refund and those before it take all lines back.
func (o *Order) nothingLeft(made *Refund) bool {
	left := decimal.Zero
	for i := range o.Lines {
		left = left.Add(o.rest(o.Lines[i].ID, &o.Lines[i].priced, made).worth().Abs())
	}
	for i := range o.ShippingLines {
		left = left.Add(o.rest(o.ShippingLines[i].ID, &o.ShippingLines[i].priced, made).worth().Abs())
	}
	for i := range o.Fees {
		left = left.Add(o.rest(o.Fees[i].ID, &o.Fees[i].priced, made).worth().Abs())
	}
	return left.IsZero() && len(made.Parts) > 0
}
