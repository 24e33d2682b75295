package shopifytest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Pay settles what a person has to settle, such as a bank transfer or what an
// order costs more after an edit.
func (s *Store) Pay(id string) error {
	return s.UpdateOrder(id, func(o *Order) {
		o.pay(s.opts.Now())
		o.tell("orders/paid", 0)
	})
}

func (o *Order) pay(at time.Time) {
	t := Transaction{ID: o.nextID(3), Kind: "SALE", Status: "SUCCESS", Amount: o.outstanding(), At: at}
	o.Transactions = append(o.Transactions, t)
	o.tell("order_transactions/create", t.ID)
}

// moved is the money that came in and has not gone back; underway counts what
// is on its way back as gone.
func (o *Order) moved(underway bool) Bag {
	var sum Bag
	for _, t := range o.Transactions {
		done := t.Status == "SUCCESS"
		switch {
		case t.Kind == "REFUND" && (done || underway && t.Status == "PENDING"):
			sum = sum.sub(t.Amount)
		case t.Kind != "REFUND" && done:
			sum = sum.add(t.Amount)
		}
	}
	return sum
}

// outstanding is what the buyer owes yet; negative: what he is owed. What was
// given out of goodwill or kept as a fee changes nothing of it.
func (o *Order) outstanding() Bag { return o.due(false) }

func (o *Order) due(underway bool) Bag {
	due := o.totals.currentSum.sub(o.moved(underway))
	for _, r := range o.Refunds {
		due = due.sub(r.discrepancy)
	}
	return due
}

// owed is what the buyer should get back: what a store suggests for a refund.
func (o *Order) owed() Bag {
	due := o.due(true)
	for side := range due {
		due[side] = decimal.Max(decimal.Zero, due[side].Neg())
	}
	return due
}
