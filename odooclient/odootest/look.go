package odootest

import (
	"time"

	"github.com/shopspring/decimal"
)

// Order is a sale order as it stands in the database.
type Order struct {
	ID                         int64
	Name, XID, Ref, Origin     string
	State, Currency            string
	Partner, Invoice, Shipping int64
	DateOrder                  time.Time
	Untaxed, Tax, Total        decimal.Decimal
	Lines                      []Line
	// Buyer, InvoiceTo and ShipTo are Partner, Invoice and Shipping as they stand.
	Buyer, InvoiceTo, ShipTo Partner
	// Salesperson is a login; Carrier, FiscalPosition, Team and PaymentTerms are
	// names; PickingPolicy is "direct" or "one"; Commitment is zero when none is set.
	Salesperson, Carrier, PickingPolicy, FiscalPosition string
	Team, PaymentTerms, Warehouse                       string
	Commitment                                          time.Time
	Tags                                                []string
	Pickings                                            []Picking
	// Invoices are those of its lines, credit notes too; Payments are matched with them.
	Invoices      []Invoice
	Payments      []Payment
	InvoiceStatus string // no, to invoice, invoiced, upselling
	// DeliveryStatus is pending, started, partial, full or empty.
	DeliveryStatus string
	// Writes is how many committed calls wrote to the order or its lines.
	Writes int
}

// Line is a line of an order.
type Line struct {
	ID                        int64
	XID, Name, SKU            string
	Quantity, Price, Discount decimal.Decimal
	Taxes                     []string
	Delivery                  bool
	Subtotal, Tax, Total      decimal.Decimal
	Delivered, Invoiced       decimal.Decimal
}

// Picking is a transfer of an order.
type Picking struct {
	ID                    int64
	Name, State, MoveType string
	// Location and Destination are the full names of the places.
	Location, Destination string
	LocationID            int64
	Carrier, Tracking     string
	// Kind is "outgoing" or "incoming". Backorder and Return are the transfers that
	// this one is the rest of, or brings the goods back of; 0: none.
	Kind              string
	Backorder, Return int64
	Scheduled, Done   time.Time
	Moves             []Move
}

// Move is what of one product a transfer moves.
type Move struct {
	ID                   int64
	LineID               int64 // of the order
	SKU, State, Location string
	Demand, Quantity     decimal.Decimal
	Picked               bool
}

// Partner is a contact or an address.
type Partner struct {
	ID, Parent                        int64
	Commercial                        int64 // the company it belongs to, else itself
	XID, Name, Email, Type            string
	Street, City, Zip, State, Country string
	Phone, VAT, Ref, Lang             string
	Company, Active                   bool // is_company, active
}

// each goes through the records of a model by id, archived ones too.
func (s *Server) each(model string, look func(e *env, r *record)) {
	s.seeding(func(e *env) int64 {
		t := e.table(model)
		for _, id := range t.ids {
			look(e, t.rows[id])
		}
		return 0
	})
}

// Orders are all sale orders by id.
func (s *Server) Orders() []Order {
	out := []Order{}
	s.each("sale.order", func(e *env, r *record) { out = append(out, e.order(r)) })
	return out
}

// Order is one sale order; false when there is none of that id.
func (s *Server) Order(id int64) (o Order, found bool) {
	s.seeding(func(e *env) int64 {
		if r := e.browse("sale.order", id); r != nil {
			o, found = e.order(r), true
		}
		return 0
	})
	return o, found
}

