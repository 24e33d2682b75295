package woocommercetest

import (
	"fmt"
	"net/http"
	"slices"

	"github.com/shopspring/decimal"
)

func (s *Store) listRefunds(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, bad := pageOf(r)
	if bad != nil {
		fails(w, bad)
		return
	}
	var records []object
	if o := s.orders[idOf(r, "id")]; o != nil { // an order that is not there has none
		for i := range o.Refunds {
			records = append(records, s.refund(o, &o.Refunds[i]))
		}
	}
	if p.desc {
		slices.Reverse(records)
	}
	s.tellPage(w, r, p, records)
}

func (s *Store) readRefund(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.orders[idOf(r, "id")]; o != nil {
		for i := range o.Refunds {
			if o.Refunds[i].ID == idOf(r, "refund") {
				answer(w, r, http.StatusOK, s.refund(o, &o.Refunds[i]))
				return
			}
		}
	}
	fails(w, failure("woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.", http.StatusNotFound))
}

// makeRefund makes one of an amount alone. What is too much is the vendor's odd 500,
// whose data is a number.
func (s *Store) makeRefund(w http.ResponseWriter, r *http.Request, body object) {
	amount, err := decimal.NewFromString(fmt.Sprint(body["amount"]))
	if err != nil {
		fails(w, invalid("amount", "amount is not of type string."))
		return
	}
	reason, _ := body["reason"].(string)
	if _, err := s.RefundWith(r.PathValue("id"), RefundRequest{Amount: &amount, Reason: reason}); err != nil {
		reply(w, http.StatusInternalServerError, object{"code": "woocommerce_rest_cannot_create_order_refund", "message": "Invalid refund amount.", "data": http.StatusInternalServerError})
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o := s.orders[idOf(r, "id")]
	answer(w, r, http.StatusCreated, s.refund(o, &o.Refunds[len(o.Refunds)-1]))
}
