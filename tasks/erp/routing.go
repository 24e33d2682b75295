package erp

import (
	"fmt"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

// routing is where in Odoo an order belongs; 0: as Odoo decides.
type routing struct {
	Warehouse int64 `json:"warehouse,omitempty"`
	Team      int64 `json:"team,omitempty"`
	Terms     int64 `json:"terms,omitempty"`
}

// known is a record that the settings name.
type known struct {
	ID      int64
	Name    string
	Company int64 // 0: of every company
}

// register is one kind of record that the settings name.
type register struct {
	kind    string // of its need
	words   string
	setting string
	records []known
}

func (s settings) registers() map[string]register {
	return map[string]register{
		"warehouse": {"warehouse", "warehouse", "books.warehouse or books.warehouses", s.Warehouses},
		"team":      {"team", "sales team", "books.team", s.Teams},
		"terms":     {"terms", "payment terms", "books.payment_term", s.Terms},
	}
}

// named is the one record of a kind with that name, 0 for no name.
func (s settings) named(kind, name string) (int64, *gap) {
	if name == "" {
		return 0, nil
	}
	r := s.registers()[kind]
	var ids []int64
	for _, k := range r.records {
		if k.Name == name && (k.Company == 0 || k.Company == s.Company.ID) {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) == 1 {
		return ids[0], nil
	}
	g := gap{need: strings.Join([]string{r.kind, s.Shop, name}, "/"),
		detail: fmt.Sprintf("Odoo has no %s named %q for company %s", r.words, name, s.Company.Name),
		remedy: fmt.Sprintf("create that %s in Odoo, or correct %s of shop %s", r.words, r.setting, s.Shop)}
	if len(ids) > 1 {
		g.detail = fmt.Sprintf("Odoo has %d %s named %q for company %s", len(ids), r.words, name, s.Company.Name)
		g.remedy = fmt.Sprintf("give them different names in Odoo, or correct %s of shop %s", r.setting, s.Shop)
	}
	return 0, &g
}

// route finds where the order belongs, and what of it Odoo does not have.
func (s settings) route(o *commerce.Order) (r routing, all gaps) {
	add := func(id int64, g *gap) int64 {
		if g != nil {
			all.add(*g)
		}
		return id
	}
	if s.Names.OrderWarehouse != "" {
		r.Warehouse = add(s.named("warehouse", s.warehouseOf(o)))
	}
	if s.Names.OrderTeam != "" {
		r.Team = add(s.named("team", s.Books.Team))
	}
	if s.Names.OrderTerms != "" {
		r.Terms = add(s.named("terms", s.Books.PaymentTerm))
	}
	return r, all
}

// warehouseOf is the warehouse of the order's location by its id or name, else
// the shop's.
func (s settings) warehouseOf(o *commerce.Order) string {
	for _, key := range []string{o.Location, o.LocationName} {
		if name := s.Books.Warehouses[key]; key != "" && name != "" {
			return name
		}
	}
	return s.Books.Warehouse
}
