package woocommercetest

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/shopspring/decimal"
)

// Refund is money that goes back, for lines or for none.
type Refund struct {
	ID        int64
	At        time.Time
	Reason    string
	Amount    decimal.Decimal // positive
	ByGateway bool            // the gateway paid it back, else people did
	Parts     []RefundedPart

	kept  bool // the goods were not put back into the stock
	whole bool // of all that was left, made by the shop itself
}

// RefundedPart is what a refund takes of one line, of shipping or of a fee.
type RefundedPart struct {
	ID       int64
	Line     int64 // the order's line
	Kind     string
	Quantity int // of products; 0: money alone
	total    decimal.Decimal
	taxes    []taxAmount
}

// The kinds of RefundedPart.
const (
	partLine     = "line"
	partShipping = "shipping"
	partFee      = "fee"
)

// RefundRequest says what a refund takes back and what it pays. Without Amount that is
// what its parts come to.
type RefundRequest struct {
	Lines []RefundItem
	// Shipping is that part of the shipping, tax included; FullShipping all that is left
	// of it, Fees all that is left of the fees.
	Shipping           decimal.Decimal
	FullShipping, Fees bool
	// Amount is paid instead: more than the parts come to is a gift, less keeps a fee.
	Amount    *decimal.Decimal
	Reason    string
	ByGateway bool
	// Unrounded has taxes of pieces with more digits than the currency, as staff of a shop
	// that rounds in the end is shown them.
	Unrounded bool
	// KeepStock leaves the goods out of the stock: where they had left, the buyer has
	// them still.
	KeepStock bool
}

// RefundItem is n pieces of the line at that place, or, without pieces, money for it,
// tax included.
type RefundItem struct {
	Line, Quantity int
	Money          decimal.Decimal
}

// Refund takes back n pieces of the line at that place and pays them back.
func (s *Store) Refund(id string, line, n int) error {
	_, err := s.RefundWith(id, RefundRequest{Lines: []RefundItem{{Line: line, Quantity: n}}})
	return err
}

// RefundAll gives back everything that is left, line by line, as staff does that clicks
// all of it; the order is refunded then.
func (s *Store) RefundAll(id string) error {
	all := RefundRequest{FullShipping: true, Fees: true}
	s.mu.Lock()
	if o, err := s.find(id); err == nil {
		for i := range o.Lines {
			if n := o.leftOf(&o.Lines[i]); n > 0 {
				all.Lines = append(all.Lines, RefundItem{Line: i, Quantity: n})
			}
		}
	}
	s.mu.Unlock()
	_, err := s.RefundWith(id, all)
	return err
}

// worthOfLines is what is left of each line of goods, tax included.
func (s *Store) worthOfLines(id string) (all []decimal.Decimal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o, err := s.find(id); err == nil {
		for i := range o.Lines {
			all = append(all, o.rest(o.Lines[i].ID, &o.Lines[i].priced, &Refund{}).worth())
		}
	}
	return all
}

// RefundWith makes a refund and returns its id. One that leaves nothing to give back
// makes the order "refunded".
func (s *Store) RefundWith(id string, r RefundRequest) (refund string, err error) {
	err = s.change(id, func(o *Order) error {
		made := Refund{At: s.later(o), Reason: r.Reason, ByGateway: r.ByGateway, kept: r.KeepStock && o.reduced}
		if err := o.refund(&made, r); err != nil {
			return err
		}
		s.lastID++
		made.ID = s.lastID
		for i := range made.Parts {
			s.lastItem++
			made.Parts[i].ID = s.lastItem
		}
		o.Refunds = append(o.Refunds, made)
		refund = strconv.FormatInt(made.ID, 10)
		if !r.KeepStock && o.reduced && len(r.Lines) > 0 {
			for _, item := range r.Lines {
				o.Lines[item.Line].restocked += item.Quantity
			}
			s.stockMoved(o)
		}
		if !o.remaining().IsPositive() {
			o.Status = refunded
		}
		return nil
	})
	return refund, err
}

// refundRest gives back what is left, without lines and without tax, as WooCommerce
// does by itself when an order is set to "refunded".
func (s *Store) refundRest(o *Order, at time.Time) {
	if rest := o.remaining(); rest.IsPositive() {
		s.lastID++
		o.Refunds = append(o.Refunds, Refund{ID: s.lastID, At: at, Amount: rest, Reason: "Order fully refunded.", kept: o.reduced, whole: true})
	}
}

// remaining is what of the order's total was not given back.
func (o *Order) remaining() decimal.Decimal {
	rest := o.totals.total
	for _, r := range o.Refunds {
		rest = rest.Sub(r.Amount)
	}
	return rest
}

func (o *Order) refund(made *Refund, r RefundRequest) error {
	for _, item := range r.Lines {
		if item.Line < 0 || item.Line >= len(o.Lines) {
			return fmt.Errorf("no line at %d", item.Line)
		}
		l := &o.Lines[item.Line]
		part := o.rest(l.ID, &l.priced, made)
		part.Line, part.Kind, part.Quantity = l.ID, partLine, item.Quantity
		switch left := o.leftOf(l); {
		case item.Quantity < 0 || item.Quantity > left:
			return fmt.Errorf("%d of %d pieces of %s cannot be refunded", item.Quantity, left, l.Name)
		case item.Quantity == 0:
			part = part.money(item.Money)
		case item.Quantity < left:
			part = part.least(l.share(item.Quantity, l.Quantity, r.Unrounded))
		}
		made.Parts = append(made.Parts, part)
	}
	if err := o.refundOthers(made, r); err != nil {
		return err
	}
	sum := cents(made.worth())
	made.Amount = sum
	if r.Amount != nil {
		made.Amount = *r.Amount
	} else if rest := o.remaining(); o.nothingLeft(made) || sum.GreaterThan(rest) && sum.Sub(rest).LessThan(decimal.New(1, -1)) {
		made.Amount = rest // cents that rounding made
	}
	if !made.Amount.IsPositive() || made.Amount.GreaterThan(o.remaining()) {
		return errors.New("Invalid refund amount.") //nolint:revive,staticcheck // WooCommerce's own words
	}
	return nil
}

// refundOthers takes back of shipping and fees.
func (o *Order) refundOthers(made *Refund, r RefundRequest) error {
	money := r.Shipping
	for i := range o.ShippingLines {
		l := &o.ShippingLines[i]
		part := o.rest(l.ID, &l.priced, made)
		part.Line, part.Kind = l.ID, partShipping
		if !r.FullShipping {
			part = part.money(decimal.Min(money, part.worth()))
			money = money.Sub(part.worth())
		}
		if !part.worth().IsZero() {
			made.Parts = append(made.Parts, part)
		}
	}
	if money.IsPositive() && !r.FullShipping {
		return errors.New("shipping did not cost as much")
	}
	for i := range o.Fees {
		l := &o.Fees[i]
		part := o.rest(l.ID, &l.priced, made)
		part.Line, part.Kind = l.ID, partFee
		if r.Fees && !part.worth().IsZero() {
			made.Parts = append(made.Parts, part)
		}
	}
	return nil
}
