package woocommerce

import (
	"context"
	"errors"
	"net/http"
	"net/url"

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

// SetStatus reads the order's status and writes it, two calls; a plain change of status
// leaves totals and taxes alone. A status that the shop does not know is Invalid.
func (o *orders) SetStatus(ctx context.Context, id, status string) (bool, error) {
	k := call{op: "woocommerce.status", ref: o.ref(id), path: api + "orders/" + id, query: url.Values{"_fields": {"id,status"}}}
	if !isDigits(id) {
		return false, k.fail(commerce.NotFound, "this is no id of an order")
	}
	var now struct {
		Status string `json:"status"`
	}
	if _, err := o.client.ask(ctx, k, &now); err != nil {
		return false, err
	}
	if now.Status == status || isOver(now.Status) {
		return false, nil
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
