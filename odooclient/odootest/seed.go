package odootest

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// make creates a record inside a transaction from Go values; the caller vouches
// for them.
func (e *env) make(model string, vals map[string]any) *record {
	rs, err := e.create(e.s.models[model], []map[string]any{vals})
	if err != nil {
		panic(fmt.Sprintf("odootest: %s: %v", model, err))
	}
	return rs[0]
}

// seed makes the master data of a new database.
func (s *Server) seed() {
	s.seeding(func(e *env) int64 {
		e.make("res.lang", map[string]any{"name": "English (US)", "code": "en_US", "iso_code": "en"})
		currencies := s.seedCurrencies(e)
		countries := s.seedCountries(e)
		e.make("res.partner", map[string]any{"name": "My Company", "is_company": true})
		company := e.make("res.company", map[string]any{
			"name": "My Company", "partner_id": int64(1), "currency_id": currencies["EUR"], "country_id": countries["FI"],
			"account_fiscal_country_id": countries["FI"], "tax_calculation_rounding_method": s.opt.Rounding,
		})
		e.bind("base.main_company", "res.company", company.id)
		e.bind("base.main_partner", "res.partner", 1)
		e.make("account.account", map[string]any{"code": "251000", "name": "Tax Received"})
		s.seedBooks(e, company.id)
		e.make("account.tax.group", map[string]any{"name": "Tax 15%"}) // the one that a chart of accounts brings
		s.seedGroups(e)
		s.seedSubtypes(e)
		s.seedActivities(e)
		e.make("crm.team", map[string]any{"name": "Sales"})
		for _, t := range []string{"Immediate Payment", "15 Days", "30 Days"} {
			e.make("account.payment.term", map[string]any{"name": t})
		}
		s.seedUsers(e, company.id)
		for _, p := range []string{"Product Price", "Discount", "Product Unit of Measure", "Stock Weight"} {
			e.make("decimal.precision", map[string]any{"name": p, "digits": int64(2)})
		}
		unit := e.make("uom.uom", map[string]any{"name": "Units"})
		e.bind("uom.product_uom_unit", "uom.uom", unit.id)
		for _, c := range []string{"EUR", "USD"} {
			e.make("product.pricelist", map[string]any{"name": c, "currency_id": currencies[c], "company_id": company.id})
		}
		s.seedPlaces(e)
		warehouse := e.make("stock.warehouse", map[string]any{"name": "My Company", "code": "WH", "company_id": company.id})
		e.bind("stock.warehouse0", "stock.warehouse", warehouse.id)
		e.bind("stock.stock_location_stock", "stock.location", warehouse.num("lot_stock_id"))
		e.bind("stock.picking_type_out", "stock.picking.type", warehouse.num("out_type_id"))
		delivery := e.make("product.product", s.given("product.product", Values{
			"name": "Standard delivery", "default_code": "Delivery_007", "detailed_type": "service", "list_price": decimal.Zero, "taxes_id": false,
		}))
		e.bind("delivery.product_product_delivery", "product.product", delivery.id)
		carrier := e.make("delivery.carrier", map[string]any{"name": "Standard delivery", "product_id": delivery.id})
		e.bind("delivery.free_delivery_carrier", "delivery.carrier", carrier.id)
		for _, m := range []string{"base", "contacts", "account", "sale", "sale_management", "stock", "sale_stock", "delivery", "stock_delivery"} {
			e.make("ir.module.module", map[string]any{"name": m, "state": "installed"})
		}
		return 0
	})
}

func (s *Server) seedUsers(e *env, company int64) {
	accounts := []struct {
		name, login, password string
		groups                string
	}{
		{"OdooBot", "__system__", "", ""},
		{"Administrator", "admin", "admin", "system contacts salesmanager stockmanager billingmanager"},
		{"Gateway", s.opt.User, s.opt.Password, "allsales stock billing contacts"},
		{"Low", "low", "low", "user"},
	}
	for _, a := range accounts {
		if a.login == "admin" && s.opt.User == "admin" {
			continue
		}
		s.addUser(e, a.name, a.login, a.password, company, strings.Fields(a.groups))
	}
}

func (s *Server) addUser(e *env, name, user, password string, company int64, groups []string) int64 {
	p := e.make("res.partner", map[string]any{"name": name, "email": user + "@example.com"})
	u := e.make("res.users", s.given("res.users", Values{
		"name": name, "login": user, "email": user + "@example.com", "partner_id": p.id, "company_id": company,
		"company_ids": []int64{company}, "groups_id": s.groupIDs(groups), "active": password != "",
	}))
	if password != "" {
		s.logins[user] = login{id: u.id, password: password, key: s.makeKey(user)}
	}
	return u.id
}

