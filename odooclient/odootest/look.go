package odootest

import (
	"fmt"
	"slices"
	"strings"
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

// MailsSent is how many messages left for customers. Nothing here sends any; a
// method that would must count it.
func (s *Server) MailsSent() int { return 0 }

// AddProduct adds a storable product and returns its id. The options are field
// values, for example Values{"detailed_type": "service"}.
func (s *Server) AddProduct(sku, name string, price decimal.Decimal, opts ...Values) int64 {
	vals := Values{"default_code": sku, "name": name, "list_price": price, "detailed_type": "product"}
	for _, o := range opts {
		for k, v := range o {
			vals[k] = v
		}
	}
	return s.Add("product.product", vals)
}

// Values are field values of a record to seed: Go numbers, texts, bools,
// decimals, and []int64 for relations with many records.
type Values map[string]any

// Add makes a record of any model as the administrator. Values that the model
// refuses are a mistake in a test and panic.
func (s *Server) Add(model string, vals Values) int64 {
	return s.seeding(func(e *env) int64 {
		given := make(map[string]any, len(vals))
		for k, v := range vals {
			given[k] = plain(v)
		}
		return e.make(model, given).id
	})
}

// plain turns Go values into the shapes that create reads.
func plain(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []int64:
		out := make([]any, len(v))
		for i, id := range v {
			out[i] = id
		}
		return out
	}
	return v
}

// TaxDef is every detail of a tax.
type TaxDef struct {
	Name, Kind, Amount              string // Kind: percent (default), fixed, division, group
	Included, RaisesBase, NotRaised bool   // price_include, include_base_amount, not is_base_affected
	Sequence                        int
	Country                         string // code; empty: the company's
	Children                        []int64
	Repartition                     []string // percents; empty: one line of 100
}

// AddTax adds a percentage tax on sales. country is a code such as "SE"; empty
// means the company's.
func (s *Server) AddTax(name, rate string, included bool, country string) int64 {
	return s.AddTaxDef(TaxDef{Name: name, Amount: rate, Included: included, Country: country})
}

// AddTaxDef adds a tax on sales.
func (s *Server) AddTaxDef(d TaxDef) int64 {
	return s.seeding(func(e *env) int64 {
		vals := map[string]any{
			"name": d.Name, "price_include": d.Included, "include_base_amount": d.RaisesBase, "is_base_affected": !d.NotRaised,
			"children_tax_ids": plain(d.Children),
		}
		if d.Kind != "" {
			vals["amount_type"] = d.Kind
		}
		if d.Amount != "" {
			vals["amount"] = decimal.RequireFromString(d.Amount)
		}
		if d.Sequence != 0 {
			vals["sequence"] = int64(d.Sequence)
		}
		if d.Country != "" {
			vals["country_id"] = e.code("res.country", "code", d.Country)
		}
		var lines []any
		for _, p := range d.Repartition {
			lines = append(lines, []any{int64(0), int64(0), map[string]any{"factor_percent": decimal.RequireFromString(p)}})
		}
		if lines != nil {
			vals["invoice_repartition_line_ids"] = lines
		}
		return e.make("account.tax", vals).id
	})
}

// AddPricelist adds a pricelist of the company in a currency ("SEK").
func (s *Server) AddPricelist(name, currency string) int64 {
	return s.seeding(func(e *env) int64 {
		return e.make("product.pricelist", map[string]any{
			"name": name, "currency_id": e.code("res.currency", "name", currency), "company_id": e.company(),
		}).id
	})
}

// AddPartner adds a contact from field values.
func (s *Server) AddPartner(vals map[string]any) int64 { return s.Add("res.partner", vals) }

// Bind gives a record an external id, as another client would have left it.
func (s *Server) Bind(xid, model string, id int64) {
	s.seeding(func(e *env) int64 {
		e.bind(xid, model, id)
		return 0
	})
}

// code finds a record by a unique text; a test that names an unknown one panics.
func (e *env) code(model, field, value string) int64 {
	t := e.table(model)
	i := slices.IndexFunc(t.ids, func(id int64) bool { return strings.EqualFold(t.rows[id].str(field), value) })
	if i < 0 {
		panic(fmt.Sprintf("odootest: no %s %q", model, value))
	}
	return t.ids[i]
}
