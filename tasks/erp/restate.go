package erp

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// booking is an order as it stands in the books: what is no longer sold is not on
// its lines, and what was given back beside that is on lines of its own. Its total is
// what the shop has of the order in the end.
type booking struct {
	*commerce.Order
	Credits []credit   // what each refund gives back, oldest first
	Back    []comeback // goods that are back in the shop
	// Due is how much of a line that is back in the shop is yet to come back in Odoo.
	Due map[string]decimal.Decimal
	// Settled is how much of a line is back in the shop and was refunded: it is not sold.
	Settled map[string]decimal.Decimal
	// Unsent is how much of a line is yet to leave in Odoo, once what is due is back.
	Unsent map[string]decimal.Decimal
	// Left says that goods of the order have left, in the shop or in Odoo.
	Left bool
	// Excess is how much of a line Odoo delivered beyond what the shop sold of it, by
	// the line's id: only a person knows where that is.
	Excess map[string]decimal.Decimal
}

// goods is what of a line has left Odoo's warehouses, and what has come back.
type goods struct{ Out, In decimal.Decimal }

// credit is what one refund gives back.
type credit struct {
	commerce.Refund
	Rows []creditRow
}

// creditRow is a part of a credit: quantity and amounts that a line of the booking
// has less of.
type creditRow struct {
	Index int // of the line
	Of    int // of the line whose product it is about; -1: none
	commerce.Line
}

// comeback is goods of a line that are back in the shop.
type comeback struct {
	Key      string // what they came back with
	LineID   string
	Quantity decimal.Decimal
	Location string
}

// restating is the work on one booking.
type restating struct {
	booking
	shop     *commerce.Order
	moved    map[string]goods
	refunds  []commerce.Refund // oldest first
	settings settings
	there    *standing           // nil for a new order
	kept     [][]decimal.Decimal // of each line of each refund: the buyer keeps it
	given    commerce.Money      // beyond goods and shipping; negative: kept
	onLines  []onLine
	amounts  map[string]int  // how many lines for amounts each refund has
	off      []int           // lines of charges, refunded in part, of a cancelled order
	parts    []commerce.Line // what was given for no line, by its taxes
}

// restate finds how the order stands in the books. moved is what Odoo's
// warehouses did, by the id of the shop's line; there is the order in Odoo. An order
// of which nothing was given back or cancelled stands as the shop tells it.
func (s settings) restate(o *commerce.Order, moved map[string]goods, there *standing) booking {
	if len(o.Refunds) == 0 && len(o.Returns) == 0 && !o.Cancelled() {
		return booking{Order: o, Excess: excess(o, moved)}
	}
	next := *o
	next.Lines = slices.Clone(o.Lines)
	for i := range next.Lines {
		next.Lines[i].Taxes = slices.Clone(next.Lines[i].Taxes)
	}
	next.Taxes = slices.Clone(o.Taxes)
	w := restating{booking: booking{Order: &next, Due: map[string]decimal.Decimal{}, Unsent: map[string]decimal.Decimal{}, Excess: map[string]decimal.Decimal{}}, shop: o, moved: moved,
		refunds: byTime(o.Refunds), settings: s, there: there, amounts: map[string]int{}, given: commerce.Money{Currency: o.Currency}}
	w.fates()
	for n, r := range w.refunds {
		c := credit{Refund: r}
		w.goodsOf(&c, n)
		w.shippingOf(&c)
		w.amountOf(&c)
		w.bears(n)
		w.settles(&c, n)
		w.Credits = append(w.Credits, c)
	}
	w.callsOff()
	w.ends()
	w.totals()
	return w.booking
}

// partOfKit finds that a refund is about a part of a bundle that stands in Odoo as one
// line: how much of that line it is nobody tells.
func (s settings) partOfKit(o *commerce.Order) error {
	if s.Books.Products.Bundles == "" || s.Books.Products.Bundles == bundleExplode {
		return nil
	}
	for _, r := range o.Refunds {
		for _, back := range r.Lines {
			at := slices.IndexFunc(o.Lines, func(l commerce.Line) bool { return l.ID == back.LineID && l.Kind != commerce.LineShipping })
			if at >= 0 && o.Lines[at].Bundle != "" {
				return parkedEdit(o.Ref, fmt.Sprintf("%q was refunded, a part of a bundle that is one line in Odoo (books.products.bundles is %s)",
					cleanLine(o.Lines[at].Title, shortText), s.Books.Products.Bundles), "book this refund in Odoo by hand, and discard this")
			}
		}
	}
	return nil
}

// excess is what Odoo delivered beyond what an order has, of which nothing came back.
func excess(o *commerce.Order, moved map[string]goods) map[string]decimal.Decimal {
	all := map[string]decimal.Decimal{}
	for _, l := range o.Lines {
		if more := moved[l.ID].Out.Sub(moved[l.ID].In).Sub(l.Quantity); more.IsPositive() {
			all[l.ID] = more
		}
	}
	return all
}

