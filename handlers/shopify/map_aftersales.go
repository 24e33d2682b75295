package shopify

import (
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// comesApart is the reason of an adjustment that is no gift and no fee: money for
// lines that another refund took out, or lines of which the money is yet to go back.
// https://shopify.dev/docs/api/admin-graphql/latest/enums/OrderAdjustmentDiscrepancyReason
const comesApart = "PENDING_REFUND_DISCREPANCY"

// refund tells the lines and, apart from them, the money: what went back and what
// is on its way.
func (t *tally) refund(r apiRefund) commerce.Refund {
	out := commerce.Refund{ID: string(r.ID), At: r.ProcessedAt.UTC(),
		Amount: commerce.Money{Currency: t.currency}, Pending: commerce.Money{Currency: t.currency}}
	for _, m := range r.Money.Nodes {
		if m.Kind != "REFUND" {
			continue
		}
		switch m.Status {
		case "SUCCESS":
			out.Amount.Amount = out.Amount.Amount.Add(t.must(m.Amount))
		case "PENDING", "AWAITING_RESPONSE":
			out.Pending.Amount = out.Pending.Amount.Add(t.must(m.Amount))
		}
	}
	out.Apart = slices.ContainsFunc(r.Adjusted.Nodes, func(a apiAdjustment) bool { return a.Reason == comesApart })
	for _, l := range r.Lines.Nodes {
		out.Lines = append(out.Lines, commerce.RefundLine{LineID: string(l.Line.ID), Quantity: decimal.NewFromInt(l.Quantity),
			Restock: strings.ToLower(l.Restock), Location: string(l.Location.ID), Amount: t.money(l.Subtotal), Tax: t.money(l.Tax)})
	}
	for _, s := range r.Shipping.Nodes {
		out.Shipping = append(out.Shipping, commerce.RefundShipping{LineID: string(s.Line.ID), Amount: t.money(s.Subtotal), Tax: t.money(s.Tax)})
	}
	return out
}

// returnWord is a return's status in our words.
func returnWord(status string) string {
	if status == "CANCELED" {
		return commerce.ReturnCancelled
	}
	return strings.ToLower(status)
}

// returned turns a return neutral. Goods of which no order line is known are not
// in it: nothing was sold that could come back.
func (r *apiReturn) returned() commerce.Return {
	out := commerce.Return{ID: string(r.ID), Status: returnWord(r.Status)}
	for _, l := range r.Lines.Nodes {
		if id := l.Fulfilled.Line.ID; id != "" {
			out.Lines = append(out.Lines, commerce.ReturnLine{LineID: string(id), Quantity: decimal.NewFromInt(l.Quantity)})
		}
	}
	for _, e := range r.Exchange.Nodes {
		for _, l := range e.Lines {
			out.Exchange = append(out.Exchange, string(l.ID))
		}
	}
	for _, work := range r.Reverse.Nodes {
		for _, l := range work.Lines.Nodes {
			out.Received = append(out.Received, l.received()...)
		}
	}
	return out
}

func (l *apiReverseLine) received() []commerce.Received {
	var out []commerce.Received
	for _, d := range l.Dispositions {
		if d.Type == "RESTOCKED" && l.Fulfilled.Line.ID != "" {
			out = append(out, commerce.Received{LineID: string(l.Fulfilled.Line.ID), Quantity: decimal.NewFromInt(d.Quantity), Location: string(d.Location.ID)})
		}
	}
	return out
}

// join takes in the returns and names each to the refunds that settle it. What
// came back by the word of such a refund's lines is not told a second time.
func (r *record) join(returns []apiReturn) {
	for _, one := range returns {
		out := one.returned()
		for _, settled := range one.Refunds.Nodes {
			for i := range r.refunds {
				if f := &r.refunds[i]; f.ID == string(settled.ID) {
					f.Return = out.ID
					out.Received = without(out.Received, f.Lines)
				}
			}
		}
		r.returns = append(r.returns, out)
	}
}

// without takes off what refund lines say came back.
func without(received []commerce.Received, lines []commerce.RefundLine) []commerce.Received {
	for _, l := range lines {
		if l.Restock != commerce.RestockReturn {
			continue
		}
		told := l.Quantity
		for i := range received {
			if got := &received[i]; got.LineID == l.LineID {
				off := decimal.Min(told, got.Quantity)
				got.Quantity, told = got.Quantity.Sub(off), told.Sub(off)
			}
		}
	}
	var rest []commerce.Received
	for _, got := range received {
		if got.Quantity.IsPositive() {
			rest = append(rest, got)
		}
	}
	return rest
}
