package woocommercetest

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// Statuses that mean something here.
const (
	draft     = "checkout-draft"
	trash     = "trash"
	completed = "completed"
	refunded  = "refunded"
)

// statuses are those of core; plugins have their own.
func statuses() []string {
	return []string{"pending", "processing", "on-hold", completed, "cancelled", refunded, "failed", draft}
}

// hidden are the statuses that no list shows unless it is asked for them.
func hidden(status string) bool { return status == trash || status == draft || status == "auto-draft" }

// over reports whether nothing more comes of the order.
func (o *Order) over() bool {
	return slices.Contains([]string{"cancelled", "failed", trash}, o.Status)
}

// SetStatus moves an order to a status, and does what follows from it: it may count as
// paid or completed then, and "refunded" gives all its money back.
func (s *Store) SetStatus(id, status string) error {
	return s.change(id, func(o *Order) error {
		if !s.isStatus(status) {
			return fmt.Errorf("there is no status %q", status)
		}
		o.Status = status
		return nil
	})
}

// Pay settles what a person has to settle, such as a bank transfer.
func (s *Store) Pay(id string) error {
	return s.change(id, func(o *Order) error {
		if !o.PaidAt.IsZero() || o.over() {
			return errors.New("there is nothing to pay")
		}
		o.Status = "processing"
		if o.PaymentMethod == "cod" {
			o.Status = completed
		}
		return nil
	})
}

// Complete says that the goods have left: WooCommerce knows no parcels.
func (s *Store) Complete(id string) error { return s.SetStatus(id, completed) }

// CancelOrder cancels an order. Money that was paid stays where it is.
func (s *Store) CancelOrder(id string) error { return s.SetStatus(id, "cancelled") }

// reached does what follows from a status that an order comes to.
func (s *Store) reached(o *Order, old string, at time.Time) {
	if o.Status == old {
		return
	}
	if o.PaidAt.IsZero() && o.pays() {
		o.PaidAt = at
	}
	switch o.Status {
	case completed:
		o.CompletedAt = at
		if c := s.customers[o.Customer]; c != nil {
			c.Paying, c.UpdatedAt = true, at
			s.tell("customer.updated", c.ID)
		}
	case refunded:
		s.refundRest(o, at)
	}
	s.tell("action.woocommerce_order_status_"+o.Status, o.ID)
	taken := slices.Contains([]string{"processing", "on-hold", completed}, o.Status)
	back := slices.Contains([]string{"cancelled", "pending"}, o.Status)
	if !s.opts.NoStock && (taken && !o.reduced || back && o.reduced) {
		o.reduced = taken
		s.stockMoved(o)
	}
}

// pays reports whether the status says that the money is there. Cash on delivery is
// when the order is completed.
func (o *Order) pays() bool {
	return o.Status == completed || o.Status == "processing" && o.PaymentMethod != "cod"
}

// stockMoved tells of every product of an order.
func (s *Store) stockMoved(o *Order) {
	for _, l := range o.Lines {
		if l.Variation != 0 {
			s.tell("product.updated", l.Variation)
		} else if l.Product != 0 {
			s.tell("product.updated", l.Product)
		}
	}
}

// TrashOrder puts an order into the bin. Shops with orders as posts say then that a
// coupon and a product of that number are deleted too.
func (s *Store) TrashOrder(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	switch {
	case err != nil:
		return err
	case o.Status == trash:
		return fmt.Errorf("order %s is in the bin already", o.Number)
	}
	c := o.clone()
	c.before, c.Status, c.UpdatedAt = o.Status, trash, s.later(o)
	s.orders[c.ID] = c
	if s.opts.Old {
		s.tell("coupon.deleted", c.ID)
		s.tell("product.deleted", c.ID)
	}
	s.tell("order.deleted", c.ID)
	return nil
}

// RestoreOrder takes an order out of the bin. Shops with orders as posts tell of an
// update too, and of a product that is none.
func (s *Store) RestoreOrder(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	switch {
	case err != nil:
		return err
	case o.Status != trash:
		return fmt.Errorf("order %s is not in the bin", o.Number)
	}
	c := o.clone()
	c.Status, c.before, c.UpdatedAt = o.before, "", s.later(o)
	s.orders[c.ID] = c
	s.tell("order.restored", c.ID)
	if s.opts.Old {
		s.tell("product.restored", c.ID)
		s.tell("order.updated", c.ID)
	}
	return nil
}

// DeleteOrder removes an order for good, of which WooCommerce tells nobody: what was
// to be told of it before becomes a signed error.
func (s *Store) DeleteOrder(id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(id)
	if err != nil {
		return err
	}
	delete(s.orders, o.ID)
	s.gone[o.ID] = o
	return nil
}
