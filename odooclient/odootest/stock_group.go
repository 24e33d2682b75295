package odootest

// groupModel is what ties the transfers of an order together in 17.
func groupModel(add declare) {
	add("procurement.group", "Procurement Group",
		col("char", "name", "Reference").must(),
		rel("many2one", "partner_id", "Partner", "res.partner"),
		rel("many2one", "sale_id", "Sale Order", "sale.order"),
		shipping("move_type"))
}

// group is an order's procurement group, made with its first move.
func (e *env) group(order *record) any {
	if order.get("procurement_group_id") == nil {
		e.set(order, "procurement_group_id", e.make("procurement.group", map[string]any{
			"name": order.str("name"), "partner_id": order.get("partner_shipping_id"), "sale_id": order.id, "move_type": order.get("picking_policy"),
		}).id)
	}
	return order.get("procurement_group_id")
}

// belong lets a transfer follow its moves to their order: in 17 the group of the
// first of them says which it is, whatever the transfer was given before it had
// moves; in 19 the order's line.
func (e *env) belong(mv *record) {
	p := e.related(mv, "picking_id")
	if p == nil {
		return
	}
	order := p.get("sale_id")
	if e.s.edition.major < 19 {
		moves := e.children(p, "move_ids")
		e.sort(moves, "sequence, id")
		group := e.related(moves[0], "group_id")
		e.set(p, "group_id", moves[0].get("group_id"))
		if order = nil; group != nil {
			order = group.get("sale_id")
		}
	} else if line := e.related(mv, "sale_line_id"); line != nil && order == nil {
		order = line.get("order_id")
	}
	if order != p.get("sale_id") {
		e.set(p, "sale_id", order)
		e.touch(p)
	}
}

// scrapped says whether a move throws goods away.
func scrapped(e *env, mv *record) bool {
	to := e.related(mv, "location_dest_id")
	if to == nil {
		return false
	}
	if e.s.edition.major < 19 {
		return to.flag("scrap_location")
	}
	return to.str("usage") == "inventory"
}
