package shopifytest

// The nodes of what becomes of an order after it was placed.

// bareLine is a line of which only the id is asked.
func bareLine(id int64) *node { return &node{"LineItem", object{"id": gid("LineItem", id)}} }

func (l Location) node() *node {
	if l.ID == 0 {
		return nil
	}
	return &node{"Location", object{"id": gid("Location", l.ID), "name": l.Name}}
}

func (o *Order) fulfillmentNodes() []*node {
	out := []*node{}
	for _, f := range o.Fulfillments {
		out = append(out, &node{"Fulfillment", object{"id": gid("Fulfillment", f.ID), "status": "SUCCESS", "createdAt": utc(f.At),
			"trackingInfo":         []*node{{"FulfillmentTrackingInfo", object{"company": null(f.Company), "number": null(f.Tracking), "url": nil}}},
			"fulfillmentLineItems": fulfilledNodes(f.Lines)}})
	}
	return out
}

func fulfilledNodes(lines map[int64]int) []*node {
	out := []*node{}
	for _, id := range sortedKeys(lines) {
		out = append(out, fulfilledNode(id, lines[id]))
	}
	return out
}

func fulfilledNode(line int64, n int) *node {
	return &node{"FulfillmentLineItem", object{"quantity": n, "lineItem": bareLine(line)}}
}

func (s *Store) refundNodes(o *Order) []*node {
	out := []*node{}
	for _, r := range o.Refunds {
		out = append(out, s.refundNode(o, r))
	}
	return out
}

func (s *Store) refundNode(o *Order, r Refund) *node {
	lines, shipping, money, adjusted := []*node{}, []*node{}, []*node{}, []*node{}
	for _, l := range r.Lines {
		lines = append(lines, &node{"RefundLineItem", object{"quantity": l.Quantity, "restockType": l.Restock, "location": l.Location.node(),
			"restocked": l.Restock != "NO_RESTOCK", "subtotalSet": s.bag(o, l.amount), "totalTaxSet": s.bag(o, l.tax), "lineItem": bareLine(l.Line)}})
	}
	for _, l := range r.Shipping {
		shipping = append(shipping, &node{"RefundShippingLine", object{"id": gid("RefundShippingLine", l.Line), "subtotalAmountSet": s.bag(o, l.amount),
			"taxAmountSet": s.bag(o, l.tax), "shippingLine": &node{"ShippingLine", object{"id": gid("ShippingLine", l.Line)}}}})
	}
	for _, reason := range r.adjustments() {
		adjusted = append(adjusted, &node{"OrderAdjustment", object{"id": gid("OrderAdjustment", r.ID), "reason": reason}})
	}
	var total Bag
	for _, t := range o.Transactions {
		if t.Refund == r.ID {
			money = append(money, s.transactionNode(o, t))
			total = total.add(t.Amount)
		}
	}
	var ret *node
	if r.Return != 0 {
		ret = &node{"Return", object{"id": gid("Return", r.Return)}}
	}
	return &node{"Refund", object{"id": gid("Refund", r.ID), "createdAt": utc(r.At), "processedAt": utc(r.At), "return": ret,
		"totalRefundedSet": s.bag(o, total), "refundLineItems": lines, "refundShippingLines": shipping, "transactions": money,
		"orderAdjustments": adjusted}}
}

func (o *Order) returnNodes() []*node {
	out := []*node{}
	for _, r := range o.Returns {
		lines, refunds, exchange := []*node{}, []*node{}, []*node{}
		for _, id := range sortedKeys(r.Lines) {
			lines = append(lines, &node{"ReturnLineItem", object{"quantity": r.Lines[id], "fulfillmentLineItem": fulfilledNode(id, o.shipped(id))}})
		}
		for _, f := range o.Refunds {
			if f.Return == r.ID {
				refunds = append(refunds, &node{"Refund", object{"id": gid("Refund", f.ID)}})
			}
		}
		for _, id := range r.Exchange {
			exchange = append(exchange, &node{"ExchangeLineItem", object{"id": gid("ExchangeLineItem", id), "lineItems": []*node{bareLine(id)}}})
		}
		out = append(out, &node{"Return", object{"id": gid("Return", r.ID), "status": r.Status, "order": o.bare(), "refunds": refunds,
			"returnLineItems": lines, "exchangeLineItems": exchange, "reverseFulfillmentOrders": o.reverseNodes(r)}})
	}
	return out
}

// bare is an order of which only the id is asked.
func (o *Order) bare() *node { return &node{"Order", object{"id": gid("Order", o.ID)}} }

// reverseNodes are the work with a return: one order for all of it, once it is
// approved. It has the return's number.
func (o *Order) reverseNodes(r Return) []*node {
	if r.Status == "REQUESTED" || r.Status == "DECLINED" {
		return []*node{}
	}
	lines := []*node{}
	for _, id := range sortedKeys(r.Lines) {
		done := []*node{}
		for _, d := range r.Dispositions {
			if d.Line == id {
				done = append(done, &node{"ReverseFulfillmentOrderDisposition", object{"type": d.Type, "quantity": d.Quantity, "location": d.Location.node()}})
			}
		}
		lines = append(lines, &node{"ReverseFulfillmentOrderLineItem", object{"totalQuantity": r.Lines[id],
			"fulfillmentLineItem": fulfilledNode(id, o.shipped(id)), "dispositions": done}})
	}
	return []*node{{"ReverseFulfillmentOrder", object{"id": gid("ReverseFulfillmentOrder", r.ID), "order": o.bare(), "lineItems": lines}}}
}

// allReverseNodes are those of every return.
func (o *Order) allReverseNodes() []*node {
	var out []*node
	for _, r := range o.Returns {
		out = append(out, o.reverseNodes(r)...)
	}
	return out
}

// parcelNodes are the parcels with which goods come back: one a return, with its
// number.
func (o *Order) parcelNodes() []*node {
	out := []*node{}
	for _, r := range o.Returns {
		for _, work := range o.reverseNodes(r) {
			out = append(out, &node{"ReverseDelivery", object{"id": gid("ReverseDelivery", r.ID), "reverseFulfillmentOrder": work}})
		}
	}
	return out
}
