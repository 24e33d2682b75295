package odootest

import (
	"slices"

	"github.com/shopspring/decimal"
)

// AddCarrier adds a shipping method of every company. Without a product_id in the
// options it gets a service of its own name, as a person would make one.
func (s *Server) AddCarrier(name string, opts ...Values) int64 {
	vals := merged(Values{"name": name, "company_id": false}, opts)
	if vals["product_id"] == nil {
		vals["product_id"] = s.Add("product.product", Values{"name": name, "detailed_type": "service", "list_price": 0, "taxes_id": []int64{}})
	}
	return s.Add("delivery.carrier", vals)
}

// AddFiscalPosition adds a fiscal position of the first company; the options are
// field values such as Values{"auto_apply": true, "country_id": id}.
func (s *Server) AddFiscalPosition(name string, opts ...Values) int64 {
	return s.Add("account.fiscal.position", merged(Values{"name": name}, opts))
}

// MapTax lets a fiscal position put one tax in the place of another.
func (s *Server) MapTax(position, from, to int64) {
	if s.edition.major < 19 {
		s.Add("account.fiscal.position.tax", Values{"position_id": position, "tax_src_id": from, "tax_dest_id": to})
		return
	}
	s.seeding(func(e *env) int64 {
		p, t := e.browse("account.fiscal.position", position), e.browse("account.tax", to)
		e.set(p, "tax_ids", append(slices.Clone(p.ids("tax_ids")), to))
		e.set(t, "original_tax_ids", append(slices.Clone(t.ids("original_tax_ids")), from))
		return 0
	})
}

// AddLocation adds an internal place below the first warehouse's stock, or where
// the options say.
func (s *Server) AddLocation(name string, opts ...Values) int64 {
	stock := s.seeding(func(e *env) int64 {
		w := e.table("stock.warehouse")
		return w.rows[w.ids[0]].num("lot_stock_id")
	})
	return s.Add("stock.location", merged(Values{"name": name, "location_id": stock}, opts))
}

// SetStock makes a place hold a quantity of a product, as an inventory would.
// location is the place's full or last name; empty means the first warehouse's
// stock. What orders have reserved stays reserved.
func (s *Server) SetStock(sku, location string, quantity decimal.Decimal) {
	s.seeding(func(e *env) int64 {
		place := e.table("stock.warehouse").rows[e.table("stock.warehouse").ids[0]].num("lot_stock_id")
		if location != "" {
			place = e.placeNamed(location)
		}
		product := e.code("product.product", "default_code", sku)
		q := e.quant(product, place)
		if q == nil {
			q = e.make("stock.quant", map[string]any{"product_id": product, "location_id": place})
		}
		e.count(q, quantity)
		return 0
	})
}

// placeNamed finds a place by "WH/Stock" or "Shelf A"; none panics.
func (e *env) placeNamed(name string) int64 {
	t := e.table("stock.location")
	for _, id := range t.ids {
		if locationName(e, t.rows[id]) == name {
			return id
		}
	}
	return e.code("stock.location", "name", name)
}
