package odootest

func locationModels(add declare, ed *edition) {
	usages := []string{
		"supplier", "Vendor Location", "view", "View", "internal", "Internal Location", "customer", "Customer Location",
		"inventory", "Inventory Loss", "production", "Production", "transit", "Transit Location",
	}
	if ed.major >= 19 {
		usages = []string{
			"supplier", "Vendor", "view", "Virtual", "internal", "Internal", "customer", "Customer",
			"inventory", "Inventory Loss", "production", "Production", "transit", "Transit",
		}
	}
	m := add("stock.location", "Inventory Locations",
		col("char", "name", "Location Name").must(),
		col("char", "complete_name", "Full Location Name").calc(func(e *env, r *record) any { return locationName(e, r) }),
		sel("usage", "Location Type", usages...).must().def("internal"),
		rel("many2one", "location_id", "Parent Location", "stock.location").index(),
		o2m("child_ids", "Contains", "stock.location", "location_id"),
		rel("many2one", "company_id", "Company", "res.company").defFn(func(e *env) any { return e.company() }),
		rel("many2one", "warehouse_id", "Warehouse", "stock.warehouse").calc(locationWarehouse),
		col("boolean", "scrap_location", "Is a Scrap Location?").def(false),
		col("char", "barcode", "Barcode"),
		col("boolean", "active", "Active").def(true))
	m.order, m.search, m.display, m.parent = "complete_name, id", []string{"complete_name", "barcode"}, locationName, "location_id"
	m = add("stock.warehouse", "Warehouse",
		col("char", "name", "Warehouse").must(), col("char", "code", "Short Name").must(),
		rel("many2one", "company_id", "Company", "res.company").must().ro().defFn(func(e *env) any { return e.company() }),
		col("integer", "sequence", "Sequence").def(int64(10)),
		rel("many2one", "view_location_id", "View Location", "stock.location").must(),
		rel("many2one", "lot_stock_id", "Location Stock", "stock.location").must(),
		rel("many2one", "out_type_id", "Out Type", "stock.picking.type"),
		col("boolean", "active", "Active").def(true))
	m.order, m.prepare, m.after = "sequence,id", prepareWarehouse, afterWarehouse
	from := rel("many2one", "default_location_src_id", "Default Source Location", "stock.location")
	to := rel("many2one", "default_location_dest_id", "Default Destination Location", "stock.location")
	if ed.major >= 19 {
		from.label, to.label = "Source Location", "Destination Location"
		from.must()
		to.must()
	}
	m = add("stock.picking.type", "Picking Type",
		col("char", "name", "Operation Type").must(),
		sel("code", "Type of Operation", "incoming", "Receipt", "outgoing", "Delivery", "internal", "Internal Transfer").must().def("incoming"),
		col("char", "sequence_code", "Sequence Prefix").must(),
		col("integer", "sequence", "Sequence"),
		rel("many2one", "warehouse_id", "Warehouse", "stock.warehouse"),
		rel("many2one", "company_id", "Company", "res.company").must().defFn(func(e *env) any { return e.company() }),
		from, to,
		rel("many2one", "return_picking_type_id", "Operation Type for Returns", "stock.picking.type"),
		sel("create_backorder", "Create Backorder", "ask", "Ask", "always", "Always", "never", "Never").must().def("ask"),
		col("boolean", "active", "Active").def(true))
	m.order = "sequence, id"
	m.display = func(e *env, r *record) string {
		if w := e.related(r, "warehouse_id"); w != nil {
			return w.str("name") + ": " + r.str("name")
		}
		return r.str("name")
	}
}

// locationName is the path of a place; a view begins a path of its own.
func locationName(e *env, r *record) string {
	if parent := e.related(r, "location_id"); parent != nil && r.str("usage") != "view" {
		return locationName(e, parent) + "/" + r.str("name")
	}
	return r.str("name")
}

