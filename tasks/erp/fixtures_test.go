package erp

import (
	"time"

	"github.com/shopspring/decimal"

	"github.com/odoogate/odoogate/config"
	"github.com/odoogate/odoogate/handlers/commerce"
	"github.com/odoogate/odoogate/tasks/erp/parity"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// books are those of a Finnish company with included and excluded taxes.
func books() settings {
	m := &master{
		Companies: []company{{ID: 1, Name: "Oy Ab", Currency: "EUR", Country: "FI"}},
		Currencies: map[string]currency{
			"EUR": {ID: 1, Code: "EUR", Rounding: dec("0.01")}, "USD": {ID: 2, Code: "USD", Rounding: dec("0.01")},
			"JPY": {ID: 3, Code: "JPY", Rounding: dec("1")}, "KWD": {ID: 4, Code: "KWD", Rounding: dec("0.001")}},
		Pricelists: []pricelist{{ID: 11, Name: "EUR", Currency: "EUR"}, {ID: 12, Name: "USD", Currency: "USD"},
			{ID: 13, Name: "JPY", Currency: "JPY"}, {ID: 14, Name: "KWD", Currency: "KWD"}},
		Taxes: []tax{
			{ID: 21, Name: "25.5%", Rate: dec("25.5"), Kind: parity.Percent, Country: "FI", Company: 1},
			{ID: 22, Name: "25.5% G", Rate: dec("25.5"), Kind: parity.Percent, Included: true, Country: "FI", Company: 1},
			{ID: 23, Name: "14% G", Rate: dec("14"), Kind: parity.Percent, Included: true, Country: "FI", Company: 1},
			{ID: 24, Name: "10%", Rate: dec("10"), Kind: parity.Percent, Country: "FI", Company: 1},
			{ID: 25, Name: "19% DE", Rate: dec("19"), Kind: parity.Percent, Country: "DE", Company: 1},
			{ID: 26, Name: "GST", Rate: dec("5"), Kind: parity.Percent, Country: "FI", Company: 1},
			{ID: 27, Name: "QST", Rate: dec("9.975"), Kind: parity.Percent, Country: "FI", Company: 1},
			{ID: 28, Name: "24% goods", Rate: dec("24"), Kind: parity.Percent, Included: true, Country: "FI", Company: 1},
			{ID: 29, Name: "24% services", Rate: dec("24"), Kind: parity.Percent, Included: true, Country: "FI", Company: 1},
		},
		Countries: map[string]int64{"FI": 70, "US": 233, "DE": 57},
		States:    map[string]int64{"US/CA": 13},
		Digits:    digits{Price: 2, Discount: 2, Quantity: 2},
		Names: names{LineTaxes: "tax_id", LineDelivery: "is_delivery", OrderLocked: "locked", CompanyName: "company_name",
			OrderNotes: "message_ids", OrderWarehouse: "warehouse_id", OrderTeam: "team_id", OrderTerms: "payment_term_id", PartnerLang: "lang"},
		Languages:  []language{{"de_CH", "de_CH"}, {"de_DE", "de"}, {"en_US", "en"}, {"fi_FI", "fi"}},
		Warehouses: []known{{ID: 31, Name: "Helsinki", Company: 1}, {ID: 32, Name: "Turku", Company: 1}, {ID: 33, Name: "Turku", Company: 2}},
		Teams:      []known{{ID: 41, Name: "Website"}},
		Terms:      []known{{ID: 51, Name: "30 days"}, {ID: 52, Name: "Twice"}, {ID: 53, Name: "Twice"}},
		NoteType:   2,
		Own:        1,
		Version:    17,
	}
	s, err := settingsFor(config.Shop{ID: "fi", Books: config.Books{Products: config.Products{Shipping: "SHIP"}, Warehouse: "Helsinki"}}, config.Facts{}, m)
	if err != nil {
		panic(err)
	}
	return s
}

func stock() shelf {
	return shelf{code("MUG"): {{ID: 101, SKU: "MUG"}}, code("TEE"): {{ID: 102, SKU: "TEE"}}, code("SHIP"): {{ID: 109, SKU: "SHIP", Service: true}}}
}

func code(sku string) ask { return ask{byCode, sku} }

func money(s, currency string) commerce.Money {
	return commerce.Money{Amount: dec(s), Currency: currency}
}

func eur(s string) commerce.Money { return money(s, "EUR") }

// dollars puts all of the order's amounts in another currency.
func dollars(o *commerce.Order) {
	o.Currency = "USD"
	all := []*commerce.Money{&o.Total, &o.TotalTax}
	for i := range o.Lines {
		l := &o.Lines[i]
		all = append(all, &l.UnitPrice, &l.Total)
		for n := range l.Discounts {
			all = append(all, &l.Discounts[n].Amount)
		}
		for n := range l.Taxes {
			all = append(all, &l.Taxes[n].Amount)
		}
	}
	for _, m := range all {
		m.Currency = o.Currency
	}
}

func sold(id, sku, quantity, price, total, rate, tax string) commerce.Line {
	l := commerce.Line{ID: id, Kind: commerce.LineProduct, SKU: sku, Title: "A " + sku, Quantity: dec(quantity),
		UnitPrice: eur(price), Total: eur(total), NeedsShipping: true}
	if rate != "" {
		l.Taxes = []commerce.Tax{{Title: "VAT", Rate: dec(rate), Amount: eur(tax)}}
	}
	return l
}

func shipping(total, rate, tax string) commerce.Line {
	l := sold("900", "", "1", total, total, rate, tax)
	l.Kind, l.Title, l.Code = commerce.LineShipping, "Posti", "posti"
	return l
}

// order is Anna's: two mugs with tax included, shipping, one address.
func order() *commerce.Order {
	home := commerce.Address{FirstName: "Anna", LastName: "Virtanen", Street: "Mannerheimintie 1", City: "Helsinki", Zip: "00100", Country: "FI"}
	billing := home
	return &commerce.Order{
		Ref: commerce.Ref{Shop: "fi", Kind: commerce.KindOrder, ID: "5001"}, Number: "#1001", Currency: "EUR",
		CreatedAt: time.Date(2026, 11, 20, 10, 0, 0, 0, time.UTC), UpdatedAt: time.Date(2026, 11, 20, 10, 0, 1, 0, time.UTC),
		Customer: commerce.Party{ID: "77", Email: " Anna@Example.com", FirstName: "Anna", LastName: "Virtanen", Phone: "+358401234567"},
		Billing:  &billing, Shipping: &home, PricesIncludeTax: true,
		Lines: []commerce.Line{sold("1", "MUG", "2", "12.55", "25.10", "25.5", "5.10"), shipping("4.90", "25.5", "1.00")},
		Total: eur("30.00"), TotalTax: eur("6.10"),
	}
}

// totalled is the order with its sums made those of its lines.
func totalled(o *commerce.Order) *commerce.Order {
	sum := *o
	total, tax := decimal.Zero, decimal.Zero
	for _, l := range o.Lines {
		if !l.Quantity.IsPositive() {
			continue
		}
		total = total.Add(l.Total.Amount)
		for _, t := range l.Taxes {
			tax = tax.Add(t.Amount.Amount)
		}
	}
	if !o.PricesIncludeTax {
		total = total.Add(tax)
	}
	digits := commerce.Digits(o.Currency)
	sum.Total.Amount, sum.TotalTax.Amount = total.Round(digits), tax.Round(digits)
	return &sum
}

// standingFrom is the order as Odoo holds it after the plan was written.
func standingFrom(o *commerce.Order, s settings, state string) *standing {
	lines, _, err := s.wanted(totalled(o), stock(), nil)
	if err != nil {
		panic(err)
	}
	h := &standing{ID: 7, Name: "S00007", State: state, Ref: o.Number, Origin: "fi/" + o.Ref.ID, Currency: o.Currency,
		Date: o.CreatedAt, Total: o.Total.Amount, Tax: o.TotalTax.Amount}
	for i, l := range lines {
		h.Lines = append(h.Lines, held{ID: int64(70 + i), line: l})
	}
	return h
}
