package odootest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/shopspring/decimal"
)

// seeding runs f as the administrator in one transaction.
func (s *Server) seeding(f func(e *env) int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := s.begin(2, true, nil)
	id := f(e)
	e.flush()
	return id
}

// AddProduct adds a storable product and returns its id. The options are field
// values, for example Values{"detailed_type": "service"}, which 19 is given as
// its type.
func (s *Server) AddProduct(sku, name string, price decimal.Decimal, opts ...Values) int64 {
	return s.Add("product.product", merged(Values{"default_code": sku, "name": name, "list_price": price, "detailed_type": "product"}, opts))
}

// Values are field values of a record to seed: Go numbers, texts, bools,
// decimals, and []int64 for relations with many records. Fields may be named as
// in 17 on every version.
type Values map[string]any

// Add makes a record of any model as the administrator. Values that the model
// refuses are a mistake in a test and panic.
func (s *Server) Add(model string, vals Values) int64 {
	return s.seeding(func(e *env) int64 {
		return e.make(model, s.given(model, vals)).id
	})
}

// given is Values as create and write read them in this version.
func (s *Server) given(model string, vals Values) map[string]any {
	out := make(map[string]any, len(vals))
	for k, v := range vals {
		if k == "detailed_type" && s.edition.major >= 19 {
			out["type"], out["is_storable"] = v, v == "product"
			if v == "product" {
				out["type"] = "consu"
			}
			continue
		}
		if f := s.models[model].fields[k]; f != nil {
			k = f.name
		}
		out[k] = plain(v)
	}
	return out
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

// AddPricelist adds a pricelist of the company in a currency ("SEK").
func (s *Server) AddPricelist(name, currency string) int64 {
	return s.seeding(func(e *env) int64 {
		return e.make("product.pricelist", map[string]any{
			"name": name, "currency_id": e.code("res.currency", "name", currency), "company_id": e.company(),
		}).id
	})
}

// AddUser adds an account of the main company with groups, named by external id
// ("sales_team.group_sale_salesman_all_leads"). Its e-mail is login@example.com;
// Set takes that away.
func (s *Server) AddUser(login, password string, groups ...string) int64 {
	return s.seeding(func(e *env) int64 { return s.addUser(e, login, login, password, 1, groups) })
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

// Set changes a record as a person in Odoo would, without the gateway's user's
// limits. Values that the model refuses panic.
func (s *Server) Set(model string, id int64, vals Values) {
	s.seeding(func(e *env) int64 {
		r := e.browse(model, id)
		if r == nil {
			panic(fmt.Sprintf("odootest: no %s %d", model, id))
		}
		if err := e.write(s.models[model], []*record{r}, s.given(model, vals)); err != nil {
			panic(fmt.Sprintf("odootest: %s %d: %v", model, id, err))
		}
		return 0
	})
}

// ID is the record of a model whose text field has a value, archived or not;
// none panics.
func (s *Server) ID(model, field, value string) int64 {
	return s.seeding(func(e *env) int64 { return e.code(model, field, value) })
}