// locationWarehouse is the warehouse whose view is at the top of a place's path.
func locationWarehouse(e *env, r *record) any {
	t := e.table("stock.warehouse")
	for at := r; at != nil; at = e.related(at, "location_id") {
		for _, id := range t.ids {
			if t.rows[id].num("view_location_id") == at.id {
				return id
			}
		}
	}
	return nil
}

// prepareWarehouse makes the places of a new warehouse: its view, its stock, and
// the stops of longer routes, which are archived as long as nobody asks for them.
func prepareWarehouse(e *env, r *record, given map[string]bool) error {
	place := func(name, usage string, parent any, active bool) int64 {
		return e.make("stock.location", map[string]any{
			"name": name, "usage": usage, "location_id": parent, "company_id": r.get("company_id"), "active": active,
		}).id
	}
	if r.get("code") == nil || given["view_location_id"] {
		return nil
	}
	var top any
	if x, ok := e.s.xids["stock.stock_location_locations"]; ok {
		top = x.id
	}
	view := place(r.str("code"), "view", top, true)
	r.put("view_location_id", view)
	if !given["lot_stock_id"] {
		r.put("lot_stock_id", place("Stock", "internal", view, true))
	}
	for _, name := range []string{"Input", "Quality Control", "Output", "Packing Zone"} {
		place(name, "internal", view, false)
	}
	return nil
}

// afterWarehouse gives a new warehouse its kinds of transfer.
func afterWarehouse(e *env, rs []*record, _ map[string]bool, created bool) error {
	for _, r := range rs {
		if !created {
			continue
		}
		kind := func(name, code, prefix string, from, to any) int64 {
			return e.make("stock.picking.type", map[string]any{
				"name": name, "code": code, "sequence_code": prefix, "warehouse_id": r.id, "company_id": r.get("company_id"),
				"default_location_src_id": from, "default_location_dest_id": to,
			}).id
		}
		var vendors, customers any // 17 leaves them to the partner
		if e.s.edition.major >= 19 {
			vendors, customers = e.s.place("suppliers"), e.s.place("customers")
		}
		in := kind("Receipts", "incoming", "IN", vendors, r.get("lot_stock_id"))
		out := kind("Delivery Orders", "outgoing", "OUT", r.get("lot_stock_id"), customers)
		e.set(r, "out_type_id", out)
		e.set(e.browse("stock.picking.type", in), "return_picking_type_id", out)
		e.set(e.browse("stock.picking.type", out), "return_picking_type_id", in)
	}
	return nil
}

// place is a location of every company, by the end of its external id.
func (s *Server) place(name string) any {
	if x, ok := s.xids["stock.stock_location_"+name]; ok {
		return x.id
	}
	return nil
}

// seedPlaces makes the locations that belong to no company. 19 has no views above
// them.
func (s *Server) seedPlaces(e *env) {
	add := func(xid, name, usage string, parent any, active bool) any {
		id := e.make("stock.location", map[string]any{"name": name, "usage": usage, "location_id": parent, "company_id": false, "active": active}).id
		if xid != "" {
			e.bind("stock.stock_location_"+xid, "stock.location", id)
		}
		return id
	}
	transit := "inter_company"
	var partners, virtual any
	if s.edition.major < 19 {
		transit = "inter_wh"
		add("locations", "Physical Locations", "view", nil, true)
		partners = add("locations_partner", "Partners", "view", nil, true)
		virtual = add("locations_virtual", "Virtual Locations", "view", nil, true)
	}
	add("suppliers", "Vendors", "supplier", partners, true)
	add("customers", "Customers", "customer", partners, true)
	add(transit, "Inter-company transit", "transit", virtual, false)
	add("inventory", "Inventory adjustment", "inventory", virtual, true)
	if s.edition.major < 19 {
		scrap, _ := add("", "Scrap", "inventory", virtual, true).(int64)
		e.set(e.browse("stock.location", scrap), "scrap_location", true)
	}
}
