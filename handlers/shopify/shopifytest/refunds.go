package shopifytest

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Refund is goods or shipping that the order has no more, money going back, or
// both. Its money is the order's transactions that name it.
type Refund struct {
	ID       int64
	At       time.Time
	Lines    []RefundedLine
	Shipping []RefundedShipping
	Return   int64 // that it settles, 0 for none

	// discrepancy is what was paid back beyond what was owed; negative: kept.
	discrepancy Bag
	apart       bool // money and lines come apart
}

// RefundedLine is pieces of one line with what they cost.
type RefundedLine struct {
	Line        int64
	Quantity    int
	Restock     string
	Location    Location
	amount, tax Bag
}

// RefundedShipping is a part of what shipping cost.
type RefundedShipping struct {
	Line        int64
	amount, tax Bag
}

// RefundRequest says what a refund takes back and what it pays. Without Amount
// that is what the store suggests: what the buyer is owed after it.
type RefundRequest struct {
	Lines []RefundItem
	// Shipping is that part of the shipping price, FullShipping all of it.
	Shipping     decimal.Decimal
	FullShipping bool
	// Amount is paid instead, in the store's money: more than suggested is goodwill,
	// less keeps a fee.
	Amount *decimal.Decimal
	// Pending leaves the money on its way until SettleRefund; Unpaid moves none.
	Pending, Unpaid bool
	// OneReason refuses a refund whose money and lines differ for two reasons: of how much
	// each is nobody is told.
	OneReason bool
	Return    string // that it settles
}

// RefundItem is n pieces of the line at that place, and what becomes of them.
type RefundItem struct {
	Line, Quantity int
	Restock        string // RETURN, CANCEL or NO_RESTOCK (RETURN)
	Location       Location
}

// Refund takes back n pieces of the line at that place and pays them back.
func (s *Store) Refund(id string, line, n int) error {
	_, err := s.RefundWith(id, RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n}}})
	return err
}

// RefundWith makes a refund and returns its id.
func (s *Store) RefundWith(id string, r RefundRequest) (refund string, err error) {
	err = s.change(id, func(o *Order) error {
		made, err := o.refund(r, s.opts.Now())
		refund = strconv.FormatInt(made, 10)
		return err
	})
	return refund, err
}

// SettleRefund lets the money of a pending refund arrive.
func (s *Store) SettleRefund(id, refund string) error {
	return s.change(id, func(o *Order) error {
		for i := range o.Transactions {
			t := &o.Transactions[i]
			if t.Status == "PENDING" && t.Refund != 0 && strconv.FormatInt(t.Refund, 10) == refund {
				t.Status = "SUCCESS"
				o.tell("order_transactions/create", t.ID)
				return nil
			}
		}
		return fmt.Errorf("no money of the refund %q is on its way", refund)
	})
}

func (o *Order) refund(r RefundRequest, at time.Time) (int64, error) {
	made := Refund{ID: o.nextID(6), At: at}
	if r.Return != "" {
		ret, err := o.findReturn(r.Return)
		if err != nil {
			return 0, err
		}
		made.Return = ret.ID
	}
	before := o.due(true)
	o.Refunds = append(o.Refunds, made)
	o.tell("refunds/create", made.ID)
	last := &o.Refunds[len(o.Refunds)-1]
	for _, item := range r.Lines {
		if err := o.takeBack(last, item); err != nil {
			return 0, err
		}
	}
	if err := o.refundShipping(last, r); err != nil {
		return 0, err
	}
	o.price()
	own := before.sub(o.due(true)) // what the order costs less for it
	if r.Unpaid {
		last.apart = !own[shopSide].IsZero()
		return made.ID, nil
	}
	return made.ID, o.payBack(last, r, own, at)
}

