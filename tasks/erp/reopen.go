package erp

import (
	"context"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// cancelledByUs reports whether an order that is cancelled in Odoo, and open in the shop
// again, may be set back: what was last applied is this very order as a cancelled one, the
// last to write it in Odoo were we, and it never had an invoice. A person who cancelled it
// was the last to write it.
func (r reader) cancelledByUs(ctx context.Context, o *commerce.Order, h *standing, last Applied) (bool, error) {
	if h.State != "cancel" || o.Cancelled() || h.Locked || last.Digest != asCancelled(o).Digest() {
		return false, nil
	}
	q := r.orderQuery("", "")
	q.Fields = []string{"write_uid", "invoice_ids"}
	row, ok, err := r.odoo.Get(ctx, q, h.ID)
	if err != nil || !ok {
		return false, err
	}
	uid, err := r.odoo.UID(ctx)
	writer, _ := row.Ref("write_uid")
	return writer == uid && len(row.IDs("invoice_ids")) == 0, err
}

// asCancelled is the order as it was when the shop had it cancelled.
func asCancelled(o *commerce.Order) *commerce.Order {
	was := *o
	was.CancelledAt = o.UpdatedAt
	if was.CancelledAt.IsZero() {
		was.CancelledAt = o.CreatedAt
	}
	return &was
}

// reopen plans that an order which we cancelled is a quotation again, made equal and
// confirmed as one is.
func (p plan) reopen(h have, s settings, last Applied) (plan, error) {
	p, err := p.rewrite(p.booking.Order, h, s, last)
	if p.Reopen = err == nil; p.Reopen && p.Action == unchanged {
		p.Action = updated
	}
	return p, err
}
