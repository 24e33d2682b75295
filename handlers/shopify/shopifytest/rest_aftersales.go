package shopifytest

import "strings"

// body is what a delivery of a topic holds. Topics of whole orders are those that
// nothing else is known of.
func (s *Store) body(o *Order, topic string, part int64) object {
	switch {
	case topic == "orders/delete":
		return object{"id": o.ID}
	case topic == "orders/edited":
		return object{"order_edit": object{"id": o.ID + 7, "order_id": o.ID, "line_items": object{"additions": []object{}, "removals": []object{}}}}
	case topic == "refunds/create":
		return pick(s.restRefunds(o), part)
	case topic == "order_transactions/create":
		return pick(s.restTransactions(o, func(Transaction) bool { return true }), part)
	case strings.HasPrefix(topic, "fulfillments/"):
		return pick(o.restFulfillments(), part)
	case topic == "reverse_fulfillment_orders/dispose": // has the return's number
		return object{"id": part, "admin_graphql_api_id": gid("ReverseFulfillmentOrder", part), "dispositions": []object{}, "total_dispositions": 0}
	case topic == "returns/update":
		return object{"admin_graphql_api_id": gid("Return", pick(o.restReturns(), part)["id"].(int64)), "return_line_items": object{"removals": []object{}}}
	case topic == "returns/cancel", topic == "returns/close", topic == "returns/reopen":
		r := pick(o.restReturns(), part)
		delete(r, "order")
		r["order_id"] = o.ID
		return r
	case strings.HasPrefix(topic, "returns/"):
		return pick(o.restReturns(), part)
	}
	return s.rest(o)
}

// pick is the part with that id, or else the last one.
func pick(parts []object, id int64) object {
	for _, p := range parts {
		if p["id"] == id {
			return p
		}
	}
	if len(parts) == 0 {
		return object{}
	}
	return parts[len(parts)-1]
}

func (o *Order) restFulfillments() []object {
	out := make([]object, 0, len(o.Fulfillments))
	for _, f := range o.Fulfillments {
		lines := []object{}
		for _, id := range sortedKeys(f.Lines) {
			lines = append(lines, object{"id": id, "quantity": f.Lines[id]})
		}
		out = append(out, object{"id": f.ID, "order_id": o.ID, "status": "success", "created_at": stamp(f.At), "updated_at": stamp(f.At),
			"tracking_company": f.Company, "tracking_number": f.Tracking, "tracking_numbers": []string{f.Tracking}, "line_items": lines})
	}
	return out
}

func (s *Store) restRefunds(o *Order) []object {
	out := make([]object, 0, len(o.Refunds))
	for _, r := range o.Refunds {
		var ret any
		if r.Return != 0 {
			ret = object{"id": r.Return, "admin_graphql_api_id": gid("Return", r.Return)}
		}
		out = append(out, object{"id": r.ID, "admin_graphql_api_id": gid("Refund", r.ID), "order_id": o.ID, "created_at": stamp(r.At), "processed_at": stamp(r.At),
			"return": ret, "refund_line_items": s.restRefundLines(o, r), "refund_shipping_lines": s.restRefundShipping(o, r),
			"transactions": s.restTransactions(o, func(t Transaction) bool { return t.Refund == r.ID })})
	}
	return out
}

func (s *Store) restRefundLines(o *Order, r Refund) []object {
	out := []object{}
	for _, l := range r.Lines {
		var at any
		if l.Location.ID != 0 {
			at = l.Location.ID
		}
		out = append(out, object{"line_item_id": l.Line, "quantity": l.Quantity, "restock_type": strings.ToLower(l.Restock), "location_id": at,
			// Numbers, unlike everywhere else.
			"subtotal": l.amount[shopSide].InexactFloat64(), "total_tax": l.tax[shopSide].InexactFloat64(),
			"subtotal_set": s.set(o, l.amount), "total_tax_set": s.set(o, l.tax)})
	}
	return out
}

func (s *Store) restRefundShipping(o *Order, r Refund) []object {
	out := []object{}
	for _, l := range r.Shipping {
		out = append(out, object{"shipping_line": object{"id": l.Line}, "subtotal_amount_set": s.set(o, l.amount), "tax_amount_set": s.set(o, l.tax)})
	}
	return out
}

func (s *Store) restTransactions(o *Order, which func(Transaction) bool) []object {
	out := []object{}
	for _, t := range o.Transactions {
		if which(t) {
			out = append(out, object{"id": t.ID, "order_id": o.ID, "kind": strings.ToLower(t.Kind), "status": strings.ToLower(t.Status), "gateway": o.Gateway,
				"amount": money(t.Amount[shopSide]), "currency": s.currency(o, shopSide), "created_at": stamp(t.At), "processed_at": stamp(t.At)})
		}
	}
	return out
}

func (o *Order) restReturns() []object {
	out := []object{}
	for _, r := range o.Returns {
		out = append(out, object{"id": r.ID, "admin_graphql_api_id": gid("Return", r.ID), "status": strings.ToLower(r.Status),
			"order":                   object{"id": o.ID, "admin_graphql_api_id": gid("Order", o.ID)},
			"total_return_line_items": len(r.Lines), "total_exchange_line_items": len(r.Exchange)})
	}
	return out
}
