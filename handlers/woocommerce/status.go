package woocommerce

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers"
	"github.com/odoogate/odoogate/handlers/commerce"
)

var _ handlers.StatusSetter = (*orders)(nil)

// isOver reports whether an order with this status is not to be given another one.
func isOver(status string) bool {
	switch status {
	case "completed", "cancelled", "refunded", "failed", "trash":
		return true
	}
	return isDraft(status)
}

// staysOpen finds methods whose money is not registered in Odoo: a rule may say so of the
// method as the shop's own books do.
func staysOpen(shop config.Shop) func(method string) bool {
	layers := shop.Layers()
	return func(method string) bool {
		return slices.ContainsFunc(layers, func(l config.Layer) bool { return l.Books.Payments.StaysOpen(method) })
	}
}

// past reports whether money of a payment method comes past the shop, so that nothing
// follows from the day of payment that the shop notes by itself.
func (o *orders) past(method string) bool { return isManual(method) || o.open(method) }

// claimsPayment reports whether the shop writes down that an order was paid when it gets
// the status and has no day of payment yet (WC_Order::maybe_set_date_paid).
func claimsPayment(status string) bool { return status == "processing" || status == "completed" }

// SetStatus reads the order's status and writes it, two calls; a plain change of status
// leaves totals and taxes alone. The shop has no write that depends on what was read: an
// order that is cancelled between the two gets the status. A status that the shop does
// not know is Invalid. ErrNotYet: the shop would note a payment that nobody made.
func (o *orders) SetStatus(ctx context.Context, id, status string) (bool, error) {
	k := call{op: "woocommerce.status", ref: o.ref(id), path: api + "orders/" + id, query: url.Values{"_fields": {"id,status,date_paid_gmt,total,payment_method"}}}
	if !isDigits(id) {
		return false, k.fail(commerce.NotFound, "this is no id of an order")
	}
	var now record
	if _, err := o.client.ask(ctx, k, &now); err != nil {
		return false, err
	}
	if now.Status == status || isOver(now.Status) {
		return false, nil
	}
	if claimsPayment(status) && now.Paid.IsZero() && now.Total.IsPositive() && !o.past(string(now.PaymentMethod)) {
		return false, &commerce.Error{Op: k.op, Reason: commerce.Ignored, Ref: k.ref, Err: handlers.ErrNotYet,
			Detail: "the shop would note with the status that the order was paid, and it is not",
			Remedy: "the status is set once it is; where the money of its payment method comes past the shop, name " +
				strconv.Quote(string(now.PaymentMethod)) + " under books.payments.open of shop " + o.shop}
	}
	k.method, k.body = http.MethodPut, map[string]string{"status": status}
	_, err := o.client.ask(ctx, k, &now)
	var e *commerce.Error
	if errors.As(err, &e) && e.Reason == commerce.Invalid {
		e.Remedy = "write a status that the shop has, such as completed, as write_back.delivered of shop " + o.shop
	}
	if err == nil && now.Status != status {
		return false, k.fail(commerce.Conflict, "the shop took the status and shows another one")
	}
	return err == nil, err
}