func (e *env) order(r *record) Order {
	o := Order{
		ID: r.id, Name: r.str("name"), XID: e.xidOf(r), Ref: r.str("client_order_ref"), Origin: r.str("origin"), State: r.str("state"),
		Partner: r.num("partner_id"), Invoice: r.num("partner_invoice_id"), Shipping: r.num("partner_shipping_id"), DateOrder: r.at("date_order"),
		Untaxed: r.dec("amount_untaxed"), Tax: r.dec("amount_tax"), Total: r.dec("amount_total"), Writes: e.s.writes[r.id],
		PickingPolicy: r.str("picking_policy"), Commitment: r.at("commitment_date"), DeliveryStatus: word(deliveryStatus(e, r)),
		Currency: e.text(r, "currency_id", "name"), Salesperson: e.text(r, "user_id", "login"), Carrier: e.text(r, "carrier_id", "name"),
		FiscalPosition: e.text(r, "fiscal_position_id", "name"), Team: e.text(r, "team_id", "name"),
		PaymentTerms: e.text(r, "payment_term_id", "name"), Warehouse: e.text(r, "warehouse_id", "name"),
	}
	for name, p := range map[string]*Partner{"partner_id": &o.Buyer, "partner_invoice_id": &o.InvoiceTo, "partner_shipping_id": &o.ShipTo} {
		if who := e.related(r, name); who != nil {
			*p = e.partner(who)
		}
	}
	lines := e.children(r, "order_line")
	e.sort(lines, "sequence, id")
	for _, l := range lines {
		o.Lines = append(o.Lines, e.line(l))
	}
	for _, id := range r.ids("tag_ids") {
		o.Tags = append(o.Tags, e.nameOf("crm.tag", id))
	}
	for _, p := range e.children(r, "picking_ids") {
		o.Pickings = append(o.Pickings, e.picking(p))
	}
	o.Invoices, o.Payments = e.bookedFor(r)
	o.InvoiceStatus = word(orderInvoicing(e, r))
	return o
}

// text is a text of the record behind a many2one, "" when there is none.
func (e *env) text(r *record, relation, name string) string {
	if o := e.related(r, relation); o != nil {
		return o.str(name)
	}
	return ""
}

// word is a computed text, "" for nothing.
func word(v any) string {
	s, _ := v.(string)
	return s
}

func (e *env) line(l *record) Line {
	line := Line{
		ID: l.id, XID: e.xidOf(l), Name: l.str("name"), Quantity: l.dec("product_uom_qty"), Price: l.dec("price_unit"),
		Discount: l.dec("discount"), Delivery: l.flag("is_delivery"), SKU: e.text(l, "product_id", "default_code"),
		Subtotal: l.dec("price_subtotal"), Tax: l.dec("price_tax"), Total: l.dec("price_total"), Delivered: l.dec("qty_delivered"), Invoiced: l.dec("qty_invoiced"),
	}
	for _, id := range l.ids("tax_id") {
		line.Taxes = append(line.Taxes, e.nameOf("account.tax", id))
	}
	return line
}

func (e *env) picking(r *record) Picking {
	p := Picking{
		ID: r.id, Name: r.str("name"), State: r.str("state"), MoveType: r.str("move_type"), LocationID: r.num("location_id"),
		Location: e.nameOf("stock.location", r.num("location_id")), Destination: e.nameOf("stock.location", r.num("location_dest_id")),
		Carrier: e.text(r, "carrier_id", "name"), Tracking: r.str("carrier_tracking_ref"), Kind: word(pickingCode(e, r)),
		Backorder: r.num("backorder_id"), Return: r.num("return_id"), Scheduled: r.at("scheduled_date"), Done: r.at("date_done"),
	}
	for _, m := range e.children(r, "move_ids") {
		p.Moves = append(p.Moves, Move{
			ID: m.id, SKU: e.text(m, "product_id", "default_code"), State: m.str("state"), Demand: m.dec("product_uom_qty"),
			LineID: m.num("sale_line_id"), Picked: m.flag("picked"), Quantity: m.dec("quantity"), Location: e.nameOf("stock.location", m.num("location_id")),
		})
	}
	return p
}

func (e *env) xidOf(r *record) string {
	if names := e.s.names[recordKey{r.m.name, r.id}]; len(names) > 0 {
		return names[0]
	}
	return ""
}

// Partners are all contacts by id, archived ones and those of the users too.
func (s *Server) Partners() []Partner {
	var out []Partner
	s.each("res.partner", func(e *env, r *record) { out = append(out, e.partner(r)) })
	return out
}

func (e *env) partner(r *record) Partner {
	return Partner{
		ID: r.id, Parent: r.num("parent_id"), Commercial: e.entity(r).id, XID: e.xidOf(r), Name: r.str("name"), Email: r.str("email"),
		Type: r.str("type"), Street: r.str("street"), City: r.str("city"), Zip: r.str("zip"),
		State: e.text(r, "state_id", "code"), Country: e.text(r, "country_id", "code"),
		Phone: r.str("phone"), VAT: r.str("vat"), Ref: r.str("ref"), Lang: r.str("lang"), Company: r.flag("is_company"), Active: r.flag("active"),
	}
}
