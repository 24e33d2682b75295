package erp

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// routing is where in Odoo an order belongs; 0 and "": as Odoo decides.
type routing struct {
	Warehouse   int64  `json:"warehouse,omitempty"`
	Team        int64  `json:"team,omitempty"`
	Terms       int64  `json:"terms,omitempty"`
	Salesperson int64  `json:"salesperson,omitempty"`
	Carrier     int64  `json:"carrier,omitempty"`
	Fiscal      int64  `json:"fiscal_position,omitempty"`
	Picking     string `json:"picking_policy,omitempty"`
	// Location is where goods are taken from instead of Stock, once it is confirmed.
	Location int64 `json:"location,omitempty"`
	Stock    int64 `json:"stock,omitempty"`
}

// known is a record that the settings name.
type known struct {
	ID        int64
	Name      string
	Alias     string // another name that it goes by: a user's login
	Company   int64  // 0: of every company
	Warehouse int64  // of a location
	Stock     int64  // of a warehouse: the location that deliveries start from
	Product   int64  // of a carrier
	Journal   int64  // of a payment method
	Internal  bool   // a location that stock is kept at
}

// register is one kind of record that the settings name.
type register struct {
	words   string
	setting string // below books
	field   string // of the order; empty: this Odoo has none
	records []known
}

// register is the kind of records by the first word of its need.
func (m *master) register(kind string) (register, bool) {
	r, ok := map[string]register{
		"warehouse":       {"warehouse", "warehouse", m.Names.OrderWarehouse, m.Warehouses},
		"team":            {"sales team", "team", m.Names.OrderTeam, m.Teams},
		"terms":           {"payment terms", "payment_term", m.Names.OrderTerms, m.Terms},
		"salesperson":     {"user", "salesperson", m.Names.OrderUser, m.Users},
		"carrier":         {"delivery method", "carrier", m.Names.OrderCarrier, m.Carriers},
		"fiscal_position": {"fiscal position", "fiscal_position", m.Names.OrderFiscal, m.Fiscal},
		"location":        {"location", "location", m.Names.OrderWarehouse, m.Locations},
		"journal":         {"bank or cash journal", "payments.journals", m.Names.PaymentMemo, m.Journals},
		"invoice_journal": {"sales journal", "invoice_journal", m.Names.PaymentMemo, m.Sales},
	}[kind]
	return r, ok
}

// registers are the kinds of records that orders are routed by.
func registers() []string {
	return []string{"warehouse", "team", "terms", "salesperson", "carrier", "fiscal_position", "location", "journal", "invoice_journal"}
}

