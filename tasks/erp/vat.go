package erp

import (
	"regexp"
	"strings"
)

// vatForms are the forms of the VAT numbers of Europe behind the country's letters
// (https://ec.europa.eu/taxation_customs/vies/#/faq, Q11), in capital letters and
// digits alone. Whether a number was given out, and its check digit, Odoo knows where
// its app for VAT numbers is installed.
func vatForms() map[string]string {
	british := `(?:GD|HA)\d{3}|\d{9}|\d{12}`
	return map[string]string{
		"AT": `U\d{8}`, "BE": `[01]\d{9}`, "BG": `\d{9,10}`, "CH": `E\d{9}(?:TVA|MWST|IVA)?`, "CY": `\d{8}[A-Z]`, "CZ": `\d{8,10}`,
		"DE": `\d{9}`, "DK": `\d{8}`, "EE": `\d{9}`, "EL": `\d{9}`, "ES": `[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]`, "FI": `\d{8}`,
		"FR": `[A-HJ-NP-Z0-9]{2}\d{9}`, "GB": british, "GR": `\d{9}`, "HR": `\d{11}`, "HU": `\d{8}`,
		"IE": `\d{7}[A-W][A-I]?|\d[A-Z]\d{5}[A-W]`, "IT": `\d{11}`, "LT": `\d{9}|\d{12}`, "LU": `\d{8}`, "LV": `\d{11}`, "MT": `\d{8}`,
		"NL": `\d{9}B\d{2}`, "NO": `\d{9}(?:MVA)?`, "PL": `\d{10}`, "PT": `\d{9}`, "RO": `[1-9]\d{1,9}`, "SE": `\d{10}01`,
		"SI": `\d{8}`, "SK": `\d{10}`, "XI": british,
	}
}

// validVAT reports whether a number as normalVAT makes it has the form of its
// country: that of its first letters, else the buyer's. Of countries without a known
// form anything is one.
func validVAT(number, country string) bool {
	forms := vatForms()
	is := func(form, text string) bool { return regexp.MustCompile(`^(?:` + form + `)$`).MatchString(text) }
	prefix := number[:min(2, len(number))]
	form, known := forms[prefix]
	switch {
	case number == "":
		return false
	case known && is(form, strings.TrimPrefix(number, prefix)):
		return true
	case country == "":
		return !known
	}
	form, known = forms[country]
	return !known || is(form, number)
}