// takeBack puts pieces of a line to a refund: their share of the line, and all
// that is left with the last of them.
func (o *Order) takeBack(r *Refund, item RefundItem) error {
	if item.Line < 0 || item.Line >= len(o.Lines) {
		return fmt.Errorf("no line at %d", item.Line)
	}
	l := &o.Lines[item.Line]
	if item.Quantity < 1 || item.Quantity > l.Current {
		return fmt.Errorf("%d of %d pieces of %s cannot be refunded", item.Quantity, l.Current, l.Title)
	}
	back := RefundedLine{Line: l.ID, Quantity: item.Quantity, Restock: orDefault(item.Restock, "RETURN"), Location: item.Location,
		amount: l.current, tax: l.currentTax}
	if item.Quantity < l.Current {
		back.amount = part(l.discounted, item.Quantity, l.Quantity).min(l.current)
		back.tax = part(l.tax, item.Quantity, l.Quantity).min(l.currentTax)
	}
	l.Current -= item.Quantity
	r.Lines = append(r.Lines, back)
	o.price()
	return nil
}

// refundShipping takes a sum off the shipping lines, from the first on.
func (o *Order) refundShipping(r *Refund, req RefundRequest) error {
	rest := req.Shipping
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		full := req.FullShipping || rest.GreaterThanOrEqual(l.current[shopSide])
		if l.Removed || l.current[shopSide].IsZero() || !full && rest.IsZero() {
			continue
		}
		back := RefundedShipping{Line: l.ID, amount: l.current, tax: l.currentTax}
		if !full {
			back.amount = o.both(rest).min(l.current)
			for side := range back.tax {
				back.tax[side] = cents(l.tax[side].Mul(back.amount[side]).DivRound(l.discounted[side], 16))
			}
		}
		rest = decimal.Max(decimal.Zero, rest.Sub(back.amount[shopSide]))
		r.Shipping = append(r.Shipping, back)
	}
	if rest.IsPositive() {
		return errors.New("shipping did not cost as much")
	}
	return nil
}

// payBack moves the money. What it is more or less than what was owed is a
// discrepancy, and nobody owes it afterwards; a sum alone may pay a part. What it
// pays beyond its own is for what was taken out before.
func (o *Order) payBack(r *Refund, req RefundRequest, own Bag, at time.Time) error {
	owed := o.owed()
	money := owed.min(o.moved(true))
	if req.Amount != nil && !req.Amount.Equal(money[shopSide]) {
		money = o.both(*req.Amount)
	}
	if money[shopSide].GreaterThan(o.moved(true)[shopSide]) {
		return fmt.Errorf("%s is more than was paid", money[shopSide])
	}
	r.discrepancy = money.sub(owed)
	if len(r.Lines)+len(r.Shipping) == 0 {
		r.discrepancy = r.discrepancy.max(Bag{})
	}
	r.apart = !money.sub(r.discrepancy).sub(own)[shopSide].IsZero()
	if req.OneReason && r.apart && !r.discrepancy[shopSide].IsZero() {
		return errors.New("money and lines differ for two reasons")
	}
	if money[shopSide].IsZero() {
		return nil
	}
	t := Transaction{ID: o.nextID(3), Kind: "REFUND", Status: "SUCCESS", Amount: money, At: at, Refund: r.ID}
	if req.Pending {
		t.Status = "PENDING"
	}
	o.Transactions = append(o.Transactions, t)
	o.tell("order_transactions/create", t.ID)
	return nil
}

// adjustments are the reasons why money and lines of a refund differ.
func (r *Refund) adjustments() []string {
	var out []string
	if r.apart {
		out = append(out, "PENDING_REFUND_DISCREPANCY")
	}
	if !r.discrepancy[shopSide].IsZero() {
		out = append(out, "REFUND_DISCREPANCY")
	}
	return out
}

// taken is what refunds took off one line.
type taken struct {
	quantity    int
	amount, tax Bag
}

func (o *Order) refunded(line int64) taken {
	var sum taken
	for _, r := range o.Refunds {
		for _, l := range r.Lines {
			if l.Line == line {
				sum.quantity += l.Quantity
				sum.amount, sum.tax = sum.amount.add(l.amount), sum.tax.add(l.tax)
			}
		}
	}
	return sum
}

func (o *Order) refundedShipping(line int64) taken {
	var sum taken
	for _, r := range o.Refunds {
		for _, l := range r.Shipping {
			if l.Line == line {
				sum.amount, sum.tax = sum.amount.add(l.amount), sum.tax.add(l.tax)
			}
		}
	}
	return sum
}
