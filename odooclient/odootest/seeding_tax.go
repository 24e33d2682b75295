package odootest

import "github.com/shopspring/decimal"

// TaxDef is every detail of a tax.
type TaxDef struct {
	Name, Kind, Amount              string // Kind: percent (default), fixed, division, group
	Included, RaisesBase, NotRaised bool   // price_include, include_base_amount, not is_base_affected
	Sequence                        int
	Country                         string // code; empty: the company's
	Children                        []int64
	Repartition                     []string // percents; empty: one line of 100
	NoAccount                       bool     // booked nowhere of its own
	Company                         int64    // 0: the first
	Group                           int64    // its account.tax.group; 0: one named for its rate
}

// AddTax adds a percentage tax on sales. country is a code such as "SE"; empty
// means the company's. The options are field values on top, for example
// Values{"include_base_amount": true}.
func (s *Server) AddTax(name, rate string, included bool, country string, opts ...Values) int64 {
	return s.AddTaxDef(TaxDef{Name: name, Amount: rate, Included: included, Country: country}, opts...)
}

// AddTaxGroup adds a group of taxes, one row of an order's tax totals. Without a
// company and a country in the options it is the first company's.
func (s *Server) AddTaxGroup(name string, opts ...Values) int64 {
	return s.Add("account.tax.group", merged(Values{"name": name}, opts))
}

// AddTaxDef adds a tax on sales. Taxes of one rate, company and country share a
// group named "Tax 25.5%" unless another is given.
func (s *Server) AddTaxDef(d TaxDef, opts ...Values) int64 {
	return s.seeding(func(e *env) int64 {
		vals := d.values(s.edition)
		if d.Company != 0 {
			c := e.browse("res.company", d.Company)
			vals["company_id"], vals["country_id"] = c.id, c.get("account_fiscal_country_id")
		}
		if d.Country != "" {
			vals["country_id"] = e.code("res.country", "code", d.Country)
		}
		for k, v := range s.given("account.tax", merged(Values{}, opts)) {
			vals[k] = v
		}
		if vals["tax_group_id"] == nil {
			vals["tax_group_id"] = e.rateGroup(vals)
		}
		r := e.make("account.tax", vals)
		if !d.NoAccount {
			e.booked(r)
		}
		return r.id
	})
}

// values are the fields that a definition sets.
func (d TaxDef) values(ed *edition) map[string]any {
	vals := map[string]any{
		"name": d.Name, "include_base_amount": d.RaisesBase, "is_base_affected": !d.NotRaised, "children_tax_ids": plain(d.Children),
	}
	if ed.major < 19 {
		vals["price_include"] = d.Included
	} else if vals["price_include_override"] = "tax_excluded"; d.Included {
		vals["price_include_override"] = "tax_included"
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
	if d.Group != 0 {
		vals["tax_group_id"] = d.Group
	}
	if len(d.Repartition) > 0 {
		vals["invoice_repartition_line_ids"] = distribution("invoice", d.Repartition)
		vals["refund_repartition_line_ids"] = distribution("refund", d.Repartition)
	}
	return vals
}

// distribution are the commands for a base line and a line per percentage.
func distribution(kind string, percents []string) []any {
	lines := []any{[]any{int64(0), int64(0), map[string]any{"document_type": kind, "repartition_type": "base"}}}
	for _, p := range percents {
		lines = append(lines, []any{int64(0), int64(0), map[string]any{
			"document_type": kind, "repartition_type": "tax", "factor_percent": decimal.RequireFromString(p),
		}})
	}
	return lines
}

// rateGroup finds or makes the group named for a tax's rate.
func (e *env) rateGroup(vals map[string]any) int64 {
	company, country := e.company(), fiscalCountry(e)
	if id, ok := vals["company_id"].(int64); ok {
		company = id
	}
	if id, ok := vals["country_id"].(int64); ok {
		country = id
	}
	name := "Tax 0%"
	if rate, ok := vals["amount"].(decimal.Decimal); ok {
		name = "Tax " + rate.String() + "%"
	}
	t := e.table("account.tax.group")
	for _, id := range t.ids {
		if g := t.rows[id]; g.str("name") == name && g.num("company_id") == company && g.get("country_id") == country {
			return id
		}
	}
	return e.make("account.tax.group", map[string]any{"name": name, "company_id": company, "country_id": country}).id
}

// booked gives a tax's lines the account that a chart of accounts would.
func (e *env) booked(tax *record) {
	for _, kind := range []string{"invoice", "refund"} {
		for _, l := range e.children(tax, kind+"_repartition_line_ids") {
			if l.str("repartition_type") == "tax" {
				e.set(l, "account_id", e.first("account.account"))
			}
		}
	}
}

// merged are values with options over them; the later one wins.
func merged(vals Values, opts []Values) Values {
	for _, o := range opts {
		for k, v := range o {
			vals[k] = v
		}
	}
	return vals
}