// named is the one record of a kind with that name, 0 for no name and where this
// Odoo has no field for it.
func (s settings) named(kind, name string) (int64, *gap) {
	r, _ := s.register(kind)
	if name == "" || r.field == "" {
		return 0, nil
	}
	var ids []int64
	for _, k := range r.records {
		if (k.Name == name || k.Alias == name) && (k.Company == 0 || k.Company == s.Company.ID) {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) == 1 {
		return ids[0], nil
	}
	g := gap{need: strings.Join([]string{kind, s.Shop, name}, "/"),
		detail: fmt.Sprintf("Odoo has no %s named %q for company %s", r.words, name, s.Company.Name),
		remedy: fmt.Sprintf("create that %s in Odoo, or correct %s of shop %s", r.words, s.keyOf(r.setting, name), s.Shop)}
	if len(ids) > 1 {
		g.detail = fmt.Sprintf("Odoo has %d of the %s named %q for company %s", len(ids), r.words, name, s.Company.Name)
		g.remedy = fmt.Sprintf("give them different names in Odoo, or correct %s of shop %s", s.keyOf(r.setting, name), s.Shop)
	}
	return 0, &g
}

// keyOf is where the configuration says a value: the key begins with prefix.
func (s settings) keyOf(prefix, value string) string {
	for _, b := range s.Books.Settings(s.From) {
		if strings.HasPrefix(b.Key, prefix) && b.Value == value && b.From != "" {
			return b.From
		}
	}
	return "books." + prefix
}

// route finds where the order belongs, and what of it Odoo does not have.
func (s settings) route(o *commerce.Order) (r routing, all gaps) {
	add := func(id int64, g *gap) int64 {
		if g != nil {
			all.add(*g)
		}
		return id
	}
	r.Warehouse = add(s.warehouse(o))
	r.Team = add(s.named("team", s.Books.Team))
	r.Terms = add(s.named("terms", s.Books.PaymentTerm))
	r.Salesperson = add(s.named("salesperson", s.Books.Salesperson))
	r.Fiscal = add(s.named("fiscal_position", s.Books.FiscalPosition))
	r.Carrier = add(s.carrier(o))
	r.Location, r.Stock = add(s.location(r.Warehouse)), s.stock(r.Warehouse)
	if r.Location == 0 || r.Location == r.Stock {
		r.Location, r.Stock = 0, 0
	}
	if s.Names.OrderPicking != "" {
		r.Picking = s.Books.PickingPolicy
	}
	return r, all
}

// warehouse is that of the order's location by its id or name, else the shop's.
// A company with several must name one: Odoo's own choice would be any of them.
func (s settings) warehouse(o *commerce.Order) (int64, *gap) {
	for _, key := range []string{o.Location, o.LocationName} {
		if name := s.Books.Warehouses[key]; key != "" && name != "" {
			return s.named("warehouse", name)
		}
	}
	if s.Books.Warehouse == "" {
		return 0, s.warehouseRequired()
	}
	return s.named("warehouse", s.Books.Warehouse)
}

func (s settings) warehouseRequired() *gap {
	var own []string
	for _, k := range s.Warehouses {
		if k.Company == s.Company.ID {
			own = append(own, fmt.Sprintf("%q", k.Name))
		}
	}
	if len(own) < 2 || s.Names.OrderWarehouse == "" {
		return nil
	}
	return &gap{need: strings.Join([]string{"setting", s.Shop, "warehouse"}, "/"),
		detail: fmt.Sprintf("shop %s names no warehouse, and company %s has several (%s)", s.Shop, s.Company.Name, strings.Join(own, ", ")),
		remedy: fmt.Sprintf("set books.warehouse of shop %s to one of them", s.Shop)}
}

// carrier is the delivery method for the order's first shipping line; an order
// without one has none.
func (s settings) carrier(o *commerce.Order) (int64, *gap) {
	at := slices.IndexFunc(o.Lines, func(l commerce.Line) bool { return l.Kind == commerce.LineShipping })
	if at < 0 {
		return 0, nil
	}
	l := o.Lines[at]
	for _, key := range []string{l.Code, l.Title} {
		if name := s.Books.Carriers[strings.TrimSpace(key)]; name != "" {
			return s.named("carrier", name)
		}
	}
	if s.Books.UnknownCarrier != "park" || s.Names.OrderCarrier == "" {
		return s.named("carrier", s.Books.Carrier)
	}
	key := strings.TrimSpace(cmp.Or(l.Code, l.Title))
	return 0, &gap{need: strings.Join([]string{"setting", s.Shop, "carriers[" + key + "]"}, "/"),
		detail: fmt.Sprintf("shop %s maps no delivery method for its shipping method %q", s.Shop, key),
		remedy: fmt.Sprintf("add it under books.carriers of shop %s: %q: %q", s.Shop, key, "the name of a delivery method in Odoo")}
}

// location is where goods are taken from, inside the warehouse of the order.
func (s settings) location(warehouse int64) (int64, *gap) {
	id, g := s.named("location", s.Books.Location)
	if g != nil || id == 0 {
		return 0, g
	}
	at := slices.IndexFunc(s.Locations, func(k known) bool { return k.ID == id })
	if warehouse == 0 || s.Locations[at].Warehouse == warehouse {
		return id, nil
	}
	return 0, &gap{
		detail: fmt.Sprintf("the location %q is not in the warehouse of the order", s.Books.Location),
		remedy: fmt.Sprintf("correct books.location or books.warehouse of shop %s", s.Shop)}
}

// stock is where deliveries of a warehouse start; of the company's only one, where
// none is named.
func (s settings) stock(warehouse int64) int64 {
	at := slices.IndexFunc(s.Warehouses, func(k known) bool {
		return k.ID == warehouse || warehouse == 0 && k.Company == s.Company.ID
	})
	if at < 0 {
		return 0
	}
	return s.Warehouses[at].Stock
}
