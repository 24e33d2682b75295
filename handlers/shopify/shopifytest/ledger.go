package shopifytest

import (
	"strconv"

	"github.com/shopspring/decimal"
)

// Ledger is what became of an order, in the store's money, for whoever judges books.
type Ledger struct {
	Number    string
	Cancelled bool
	// Total is what the order costs now. Given is what was paid back beyond what was
	// owed, less the fees that were kept.
	Total, Given decimal.Decimal
	// Paid is the money that came in and has not gone back, OnItsWay of it on its way
	// back, Owed what the buyer should get back yet. Moves is how many transactions
	// brought or took money.
	Paid, OnItsWay, Owed decimal.Decimal
	Moves                int
	Shipping             decimal.Decimal // that is left
	Lines                []LedgerLine
}

// LedgerLine is a line by pieces.
type LedgerLine struct {
	ID       string
	Quantity int // that the buyer pays for
	Unsent   int // of these
	Kept     int // given back and still with the buyer
	With     int // with the buyer, kept ones too
}

// Ledger tells what became of an order.
func (s *Store) Ledger(id string) (Ledger, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err != nil {
		return Ledger{}, err
	}
	l := Ledger{Number: o.name(), Cancelled: !o.CancelledAt.IsZero(), Total: o.totals.currentSum[shopSide], Shipping: o.totals.currentShipping[shopSide],
		Paid: o.moved(false)[shopSide], OnItsWay: o.moved(false).sub(o.moved(true))[shopSide], Owed: o.owed()[shopSide]}
	for _, r := range o.Refunds {
		l.Given = l.Given.Add(r.discrepancy[shopSide])
	}
	for _, t := range o.Transactions {
		if t.Status == "SUCCESS" && t.Amount[shopSide].IsPositive() {
			l.Moves++
		}
	}
	for i := range o.Lines {
		l.Lines = append(l.Lines, o.pieces(&o.Lines[i]))
	}
	return l, nil
}

// pieces counts those of a line. What both a return's shelf and its refund tell of
// came back once.
func (o *Order) pieces(l *Line) LedgerLine {
	out := LedgerLine{ID: strconv.FormatInt(l.ID, 10), Quantity: l.Current, Unsent: o.unshipped(l)}
	back := map[int64]int{} // by the return, 0 for none
	for _, r := range o.Refunds {
		for _, item := range r.Lines {
			switch {
			case item.Line != l.ID:
			case item.Restock == "RETURN":
				back[r.Return] += item.Quantity
			case item.Restock == "NO_RESTOCK" && r.Return == 0:
				out.Kept += item.Quantity
			}
		}
	}
	for _, r := range o.Returns {
		back[r.ID] = max(back[r.ID], r.disposed(l.ID))
	}
	out.With = o.shipped(l.ID)
	for _, n := range back {
		out.With -= n
	}
	return out
}
