package erp

import (
	"slices"
	"strings"
)

// aliases are the domains, with all below them, whose addresses marketplaces make
// for one order or one conversation: they say nothing of who the person is, and
// some are even the same for everybody.
func aliases() []string {
	return []string{
		"clemarche.com", // Cdiscount
		"kaufland-online.de",
		"notification.mirakl.net", // many marketplaces
		"private-relay.reverb.com",
		"relay.walmart.com",
		"scs.tiktokw.us",
		"shipping.temuemail.com",
		"verkopen.bol.com",
	}
}

// aliasFamilies are the same under the top level of each country.
func aliasFamilies() []string {
	return []string{"allegromail.", "kaufland-marktplatz.", "marketplace.amazon.", "members.ebay."}
}

// alias reports whether addresses of the domain stand for an order and not for a
// person.
func (s settings) alias(domain string) bool {
	below := func(root string) bool {
		root = strings.ToLower(root)
		return domain == root || strings.HasSuffix(domain, "."+root)
	}
	if slices.ContainsFunc(aliases(), below) || slices.ContainsFunc(s.Books.Customers.Aliases, below) {
		return true
	}
	return slices.ContainsFunc(aliasFamilies(), func(family string) bool {
		return strings.HasPrefix(domain, family) || strings.Contains(domain, "."+family)
	})
}