func byTime(refunds []commerce.Refund) []commerce.Refund {
	return slices.SortedStableFunc(slices.Values(refunds), func(a, b commerce.Refund) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
}

// fates finds what became of each line's goods: sold, back on the shelf, or with a
// buyer who need not pay for them.
func (w *restating) fates() {
	unstocked, settled := w.comebacks()
	back := w.back()
	w.Settled = settled
	keeps := map[string]decimal.Decimal{}
	shipped := w.shop.Shipped()
	w.Left = w.left(shipped)
	for i := range w.Lines {
		l := &w.Lines[i]
		m := w.moved[l.ID]
		with := decimal.Max(shipped[l.ID], m.Out).Sub(decimal.Max(back[l.ID], m.In))
		sold := decimal.Max(decimal.Zero, decimal.Max(shipped[l.ID], m.Out).Sub(settled[l.ID]))
		if w.shop.Cancelled() && l.Quantity.GreaterThan(sold) && (l.Kind != commerce.LineShipping || !w.Left) {
			if w.refundedOf(i) {
				w.off = append(w.off, i)
			} else {
				shrink(l, sold)
			}
		}
		unrefunded := back[l.ID].Sub(settled[l.ID]) // what came back and is not refunded is still sold
		if l.NeedsShipping || m.Out.IsPositive() {
			keeps[l.ID] = clamp(with.Add(unrefunded).Sub(l.Quantity), decimal.Zero, unstocked[l.ID])
		}
		w.Due[l.ID] = m.due(shipped[l.ID], back[l.ID])
		has, shall := m.Out.Sub(m.In).Sub(w.Due[l.ID]), l.Quantity.Add(keeps[l.ID])
		w.Unsent[l.ID] = shall.Sub(has).Sub(unrefunded)
		if has.GreaterThan(shall) {
			w.Excess[l.ID] = has.Sub(shall)
		}
	}
	w.kept = make([][]decimal.Decimal, len(w.refunds))
	for n := range slices.Backward(w.refunds) {
		lines := w.refunds[n].Lines
		w.kept[n] = make([]decimal.Decimal, len(lines))
		for i, l := range lines {
			if l.Restock == commerce.RestockNone {
				w.kept[n][i] = decimal.Min(l.Quantity, keeps[l.LineID])
				keeps[l.LineID] = keeps[l.LineID].Sub(w.kept[n][i])
			}
		}
	}
}

// due is how much of a line that is back in the shop is yet to come back in Odoo. Of an
// order that came late, Odoo may have delivered only what was with the buyer by then.
func (g goods) due(shipped, back decimal.Decimal) decimal.Decimal {
	net := decimal.Max(shipped, g.Out).Sub(back)
	return clamp(g.Out.Sub(g.In).Sub(net), decimal.Zero, decimal.Max(decimal.Zero, back.Sub(g.In)))
}

// left reports whether anything of the order has left, in the shop or in Odoo.
func (w *restating) left(shipped map[string]decimal.Decimal) bool {
	for _, l := range w.Lines {
		if shipped[l.ID].IsPositive() || w.moved[l.ID].Out.Sub(w.moved[l.ID].In).IsPositive() {
			return true
		}
	}
	return false
}

// comebacks lists the goods that are back, and gives how much of each line was
// refunded without its goods, and how much with them.
// Where a return says what was received, the lines of
// its refunds say nothing of the goods.
func (w *restating) comebacks() (unstocked, settled map[string]decimal.Decimal) {
	type of struct{ back, line string }
	received := map[of]decimal.Decimal{}
	for _, r := range w.shop.Returns {
		for _, g := range r.Received {
			w.Back = append(w.Back, comeback{returnKey(r.ID), g.LineID, g.Quantity, g.Location})
			received[of{r.ID, g.LineID}] = received[of{r.ID, g.LineID}].Add(g.Quantity)
		}
	}
	unstocked, settled = map[string]decimal.Decimal{}, map[string]decimal.Decimal{}
	for _, r := range w.refunds {
		for _, l := range r.Lines {
			told := decimal.Min(l.Quantity, received[of{r.Return, l.LineID}])
			received[of{r.Return, l.LineID}] = received[of{r.Return, l.LineID}].Sub(told)
			rest := l.Quantity.Sub(told)
			if back := l.Restock == commerce.RestockReturn || l.Restock == commerce.RestockLegacy; back {
				told = l.Quantity
			}
			settled[l.LineID] = settled[l.LineID].Add(told)
			switch {
			case !rest.IsPositive():
			case l.Restock == commerce.RestockReturn || l.Restock == commerce.RestockLegacy:
				w.Back = append(w.Back, comeback{cmp.Or(returnKey(r.Return), r.ID), l.LineID, rest, l.Location})
			case l.Restock == commerce.RestockNone:
				unstocked[l.LineID] = unstocked[l.LineID].Add(rest)
			}
		}
	}
	return unstocked, settled
}

// returnKey is what goods come back with that a return told of; "" for none.
func returnKey(id string) string {
	if id == "" {
		return ""
	}
	return "r" + id
}

func clamp(x, low, high decimal.Decimal) decimal.Decimal {
	return decimal.Max(low, decimal.Min(x, high))
}

// shrink brings a line down to a quantity, its amounts in proportion.
func shrink(l *commerce.Line, to decimal.Decimal) {
	digits := commerce.Digits(l.Total.Currency)
	part := func(m commerce.Money) commerce.Money {
		m.Amount = m.Amount.Mul(to).DivRound(l.Quantity, 16).Round(digits)
		return m
	}
	l.Total = part(l.Total)
	l.Discounts = slices.Clone(l.Discounts)
	for i := range l.Discounts {
		l.Discounts[i].Amount = part(l.Discounts[i].Amount)
	}
	for i := range l.Taxes {
		l.Taxes[i].Amount = part(l.Taxes[i].Amount)
	}
	l.Quantity = to
}
