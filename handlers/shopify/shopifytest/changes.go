package shopifytest

import (
	"fmt"
	"strconv"

	"github.com/shopspring/decimal"
)

// RaiseLine orders n pieces more of the line at that place, as an edit does.
func (s *Store) RaiseLine(id string, line, n int) error {
	return s.change(id, func(o *Order) error {
		if line < 0 || line >= len(o.Lines) || n < 1 {
			return fmt.Errorf("line %d cannot be raised by %d", line, n)
		}
		o.Lines[line].Quantity += n
		o.Lines[line].Current += n
		o.tell("orders/edited", 0)
		return nil
	})
}

// RemoveFromLine removes n pieces of the line at that place, as an edit does: a
// refund without money. What was paid for them is owed to the buyer then, and a
// later refund of a sum pays it.
func (s *Store) RemoveFromLine(id string, line, n int) error {
	return s.change(id, func(o *Order) error {
		o.tell("orders/edited", 0)
		_, err := o.refund(RefundRequest{Unpaid: true, Lines: []RefundItem{{Line: line, Quantity: n, Restock: "CANCEL"}}}, s.opts.Now())
		return err
	})
}

// AddLine puts a line to an order, as an edit does, and returns its id. The
// discounts of the checkout do not fall on it.
func (s *Store) AddLine(id string, l Line) (line string, err error) {
	err = s.change(id, func(o *Order) error {
		o.tell("orders/edited", 0)
		line = strconv.FormatInt(o.add(l), 10)
		return nil
	})
	return line, err
}

func (o *Order) add(l Line) int64 {
	l.ID, l.Added, l.Current = 0, true, l.Quantity
	o.Lines = append(o.Lines, l)
	o.number()
	o.price()
	return o.Lines[len(o.Lines)-1].ID
}

// CancelOrder cancels an unshipped order: its money amounts stay.
func (s *Store) CancelOrder(id string) error {
	return s.UpdateOrder(id, func(o *Order) {
		o.CancelledAt = s.opts.Now()
		o.tell("orders/cancelled", 0)
	})
}

// CancelAndRefund cancels an order the way a store does that gives everything
// back: all that is left of it is refunded, its shipping too, and it comes to
// nothing. It returns the refund's id.
func (s *Store) CancelAndRefund(id string) (refund string, err error) {
	err = s.change(id, func(o *Order) error {
		o.CancelledAt = s.opts.Now()
		o.tell("orders/cancelled", 0)
		o.Fees, o.Duties = decimal.Zero, decimal.Zero // they go with the rest
		all := RefundRequest{FullShipping: true}
		for i, l := range o.Lines {
			if l.Current > 0 {
				all.Lines = append(all.Lines, RefundItem{Line: i, Quantity: l.Current, Restock: "CANCEL", Location: o.Location})
			}
		}
		made, err := o.refund(all, s.opts.Now())
		refund = strconv.FormatInt(made, 10)
		return err
	})
	return refund, err
}

// Fulfill ships every line at its present quantity.
func (s *Store) Fulfill(id, company, tracking string) error {
	return s.UpdateOrder(id, func(o *Order) {
		all := map[int64]int{}
		for _, l := range o.Lines {
			all[l.ID] = l.Current
		}
		o.ship(Fulfillment{Company: company, Tracking: tracking, At: s.opts.Now(), Lines: all})
	})
}

// FulfillLines ships so many pieces of the lines at those places.
func (s *Store) FulfillLines(id, company, tracking string, lines map[int]int) error {
	return s.change(id, func(o *Order) error {
		chosen, err := o.places(lines)
		if err != nil {
			return err
		}
		for _, l := range o.Lines {
			if chosen[l.ID] > o.unshipped(&l) {
				return fmt.Errorf("%d pieces of %s are not there to ship", chosen[l.ID], l.Title)
			}
		}
		o.ship(Fulfillment{Company: company, Tracking: tracking, At: s.opts.Now(), Lines: chosen})
		return nil
	})
}

func (o *Order) ship(f Fulfillment) {
	f.ID = o.nextID(5)
	o.Fulfillments = append(o.Fulfillments, f)
	o.tell("fulfillments/create", f.ID)
}

// places turns places of lines into their ids.
func (o *Order) places(lines map[int]int) (map[int64]int, error) {
	out := map[int64]int{}
	for place, n := range lines {
		if place < 0 || place >= len(o.Lines) || n < 1 {
			return nil, fmt.Errorf("no %d pieces of a line at %d", n, place)
		}
		out[o.Lines[place].ID] = n
	}
	return out, nil
}

// shipped is how many pieces of a line have left.
func (o *Order) shipped(line int64) int {
	n := 0
	for _, f := range o.Fulfillments {
		n += f.Lines[line]
	}
	return n
}

// unshipped is how many pieces of a line can leave yet. Those that left and came
// back are no longer of the order, and nothing is missing for them.
func (o *Order) unshipped(l *Line) int {
	n := l.Current - o.shipped(l.ID)
	for _, r := range o.Refunds {
		for _, back := range r.Lines {
			if back.Line == l.ID && (back.Restock == "RETURN" || r.Return != 0) {
				n += back.Quantity
			}
		}
	}
	return max(0, min(n, l.Current))
}
