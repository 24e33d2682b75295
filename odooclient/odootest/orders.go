package odootest

import (
	"strings"
	"time"
)

// beforeOrder refuses what a confirmed order refuses.
func beforeOrder(_ *env, rs []*record, vals map[string]any) error {
	if _, ok := vals["pricelist_id"]; !ok {
		return nil
	}
	for _, r := range rs {
		if r.str("state") == "sale" {
			return userError("You cannot change the pricelist of a confirmed order !")
		}
	}
	return nil
}

func refuseOrder(_ *env, rs []*record) error {
	for _, r := range rs {
		if s := r.str("state"); s != "draft" && s != "cancel" {
			return userError("You can not delete a sent quotation or a confirmed sales order. You must first cancel it.")
		}
	}
	return nil
}

func refuseLine(_ *env, rs []*record) error {
	for _, r := range rs {
		if r.str("state") == "sale" && r.str("display_type") == "" {
			return userError("Once a sales order is confirmed, you can't remove one of its lines (we need to track if something gets invoiced or delivered).\n" +
				"                Set the quantity to 0 instead.")
		}
	}
	return nil
}

func deletedLine(e *env, rs []*record) {
	for _, r := range rs {
		if order := e.related(r, "order_id"); order != nil {
			e.totals(order)
		}
	}
}

// confirm is action_confirm: all or none, and date_order becomes now.
func confirm(e *env, c *call) (any, error) {
	for _, r := range c.rs {
		if s := r.str("state"); s != "draft" && s != "sent" {
			if c.m.edition.major >= 19 {
				return nil, userError("Some orders are not in a state requiring confirmation.")
			}
			return nil, userError("The following orders are not in a state requiring confirmation: %s", e.names(c.rs))
		}
		for _, l := range e.children(r, "order_line") {
			if l.str("display_type") == "" && l.get("product_id") == nil {
				return nil, userError("Some order lines are missing a product, you need to correct them before going further.")
			}
		}
	}
	for _, r := range c.rs {
		e.set(r, "state", "sale")
		e.set(r, "date_order", e.now.Truncate(time.Second))
		e.touch(r)
		for _, l := range e.children(r, "order_line") {
			e.set(l, "state", "sale")
			e.touch(l)
			if l.str("display_type") == "" {
				e.deliver(r, l)
			}
		}
		if !e.flag("tracking_disable") && !e.flag("mail_notrack") {
			e.post(r, "sale.mt_order_confirmed", "", nil)
		}
		e.confirmation(r)
	}
	return true, nil
}

func (e *env) names(rs []*record) string {
	names := make([]string, len(rs))
	for i, r := range rs {
		names[i] = e.displayName(r)
	}
	return strings.Join(names, ", ")
}

// cancel is action_cancel. On anything but a draft 17 only opens a wizard, unless
// the context says that no warning is wanted; 19 cancels at once.
func cancel(e *env, c *call) (any, error) {
	wizard := false
	for _, r := range c.rs {
		if r.flag("locked") {
			return nil, userError("You cannot cancel a locked order. Please unlock it first.")
		}
		wizard = wizard || r.str("state") != "draft"
	}
	if wizard && c.m.edition.major < 19 && !e.flag("disable_cancel_warning") {
		if len(c.rs) != 1 {
			return nil, valueError("Expected singleton: %s", recordset(c.m, c.rs))
		}
		kind := "Sales Order"
		if c.rs[0].str("state") != "sale" {
			kind = "Quotation"
		}
		return map[string]any{
			"name": "Cancel " + kind, "view_mode": "form", "res_model": "sale.order.cancel",
			"type": "ir.actions.act_window", "target": "new", "view_id": int64(1070),
			"context": map[string]any{"default_order_id": c.rs[0].id, "mark_so_as_canceled": true, "model_description": kind},
		}, nil
	}
	for _, r := range c.rs {
		e.track(r)
		for _, id := range orderInvoices(e, r).([]int64) {
			if move := e.browse("account.move", id); move.str("state") == "draft" {
				e.cancelInvoice(move)
			}
		}
		e.state(r, "cancel")
		for _, p := range e.children(r, "picking_ids") {
			if p.str("state") != "done" {
				if err := e.cancelPicking(p); err != nil {
					return nil, err
				}
			}
		}
	}
	return true, nil
}

// redraft is action_draft: only cancelled orders go back.
func redraft(e *env, c *call) (any, error) {
	for _, r := range c.rs {
		if s := r.str("state"); s == "cancel" || s == "sent" {
			e.state(r, "draft")
		}
	}
	return true, nil
}

func (e *env) state(r *record, state string) {
	e.set(r, "state", state)
	e.touch(r)
	for _, l := range e.children(r, "order_line") {
		e.set(l, "state", state)
		e.touch(l)
	}
}

func lock(on bool) func(e *env, c *call) (any, error) {
	return func(e *env, c *call) (any, error) {
		for _, r := range c.rs {
			e.set(r, "locked", on)
			e.touch(r)
		}
		return nil, nil
	}
}