// makeKey is a key of the real shape, 40 hexadecimal digits, that is the same in
// every run.
func (s *Server) makeKey(user string) string {
	if user == s.opt.User && s.opt.APIKey != "" {
		return s.opt.APIKey
	}
	sum := sha256.Sum256([]byte("key of " + user))
	return hex.EncodeToString(sum[:20])
}

// seedCurrencies makes the currencies with their rounding and a rate to the euro.
func (s *Server) seedCurrencies(e *env) map[string]int64 {
	ids, symbolFirst := map[string]int64{}, " USD NOK DKK GBP CHF AUD JPY "
	for _, line := range []string{
		"EUR € 0.01 1", "USD $ 0.01 1.08", "SEK kr 0.01 11.3", "NOK kr 0.01 11.6", "DKK kr 0.01 7.46", "GBP £ 0.01 0.86",
		"CHF CHF 0.01 0.95", "PLN zł 0.01 4.3", "CAD $ 0.01 1.47", "AUD $ 0.01 1.64", "JPY ¥ 1 163", "KWD KD 0.001 0.33", "BHD BD 0.001 0.41",
	} {
		p := strings.Fields(line)
		r := e.make("res.currency", map[string]any{
			"name": p[0], "symbol": p[1], "rounding": decimal.RequireFromString(p[2]), "rate": decimal.RequireFromString(p[3]),
			"position": map[bool]string{true: "before", false: "after"}[strings.Contains(symbolFirst, " "+p[0]+" ")],
		})
		e.bind("base."+p[0], "res.currency", r.id)
		ids[p[0]] = r.id
	}
	return ids
}

func (s *Server) seedCountries(e *env) map[string]int64 {
	ids := map[string]int64{}
	for _, c := range strings.Split(countryList, "|") {
		code, name, _ := strings.Cut(c, " ")
		r := e.make("res.country", map[string]any{"name": name, "code": code})
		xid := strings.ToLower(code)
		if code == "GB" {
			xid = "uk"
		}
		e.bind("base."+xid, "res.country", r.id)
		ids[code] = r.id
	}
	for _, c := range [][2]string{{"US", usStates}, {"CA", caStates}} {
		country, list := c[0], c[1]
		for i, st := range strings.Split(list, "|") {
			code, name, _ := strings.Cut(st, " ")
			r := e.make("res.country.state", map[string]any{"country_id": ids[country], "name": name, "code": code})
			xid := "base.state_ca_" + strings.ToLower(code)
			if country == "US" { // numbered in Odoo's own data
				xid = fmt.Sprintf("base.state_us_%d", i+1)
			}
			e.bind(xid, "res.country.state", r.id)
		}
	}
	return ids
}

const (
	countryList = "AT Austria|AU Australia|BE Belgium|BG Bulgaria|BH Bahrain|BR Brazil|CA Canada|CH Switzerland|CN China|CY Cyprus|CZ Czech Republic|" +
		"DE Germany|DK Denmark|EE Estonia|ES Spain|FI Finland|FR France|GB United Kingdom|GR Greece|HR Croatia|HU Hungary|IE Ireland|IN India|" +
		"IS Iceland|IT Italy|JP Japan|KW Kuwait|LT Lithuania|LU Luxembourg|LV Latvia|MT Malta|MX Mexico|NL Netherlands|NO Norway|NZ New Zealand|" +
		"PL Poland|PT Portugal|RO Romania|SE Sweden|SG Singapore|SI Slovenia|SK Slovakia|US United States"
	usStates = "AL Alabama|AK Alaska|AZ Arizona|AR Arkansas|CA California|CO Colorado|CT Connecticut|DE Delaware|DC District of Columbia|FL Florida|" +
		"GA Georgia|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MD Maryland|MA Massachusetts|" +
		"MI Michigan|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|NJ New Jersey|NM New Mexico|" +
		"NY New York|NC North Carolina|ND North Dakota|OH Ohio|OK Oklahoma|OR Oregon|PA Pennsylvania|RI Rhode Island|SC South Carolina|" +
		"SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VA Virginia|WA Washington|WV West Virginia|WI Wisconsin|WY Wyoming"
	caStates = "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|NT Northwest Territories|NS Nova Scotia|" +
		"NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|SK Saskatchewan|YT Yukon"
)
