package woocommercetest

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
)

// Ledger is what became of an order, for whoever judges books.
type Ledger struct {
	Number, Status string
	// Cancelled says that nothing comes of the order: cancelled, failed or in the bin.
	// It costs nothing then, but for what was kept of its refunds. Gone says that it was deleted for good, as the rest tells.
	Cancelled, Gone bool
	// Total is what the order costs now, less what was given back of its lines; Given is
	// what was paid back beyond these, less what was kept.
	Total, Given decimal.Decimal
	// Tax is the tax in Total.
	Tax decimal.Decimal
	// Paid is the money that came in and has not gone back; Moves is how many payments
	// and refunds moved it.
	Paid     decimal.Decimal
	Moves    int
	Shipping decimal.Decimal // that is left, tax included
	Lines    []LedgerLine
}

// LedgerLine is a line by pieces; one that was removed has none.
type LedgerLine struct {
	ID       string
	Quantity int // that the buyer pays for
	Unsent   int // of these
	Kept     int // given back and still with the buyer
	With     int // with the buyer, kept ones too
}

// Ledger tells what became of an order, also of one that was deleted for good.
func (s *Store) Ledger(id string) (Ledger, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, _ := strconv.ParseInt(id, 10, 64) // find says what is wrong with it
	o := s.gone[n]
	if o == nil {
		var err error
		if o, err = s.find(id); err != nil {
			return Ledger{}, err
		}
	}
	l := o.ledger()
	l.Gone = s.gone[n] != nil
	return l, nil
}

func (o *Order) ledger() Ledger {
	l := Ledger{Number: o.Number, Status: o.Status, Cancelled: o.over()}
	l.Total, l.Tax = o.current()
	l.Given = l.Total.Sub(o.remaining()) // what is left of the money is less by that
	if !o.PaidAt.IsZero() && o.totals.total.IsPositive() {
		l.Paid, l.Moves = o.remaining(), 1+len(o.Refunds)
	}
	if l.Cancelled {
		l.Total, l.Tax, l.Given = decimal.Zero, decimal.Zero, decimal.Min(decimal.Zero, l.Given)
	}
	for i := range o.ShippingLines {
		l.Shipping = l.Shipping.Add(o.rest(o.ShippingLines[i].ID, &o.ShippingLines[i].priced, &Refund{}).worth())
	}
	for i := range o.Lines {
		l.Lines = append(l.Lines, o.pieces(&o.Lines[i]))
	}
	for _, id := range o.removed {
		l.Lines = append(l.Lines, LedgerLine{ID: strconv.FormatInt(id, 10)})
	}
	return l
}

// current is what the order costs now, with the tax in it. One that staff called
// refunded costs nothing, although no refund has its lines.
func (o *Order) current() (total, tax decimal.Decimal) {
	if o.wholeRefund() != nil {
		return decimal.Zero, decimal.Zero
	}
	total, tax = o.totals.total, o.roundTax(o.totals.tax)
	for _, r := range o.Refunds {
		for _, p := range r.Parts {
			total, tax = total.Sub(p.worth()), tax.Sub(sumOf(p.taxes))
		}
	}
	return total, tax
}

// wholeRefund is the one that the shop made when staff called the order refunded.
func (o *Order) wholeRefund() *Refund {
	if n := len(o.Refunds); n > 0 && o.Refunds[n-1].whole && o.Status == refunded {
		return &o.Refunds[n-1]
	}
	return nil
}

// sent reports whether the goods have left: all at once, when the order is completed.
func (o *Order) sent() bool {
	return o.Status == completed || o.Status == refunded && !o.CompletedAt.IsZero()
}

// pieces counts those of a line. What is given back after the goods left came back,
// unless the shop kept it out of its stock.
func (o *Order) pieces(l *Line) LedgerLine {
	out := LedgerLine{ID: strconv.FormatInt(l.ID, 10), Quantity: o.leftOf(l)}
	kept := func(r *Refund, n int) {
		if r.kept && o.sent() && !r.At.Before(o.CompletedAt) {
			out.Kept += n
		}
	}
	for i := range o.Refunds {
		for _, p := range o.Refunds[i].Parts {
			if p.Line == l.ID {
				kept(&o.Refunds[i], p.Quantity)
			}
		}
	}
	switch r := o.wholeRefund(); {
	case r != nil:
		kept(r, out.Quantity)
		out.Quantity = 0
	case o.Status == refunded && o.remaining().IsZero(): // amounts alone were typed
		if o.sent() {
			out.Kept += out.Quantity
		}
		out.Quantity = 0
	}
	switch {
	case o.sent():
		out.With = out.Quantity + out.Kept
	case o.over():
		out.Quantity = 0
	default:
		out.Unsent = out.Quantity
	}
	return out
}

// Summary is an order as a judge wants to see it.
type Summary struct {
	ID, Number, Status, Currency string
	Total, TotalTax              decimal.Decimal // less what was given back of its lines
	Paid, Refunded               decimal.Decimal
	Delivered, Cancelled         bool
	SKUs                         []string
}

// Orders lists all orders by id, those in the bin too.
func (s *Store) Orders() []Summary {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Summary
	for _, o := range slices.SortedFunc(maps.Values(s.orders), func(a, b *Order) int { return cmp.Compare(a.ID, b.ID) }) {
		l := o.ledger()
		sum := Summary{ID: strconv.FormatInt(o.ID, 10), Number: o.Number, Status: o.Status, Currency: o.Currency,
			Paid: l.Paid, Refunded: o.totals.total.Sub(o.remaining()), Delivered: o.sent(), Cancelled: l.Cancelled}
		sum.Total, sum.TotalTax = o.current()
		for i := range o.Lines {
			sum.SKUs = append(sum.SKUs, o.Lines[i].SKU)
		}
		out = append(out, sum)
	}
	return out
}
