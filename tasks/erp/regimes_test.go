package erp_test

import "strings"

// regime is how one country taxes, how its shops show prices, and which taxes an
// Odoo there has.
type regime struct {
	name, currency, country, region string
	included                        bool   // the shop's prices hold the tax
	taxes                           string // Odoo's, see levyOf
	sets                            string // what lines carry: names joined by "+", "-" for nothing
}

// regimes are the table that every order of the parity test is drawn from. A tax is
// written name=rate and letters: i in Odoo's price, e on top of it, d a share of
// the price with itself in it, r reverse charge, + it raises the base of the next.
func regimes() []regime {
	return []regime{
		{"Finland, prices with tax", "EUR", "FI", "", true, "A=25.5i B=14i C=10i", "A A B C -"},
		{"Finland, prices with tax and taxes on top in Odoo", "EUR", "FI", "", true, "A=25.5e B=14e C=10e", "A A B C -"},
		{"Finland, business prices", "EUR", "FI", "", false, "A=25.5e B=14e", "A B -"},
		{"Finland, business prices and taxes in the price in Odoo", "EUR", "FI", "", false, "A=25.5i B=14i", "A B -"},
		{"Germany", "EUR", "DE", "", true, "A=19i B=7i", "A B"},
		{"Germany, business", "EUR", "DE", "", false, "A=19e B=7e", "A B"},
		{"France", "EUR", "FR", "", true, "A=20i B=10i C=5.5i D=2.1i", "A B C D"},
		{"Italy", "EUR", "IT", "", true, "A=22i B=10i C=5i D=4i", "A B C D -"},
		{"Spain with the surcharge of equivalence", "EUR", "ES", "", false, "A=21e S=5.2e B=10e T=1.4e", "A+S B+T A"},
		{"Netherlands", "EUR", "NL", "", true, "A=21i B=9i", "A B -"},
		{"Ireland", "EUR", "IE", "", true, "A=23i B=13.5i C=9i", "A B C -"},
		{"Sweden", "SEK", "SE", "", true, "A=25i B=12i C=6i", "A B C"},
		{"Denmark", "DKK", "DK", "", true, "A=25i", "A -"},
		{"Poland", "PLN", "PL", "", true, "A=23i B=8i C=5i", "A B C"},
		{"United Kingdom", "GBP", "GB", "", true, "A=20i B=5i", "A B -"},
		{"United Kingdom, taxes on top in Odoo", "GBP", "GB", "", true, "A=20e B=5e", "A B -"},
		{"Switzerland", "CHF", "CH", "", true, "A=8.1i B=2.6i C=3.8i", "A B C"},
		{"Norway", "NOK", "NO", "", true, "A=25i B=15i C=12i", "A B C"},
		{"Quebec, two taxes", "CAD", "CA", "QC", false, "GST=5e QST=9.975e", "GST+QST GST -"},
		{"British Columbia, two taxes", "CAD", "CA", "BC", false, "GST=5e PST=7e", "GST+PST GST -"},
		{"Ontario", "CAD", "CA", "ON", false, "HST=13e GST=5e", "HST GST"},
		{"New York, one rate", "USD", "US", "NY", false, "NY=8.875e", "NY -"},
		{"California, state, county and district", "USD", "US", "CA", false, "ST=6.25e CO=1e DI=0.5e", "ST+CO+DI ST+CO -"},
		{"Texas, state and city", "USD", "US", "TX", false, "ST=6.25e CI=2e", "ST+CI ST -"},
		{"Japan", "JPY", "JP", "", true, "A=10i B=8i", "A B"},
		{"Japan, taxes on top", "JPY", "JP", "", false, "A=10e B=8e", "A B"},
		{"Kuwait, no taxes", "KWD", "KW", "", false, "", "-"},
		{"Bahrain", "BHD", "BH", "", true, "A=10i", "A -"},
		{"Bahrain, taxes on top", "BHD", "BH", "", false, "A=10e", "A -"},
		{"India within a state, two taxes of one rate", "INR", "IN", "KA", true, "CGST=9i SGST=9i", "CGST+SGST"},
		{"India between states", "INR", "IN", "MH", false, "IGST=18e IGST5=5e", "IGST IGST5"},
		{"Australia", "AUD", "AU", "", true, "GST=10i", "GST -"},
		{"Brazil, a tax that is a share of its own price", "BRL", "BR", "", true, "ICMS=18d", "ICMS -"},
		{"a tax on a tax", "BRL", "BR", "", false, "A=10e+ B=5e", "A+B A"},
		{"reverse charge in the Union", "EUR", "EE", "", false, "A=24e RC=21r", "RC RC A"},
	}
}

// levy is one tax of a regime.
type levy struct {
	name, rate                           string
	included, share, reverse, raisesNext bool
}

func levyOf(text string) levy {
	name, rest, _ := strings.Cut(text, "=")
	rate := strings.TrimRight(rest, "iedr+")
	has := func(letter string) bool { return strings.Contains(rest[len(rate):], letter) }
	return levy{name: name, rate: rate, included: has("i") || has("d"), share: has("d"), reverse: has("r"), raisesNext: has("+")}
}

func (r regime) levies() map[string]levy {
	all := map[string]levy{}
	for _, text := range strings.Fields(r.taxes) {
		l := levyOf(text)
		all[l.name] = l
	}
	return all
}
