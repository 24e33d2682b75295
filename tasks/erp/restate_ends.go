package erp

import (
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// refundedOf reports whether shippingOf makes a line what it was at checkout.
func (w *restating) refundedOf(line int) bool {
	return slices.ContainsFunc(w.refunds, func(r commerce.Refund) bool {
		return slices.ContainsFunc(r.Shipping, func(s commerce.RefundShipping) bool { return !s.Amount.IsZero() && w.shippingLine(s) == line })
	})
}

// callsOff takes off what a cancelled order had left of charges that were refunded in
// part. It stands on a line of its own: theirs stay what they were at checkout, for the
// credit notes of the refunds do not lower what is invoiced of them.
func (w *restating) callsOff() {
	for _, at := range w.off {
		rest := w.shop.Lines[at]
		if rest.Total.IsZero() {
			continue
		}
		rest.Quantity = decimal.NewFromInt(1)
		w.Lines = append(w.Lines, signed(commerce.Line{ID: w.Ref.ID + "_cancelled_s" + rest.ID, Kind: commerce.LineRefund, Code: string(rest.Kind),
			Title: calledOff + ": " + rest.Title}, priced1(rest), rest.Quantity.Neg()))
	}
}

// settles sees that the order came to nothing at least when the refund was made, with
// all that later ones took out: what one refund settled stays with it.
func (w *restating) settles(c *credit, n int) {
	total, _ := lineSums(w.shop)
	total = total.Add(w.cents())
	for _, later := range w.refunds[n+1:] {
		total = total.Add(w.worth(&credit{Refund: later}))
	}
	if rest := total.Sub(w.given.Amount); rest.IsNegative() {
		w.giveBeyond(c, rest)
	}
}

// onLine is what refunds gave for a line beyond its goods.
type onLine struct {
	Given commerce.RefundBeyond // less what was kept
	Gift  commerce.RefundBeyond // for what is left of the line, whatever was kept
}

// gave notes what a refund gave for a line.
func (w *restating) gave(part commerce.RefundBeyond) {
	at := slices.IndexFunc(w.onLines, func(of onLine) bool { return of.Given.LineID == part.LineID })
	if at < 0 {
		none := commerce.RefundBeyond{LineID: part.LineID}
		w.onLines, at = append(w.onLines, onLine{none, none}), len(w.onLines)
	}
	add := func(to *commerce.RefundBeyond) {
		to.Amount.Amount, to.Tax.Amount = to.Amount.Amount.Add(part.Amount.Amount), to.Tax.Amount.Add(part.Tax.Amount)
	}
	add(&w.onLines[at].Given)
	if part.Amount.Amount.IsPositive() {
		add(&w.onLines[at].Gift)
	}
}

// bears sees that gifts for a line are no more than what a refund left of it: the rest
// was for goods that were taken out.
func (w *restating) bears(n int) {
	for i := range w.onLines {
		gift, left := &w.onLines[i].Gift, decimal.Zero
		for _, l := range w.shop.Lines {
			if l.ID == gift.LineID && l.Kind != commerce.LineShipping {
				left = left.Add(l.Total.Amount)
				for _, t := range l.Taxes {
					left = left.Add(w.onTop(t.Amount))
				}
			}
		}
		for _, later := range w.refunds[n+1:] {
			for _, l := range later.Lines {
				if l.LineID == gift.LineID {
					left = left.Add(l.Amount.Amount).Add(w.onTop(l.Tax))
				}
			}
		}
		if gross := w.grossOf(*gift); gross.GreaterThan(left) {
			gift.Tax.Amount = gift.Tax.Amount.Mul(left).DivRound(gross, commerce.Digits(w.Currency))
			gift.Amount.Amount = left.Sub(w.onTop(gift.Tax))
		}
	}
}

// grossOf is what was given with its tax.
func (w *restating) grossOf(b commerce.RefundBeyond) decimal.Decimal {
	return b.Amount.Amount.Add(w.onTop(b.Tax))
}

// ends sees that an order comes to nothing at least: of the last refund of one for
// which more was given than it is worth, so much was given before.
func (w *restating) ends() {
	last := len(w.Credits) - 1
	if last < 0 {
		return
	}
	if w.shop.Cancelled() && !w.Left {
		w.takesBack(&w.Credits[last])
	}
	if total, _ := lineSums(w.Order); total.Add(w.cents()).IsNegative() {
		w.giveBeyond(&w.Credits[last], total.Add(w.cents()))
	}
}

// takesBack takes back, with the lines of an order that is called off, what was given for
// these. What was kept of other goods stays, whichever came first, less what was given for
// no line; where that is more, nothing stays.
func (w *restating) takesBack(c *credit) {
	total, _ := lineSums(w.Order)
	for _, on := range w.onLines {
		total = total.Add(w.grossOf(on.Gift))
	}
	stays := total.IsPositive()
	for _, on := range w.onLines {
		back := on.Given
		if stays {
			back = on.Gift
		}
		back.Amount.Amount, back.Tax.Amount = back.Amount.Amount.Neg(), back.Tax.Amount.Neg()
		w.giveOn(c, back, "_off")
	}
	if total, _ = lineSums(w.Order); !stays {
		w.giveBeyond(c, total)
	}
}
