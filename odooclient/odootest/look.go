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
}

// Partner is a contact or an address.
type Partner struct {
	ID, Parent                        int64
	XID, Name, Email, Type            string
	Street, City, Zip, State, Country string
	Phone, VAT                        string
	Active                            bool
}

// Orders are all sale orders by id.
func (s *Server) Orders() []Order {
	var out []Order
	s.seeding(func(e *env) int64 {
		t := e.table("sale.order")
		for _, id := range t.ids {
			out = append(out, e.order(t.rows[id]))
		}
		return 0
	})
	return out
}

func (e *env) order(r *record) Order {
	o := Order{
		ID: r.id, Name: r.str("name"), XID: e.xidOf(r), Ref: r.str("client_order_ref"), Origin: r.str("origin"), State: r.str("state"),
		Partner: r.num("partner_id"), Invoice: r.num("partner_invoice_id"), Shipping: r.num("partner_shipping_id"), DateOrder: r.at("date_order"),
		Untaxed: r.dec("amount_untaxed"), Tax: r.dec("amount_tax"), Total: r.dec("amount_total"), Writes: e.s.writes[r.id],
	}
	if c := e.related(r, "currency_id"); c != nil {
		o.Currency = c.str("name")
	}
	lines := e.children(r, "order_line")
	e.sort(lines, "sequence, id")
	for _, l := range lines {
		line := Line{
			ID: l.id, XID: e.xidOf(l), Name: l.str("name"), Quantity: l.dec("product_uom_qty"), Price: l.dec("price_unit"),
			Discount: l.dec("discount"), Delivery: l.flag("is_delivery"),
			Subtotal: l.dec("price_subtotal"), Tax: l.dec("price_tax"), Total: l.dec("price_total"),
		}
		if p := e.related(l, "product_id"); p != nil {
			line.SKU = p.str("default_code")
		}
		for _, id := range l.ids("tax_id") {
			line.Taxes = append(line.Taxes, e.nameOf("account.tax", id))
		}
		o.Lines = append(o.Lines, line)
	}
	return o
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
	s.seeding(func(e *env) int64 {
		t := e.table("res.partner")
		for _, id := range t.ids {
			r := t.rows[id]
			p := Partner{
				ID: r.id, Parent: r.num("parent_id"), XID: e.xidOf(r), Name: r.str("name"), Email: r.str("email"), Type: r.str("type"),
				Street: r.str("street"), City: r.str("city"), Zip: r.str("zip"), Phone: r.str("phone"), VAT: r.str("vat"), Active: r.flag("active"),
			}
			if c := e.related(r, "country_id"); c != nil {
				p.Country = c.str("code")
			}
			if st := e.related(r, "state_id"); st != nil {
				p.State = st.str("code")
			}
			out = append(out, p)
		}
		return 0
	})
	return out
}
