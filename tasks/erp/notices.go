package erp

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/odoogate/odoogate/handlers/commerce"
)

var shortCode = regexp.MustCompile(`^[A-Z0-9-]{1,6}$`)

// notices are what a person may want to look at though the order goes on. They
// hold no personal data.
func (s settings) notices(o *commerce.Order) []string {
	var all []string
	say := func(format string, args ...any) {
		if text := fmt.Sprintf(format, args...); !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	if s.Strange != "" {
		say("the channel %q is under no channels of shop %s: the shop's books hold", s.Strange, s.Shop)
	}
	for _, a := range []*commerce.Address{o.Billing, o.Shipping} {
		if a == nil {
			continue
		}
		country, region := strings.ToUpper(strings.TrimSpace(a.Country)), strings.ToUpper(strings.TrimSpace(a.State))
		if !shortCode.MatchString(region) && region != "" {
			region = "of an address"
		}
		switch {
		case country == "":
		case s.Countries[country] == 0 && !shortCode.MatchString(country):
			say("Odoo does not know the country of an address: it is left out")
		case s.Countries[country] == 0:
			say("Odoo does not know the country %s: addresses there have none", country)
		case region != "" && s.state(country, region) == 0:
			say("Odoo does not know the region %s in %s: it is left out of the address", region, country)
		}
	}
	return all
}

// tongue is the language of a new contact: that of the books, else the buyer's
// own where it is installed.
func (s settings) tongue(o *commerce.Order) string {
	switch {
	case s.Names.PartnerLang == "":
		return ""
	case s.Books.Language != "":
		return s.Books.Language
	}
	return s.language(o.Locale)
}

// speaks finds that the language of the books is not installed.
func (s settings) speaks(code string) *gap {
	if code == "" || s.Names.PartnerLang == "" || slices.ContainsFunc(s.Languages, func(l language) bool { return l.Code == code }) {
		return nil
	}
	var has []string
	for _, l := range s.Languages {
		has = append(has, l.Code)
	}
	return &gap{need: strings.Join([]string{"language", s.Shop, code}, "/"),
		detail: fmt.Sprintf("the language %s is not installed in Odoo", code),
		remedy: fmt.Sprintf("install it in Odoo (Settings, Languages), or set %s of shop %s to one that is there (%s)",
			s.keyOf("language", code), s.Shop, strings.Join(has, ", "))}
}
